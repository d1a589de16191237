"""The report of a camp in a real browser: names and notes of any kind are shown and run nothing."""

import csv
import shutil
from datetime import datetime, timezone

import pytest
from a_camp import known_codes

from course.camp import folder, new, report, sources
from course.camp.verify import verify
from course.document.lesson import read_lesson
from course.learner import line
from vit.runtime.paths import ROOT

playwright = pytest.importorskip("playwright.sync_api")

NOW = datetime(2026, 3, 10, 4, tzinfo=timezone.utc)
NAMES = ["小明", "Ada", "<img src=x onerror=document.title=1>", "李雷", '"><script>document.title=2</script>']


def browser_path() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine")


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    top = tmp_path_factory.mktemp("report")
    with (top / "roster.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["name"], *([name] for name in NAMES)])
    with known_codes():
        camp = new.make(top / "camp", top / "roster.csv", NOW.date().replace(day=2))
    lesson, posts = read_lesson("00"), []
    for number, learner in enumerate(camp.learners[1:]):
        for section in "AB"[: 1 + number % 2]:
            mine = [one for one in lesson.exercises.values() if one.section == section]
            tries = tuple(line.tried("passed", 1, 0, list(one.messages)[:1]) for one in mine)
            fields = ("00", section, int(NOW.timestamp()) - 86400 * number, bytes.fromhex(lesson.hash)[:4], "zh", "CPU")
            note = "<b onmouseover=alert(1)>note</b>"
            posts.append(line.pack(line.Record(*fields, 600, number, None, tries, ("n", "r", note)), learner.key))
    (top / "chat.txt").write_text("\n".join(posts), encoding="utf-8")
    _, kept = verify(camp, sources.look_through(str(top / "chat.txt")), [], NOW)
    folder.write_kept(camp, kept)
    report.write(camp, NOW)
    return top / "camp" / "report" / "index.html"


@pytest.mark.slow
def test_the_report_in_a_browser(page_file, tmp_path):
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.goto(page_file.as_uri())
        assert asked == [page_file.as_uri()]
        assert page.title() == "camp"
        assert page.locator("img").count() == 0
        rows = page.locator("#learners tbody tr")
        assert rows.count() == len(NAMES)
        assert set(page.locator("#learners tbody th").all_text_contents()) == set(NAMES)

        # the languages
        assert page.get_by_text("还缺什么").is_visible()
        page.locator("#language").click()
        assert page.get_by_text("What is missing").is_visible()
        assert not page.get_by_text("还缺什么").is_visible()

        # sorted by points, then the other way round; searched
        points = page.locator("#learners thead th").nth(2)
        points.click()
        falling = [int(text) for text in page.locator("#learners tbody td:nth-child(3)").all_text_contents()]
        points.click()
        rising = [int(text) for text in page.locator("#learners tbody td:nth-child(3)").all_text_contents()]
        assert falling == sorted(falling, reverse=True)
        assert rising == sorted(falling)
        assert rising != falling
        page.locator("#search").fill("小")
        assert [row.is_visible() for row in rows.all()].count(True) == 1
        page.locator("#copy").click()
        assert "小明" in page.evaluate("getSelection().toString()")
        page.screenshot(path=tmp_path / "desktop.png", full_page=True)

        # nothing is wider than a phone, but the tables, which scroll in their boxes
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        # a script that comes in later is not run either: the policy holds
        page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
        assert page.evaluate("window.ran") is None
        policy = [text for text in said if "Content Security Policy" in text]
        assert len(policy) == len(said) == 1

        # the page for everybody: numbers, in both languages, and nobody's name
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto((page_file.parents[1] / "public" / "index.html").as_uri())
        page.locator("#language").click()
        assert page.get_by_text("Days, and who has handed in all").is_visible()
        assert not any(name in page.locator("body").text_content() for name in NAMES)
        assert len(said) == 1
        browser.close()


def test_the_page_is_one_file_of_the_repository():
    for name in ("report.html", "report.css", "report.js"):
        text = (ROOT / "course" / "camp" / name).read_text(encoding="utf-8")
        assert "http:" not in text
        assert "https:" not in text
