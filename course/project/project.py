"""The steps of a project, each kept once it is done: a stopped project goes on, and changed pictures begin anew.

HOME/projects/NAME/project.json   what each step found
HOME/projects/NAME/data/          train/ and val/, where the folder had none
HOME/projects/NAME/run/           the training, as `vit train` leaves it
HOME/projects/NAME/model.mindir   the network for other programs
HOME/projects/NAME/words.md       what the learner wrote
HOME/projects/NAME/report.html    all of it on one page
"""

import io
import itertools
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from IPython.display import Image as DisplayedImage
from matplotlib.figure import Figure

from course.epochs import epochs_wanted
from course.language import say
from course.learner.assets import PUBLISHED, SMALL, published_file
from course.learner.home import projects_folder
from course.learner.own_model import with_weights
from course.learner.own_part import own_part
from course.project.statistics import interval, mcnemar
from vit.data.check import check
from vit.data.folders import entries, pictures_by_class, pictures_under
from vit.data.images import read_image
from vit.data.labels import Labelled, from_folders
from vit.data.pipeline import preprocess
from vit.data.split import split
from vit.data.training_set import classes_of
from vit.evaluation import logits_of
from vit.export import export, load_exported
from vit.inside import inspect
from vit.model import ViT
from vit.plots import contact_sheet, numbered_patches
from vit.runtime.atomic import atomic_path
from vit.runtime.digest import digest
from vit.runtime.errors import UserError
from vit.runtime.machine import machine
from vit.runtime.notes import Notes
from vit.runtime.paths import shown
from vit.runtime.text import plain_name
from vit.training.fit import fit
from vit.training.recipe import Recipe
from vit.weights import create_model, load_model, model_for

MOST = 200  # of the doubles, mistakes and confusions that are kept


class Project:
    """A project on a folder of pictures: train/ and val/ in it, or one folder a class.

    Args:
        folder: of the pictures; it is only read.
        name: of the project; default: the folder's.

    Raises:
        UserError: there is no such folder.
    """

    def __init__(self, folder, name: str | None = None):
        self.folder = Path(folder).resolve()
        files = pictures_under(self.folder, Notes())  # raises where there is no such folder
        self.home = projects_folder() / plain_name(name or self.folder.name)
        self.facts = self._read()
        about = ((path.relative_to(self.folder), path.stat()) for path in files)
        begun = {
            "folder": str(self.folder),
            "pictures": digest(*(f"{path} {status.st_size} {status.st_mtime_ns}" for path, status in about)),
        }
        before = self.facts.get("begun", begun)
        if before.get("folder") != begun["folder"]:
            raise UserError(
                say(
                    f"{shown(self.home)} 里是另一个文件夹的项目（{before.get('folder')}）；给这一个换个名字",
                    f"{shown(self.home)} is the project of another folder ({before.get('folder')}); "
                    "give this one another name",
                )
            )
        if before != begun and self.facts.keys() - {"begun", "look"}:
            self._begin_anew()
        self.facts["begun"] = begun

    def _begin_anew(self) -> None:
        """What was found of other pictures counts no more; the last training of them is kept beside."""
        print(
            say(
                "图片和上次不同：各步重新做，你写的话还在",
                "the pictures have changed: all steps begin anew; your words stay",
            )
        )
        self.facts = {}
        shutil.rmtree(self.home / "data", ignore_errors=True)
        if (self.home / "run").is_dir():
            shutil.rmtree(self.home / "run.before", ignore_errors=True)
            os.replace(self.home / "run", self.home / "run.before")
            old = shown(self.home / "run.before")
            print(
                say(
                    f"上次的训练移到 {old}，不要了可以删",
                    f"the last training is now {old}; remove it if you do not want it",
                )
            )

    def _read(self) -> dict:
        try:
            facts = json.loads((self.home / "project.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            facts = None
        if not isinstance(facts, dict):
            raise UserError(
                say(
                    f"{shown(self.home / 'project.json')} 读不了；把它改名或删除，再运行一次",
                    f"{shown(self.home / 'project.json')} cannot be read; rename or remove it and run again",
                )
            )
        return facts

    def _keep(self, step: str, found):
        self.facts[step] = found
        with atomic_path(self.home / "project.json") as staged:
            staged.write_text(json.dumps(self.facts, ensure_ascii=False, indent=1), encoding="utf-8")
        return found

    # --- the pictures ----------------------------------------------------------------------------

    def look(self) -> dict:
        """What is in the folder (`vit data check`), looked at anew each time."""
        found, text = check(self.folder)
        print(text)
        classes = next(iter(found["splits"].values()))["classes"]
        if len(classes) < 2:
            raise UserError(
                say(
                    f"{self.folder}: 只有一类，没有什么可以区分；一类一个子文件夹",
                    f"{self.folder}: one class only, nothing to tell apart; it takes a sub-folder for each class",
                )
            )
        found["doubles"] = found["doubles"][:MOST]
        return self._keep("look", found)

    def sheet(self, each: int = 8):
        """A picture: of each class so many, spread over all it has, a row a class; twelve classes at most."""
        home = self.folder / "train" if self.data == self.folder else self.folder
        rows = []
        for files in list(pictures_by_class(home, Notes()).values())[:12]:
            readable = [path for path in files if next(_readable([path]), None) is not None]
            rows.append([readable[i] for i in np.linspace(0, len(readable) - 1, each).astype(int)] if readable else [])
        figure = contact_sheet([row for row in rows if row])
        figure.set_dpi(55)
        return _jpeg(figure)

    def every_picture(self, most: int = 400) -> list[Path]:
        """All pictures of the folder, of any kind; at most so many, spread over all of them.

        Of a folder that has train/ and val/ these two alone: masks or a test set beside them are not its pictures.
        """
        parts = [self.folder / part for part in ("train", "val")] if self.data == self.folder else [self.folder]
        paths = [path for part in parts for path in pictures_under(part, Notes())]
        return [paths[i] for i in np.linspace(0, len(paths) - 1, min(most, len(paths))).astype(int)]

    @property
    def data(self) -> Path:
        """The folder with train/ and val/."""
        there = {path.name for path in entries(self.folder, Notes())}
        return self.folder if {"train", "val"} <= there else self.home / "data"

    def divide(self, share: float = 0.2, seed: int = 0) -> dict:
        """Make train/ and val/ where there are none; doubles stay on one side. What is there is left alone."""
        if self.data == self.folder:
            return self._keep("divide", {"by": say("文件夹自己的 train/ 和 val/", "the folder itself")})
        by = f"vit data split --val {share:g} --seed {seed}"
        if (self.data / "val").is_dir():
            before = self.facts.get("divide") or self._keep("divide", {"by": say("先前的一次", "an earlier run")})
            print(say(f"已经分好了（{before['by']}）", f"divided already ({before['by']})"))
            if before["by"] != by:
                print(say(f"要重新分，删掉 {shown(self.home)}", f"to divide anew, remove {shown(self.home)}"))
            return before
        found, text = split(self.folder, self.data, share, seed)
        print(text)
        if (many := sum(found["val"].values())) < 50:
            low, high = interval(round(0.8 * many), many)
            print(
                say(
                    f"val 只有 {many} 张：测得 80 % 时，真实的准确率在 {low:.0%} 到 {high:.0%} 之间。"
                    "能多拍就多拍；也可以多分一些给 val：divide(share=0.4)，命令里是 --val 0.4",
                    f"val has {many} pictures only: where 80 % is measured, the true accuracy lies between {low:.0%} and {high:.0%}. "
                    "Take more if you can, or give val a larger share: divide(share=0.4), --val 0.4 of the command",
                )
            )
        return self._keep("divide", {"by": by} | found)

    def pictures(self, side: str) -> Labelled:
        """Of train or val."""
        return from_folders(self.data / side, classes_of(self.data / "train"), Notes())

    def truth(self, path) -> str:
        """What a picture of train or val is, by its folder."""
        called = {known.wnid: known.called for known in classes_of(self.data / "train")}
        name = Path(path).relative_to(self.data).parts[1]
        return called.get(name, name)

    # --- what there is to beat ---------------------------------------------------------------------

    @property
    def start(self) -> tuple[str, Path | str]:
        """Which network is borrowed: ViT-Ti where its weights are on this machine, else the small one of the course."""
        file = published_file()
        return (PUBLISHED, file) if file else (SMALL, SMALL)

    def expect(self, accuracy) -> None:
        """Keep what the learner expects of the network once it is fine-tuned; "..." keeps nothing.

        Raises:
            UserError: it is no share; or it has been judged already, and is no prediction any more.
        """
        if accuracy is ...:
            return
        if isinstance(accuracy, bool) or not isinstance(accuracy, int | float) or not 0 <= accuracy <= 1:
            raise UserError(
                say(f"预测是 0 到 1 之间的一个数，而不是 {accuracy!r}", f"between 0 and 1, and not {accuracy!r}")
            )
        if "judge" in self.facts and self.facts.get("expected") != accuracy:
            raise UserError(say("已经评判过了，预测不能再改", "it has been judged; what was expected stays"))
        self._keep("expected", float(accuracy))

    def borrow(self) -> dict:
        """The baselines, before anything is trained: always the commonest class; a linear head on frozen features; and
        the same head after the labels of train have been shuffled, which must fail."""
        if "borrow" in self.facts:
            return self.facts["borrow"]
        name, weights = self.start
        if name == SMALL:
            print(
                say(
                    f"本机没有 ViT-Ti 的权重，借的是只见过画的小网络。照片请先 vit weights get {PUBLISHED}（23 MB），再删掉 {shown(self.home)} 重来",
                    "ViT-Ti's weights are not on this machine: a small network is borrowed that knows drawings only. For photographs "
                    f"run `vit weights get {PUBLISHED}` (23 MB), remove {shown(self.home)}, and begin again",
                )
            )
        network = create_model(name, weights=weights, num_classes=0)
        network.config = replace(network.config, num_classes=network.config.embed_dim)  # so wide are its answers
        x, y, _ = self._answers(network, "train")
        x_val, y_val, _ = self._answers(network, "val")
        many = len(classes_of(self.data / "train"))
        rng = np.random.default_rng(0)
        guesses = probe(x, y, x_val, many)
        shuffled = [float((probe(x, rng.permutation(y), x_val, many) == y_val).mean()) for _ in range(20)]
        found = {
            "network": name,
            "pictures": len(y_val),
            "commonest": float((y_val == Counter(y.tolist()).most_common(1)[0][0]).mean()),
            "probe": float((guesses == y_val).mean()),
            "probe_right": (guesses == y_val).tolist(),
            "shuffled": float(np.mean(shuffled)),
            "shuffled_most": max(shuffled),
        }
        return self._keep("borrow", found)

    def _answers(self, model, side: str) -> tuple[np.ndarray, np.ndarray, list[Path]]:
        """logits (n, K), labels (n,) and files of the readable pictures."""
        pictures = self.pictures(side)
        logits, unreadable = logits_of(model, pictures.paths, 16)
        kept = [i for i in range(len(pictures.paths)) if i not in unreadable]
        return logits, np.array(pictures.labels)[kept], [pictures.paths[i] for i in kept]

    # --- training and judging ------------------------------------------------------------------------

    def tune(self, recipe: Recipe | None = None) -> dict:
        """Fine-tune the learner's own network from the borrowed weights; a stopped run goes on."""
        name, weights = self.start
        out = self.home / "run"
        recipe = recipe or usual_recipe(name, len(self.pictures("train").paths))
        done = self.facts.get("tune")
        wanted = {name: getattr(recipe, name) for name in ("lr", "batch_size", "weight_decay", "epochs", "seed")}
        if done and done["recipe"] != wanted:
            raise UserError(
                say(
                    f"已经用别的设置训练过了；要重新训练，给项目换个名字，或者删掉 {shown(self.home)}",
                    f"trained with other settings already; to train anew give the project another name, or remove {shown(self.home)}",
                )
            )
        if done and (out / "last.safetensors").is_file():
            print(say("已经训练过了；要重新训练，删掉 ", "trained already; to train anew, remove "), shown(out), sep="")
            return done
        cls = own_part("ViT").cls

        def build(classes, name, weights):
            donor = model_for(classes, name, weights)
            return donor if cls is ViT else with_weights(cls, donor)

        metrics = fit(self.data, out, name, weights, recipe, (out / "state.safetensors").is_file(), build=build)
        return self._keep(
            "tune",
            {
                "network": name,
                "own": cls is not ViT,
                "epochs": metrics["epochs"],
                "seconds": metrics["train_seconds"],
                "recipe": wanted,
                "machine": machine(),
            },
        )

    def network(self, own: bool = True):
        """The one that was trained, after its last epoch: the learner's own class, or the package's with the same numbers."""
        file = self.home / "run" / "last.safetensors"
        if not file.is_file():
            raise UserError(say("还没有训练：先运行 tune()", "not trained yet: run tune() first"))
        model = load_model(file)
        cls = own_part("ViT").cls
        return with_weights(cls, model) if own and cls is not ViT else model

    def judge(self) -> dict:
        """On val, once: accuracy with its interval, beside the probe on the same pictures, and where it is wrong."""
        logits, labels, files = self._answers(self.network(), "val")
        names = [known.called for known in classes_of(self.data / "train")]
        shares = np.exp(logits - logits.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        guesses, sure = logits.argmax(1), shares.max(1)
        right = guesses == labels
        confusion = Counter(zip(labels[~right].tolist(), guesses[~right].tolist(), strict=True))
        found = {
            "pictures": len(labels),
            "right": int(right.sum()),
            "interval": interval(int(right.sum()), len(labels)),
            "classes": {
                name: [int(right[labels == k].sum()), int((labels == k).sum())] for k, name in enumerate(names)
            },
            "confusions": [[names[a], names[b], many] for (a, b), many in confusion.most_common(10)],
            "mistakes": [
                {"file": str(files[i]), "is": names[labels[i]], "says": names[guesses[i]], "sure": float(sure[i])}
                for i in sorted(np.flatnonzero(~right), key=lambda i: -sure[i])[:MOST]
            ],
            "doubtful": [
                {"file": str(files[i]), "is": names[labels[i]], "says": names[guesses[i]], "sure": float(sure[i])}
                for i in sorted(np.flatnonzero(right), key=lambda i: sure[i])[:8]
            ],
            "sure": {"right": _mean(sure[right]), "wrong": _mean(sure[~right])},
        }
        known = self.facts.get("borrow", {})
        if len(known.get("probe_right", ())) == len(right):
            found["against_probe"] = mcnemar(right.tolist(), known["probe_right"])
        return self._keep("judge", found)

    def right_ones(self, most: int = 4) -> list[Path]:
        """Pictures of val that it names rightly, of as many classes as there are, in turn."""
        mistakes = {one["file"] for one in self.facts.get("judge", {}).get("mistakes", [])}
        of_class: dict[int, list[Path]] = {}
        pictures = self.pictures("val")
        for path, label in zip(pictures.paths, pictures.labels, strict=True):
            if str(path) not in mistakes:
                of_class.setdefault(label, []).append(path)
        in_turn = (path for turn in itertools.zip_longest(*of_class.values()) for path in turn if path)
        readable = (path for path in in_turn if next(_readable([path]), None) is not None)
        return list(itertools.islice(readable, most))

    def looked_at(self) -> list[Path]:
        """Up to six pictures of val worth a look: the surest mistakes, then right ones of as many classes as there are."""
        mistakes = [Path(one["file"]) for one in self.facts.get("judge", {}).get("mistakes", [])][:3]
        return mistakes + self.right_ones(6 - len(mistakes))

    def answer(self, picture, hide: Iterable[int] = ()) -> str:
        """What the trained network says of any picture, and how sure it is; with patches hidden, if asked (`vit.inside`)."""
        hide = sorted(hide)
        seen = inspect(self.network(own=False), picture, hide=hide)
        best = int(seen.probabilities.argmax())
        said = f"{classes_of(self.data / 'train')[best].called} ({seen.probabilities[best]:.0%})"
        if not isinstance(picture, np.ndarray):  # what was tried belongs in the report
            asked = {"file": str(picture), "hidden": hide, "of": seen.grid[0] * seen.grid[1], "says": said}
            self._keep("tried", [one for one in self.facts.get("tried", []) if one != asked][-MOST:] + [asked])
        return said

    def numbered(self, picture):
        """The picture as the network sees it, its patches with the numbers that `hide` takes."""
        return _jpeg(numbered_patches(self.network(own=False), picture))

    def hand_over(self) -> dict:
        """Export the network, and hold its answers against the network's on pictures of val."""
        file = self.home / "model.mindir"
        export(self.network(own=False), file)
        model, other = self.network(), load_exported(file)
        paths = self.pictures("val").paths
        some = [paths[i] for i in np.linspace(0, len(paths) - 1, min(20, len(paths))).astype(int)]  # of every class
        pixels = [preprocess(one, model.preprocessing)[np.newaxis] for one in _readable(some)]
        answers = [(np.asarray(_run(model, one)), np.asarray(_run(other, one))) for one in pixels]
        found = {
            "file": file.name,
            "bytes": file.stat().st_size,
            "of": len(paths),
            "pictures": len(answers),
            "same": sum(int(a.argmax() == b.argmax()) for a, b in answers),
            "differ": max(float(np.abs(a - b).max()) for a, b in answers),
        }
        return self._keep("hand_over", found)

    # --- words ---------------------------------------------------------------------------------------

    def write(self, words: dict[str, str], title: str = ..., by: str = ...) -> Path:
        """Keep what the learner wrote, beside what words.md has already; "..." changes nothing.

        Args:
            words: heading -> text.
            title: of the page; default at first: the project's name.
            by: who did it, and when.
        """
        old_title, old_by = self.head()
        title, by = old_title if title is ... else title, old_by if by is ... else by
        kept = self.words() | {
            head: str(text).strip() for head, text in words.items() if text is not ... and str(text).strip() != "..."
        }
        parts = [f"# {title}\n\n{by}\n\n", *(f"## {head}\n\n{text}\n\n" for head, text in kept.items())]
        with atomic_path(self.home / "words.md") as staged:
            staged.write_text("".join(parts), encoding="utf-8")
        return self.home / "words.md"

    def head(self) -> tuple[str, str]:
        """The page's title and who did it: what stands in words.md before the first ##, after a # and below it."""
        first = self._written().partition("\n## ")[0].strip()
        title, _, by = first.partition("\n") if first.startswith("# ") else ("", "", first)
        return title.lstrip("# ").strip() or self.home.name, by.strip()

    def words(self) -> dict[str, str]:
        """What they wrote, in words.md: a heading with ## and the text below it."""
        parts = [part.partition("\n") for part in self._written().split("\n## ")[1:]]
        return {head.strip(): body.strip() for head, _, body in parts}

    def _written(self) -> str:
        try:
            return "\n" + (self.home / "words.md").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""


def _jpeg(figure: Figure) -> DisplayedImage:
    """Photographs as PNG would make a notebook ten times as large."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="jpeg", dpi=figure.dpi, pil_kwargs={"quality": 75})
    return DisplayedImage(buffer.getvalue(), format="jpeg")


def _readable(paths: list[Path]) -> Iterator[np.ndarray]:
    for path in paths:
        with suppress(UserError):
            yield read_image(path, Notes())


def _mean(numbers: np.ndarray) -> float | None:
    return float(numbers.mean()) if len(numbers) else None


def _run(model, pixels: np.ndarray) -> np.ndarray:
    import mindspore as ms

    return model(ms.Tensor(pixels)).asnumpy()[0]


def usual_recipe(name: str, pictures: int) -> Recipe:
    """Ti gently, the small network, which is further away, at more; `python -m benchmarks.fine_tuning` tries rates."""
    batch = min(16, max(2, pictures // 2))
    if name == PUBLISHED:
        return Recipe(
            epochs=epochs_wanted(max(1, min(12, 1000 // pictures))), batch_size=batch, lr=1e-4, weight_decay=0.05
        )
    return Recipe(
        epochs=epochs_wanted(max(1, min(30, 12_000 // pictures))), batch_size=batch, lr=1e-3, weight_decay=0.05
    )


def probe(x: np.ndarray, y: np.ndarray, queries: np.ndarray, many: int) -> np.ndarray:
    """A linear head fitted by ridge regression, as in lesson 10: features (n, D), labels (n,) -> guesses (m,)."""
    middle, scale = x.mean(0, dtype=np.float64), x.std(dtype=np.float64) + 1e-6
    x, queries = (x - middle) / scale, (queries - middle) / scale
    kernel = x @ x.T
    ridge = np.eye(len(x)) * np.diag(kernel).mean()
    return (queries @ (x.T @ np.linalg.solve(kernel + ridge, np.eye(many)[y] - 1 / many))).argmax(1)
