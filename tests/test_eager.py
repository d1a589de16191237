"""Eager operations on a CPU are done where they are called, in whatever way a process comes to its first network."""

import subprocess
import sys

import pytest

ASK = "; import mindspore as ms; print(ms.get_context('pynative_synchronize'))"


@pytest.mark.parametrize(
    "begun",
    [
        "import vit; vit.create_model('vit_sample_patch8_64')",
        "import vit.model",
        "from vit.attention import Attention",
        "from vit.training import make_train_step",
        "from vit.inference import predict",
        "import course.learner.session",
        "from vit.runtime.devices import choose_device; choose_device('cpu')",
    ],
)
def test_no_queues(begun):
    done = subprocess.run([sys.executable, "-c", begun + ASK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
    assert "WARNING" not in done.stderr
