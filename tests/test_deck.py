"""Decks in a real browser: everything fits and can be read from the last row, and no request leaves."""

import json
import re

import pytest
from test_kit import SINGLES, TAUGHT

from course.document.classroom import LENGTHS, read_deck
from course.document.lesson import read_lesson
from course.editions.deck import make_deck
from course.explorer.build import page_of, shipped
from course.language import LANGUAGES

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.slow

# of the page that is shown: what sticks out, what is too small to read, what lies over the heading
_FAULTS = """() => {
  const page = document.querySelector("section.present"), box = page.getBoundingClientRect(), found = [];
  const scale = box.width / 1280;
  if (page.scrollHeight > page.clientHeight + 1 || page.scrollWidth > page.clientWidth + 1) found.push("overflows");
  for (const one of page.querySelectorAll("*")) {
    if (one.closest(".notes, iframe, svg, .touch h2")) continue;
    const { left, right, top, bottom, height } = one.getBoundingClientRect();
    if (right > box.right + 1 || bottom > box.bottom + 1 || left < box.left - 1 || top < box.top - 1) found.push(one.tagName + " sticks out");
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (text && parseFloat(getComputedStyle(one).fontSize) * scale < 18) found.push("small: " + one.textContent.slice(0, 30));
    if (one.tagName === "FIGURE" && height < 250 * scale) found.push("a flat figure");
  }
  const bet = page.querySelector(".bet")?.getBoundingClientRect(), words = document.createRange(), title = page.querySelector("h1, h2");
  words.selectNodeContents(title);
  if (bet && words.getBoundingClientRect().right > bet.left) found.push("the badge lies over the heading");
  return found;
}"""

# of the explorer in its frame: what is too small, or lies where nobody sees it
_TOUCHED = """() => {
  const found = [], { scrollHeight, scrollWidth } = document.documentElement;
  if (scrollHeight > innerHeight || scrollWidth > innerWidth) found.push(`${scrollWidth} x ${scrollHeight}`);
  for (const one of document.body.querySelectorAll(":not(script)")) {
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (text && one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) < 18) found.push("small: " + one.textContent.slice(0, 30));
  }
  return found;
}"""
# of each text in a drawing (letters are outlines, 100 units high): its size where it is seen whole, else 0
_LETTERS = """() => [...document.querySelectorAll("section.present figure > svg g > g[transform*=scale]")].map((text) => {
  const box = text.getBoundingClientRect(), grown = text.closest(".fragment"), svg = text.ownerSVGElement;
  const { x, y, width, height } = svg.viewBox.baseVal, { a: scale, e, f } = svg.getScreenCTM();  // nothing beside the view is shown
  const [left, top] = [e + x * scale - 1, f + y * scale - 1], right = left + width * scale + 2, bottom = top + height * scale + 2;
  const whole = box.left >= left && box.right <= right && box.top >= top && box.bottom <= bottom;
  return whole && !text.closest(".gone") && (!grown || grown.classList.contains("visible")) ? 100 * text.getScreenCTM().a : 0;
})"""
_SHOWN = "() => document.querySelectorAll('section.present figure > svg g:not(.gone) > g[transform*=scale]').length"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", TAUGHT + SINGLES)
def test_every_letter_of_a_drawing_is_large_at_one_press(number, language, browser, tmp_path, monkeypatch):
    monkeypatch.setenv("VIT_LANG", language)
    lesson, file = read_lesson(number), tmp_path / "deck.html"
    file.write_text(make_deck(lesson, language), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    page.goto(file.as_uri())
    page.wait_for_function("globalThis.Reveal && Reveal.isReady()")
    drawings = 0
    for place in range(len(read_deck(lesson.folder))):
        page.evaluate(f"Reveal.slide({place}, 0, -1)")
        page.wait_for_function(f"Reveal.getIndices().h === {place}")
        if not page.evaluate(_LETTERS):
            continue
        largest, drawings = page.evaluate(_LETTERS), drawings + 1
        while page.evaluate("Reveal.availableFragments().next"):
            page.evaluate("Reveal.nextFragment()")
            largest = [max(pair) for pair in zip(largest, page.evaluate(_LETTERS), strict=True)]
        seen = [size for size in largest if size]
        assert len(seen) == page.evaluate(_SHOWN), f"page {place + 1}: a text is never seen whole"
        assert min(seen) >= 18, f"page {place + 1}: letters of {min(seen):.1f} px"
    assert drawings  # the map at least
    page.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", TAUGHT + SINGLES)
def test_every_page_fits_and_can_be_read(number, language, browser, tmp_path, monkeypatch):
    monkeypatch.setenv("VIT_LANG", language)
    lesson, file = read_lesson(number), tmp_path / "deck.html"
    explorer = page_of(shipped()[-1:])
    file.write_text(make_deck(lesson, language, explorer), encoding="utf-8")
    pages = read_deck(lesson.folder)
    for width, height in ((1280, 720), (1920, 1080)):
        page = browser.new_page(viewport={"width": width, "height": height})
        said, asked = [], []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(file.as_uri())
        page.wait_for_function("globalThis.Reveal && Reveal.isReady()")
        assert page.evaluate("Reveal.getTotalSlides()") == len(pages)
        for place, one in enumerate(pages):
            page.evaluate(f"Reveal.slide({place}, 0, 99)")
            page.wait_for_function(f"Reveal.getIndices().h === {place}")
            assert page.evaluate(_FAULTS) == [], f"page {place + 1} at {width} x {height}"
            assert page.locator("section.present aside.notes").inner_text(timeout=1000) is not None
            if wanted := re.search(r"\{explorer (.+)\}", one.texts["en"]):
                frame = page.locator("section.present iframe").element_handle().content_frame()
                frame.wait_for_function("globalThis.explorer && explorer.found()")
                state = frame.evaluate("explorer.state()")
                assert {name: state[name] for name in json.loads(wanted[1])} == json.loads(wanted[1])
                assert frame.evaluate(_TOUCHED) == [], f"page {place + 1}"
        assert not said
        assert [url for url in asked if not url.startswith(("data:", "blob:", "about:"))] == [file.as_uri()]
        page.close()


def test_a_deck_leaves_out_what_its_class_does(browser, tmp_path):
    lesson, file = read_lesson("05"), tmp_path / "deck.html"
    file.write_text(make_deck(lesson, "en"), encoding="utf-8")
    pages = read_deck(lesson.folder)
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    for length in LENGTHS:
        page.goto(f"{file.as_uri()}?minutes={length}")
        page.wait_for_function("globalThis.Reveal && Reveal.isReady()")
        there = [f"p{number}" for number, one in enumerate(pages, 1) if length in one.minutes]
        assert page.evaluate("Reveal.getSlides().map((one) => one.id)") == there
        page.evaluate("Reveal.slide(999)")
        page.wait_for_function(f"Reveal.getCurrentSlide().id === '{there[-1]}'")
        assert page.locator(".slide-number").inner_text().split() == [there[-1][1:], "/", str(len(pages))]
    page.goto(f"{file.as_uri()}?minutes=60")  # no plan is so long: all pages
    page.wait_for_function("globalThis.Reveal && Reveal.isReady()")
    assert page.evaluate("Reveal.getTotalSlides()") == len(pages)
    page.close()


def test_a_clicker_turns_the_page_from_within_the_explorer(browser, tmp_path):
    file = tmp_path / "deck.html"
    file.write_text(make_deck(read_lesson("05"), "en", page_of(shipped()[-1:])), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(file.as_uri() + "#/p10")
    frame = page.locator("section.present iframe").element_handle().content_frame()
    frame.wait_for_function("globalThis.explorer && explorer.found()")
    for key, there in (("PageDown", "p11"), ("PageUp", "p10")):
        page.evaluate("Reveal.slide(9)")
        frame.locator("#tab-attention").click()
        page.keyboard.press("ArrowDown")  # the tab's own affair
        page.keyboard.press(key)
        page.wait_for_function(
            f"Reveal.getCurrentSlide().id === '{there}'" if there != "p10" else "Reveal.getIndices().h === 8"
        )
    page.close()


def test_a_drawing_grows_with_every_press(browser, tmp_path):
    file = tmp_path / "deck.html"
    file.write_text(make_deck(read_lesson("04"), "en"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(file.as_uri() + "#/4")
    page.wait_for_function("globalThis.Reveal && Reveal.isReady()")
    assert page.locator("section.present h2").inner_text() == "All tokens ask at once"
    counts = []
    for _ in range(5):
        counts.append(page.evaluate("document.querySelectorAll('section.present .fragment.visible').length"))
        page.keyboard.press("ArrowRight")
    assert counts[0] == 0
    assert counts == sorted(set(counts))  # four presses, each adds something
    page.wait_for_function("document.querySelector('section.present svg').getAttribute('viewBox') === '0 0 900 450'")
    page.keyboard.press("ArrowRight")  # the fifth looked at the whole
    page.wait_for_function("Reveal.getIndices().h === 5")
    page.close()
