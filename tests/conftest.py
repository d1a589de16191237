"""What the tests share: small models, and the real files where they are present."""

import os
import signal
from pathlib import Path

import mindspore as ms
import numpy as np
import pytest
from a_camp import busy, camp, clock, made  # noqa: F401  a study camp, for its tests
from hypothesis import settings

import vit
from vit.data.class_names import ClassName
from vit.data.preprocessing import Preprocessing
from vit.runtime.paths import ROOT

# a program started in the background (`bash .ci/run &`) ignores Ctrl-C, and so do its children; ours are sent one
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ["VIT_LANG"] = "en"  # tests, and what they start, match English sentences; whatever the system speaks

# two workers of pytest-xdist, each on cores of its own: MindSpore's threads wait badly for each other otherwise
ALL_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
if ALL_CORES and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
    share = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    os.sched_setaffinity(0, ALL_CORES[int(worker[2:]) % share :: share] or ALL_CORES)

# the same examples in every run: a failure here is a failure everywhere
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

REAL = Path(os.environ.get("VIT_REAL", ROOT / "data" / "real"))

SMALL = {
    "image_size": 32,
    "patch_size": 8,
    "embed_dim": 48,
    "depth": 3,
    "num_heads": 4,
    "mlp_ratio": 2.0,
    "num_classes": 7,
}


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real weights and photographs."""
    if not REAL.is_dir():
        pytest.skip("no real weights and photographs in data/real (VIT_REAL names another folder)")
    return REAL


def randomise(model, seed=0):
    """Give every parameter a value, zeros and ones too, so that a swapped pair shows."""
    rng = np.random.default_rng(seed)
    for parameter in model.get_parameters():
        parameter.set_data(ms.Tensor(rng.normal(0, 0.3, parameter.shape).astype(np.float32)))
    return model


@pytest.fixture
def small_model():
    """A model of 7 classes on pictures of 32 pixels, with random weights, ready to be saved."""
    model = randomise(vit.ViT(vit.ViTConfig(**SMALL)))
    model.preprocessing = Preprocessing(32, 36, "bicubic", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    model.classes = tuple(
        ClassName(f"n{i:08}", name) for i, name in enumerate(["ant", "bee", "cat", "dog", "elk", "fox", "gnu"])
    )
    return model


@pytest.fixture
def images():
    """(2, 3, 32, 32) float32."""
    return np.random.default_rng(1).normal(size=(2, 3, 32, 32)).astype(np.float32)


@pytest.fixture
def everything_run():
    """The learner has predicted and run every investigation."""
    from course.document.lesson import read_lesson
    from course.learner import progress
    from course.manifest import lesson_numbers

    run = {"change": "as it is", "seed": 100, "predicted": 0.5, "result": 0.5, "time": progress.now()}
    with progress.changing() as known:
        for lesson in map(read_lesson, lesson_numbers()):
            numbers = [number for number, exercise in lesson.exercises.items() if exercise.investigation]
            known["investigations"] |= {number: [dict(run)] for number in numbers}


@pytest.fixture(scope="module")
def browser():
    """A Chromium, the machine's own; without one the test is skipped."""
    from test_report_page import browser_path

    with pytest.importorskip("playwright.sync_api").sync_playwright() as running:
        made = running.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        yield made
        made.close()
