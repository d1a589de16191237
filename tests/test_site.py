"""The site, built once: its links resolve, nothing comes from elsewhere, and what is searched for is found."""

import re
import shutil
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip("sphinx")
playwright = pytest.importorskip("playwright.sync_api")

from course.cli import make_site  # noqa: E402
from course.document.lesson import read_lesson  # noqa: E402
from course.language import LANGUAGES  # noqa: E402
from course.manifest import lesson_numbers  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    assert make_site(out) == 0
    return out


@cache
def anchors(page: Path) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', page.read_text(encoding="utf-8")))


def test_every_link_leads_somewhere_and_nothing_is_fetched_from_elsewhere(built):
    broken, pages = [], [path for path in built.rglob("*.html") if path.name != "explorer.html"]
    assert len(pages) > 60
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for tag, link in re.findall(r'<(a|img|script|link|iframe)\b[^>]*?\b(?:href|src)="([^"]+)"', text):
            parts = urlsplit(link.replace("&amp;", "&"))
            if parts.scheme in ("http", "https"):
                assert tag == "a", (page, link)  # one may follow it, nothing loads it
            elif not parts.scheme:
                there = (page.parent / unquote(parts.path)).resolve() if parts.path else page
                ok = there.is_file() and (
                    not parts.fragment or there.suffix != ".html" or unquote(parts.fragment) in anchors(there)
                )
                if not ok:
                    broken.append((page.relative_to(built).as_posix(), link))
    assert not broken


def test_each_page_has_its_other_language_and_each_exercise_its_answer(built):
    for language, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
        for number in lesson_numbers():
            lesson = read_lesson(number)
            page = built / language / "notebooks" / language / f"{lesson.folder.name}.html"
            text = page.read_text(encoding="utf-8")
            link = re.search(r'class="other-language" href="([^"]+)"', text)[1]
            assert (page.parent / link).resolve() == built / other / "notebooks" / other / page.name
            assert text.count("class='answer'") + text.count('class="answer"') == len(lesson.exercises)


def test_the_search_knows_compounds(built, browser):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for language, words, wanted in (
        ("zh", "注意力头", "04 ·"),
        ("zh", "编码器层", "05 ·"),
        ("zh", "残差连接", "05 ·"),
        ("zh", "感受野", "12 ·"),
        ("en", "receptive field", "12 ·"),
        ("en", "attention", "04 ·"),
    ):
        page.goto(f"{built.as_uri()}/{language}/search.html?q={words}")
        page.wait_for_selector("#search-results li", timeout=15_000)
        page.wait_for_timeout(300)
        assert wanted in page.locator("#search-results").inner_text(), words
    page.goto(f"{built.as_uri()}/zh/search.html?q=没有这样的词组")
    page.wait_for_timeout(1500)
    assert page.locator("#search-results li").count() == 0
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]


def test_the_first_page_has_the_explorer_alive(built, browser):
    page = browser.new_page(viewport={"width": 1366, "height": 900})
    for language in LANGUAGES:
        page.goto(f"{built.as_uri()}/{language}/index.html")
        frame = page.locator("iframe.explorer").element_handle().content_frame()
        for _ in range(100):
            if frame.evaluate("Boolean(globalThis.explorer && explorer.found())"):
                break
            page.wait_for_timeout(100)
        assert frame.locator("#language").inner_text() == {"zh": "English", "en": "中文"}[language]
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1366, "height": 900})


def test_formulas_are_there(built, browser):
    page = browser.new_page()
    page.goto(f"{built.as_uri()}/en/notebooks/en/04_attention.html")
    assert page.locator("math").count() > 10
    assert page.locator(".katex-error").count() == 0


def test_a_folder_of_something_else_is_left_alone(built, tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("all of it")
    assert make_site(tmp_path) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    shutil.copytree(built, tmp_path / "site")
    (tmp_path / "site" / "old.html").write_text("from an earlier build")
    assert (tmp_path / "site" / ".vit-site").is_file()
