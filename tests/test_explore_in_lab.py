"""`explore(model)` in a real JupyterLab: the page lives in the output, and the kernel computes what the page cannot."""

import nbformat
import numpy as np
import pytest
from test_lab import BROWSER, jupyter_lab, pytestmark

from vit.inside import inspect
from vit.runtime.paths import OUTPUTS
from vit.weights import create_model

__all__ = ["pytestmark"]
SMALL = 'from course import explore\nexplore(lesson="04")'
LARGE = """
import mindspore as ms
import numpy as np
from vit.weights import create_model
ms.set_seed(0)
pixels = np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)
explore(create_model("vit_tiny_patch16_224"), pixels)
"""


def test_a_page_in_the_output_asks_the_kernel(tmp_path):
    from playwright.sync_api import sync_playwright

    cells = [nbformat.v4.new_code_cell(text) for text in (SMALL, LARGE)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "python3", "language": "python"}
    nbformat.write(notebook, tmp_path / "inside.ipynb")
    with jupyter_lab(tmp_path) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        said = []
        page.goto(f"{address}/tree/inside.ipynb?token=x")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        page.get_by_text("| Idle").wait_for(timeout=60_000)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
        page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True).click()
        small, large = ready(page, 0), ready(page, 1)
        assert [one.get_attribute("open") for one in page.locator("details[data-explorer]").all()] == [None, None]
        assert small.locator("#tour-lesson").inner_text() in ("第 04 课", "lesson 04")  # begins at its step
        assert not small.locator("#tab-numbers").is_hidden()
        assert large.locator("#tab-numbers").is_hidden()  # only what the page computes itself has steps
        changes = {"layersOff": [2], "headsOff": [[0, 1]], "positions": False, "temperature": 2, "hide": [5, 9]}
        found = large.evaluate(
            "async (changes) => { await explorer.set(changes); const { seen } = explorer.found().front; return { logits: [...seen.logits], row: [...seen.attention[7].slice(0, 197)], tokens: seen.tokens.map((one) => one[100]) }; }",
            changes,
        )
        large.locator("body").screenshot(path=OUTPUTS / "explore-in-lab.png")
        browser.close()
    assert not said
    import mindspore as ms

    ms.set_seed(0)
    pixels = np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)
    wanted = inspect(
        create_model("vit_tiny_patch16_224"),
        pixels,
        hide=[5, 9],
        positions=False,
        heads_off=[(0, 1)],
        layers_off=[2],
        temperature=2,
    )
    for name, values in (
        ("logits", wanted.logits),
        ("row", wanted.attention[7, 0, 0]),
        ("tokens", wanted.tokens[:, 0, 100]),
    ):
        assert np.abs(np.array(found[name]) - values).max() <= 1e-4 * np.abs(values).max(), name


def ready(page, number: int):
    """The page in the output of that number, once it has an answer."""
    page.locator(".jp-OutputArea-output iframe").nth(number).scroll_into_view_if_needed(timeout=180_000)
    frame = page.locator(".jp-OutputArea-output iframe").nth(number).element_handle().content_frame()
    for _ in range(300):
        if frame.evaluate("Boolean(globalThis.explorer && explorer.found())"):
            return frame
        page.wait_for_timeout(200)
    pytest.fail(frame.locator("#message").inner_text())
