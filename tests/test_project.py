"""A project of a learner's own: every step kept and not repeated, odd folders and files told, the page in a real browser."""

import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy.stats import binomtest
from test_report_page import browser_path

from course.learner import assets
from course.project import Project
from course.project.cli import main
from course.project.project import probe
from course.project.report import questions, write_report
from course.project.statistics import interval, mcnemar
from vit.data.sample.dataset import picture
from vit.plots import numbered_patches
from vit.runtime.errors import UserError

ODD = "<script>document.title=1</script>"[:20] + " & co"  # no name of a file may hold a slash


@given(st.integers(0, 60), st.integers(1, 60))
def test_the_interval_is_wilsons(right, more):
    many = right + more
    wanted = binomtest(right, many).proportion_ci(method="wilson")
    assert np.allclose(interval(right, many), [wanted.low, wanted.high], atol=2e-4)  # 1.96 for 1.95996


def test_the_intervals_that_lesson_13_names():
    assert [round(end, 2) for end in (*interval(11, 12), *interval(37, 40))] == [0.65, 0.99, 0.80, 0.97]


def test_without_pictures_the_accuracy_may_be_anything():
    assert interval(0, 0) == [0.0, 1.0]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_a_comparison_in_pairs_is_the_binomial_test(answers):
    one, other = [a for a, _ in answers], [b for _, b in answers]
    found = mcnemar(one, other)
    many = found["one"] + found["other"]
    assert found["p"] == pytest.approx(binomtest(found["one"], many).pvalue if many else 1.0)
    swapped = mcnemar(other, one)
    assert (swapped["one"], swapped["other"], swapped["p"]) == (found["other"], found["one"], found["p"])


def test_the_probe_is_ridge_regression_by_its_definition():
    rng = np.random.default_rng(0)
    x, y, queries = rng.normal(3, 2, (30, 7)), rng.integers(0, 3, 30), rng.normal(3, 2, (50, 7))
    z, q = ((part - x.mean(0)) / x.std() for part in (x, queries))
    strength = np.diag(z @ z.T).mean()
    weights = np.linalg.solve(z.T @ z + strength * np.eye(7), z.T @ (np.eye(3)[y] - 1 / 3))  # (D, K), the other form
    assert np.array_equal(probe(x, y, queries, 3), (q @ weights).argmax(1))


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A learner with twelve drawings of each of two classes, a broken file and a double; no published weights."""
    monkeypatch.setenv("VIT_LEARNER", str(tmp_path / "learner"))
    monkeypatch.setenv("VIT_LANG", "en")  # put back, whatever the command sets
    monkeypatch.setattr(assets, "REAL", tmp_path / "none")
    monkeypatch.setattr("course.project.project.published_file", lambda: None)
    for thing, name in enumerate(("ant", ODD)):
        folder = tmp_path / "mine" / name
        folder.mkdir(parents=True)
        for number in range(12):
            picture("train", thing, number)[0].save(folder / f"{number}.jpg")
    (folder / "broken.jpg").write_text("broken")
    Image.open(folder / "3.jpg").resize((80, 80)).save(folder / "again.png")
    return tmp_path / "mine"


def test_from_a_folder_to_a_page_and_nothing_is_done_twice(here, capfd, monkeypatch):
    assert main([str(here)]) == 0
    out = capfd.readouterr().out
    assert "5 questions are not answered yet" in out
    assert out.index("always the commonest class") < out.index("are classified correctly: ")  # the standard first
    home = here.parent / "learner" / "projects" / "mine"
    facts = json.loads((home / "project.json").read_text("utf-8"))
    assert facts["judge"]["pictures"] == facts["borrow"]["pictures"] == 5  # a fifth of 12 and of 13
    assert facts["judge"]["right"] + len(facts["judge"]["mistakes"]) == 5
    assert sum(many for _, many in facts["judge"]["classes"].values()) == 5
    assert facts["hand_over"]["same"] == facts["hand_over"]["pictures"] == 5
    (double,) = facts["look"]["doubles"]
    assert {Path(file).name for file in double["files"]} == {"3.jpg", "again.png"}
    sides = [
        path.parts[-3]
        for path in (home / "data").rglob("*")
        if path.name in ("3.jpg", "again.png") and path.parts[-2] == ODD
    ]
    assert len(sides) == 2
    assert len(set(sides)) == 1

    def never(*arguments, **options):
        raise AssertionError("trained again")

    monkeypatch.setattr("course.project.project.fit", never)
    monkeypatch.setattr("course.project.project.split", never)
    words = home / "words.md"
    words.write_text(
        "".join(f"## {head}\n\n<b>answer</b> {n} ## not a heading\n\n" for n, head in enumerate(questions())), "utf-8"
    )
    assert main([str(here)]) == 0
    assert main([str(here), "--page"]) == 0
    assert "not answered" not in capfd.readouterr().out
    project = Project(here)
    drawing = project.right_ones(1) or project.looked_at()
    said = project.answer(drawing[0], hide=[3, 1])
    assert project.facts["tried"] == [{"file": str(drawing[0]), "hidden": [1, 3], "of": 64, "says": said}]
    assert project.answer(drawing[0], hide=[1, 3]) == said
    assert len(project.facts["tried"]) == 1
    assert len(numbered_patches(project.network(own=False), drawing[0]).axes[0].texts) == 64
    for shown in (project.numbered(drawing[0]), project.sheet(3)):
        assert Image.open(io.BytesIO(shown.data)).format == "JPEG"
    assert main([str(here), "--page"]) == 0
    page = (home / "report.html").read_text("utf-8")
    assert "2 of 64 patches" in page
    assert "&lt;b&gt;answer&lt;/b&gt; 4 ## not a heading" in page
    assert "<script" not in page
    assert "nothing written yet" not in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)


def test_train_and_val_that_are_there_are_taken_as_they_are(here):
    for side in ("train", "val"):
        shutil.copytree(here, here.parent / "split" / side)
    project = Project(here.parent / "split")
    assert project.data == project.folder
    assert project.divide() == {"by": "the folder itself"}
    assert {len(one["splits"]) for one in project.look()["doubles"]} == {2}
    assert not (project.home / "data").exists()


def test_masks_beside_train_and_val_are_no_pictures_of_the_project(here):
    whole = here.parent / "split"
    for side in ("train", "val"):
        shutil.copytree(here, whole / side)
    alone = Project(whole).every_picture()
    shutil.copytree(here, whole / "masks")
    assert Project(whole).every_picture() == alone
    assert {path.relative_to(whole).parts[0] for path in alone} == {"train", "val"}


def test_a_first_look_that_was_stopped_is_no_project_that_has_changed(here, capsys):
    Project(here).look()
    Image.new("RGB", (40, 40)).save(here / "ant" / "new.png")
    Project(here)
    assert "have changed" not in capsys.readouterr().out


def test_a_larger_share_of_val(here, capsys):
    project = Project(here)
    project.divide(0.5)
    assert sum(project.facts["divide"]["val"].values()) in (12, 13)
    project.divide()
    said = capsys.readouterr().out
    assert "divided already (vit data split --val 0.5 --seed 0)" in said
    assert "to divide anew, remove" in said


def test_what_cannot_be_is_said_in_a_line(here, capsys):
    assert main([str(here / "none")]) == 2
    assert "no such folder" in capsys.readouterr().err
    project = Project(here)
    project.look()
    with pytest.raises(UserError, match="lacks borrow, tune, judge"):
        write_report(project)
    with pytest.raises(UserError, match="not trained yet"):
        project.network()
    other = here.parent / "elsewhere" / "mine"
    shutil.copytree(here, other)
    assert main([str(other)]) == 2
    assert "is the project of another folder" in capsys.readouterr().err
    for broken in ("{", "[]", "3"):
        (project.home / "project.json").write_text(broken)
        assert main([str(here)]) == 2
        assert "cannot be read; rename or remove it" in capsys.readouterr().err
        assert (project.home / "project.json").read_text() == broken


def test_words_are_kept_as_they_were_written(here):
    project = Project(here)
    project.write({"One": "a\nb", "Two": "...", "Three": ...})
    assert project.words() == {"One": "a\nb"}
    assert Project(here).words() == {"One": "a\nb"}
    project.write({"One": "...", "Two": "now"})  # a cell run again does not take away what stands in the file
    assert project.words() == {"One": "a\nb", "Two": "now"}
    assert project.head() == ("mine", "")
    project.write({}, title="Ants <or> bees", by="Somebody\n2026")
    project.write({"Two": "later"})
    assert Project(here).head() == ("Ants <or> bees", "Somebody\n2026")
    assert Project(here).words() == {"One": "a\nb", "Two": "later"}


def test_changed_pictures_begin_anew_and_words_stay(here, capsys):
    project = Project(here)
    project.look()
    project.divide()
    project.write({"One": "kept"})
    (project.home / "run").mkdir()
    assert Project(here).facts.keys() == {"begun", "look", "divide"}
    (here / "ant" / "3.jpg").unlink()
    project = Project(here)
    assert "the pictures have changed" in capsys.readouterr().out
    assert project.facts.keys() == {"begun"}
    assert not (project.home / "data").exists()
    assert (project.home / "run.before").is_dir()
    assert project.words() == {"One": "kept"}
    project.divide()
    assert sum(project.facts["divide"][side]["ant"] for side in ("train", "val")) == 11


def test_other_numbers_are_another_training(here):
    from vit.training.recipe import Recipe

    project = Project(here)
    project.divide()
    project.tune(Recipe(epochs=1, batch_size=4))
    project.tune(Recipe(epochs=1, batch_size=4))
    with pytest.raises(UserError, match="trained with other settings"):
        project.tune(Recipe(epochs=2, batch_size=4))


def test_one_class_is_said_at_the_first_look(here):
    shutil.rmtree(here / "ant")
    with pytest.raises(UserError, match="one class only"):
        Project(here).look()


def test_an_accuracy_on_pictures_that_training_has_seen_is_not_told_without_that(here):
    from course.project.report import _sentences

    for side in ("train", "val"):
        shutil.copytree(here, here.parent / "split" / side)
    project = Project(here.parent / "split")
    project.look()
    judge = {"right": 9, "pictures": 10, "interval": [0.6, 0.98], "confusions": []}
    recipe = {"lr": 1e-3, "batch_size": 4, "weight_decay": 0.05, "epochs": 1, "seed": 0}
    tune = {"network": "x", "own": True, "epochs": 1, "recipe": recipe, "seconds": 3, "machine": "m"}
    said = _sentences(project.facts | {"judge": judge, "tune": tune})
    assert "this number cannot be trusted" in said["lead"]


def test_the_lesson_asks_what_the_page_asks():
    from course.document.lesson import read_lesson
    from course.project.report import QUESTIONS

    for language, words in (("zh", [zh for zh, _ in QUESTIONS]), ("en", [en for _, en in QUESTIONS])):
        text = "\n".join(cell.text for cell in read_lesson("13").cells if cell.marks.get("lang") == language)
        for number, question in enumerate(words, 1):
            assert f"{number}. {question}" in text


def test_any_picture_can_be_asked_with_patches_hidden(here):
    from vit.training.recipe import Recipe

    project = Project(here)
    project.divide()
    project.tune(Recipe(epochs=1, batch_size=4))
    path = project.pictures("val").paths[0]
    assert re.fullmatch(r".+ \(\d+%\)", project.answer(path))
    assert re.fullmatch(r".+ \(\d+%\)", project.answer(path, hide=[0, 5]))


@pytest.mark.slow
def test_the_page_in_a_browser(here):
    playwright = pytest.importorskip("playwright.sync_api")
    assert main([str(here), "--lang", "zh"]) == 0
    page_file = here.parent / "learner" / "projects" / "mine" / "report.html"
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        for width in (1280, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            asked, said = [], []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("console", lambda message, said=said: said.append(message.text))
            page.goto(page_file.as_uri())
            assert [url for url in asked if not url.startswith("data:")] == [page_file.as_uri()]
            assert not said
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.get_by_text("还没有写").count() == 5
            assert page.locator("img").evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)")
        browser.close()
