"""How long the explorer takes to answer a touch, beside `inspect` in this process; and the size of its files.

    python -m benchmarks.explorer

The small network is computed by the page itself, in Chromium (plain JavaScript, one core). ViT-Ti is computed by
onnxruntime-web in a page that is served (npm fetches it), and by a notebook's kernel: what it answers to one question
of the page, without the way there and back.
"""

import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import sync_playwright

from course.editions.pdf import browser
from course.explorer.build import Shown, drawings, shipped, write_page
from course.explorer.in_notebook import Explorer
from course.site.build import RUNTIME
from course.site.npm import take
from vit.inside import inspect
from vit.onnx_file import graph_of
from vit.runtime.machine import machine
from vit.weights import create_model

TIMES = 15
TOUCHES = {  # what is changed -> state of the page, the same for `inspect`
    "nothing, another patch touched": ({}, {}),
    "a patch hidden": ({"hide": [27]}, {"hide": [27]}),
    "a head off in the last block": ({"headsOff": [[5, 0]]}, {"heads_off": [(5, 0)]}),
    "a head off in the first block": ({"headsOff": [[0, 0]]}, {"heads_off": [(0, 0)]}),
    "temperature of all blocks": ({"temperature": 2}, {"temperature": 2.0}),
}
_ASK = """async ([which, changes, times]) => {
  const model = explorer.modelOf(which), { frame } = explorer.found(), took = [];
  const size = model.config.image_size, image = new Float32Array(3 * size * size).map((_, i) => Math.sin(i / 7));
  for (let time = 0; time < times; time++) {
    await model.inspect(image, {});  // as it was before the touch
    const begun = performance.now();
    await model.inspect(image, changes);
    took.push(performance.now() - begun);
  }
  return took;
}"""


def here(model, changes: dict) -> float:
    """Milliseconds of `inspect` of one drawing."""
    picture, took = np.asarray(drawings()[0][1]), []
    for _ in range(TIMES + 3):
        begun = time.perf_counter()
        inspect(model, picture, **changes)
        took.append(1000 * (time.perf_counter() - begun))
    return median(took[3:])


def kernel(model) -> float:
    """Milliseconds in which a notebook's kernel answers a question about ViT-Ti with a patch hidden."""
    widget, size = Explorer([model], "", ""), model.config.image_size
    image = np.sin(np.arange(3 * size * size, dtype=np.float32) / 7)
    asked = {"positions": True, "headsOff": [], "layersOff": [], "temperature": 1}
    took = []
    for number in range(TIMES):
        begun = time.perf_counter()
        widget.answer({"question": number, "model": 0, "changes": asked}, [image.tobytes()])
        took.append(1000 * (time.perf_counter() - begun))
    return median(took[3:])


def main() -> None:
    print(machine())
    small, large = shipped()[-1].model, create_model("vit_tiny_patch16_224", num_classes=1000)
    large.preprocessing = large.preprocessing or small.preprocessing
    with TemporaryDirectory() as scratch, sync_playwright() as running:
        folder = Path(scratch)
        take("onnxruntime-web", [f"dist/{name}" for name in RUNTIME], folder / "ort")
        (folder / "vit_tiny.onnx").write_bytes(graph_of(large, inside=True, changes=True).SerializeToString())
        write_page(folder / "explorer.html", [Shown(large, ("大", "large"), onnx="vit_tiny.onnx"), *shipped()])
        write_page(folder / "alone.html")
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=scratch))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = running.chromium.launch(executable_path=browser(), args=["--no-sandbox"]).new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/explorer.html")
        page.wait_for_function("globalThis.explorer && explorer.found()")
        print(f"{'small network: a touch':34}{'page, ms':>10}{'inspect, ms':>13}{'ratio':>8}")
        for name, (state, changes) in TOUCHES.items():
            if not state:  # another patch is drawn from what is known; here the whole network, as for a new picture
                name, state = "another picture", {"hide": [0]}
            took, there = median(page.evaluate(_ASK, [2, state, TIMES])[3:]), here(small, changes)
            print(f"{name:34}{took:10.0f}{there:13.1f}{took / there:8.1f}")
        took = median(page.evaluate(_ASK, [0, {"hide": [27]}, 6])[2:])
        print(f"ViT-Ti, a patch hidden: onnxruntime-web {took:.0f} ms; a notebook's kernel {kernel(large):.0f} ms")
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                print(f"{path.relative_to(folder).as_posix():34}{path.stat().st_size / 1e6:8.1f} MB")
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """No line for each file."""


if __name__ == "__main__":
    main()
