"""What lessons imported before it moved: a learner's copies of the notebooks are brought up to date, their answers kept."""

from pathlib import Path

from vit.runtime.atomic import atomic_path

MOVED = {  # since 0.2.0
    "from vit.checkpoint import": "from vit.training.state import",
    "from vit.data_parallel import": "from vit.training.data_parallel import",
    "from vit.intermediates import": "from vit.inside import",
    "from vit.models import": "from vit.weights import",
    "from vit.optimizer import": "from vit.training.optimizer import",
    "from course.learner.my_vit import learner_folder": "from course.learner.home import home as learner_folder",
    "from course.learner.own_model import own_training": "from course.learner.home import training_state as own_training",
    "from course.learner.own_model import own_weights": "from course.learner.home import trained_weights as own_weights",
    "from course.learner.watch import Curves, epochs_wanted, watched": "from course.epochs import epochs_wanted; "
    "from course.learner.watch import Curves, watched",
}


def brought_up_to_date(notebook: Path) -> bool:
    """Change the imports of a copy that need it; whether there were any."""
    before = now = notebook.read_text(encoding="utf-8")
    for old, new in MOVED.items():
        now = now.replace(old, new)
    if now != before:
        with atomic_path(notebook) as staged:
            staged.write_text(now, encoding="utf-8", newline="\n")
    return now != before
