"""ViT-Ti in the page, by onnxruntime-web: its numbers are `inspect`'s; from a folder the page says what it needs."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from test_report_page import browser_path

playwright = pytest.importorskip("playwright.sync_api")

from course.explorer.build import Shown, shipped, write_page  # noqa: E402
from course.site.build import RUNTIME  # noqa: E402
from course.site.npm import take  # noqa: E402
from vit.inside import inspect  # noqa: E402
from vit.onnx_file import graph_of  # noqa: E402
from vit.runtime.errors import UserError  # noqa: E402
from vit.weights import create_model  # noqa: E402

pytestmark = pytest.mark.slow
CHANGES = {"hide": [5, 90], "heads_off": [(1, 2)], "layers_off": [4], "temperature": 1.5, "positions": False}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The page with a random ViT-Ti beside it, and the address of a host that serves it."""
    folder = tmp_path_factory.mktemp("served")
    try:
        take("onnxruntime-web", [f"dist/{name}" for name in RUNTIME], folder / "ort")
    except UserError as error:
        pytest.skip(str(error))
    model = create_model("vit_tiny_patch16_224", num_classes=12)
    (folder / "vit_tiny.onnx").write_bytes(graph_of(model, inside=True, changes=True).SerializeToString())
    large = Shown(model, ("大", "large"), onnx="vit_tiny.onnx")
    write_page(folder / "explorer.html", [large, *shipped()])
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield model, folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_vit_ti_is_computed_in_the_page(served):
    model, folder, host = served
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        said, asked = [], []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{host}/explorer.html")
        page.wait_for_function("globalThis.explorer && explorer.found()")
        assert not [url for url in asked if url.endswith((".onnx", ".wasm"))]  # as long as nobody wants it
        image = np.random.default_rng(0).normal(size=(3, 224, 224)).astype(np.float32)
        found = page.evaluate(
            """async ([image, asked]) => {
                const seen = await explorer.modelOf(0).inspect(Float32Array.from(image), asked);
                return { logits: [...seen.logits], tokens: seen.tokens.map((one) => [...one.slice(0, 400)]),
                         attention: seen.attention.map((one) => [...one.slice(-400)]), byBlock: seen.byBlock.map((one) => [...one]) };
            }""",
            [
                image.reshape(-1).tolist(),
                {
                    "hide": CHANGES["hide"],
                    "headsOff": CHANGES["heads_off"],
                    "layersOff": CHANGES["layers_off"],
                    "temperature": CHANGES["temperature"],
                    "positions": False,
                },
            ],
        )
        page.evaluate("explorer.set({ model: 0 })")
        page.wait_for_function("explorer.found().front.model.grid === 14", timeout=60_000)
        assert page.locator("#tab-numbers").is_hidden()
        assert page.locator(".bar").count() == 10
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        assert not said
        assert all(url.startswith((host, "data:", "blob:")) for url in asked)

        page.goto((folder / "explorer.html").as_uri())  # a folder may load nothing, and the page says so
        page.wait_for_function("globalThis.explorer && explorer.found()")
        page.evaluate("explorer.set({ model: 0 })")
        page.wait_for_function("document.getElementById('message').textContent !== ''")
        assert "web site" in page.locator("#message").inner_text() or "网站" in page.locator("#message").inner_text()
        browser.close()
    seen = inspect(model, image, **CHANGES)
    for name, values in {
        "logits": seen.logits,
        "tokens": seen.tokens.reshape(13, -1)[:, :400],
        "attention": seen.attention.reshape(12, -1)[:, -400:],
        "byBlock": seen.by_block,
    }.items():
        assert np.abs(np.array(found[name]) - values).max() <= 1e-4 * np.abs(values).max(), name
