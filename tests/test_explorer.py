"""The explorer in a real browser: its numbers are those of `inspect`, its pixels Pillow's, and nothing leaves the page."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from course.explorer.build import SMALL, bundle, shipped, write_page
from course.site.npm import take
from vit.data.pipeline import framing
from vit.data.sample.dataset import picture
from vit.inside import inspect
from vit.runtime.errors import UserError
from vit.weights import create_model

playwright = pytest.importorskip("playwright.sync_api")

CHANGES = [
    {},
    {"hide": [0, 27, 63]},
    {"positions": False},
    {"heads_off": [(0, 1), (5, 2)]},
    {"layers_off": [0, 3]},
    {"temperature": 2.5},
    {"order": np.random.default_rng(1).permutation(64).tolist()},
    {"hide": [9], "heads_off": [(2, 0)], "layers_off": [4], "temperature": 0.4, "positions": False},
]
IN_JS = {"heads_off": "headsOff", "layers_off": "layersOff"}


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("explorer") / "explorer.html")


@pytest.fixture
def page(browser, page_file):
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    opened.said, opened.asked = [], []
    opened.on("console", lambda message: opened.said.append(message.text))
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.goto(page_file.as_uri())
    opened.wait_for_function("globalThis.explorer && explorer.found()")
    yield opened
    assert not opened.said
    assert [url for url in opened.asked if not url.startswith(("data:", "blob:"))] == [page_file.as_uri()]
    opened.close()


def close(found, wanted):
    """To 1e-4 of the largest."""
    found, wanted = np.array(found), np.asarray(wanted).reshape(-1)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= 1e-4 * np.abs(wanted).max()


def run_in(page, pixels: np.ndarray, changes: dict, model: int = 1) -> dict:
    """`inspect` as the page does it, from the same pixels."""
    asked = {IN_JS.get(name, name): value for name, value in changes.items()}
    return page.evaluate(
        """([pixels, width, height, asked, number]) => {
            const model = explorer.modelOf(number), told = model.told.preprocessing;
            const frame = explorer.framed(Uint8ClampedArray.from(pixels), width, height, told);
            const seen = model.inspect(explorer.normalised(frame, told), asked);
            const flat = (arrays) => arrays.flatMap((one) => Array.from(one));
            return { image: Array.from(seen.image), tokens: flat(seen.tokens), attention: flat(seen.attention),
                     byBlock: flat(seen.byBlock), logits: Array.from(seen.logits) };
        }""",
        [pixels.reshape(-1).tolist(), pixels.shape[1], pixels.shape[0], asked, model],
    )


@pytest.mark.parametrize("changes", CHANGES, ids=lambda one: "+".join(one) or "nothing")
def test_the_numbers_are_those_of_inspect(page, changes):
    model = create_model(SMALL, weights=SMALL)
    pixels = np.asarray(picture("infer", 4, 30)[0].resize((64, 64)))
    for _ in range(2):  # the second time from what was kept
        found = run_in(page, pixels, changes)
    wanted = inspect(model, pixels, **changes)
    for name in ("image", "tokens", "attention", "logits"):
        close(found[name], getattr(wanted, name))
    close(found["byBlock"], wanted.by_block)


def test_what_was_kept_is_used_where_it_fits_and_nowhere_else(page):
    """One change after another on the same model object, in an order that reuses every prefix of blocks."""
    model = create_model(SMALL, weights=SMALL)
    pixels = np.asarray(picture("infer", 1, 30)[0].resize((64, 64)))
    for changes in [
        {},
        {"layers_off": [5]},
        {"layers_off": [2]},
        {"heads_off": [(4, 0)]},
        {"temperature": 3},
        {},
        {"hide": [3]},
        {},
    ]:
        close(run_in(page, pixels, changes)["logits"], inspect(model, pixels, **changes).logits)


def test_a_network_of_other_forms_is_computed_as_well(browser, tmp_path):
    """The class token is read, GELU is exact, wider MLP, biases missing: what a learner's network may have."""
    import mindspore as ms
    from conftest import randomise

    import vit
    from course.explorer.build import Shown
    from vit.data.preprocessing import Preprocessing

    ms.set_seed(3)
    config = vit.ViTConfig(
        image_size=32, patch_size=8, embed_dim=24, depth=2, num_heads=2, num_classes=5, qkv_bias=False
    )
    model = randomise(vit.ViT(config))
    model.preprocessing = Preprocessing(32, 36, "bicubic", (0.5, 0.4, 0.3), (0.5, 0.2, 0.9))
    file = write_page(tmp_path / "other.html", [Shown(model, ("别的", "another"))])
    page = browser.new_page()
    page.goto(file.as_uri())
    page.wait_for_function("globalThis.explorer && explorer.found()")
    pixels = np.random.default_rng(0).integers(0, 256, (36, 36, 3), np.uint8)
    found, wanted = run_in(page, pixels, {"heads_off": [(1, 1)]}, 0), inspect(model, pixels, heads_off=[(1, 1)])
    close(found["attention"], wanted.attention)
    close(found["logits"], wanted.logits)
    page.close()


@pytest.mark.parametrize("size", [(64, 64), (71, 71), (200, 120), (333, 777), (40, 50), (1000, 71)])
def test_pictures_are_resized_as_pillow_does(page, size):
    noise = np.random.default_rng(sum(size)).integers(0, 256, (size[1], size[0], 3), np.uint8)
    smooth = np.asarray(Image.fromarray(noise).resize((9, 9)).resize(size, Image.Resampling.BICUBIC))
    preprocessing = create_model(SMALL, weights=SMALL).preprocessing
    for pixels in (noise, smooth):
        wanted = pixels
        for transform in framing(preprocessing):
            wanted = transform(wanted)
        found = page.evaluate(
            "([pixels, w, h]) => Array.from(explorer.framed(Uint8ClampedArray.from(pixels), w, h, explorer.modelOf(1).told.preprocessing))",
            [pixels.reshape(-1).tolist(), *size],
        )
        gap = np.abs(np.array(found).reshape(64, 64, 3) - wanted.astype(int))
        assert gap.max() <= 1


def settled(page, script: str):
    page.evaluate(f"async () => {{ {script}; await explorer.settled(); }}")
    return page.evaluate("explorer.state()")


def test_each_control_does_what_it_says(page):
    page.locator(".patch").nth(20).click()
    settled(page, "")
    assert page.evaluate("explorer.state().token") == 21
    assert "row 3, column 5 (number 20)" in page.locator("#from").inner_text()
    before = page.locator("#bars").inner_text()
    page.locator("#mode-hide").click()
    page.locator(".patch").nth(27).click()
    page.locator(".patch").nth(28).click()
    page.locator(".patch").nth(28).click()
    settled(page, "")
    assert page.evaluate("explorer.state().hide") == [27]
    page.locator(".layer").nth(2).click()
    page.locator(".map .off").first.click()
    settled(page, "")
    state = page.evaluate("explorer.state()")
    assert (state["layersOff"], state["headsOff"]) == ([2], [[0, 0]])
    assert page.locator("#bars").inner_text() != before
    page.locator("#positions").click()
    page.locator("#shuffle").click()
    settled(page, "")
    assert not page.evaluate("explorer.state().positions")
    assert page.evaluate("explorer.found().front.seen.image.some((v, i) => v !== explorer.found().front.image[i])")
    page.locator("#temperature").fill("2")
    settled(page, "")
    assert page.evaluate("explorer.state().temperature") == 4
    for tab, what in (("similar", "#stages canvas"), ("numbers", "#lines canvas"), ("attention", "#heads canvas")):
        page.locator(f"#tab-{tab}").click()
        settled(page, "")
        assert page.locator(what).first.is_visible()
    page.locator("#reset").click()
    settled(page, "")
    assert page.locator("#bars").inner_text() == before
    page.locator("#model").select_option("0")
    page.locator("#other").select_option("1")
    settled(page, "")
    assert page.locator(".map.beside").count() == 18
    assert page.locator(".track .other").count() == 10
    page.locator("#language").click()
    assert page.locator("h1").inner_text() == "看看 ViT 内部"


def test_patches_are_hidden_by_dragging_and_shown_again(page):
    settled(page, 'explorer.set({ mode: "hide", token: 10 })')
    box = page.locator("#board").bounding_box()
    cell = box["width"] / 8
    page.mouse.move(box["x"] + cell / 2, box["y"] + cell / 2)
    page.mouse.down()
    for column in range(1, 4):
        page.mouse.move(box["x"] + (column + 0.5) * cell, box["y"] + cell / 2, steps=3)
    page.mouse.up()
    settled(page, "")
    assert {1, 2, 3} <= set(page.evaluate("explorer.state().hide"))
    assert re.search(r"\d% → \d", page.locator("#compared").inner_text().replace(" ", " "))
    page.locator("#show-all").click()
    settled(page, "")
    assert page.evaluate("explorer.state().hide") == []
    assert page.locator("#show-all").is_hidden()
    assert page.locator("#compared").inner_text() == ""
    for many in (6, 12):
        page.locator("#hide-brightest").click()
        settled(page, "")
        assert len(set(page.evaluate("explorer.state().hide"))) == many
    page.locator("#pictures button").nth(3).click()  # another picture has other patches
    settled(page, "")
    assert page.evaluate("explorer.state().hide") == []


def test_shuffled_is_compared_with_the_same_settings_in_order(page):
    settled(page, "explorer.set({ order: 7, positions: false })")
    told = page.locator("#compared").inner_text()
    assert re.search(r"\b0\.00\d", told), told  # a bag of patches
    settled(page, "explorer.set({ positions: true })")
    told = page.locator("#compared").inner_text()
    assert float(re.findall(r"\d+\.\d{3}", told)[0]) > 10, told


def test_the_tour_gives_back_what_was_looked_at(page):
    settled(page, "explorer.set({ picture: 4, token: 9, hide: [3], temperature: 2 })")
    before = page.evaluate("explorer.state()")
    page.locator("#tour").click()
    page.locator("#tour-next").click()
    settled(page, "")
    assert page.evaluate("explorer.state().picture") == 0
    page.locator("#tour-close").click()
    settled(page, "")
    assert page.evaluate("explorer.state()") == before


def test_one_component_is_followed_through_a_block(page):
    settled(page, 'explorer.set({ tab: "numbers", token: 20 })')
    page.locator(".strip").first.click(position={"x": 30, "y": 8})
    told = page.locator("#sum").inner_text()
    at = int(re.match(r"\[(\d+)\]", told)[1])
    x, projected, middle, _, mlp, output = (float(one) for one in re.findall(r"-?\d+\.\d{4}", told))
    assert abs(x + projected - middle) < 2e-4
    assert abs(middle + mlp - output) < 2e-4
    assert abs(page.evaluate(f"explorer.found().front.seen.steps[0].output[20 * 96 + {at}]") - output) < 1e-4


def test_every_state_is_a_link(page, browser, page_file):
    asked = "explorer.set({ token: 12, hide: [3, 4], headsOff: [[1, 2]], layersOff: [5], order: 77, temperature: 0.5, tab: 'similar', picture: 3 })"
    state = settled(page, asked)
    other = browser.new_page()
    other.goto(page.url)
    other.wait_for_function("globalThis.explorer && explorer.found()")
    assert other.evaluate("explorer.state()") == state
    assert other.evaluate("Array.from(explorer.found().front.seen.logits)") == page.evaluate(
        "Array.from(explorer.found().front.seen.logits)"
    )
    other.go_back()
    other.close()


@pytest.mark.parametrize("told", ['{"token":9999,"hide":[-1,"x",99],"headsOff":[[9,9],3],"layersOff":[77],"temperature":-3}', '{"model":55,"picture":"a","order":[1]}', "%7B", "null", '{"head":"9.9","block":88,"tab":"numbers","other":40}'])  # fmt: skip
def test_a_broken_link_shows_the_page(browser, page_file, told):
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{page_file.as_uri()}#{told}")
    page.wait_for_function("globalThis.explorer && explorer.found()")
    assert page.locator("#bars .bar").count() == 10
    assert page.locator("#message").inner_text() == ""
    assert not errors
    page.close()


def handed(page, name: str, kind: str, content: bytes) -> str:
    """What the page says of a file."""
    page.locator("#file").set_input_files({"name": name, "mimeType": kind, "buffer": content})
    for _ in range(200):
        if page.evaluate("explorer.state().picture === -1 || document.getElementById('message').textContent !== ''"):
            break
        page.wait_for_timeout(50)
    settled(page, "")
    return page.locator("#message").inner_text()


def encoded(image: Image.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def test_a_picture_of_the_visitor_s_gets_the_answer_of_vit(page):
    model, image = create_model(SMALL, weights=SMALL), picture("infer", 6, 33)[0]
    assert handed(page, "mine.png", "image/png", encoded(image, "PNG")) == ""
    found = page.evaluate("Array.from(explorer.found().front.seen.logits)")
    wanted = inspect(model, np.asarray(image)).logits
    assert np.abs(np.array(found) - wanted).max() < 0.05  # a grey level of rounding here and there
    assert np.argmax(found) == np.argmax(wanted)


@pytest.mark.parametrize(
    ("name", "kind", "content", "said"),
    [
        ("text.png", "image/png", b"no picture at all", "text.png: cannot be opened"),
        ("cut.png", "image/png", encoded(Image.new("RGB", (60, 60)), "PNG")[:40], "cut.png: cannot be opened"),
        ("evil.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><script>document.title='x'</script></svg>", "SVG is not taken"),
        ("evil.png", "image/svg+xml", b"<svg/>", "SVG is not taken"),
        ("huge.png", "image/png", encoded(Image.new("L", (8000, 6250)), "PNG"), "huge.png: 8000 x 6250 pixels are too many"),
        ("dot.png", "image/png", encoded(Image.new("L", (3, 50)), "PNG"), "dot.png: 3 x 50 pixels are too few"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_said_in_a_line(page, name, kind, content, said):
    assert said in handed(page, name, kind, content)
    assert page.evaluate("explorer.state().picture") == 0


def test_one_can_draw(page):
    page.locator("#draw").click()
    box = page.locator("#paint").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 220, steps=8)
    page.mouse.up()
    page.locator("#paint-use").click()
    settled(page, "")
    assert page.evaluate("explorer.state().picture") == -1
    assert page.evaluate("new Set(explorer.found().front.frame).size") > 3


def test_by_keyboard_alone(page):
    page.locator(".patch").first.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    settled(page, "")
    assert page.evaluate("explorer.state().token") == 2 * 8 + 1 + 1


def test_the_tour_walks_through_its_steps_in_both_languages(page):
    page.locator("#tour").click()
    settled(page, "")
    for language in ("en", "zh"):
        seen = []
        while True:
            seen.append(page.locator("#tour-text").inner_text())
            page.locator("#tour-more summary").click()
            assert len(page.locator("#tour-answer").inner_text()) > 20
            if page.locator("#tour-next").is_disabled():
                break
            page.locator("#tour-next").click()
            settled(page, "")
        assert len(set(seen)) == 8, language
        page.locator("#language").click()
        while not page.locator("#tour-back").is_disabled():
            page.locator("#tour-back").click()
            settled(page, "")
    page.locator("#tour-close").click()
    settled(page, "")
    assert page.locator("#tour-box").is_hidden()


@pytest.mark.slow
def test_two_hundred_touches_leave_no_error_and_no_heap(page):
    rng = np.random.default_rng(0)
    page.evaluate("() => { explorer.settled() }")
    grown = []
    for turn in range(200):
        buttons = page.locator("main button:visible, header button:visible")
        one = buttons.nth(int(rng.integers(buttons.count())))
        if one.get_attribute("id") in ("open", "draw"):
            continue
        one.click(force=True, timeout=2000)
        if turn in (40, 199):
            settled(page, "")
            grown.append(page.evaluate("performance.memory ? performance.memory.usedJSHeapSize : 0"))
    assert grown[1] - grown[0] < 50e6


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800), (1920, 1080)])
def test_nothing_runs_out_of_the_screen(browser, page_file, width, height):
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(page_file.as_uri())
    page.wait_for_function("globalThis.explorer && explorer.found()")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width >= 1280:  # a laptop shows it all on one screen
        assert page.evaluate("document.documentElement.scrollHeight") <= height
    page.close()


def test_the_data_cannot_end_its_element(tmp_path):
    from course.explorer.build import Shown

    model = create_model(SMALL, weights=SMALL)
    file = write_page(tmp_path / "x.html", [Shown(model, ("</script><script>1", "</script>"))])
    text = file.read_text("utf-8")
    assert text.count("<script") == text.count("</script>") == 2
    assert json.loads(text.split('id="data">')[1].split("</script>")[0])["models"][0]["name"][1] == "</script>"
    assert "import " not in bundle().split("\n// main.js")[1][:200]
    assert len(shipped()) == 2


def test_the_learner_s_own_networks_are_in_the_page(tmp_path, monkeypatch, browser, capsys):
    """After each epoch, and as it was kept; a broken file is named and left out."""
    import shutil

    from course.explorer.explore import explore_page
    from vit.weights import save_model

    monkeypatch.setenv("VIT_LEARNER", str(tmp_path))
    explore_page()
    assert "no network of yours yet" in capsys.readouterr().out
    model = create_model(SMALL, weights=SMALL)
    for name in ("epochs/01", "epochs/02", "weights"):
        save_model(model, tmp_path / "my_vit" / f"{name}.safetensors")
    (tmp_path / "my_vit" / "epochs" / "03.safetensors").write_text("broken")
    file = explore_page()
    out = capsys.readouterr().out
    assert "3 of its networks are yours" in out
    assert "left out: " in out
    page = browser.new_page()
    page.goto(file.as_uri())
    page.wait_for_function("globalThis.explorer && explorer.found()")
    assert page.locator("#model option").all_text_contents()[-1] == "mine, trained (lesson 07)"
    page.locator("#epoch").fill("0")
    page.evaluate("explorer.settled()")
    assert page.locator("#epoch-told").inner_text() == "after epoch 1"
    assert (
        page.evaluate(
            "Math.max(...explorer.found().front.seen.logits.map((v, i) => Math.abs(v - explorer.modelOf(-1).inspect(explorer.found().front.image).logits[i])))"
        )
        < 0.02
    )  # 16 bits
    page.close()
    shutil.rmtree(tmp_path / "my_vit")


def test_a_training_leaves_a_network_after_each_epoch(tmp_path, monkeypatch):
    """Of the run before nothing is left; trainings that are not the learner's leave none."""
    import mindspore as ms

    import vit
    from course.learner.home import snapshots_of_epochs, training_state
    from course.learner.watch import Curves, watch
    from vit.data.labels import Labelled
    from vit.training import make_train_step, train

    monkeypatch.setenv("VIT_LEARNER", str(tmp_path))
    old = tmp_path / "my_vit" / "epochs" / "09.safetensors"
    old.parent.mkdir(parents=True)
    old.write_text("of a longer run")
    ms.set_seed(0)
    model = vit.ViT(vit.ViTConfig(image_size=16, patch_size=8, embed_dim=12, depth=1, num_heads=2, num_classes=3))
    batch = (np.zeros((2, 3, 16, 16), np.float32), np.array([0, 1], np.int32))

    def fit(run, step, validate, keep):
        for epoch in run:
            for loss in train(step, epoch):
                epoch.note(loss)
            epoch.end(*validate())

    def once(state=None):
        step = make_train_step(vit.ViT(model.config) if state else model, 1e-3)
        watch(
            fit,
            step,
            lambda epoch, skip: iter([batch] * (2 - skip)),
            lambda: (1.0, 0.5),
            lambda: None,
            Curves(2, 2, 3),
            Labelled([], [], {}),
            state,
        )

    once(tmp_path / "elsewhere.safetensors")
    assert old.exists()
    once()
    assert [number for number, _ in snapshots_of_epochs()] == [1, 2]
    last = vit.weights.load_model(snapshots_of_epochs()[-1][1])
    assert np.array_equal(last.head.weight.asnumpy(), model.head.weight.asnumpy())
    assert training_state().is_file()


@pytest.fixture(scope="module")
def axe(tmp_path_factory) -> str:
    """The checker's source, from the npm registry."""
    folder = tmp_path_factory.mktemp("axe")
    try:
        take("axe-core", ["axe.min.js"], folder)
    except UserError as error:
        pytest.skip(str(error))
    return (folder / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_for_those_who_see_or_move_otherwise(browser, page_file, axe, scheme):
    for state in ("{}", '{"tab":"similar"}', '{"tab":"numbers"}', '{"step":2}', '{"other":0,"head":"rollout"}'):
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
        page.goto(f"{page_file.as_uri()}#{state}")
        page.wait_for_function("globalThis.explorer && explorer.found()")
        page.evaluate(axe)
        found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.impact, v.nodes[0].html]))")
        assert not [one for one in found if one[1] in ("serious", "critical")], state
        page.close()
