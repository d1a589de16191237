"""A notebook of each language in a real JupyterLab, in a real browser: Run All, and look at what is drawn."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import nbformat
import pytest

from course.document.bilingual import in_language
from course.document.lesson import read_lesson
from vit.runtime.paths import OUTPUTS, ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason=f"no browser here (one of {', '.join(BROWSERS)})"),
]


def as_a_learner(notebook, number, language):
    """What a person does: say the name, and type an answer to every exercise of a lesson that has them apart."""
    exercises = read_lesson(number).exercises
    for cell in notebook.cells:
        if cell.cell_type == "code" and "exercise" in cell.metadata:
            cell.source = in_language(exercises[cell.metadata["exercise"]].solution, language)
    begin = next(i for i, cell in enumerate(notebook.cells) if "begin(" in cell.source)
    bar = "import time\n\nfrom tqdm.auto import tqdm\n\nfor _ in tqdm(range(40)):\n    time.sleep(0.05)"
    notebook.cells.insert(begin + 1, nbformat.v4.new_code_cell(bar))
    notebook.cells.insert(begin + 1, nbformat.v4.new_code_cell('from course import join\njoin("李雷")'))


@contextmanager
def jupyter_lab(folder):
    """A server for a folder; yields its address. All cells are drawn, not only those in view."""
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--ServerApp.port={port}", "--ServerApp.token=x", "--no-browser", f"--ServerApp.root_dir={folder}"]
    outside = {name: value for name, value in os.environ.items() if name != "VIT_LANG"}  # a notebook's folder decides
    environment = outside | {
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "PYTHONPATH": str(ROOT),
        "VIT_LEARNER": str(folder / "learner"),
    }
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    with open(folder / "lab.log", "wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        address = f"http://127.0.0.1:{port}/lab"
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}?token=x", timeout=5)
                break
            except OSError:
                assert server.poll() is None, (folder / "lab.log").read_text()
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.parametrize(
    ("language", "lesson", "word"),
    [("zh", "03_patch_embedding", "练习通过 2/2"), ("en", "04_attention", "exercises passed: 2 of 2")],
)
def test_run_all_in_the_browser(tmp_path, language, lesson, word):
    from playwright.sync_api import sync_playwright

    source = ROOT / "notebooks" / language / f"{lesson}.ipynb"
    notebook = nbformat.read(source, 4)
    as_a_learner(notebook, lesson[:2], language)
    notebook.cells = [cell for cell in notebook.cells if "slow" not in cell.metadata]  # no exercise needs those
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    pictures = sum("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)
    for cell in code:
        cell.outputs, cell.execution_count = [], None  # what is seen later was made here
    folder = tmp_path / "notebooks" / language
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / source.name)

    with jupyter_lab(tmp_path) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{address}/tree/notebooks/{language}/{source.name}?token=x")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        page.get_by_text("| Idle").wait_for(timeout=60_000)  # the status bar: the kernel is there
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
        page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True).click()
        bars, deadline = 0, time.time() + 300
        while True:
            bars = max(bars, page.locator(".jp-OutputArea-output .widget-hbox").count())
            prompts = page.locator(".jp-CodeCell .jp-InputArea-prompt").all_inner_texts()
            done = [text for text in prompts if text.strip("[]: \n").isdigit()]
            if len(done) >= len(code) and not any("*" in text for text in prompts):
                break
            assert time.time() < deadline, f"still running: {prompts}"
            page.wait_for_timeout(300)
        page.wait_for_timeout(1000)  # the last figure
        OUTPUTS.mkdir(exist_ok=True)
        page.locator(".jp-Notebook img").nth(-1).scroll_into_view_if_needed()
        page.screenshot(path=OUTPUTS / f"lab-{language}.png")
        seen = {
            kind: page.locator(f'.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.{kind}"]').count()
            for kind in ("error", "stderr")
        }
        drawn = page.locator('.jp-OutputArea-output[data-mime-type="image/png"] img').count()
        text = page.locator(".jp-Notebook").inner_text()
        browser.close()
    assert seen == {"error": 0, "stderr": 0}
    assert drawn == pictures > 0
    assert word in text
    exercises = read_lesson(lesson[:2]).exercises.values()
    assert text.count("✅") == sum(not exercise.investigation for exercise in exercises)  # those run for a minute
    assert bars > 0, "no progress bar was drawn"


def test_the_lab_command_opens_copies_in_chinese_without_news(tmp_path):
    """`python -m course lab` as it is, in a home of its own."""
    from playwright.sync_api import sync_playwright

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = {"port": port, "open_browser": False, "allow_root": True}
    (tmp_path / "config").mkdir()
    written = {"ServerApp": config, "IdentityProvider": {"token": "x"}}
    (tmp_path / "config" / "jupyter_server_config.json").write_text(json.dumps(written))
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces"),
        "VIT_OUTPUTS": str(tmp_path / "learner"),
    }
    with open(tmp_path / "lab.log", "wb") as log:
        command = [sys.executable, "-m", "course", "lab", "--lang", "zh"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}/lab/tree/lab/zh/00_whole_game.ipynb?token=x"
        for _ in range(120):
            try:
                urllib.request.urlopen(address, timeout=5)
                break
            except OSError:
                assert server.poll() is None, (tmp_path / "lab.log").read_text()
                time.sleep(0.5)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            page.goto(address)
            page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
            page.wait_for_timeout(4000)  # the time in which the question about news would come up
            menu = page.locator(".lm-MenuBar").inner_text()
            text = page.locator("body").inner_text()
            OUTPUTS.mkdir(exist_ok=True)
            page.screenshot(path=OUTPUTS / "lab-command.png")
            browser.close()
    finally:
        server.terminate()  # the course waits for JupyterLab, which is a process of its own
        subprocess.run(
            [sys.executable, "-m", "jupyter", "server", "stop", str(port)], env=environment, capture_output=True
        )
        server.wait(30)
    assert "文件" in menu
    assert "File" not in menu
    assert "news" not in text.lower()
    assert (tmp_path / "learner" / "lab" / "zh" / "11_speed.ipynb").is_file()
