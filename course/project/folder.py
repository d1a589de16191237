"""Which pictures a project is made of, where the learner has named none."""

from pathlib import Path

from course.language import say
from vit.data.folders import entries
from vit.data.sample.dataset import make_sample
from vit.runtime.notes import Notes
from vit.runtime.paths import DATA, shown


def folder_at_hand() -> Path:
    """data/photos, if it has folders in it; else hard drawings."""
    own = DATA / "photos"
    if own.is_dir() and any(path.is_dir() for path in entries(own, Notes())):
        print(say(f"图片：{shown(own)}", f"pictures: {shown(own)}"))
        return own
    folder = DATA / "sample_hard_few"
    make_sample(folder, {"train": 5, "val": 20}, hard=True)  # so few that there is something to get wrong
    print(
        say(
            f"{shown(own)} 里还没有你的图片，先用难一些的画：{shown(folder)}",
            f"no pictures of yours in {shown(own)}, so hard drawings are used: {shown(folder)}",
        )
    )
    return folder
