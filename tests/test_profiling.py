"""The op table: what ran is in it, as often as it ran, and the slow one comes first."""

import mindspore as ms
import numpy as np
import pytest
from mindspore import nn

from vit.runtime.profiling import op_times


@pytest.mark.slow
def test_every_op_with_its_count_the_slow_ones_first(capfd):
    rng = np.random.default_rng(0)
    large = ms.Tensor(rng.normal(size=(600, 600)).astype(np.float32))
    small = ms.Tensor(rng.normal(size=(4, 600)).astype(np.float32))
    dense, norm = nn.Dense(600, 600), nn.LayerNorm((600,))

    def run():
        x = dense(dense(large))
        return (x.sum() + norm(small).sum()).asnumpy()

    table = op_times(run, repeats=4)
    counts = {row.op: row.count for row in table}
    assert counts["MatMul"] == 2
    assert counts["LayerNorm"] == 1
    assert sum(row.share for row in table) == pytest.approx(1)
    assert [row.milliseconds for row in table] == sorted((row.milliseconds for row in table), reverse=True)
    assert capfd.readouterr() == ("", "")
