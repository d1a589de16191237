"""The explorer with the learner's own network: at random, after each epoch that lesson 07 trained, and as it is now."""

import webbrowser
from pathlib import Path

from course.explorer.build import SMALL, Shown, shipped, write_page
from course.language import say
from course.learner.home import explorer_file, snapshots_of_epochs, trained_weights
from vit.runtime.errors import UserError
from vit.runtime.paths import shown
from vit.weights import load_model


def learners_models() -> list[Shown]:
    """What there is to look at, the learner's own last; what cannot be read is named and left out."""
    own = []
    for number, file in snapshots_of_epochs():
        own.append((file, (f"我的，第 {number} 轮之后", f"mine, after epoch {number}"), number, True))
    if trained_weights().is_file():
        own.append((trained_weights(), ("我训练好的（第 07 课）", "mine, trained (lesson 07)"), None, False))
    models = shipped()
    for file, name, epoch, half in own:
        try:
            model = load_model(file)
        except UserError as error:
            print(say(f"略过：{error}", f"left out: {error}"))
            continue
        if model.preprocessing is not None and model.config.embed_dim <= 256:
            models.append(Shown(model, name, epoch, half))
    return models


def explore_page(path: Path | None = None) -> Path:
    """Write the page, with whatever the learner has, and say what is in it."""
    models = learners_models()
    path = write_page(path or explorer_file(), models)
    mine = len(models) - len(shipped())
    if mine:
        print(say(f"其中 {mine} 个是你自己的网络", f"{mine} of its networks are yours"))
    else:
        print(
            say(
                f"还没有你训练的网络（第 07 课会留下），先看课程的 {SMALL}",
                f"no network of yours yet (lesson 07 leaves one), so it shows the course's {SMALL}",
            )
        )
    print(say(f"这一页：{shown(path)}", f"the page: {shown(path)}"))
    return path


def explore(no_open: bool = False) -> int:
    """`python start.py explore`."""
    path = explore_page()
    if not no_open:
        webbrowser.open(path.resolve().as_uri())
    return 0
