"""Eager operations on a CPU are done where they are called, in whatever way a process comes to its first network."""

import os
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
        "import mindspore as ms; from course import begin; begin",  # as a lesson's first cell: it has read GLOG_v by then
        "import mindspore as ms; import vit.model",
        "from vit.runtime.devices import choose_device; choose_device('cpu')",
    ],
)
def test_no_queues(begun):
    quiet = {name: value for name, value in os.environ.items() if name != "GLOG_v"}
    done = subprocess.run([sys.executable, "-c", begun + ASK], env=quiet, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
    assert "WARNING" not in done.stderr
