"""An investigation: a trained network without one of its blocks."""

from statistics import mean

from mindspore import nn

from course.investigations.experiment import OWN, Choice, Experiment
from course.investigations.measured import told_apart
from course.learner.assets import SMALL
from course.learner.home import lessons_folder
from vit.data.labels import from_folders
from vit.data.sample.dataset import make_sample
from vit.evaluation import evaluate
from vit.model import ViT
from vit.runtime.paths import DATA, OUTPUTS
from vit.training.fit import fit
from vit.training.recipe import Recipe
from vit.weights import create_model, load_model


def _network(seed: int) -> ViT:
    """The learner's own network, else the course's; or one trained by the usual recipe with a seed, which takes minutes."""
    if seed == OWN:
        own = lessons_folder() / f"trained_{SMALL}.safetensors"
        return load_model(own) if own.is_file() else create_model(SMALL, weights=SMALL)
    folder = OUTPUTS / "investigations" / f"seed_{seed}"
    if not (folder / "last.safetensors").is_file():
        fit(DATA / "sample", folder, SMALL, None, Recipe(seed=seed), resume=folder.exists())
    return load_model(folder / "last.safetensors")


def _run(settings: dict, seed: int) -> float:
    """Accuracy on the 1,000 validation drawings."""
    make_sample(DATA / "sample")
    model, left_out = _network(seed), settings["without"]
    val = from_folders(DATA / "sample" / "val", model.classes)
    if left_out != "none":  # its input goes straight on to the next block
        model.blocks = nn.CellList([block for n, block in enumerate(model.blocks) if n != left_out])
    return evaluate(model, val, 100, progress=False)["top1"]


def _follows(found: list[list[float]]) -> str:
    """A: block 0 costs most, block 1 next, the last four nothing that is seen. B: every block is missed. C: the last most."""
    means, late = [mean(group) for group in found], range(3, 7)
    if all(told_apart(found, 0, row) for row in range(1, 7)):
        return "C" if means[6] == min(means) else "B"
    first = means[1] < means[2] and told_apart(found, 1, 2) and all(told_apart(found, 2, row) for row in late)
    return "A" if first and not any(told_apart(found, 0, row) for row in late) else "?"


LAYERS = Experiment(
    number="09.6",
    kind="layers",
    measures=("去掉之后的验证准确率", "accuracy on val without it"),
    choices={"without": Choice(("去掉第几层：", "without block"), "none", options=("none", 0, 1, 2, 3, 4, 5))},
    table=({}, *({"without": block} for block in range(6))),
    seeds=3,
    run=_run,
    follows=_follows,
)
