"""Published weights, against a local server that speaks what the hub's library asks for."""

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading

import pytest

import vit
from vit import hub
from vit.weights import register, save_model

NAME = "vit_tiny_patch16_224"
COMMIT = "0" * 40


class Hub(http.server.BaseHTTPRequestHandler):
    """HEAD and GET /{repo}/resolve/{revision}/{file}, with ranges, as the hub answers them."""

    def log_message(self, *_):
        pass

    def answer(self, body_wanted):
        server = self.server
        server.requests.append((self.command, self.path, self.headers.get("Range")))
        if server.status != 200 or "/resolve/" not in self.path:
            self.send_error(server.status if server.status != 200 else 404)
            return
        data, start = server.data, 0
        if self.headers.get("Range", "").startswith("bytes="):
            start = int(self.headers["Range"].removeprefix("bytes=").split("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Linked-Size", str(len(data)))
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("Accept-Ranges", "bytes")
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if body_wanted:
            cut, server.cut = server.cut, None  # die once in the middle, then be whole
            self.wfile.write(data[start : start + cut] if cut else data[start:])
            if cut:
                self.close_connection = True

    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.requests, server.status, server.cut = [], 200, None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(server, tmp_path):
    """Run `vit` in a process of its own, with this server as the hub and an empty cache."""

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "vit", *map(str, arguments)],
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
                "HF_HOME": str(tmp_path / "hf"),
                "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            },
        )
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def no_registered(monkeypatch, tmp_path):
    monkeypatch.setattr(hub, "DATA", tmp_path)


def test_get_fetches_once_and_then_needs_no_network(server, run):
    server.data = bytes(range(256)) * 4000
    code, out, err = run("weights", "get", "deit_tiny_patch16_224", "--json")
    assert code == 0, err
    path = json.loads(out)["file"]
    with open(path, "rb") as file:
        assert file.read() == server.data
    assert any("timm/deit_tiny_patch16_224.fb_in1k/resolve/main" in path for _, path, _ in server.requests)
    server.requests.clear()
    assert run("weights", "get", "deit_tiny_patch16_224")[0] == 0
    assert not server.requests


def test_a_broken_transfer_is_resumed(server, run):
    server.data = bytes(range(256)) * 100_000
    server.cut = 21_500_000  # the library keeps whole pieces of 10 MB
    code, out, err = run("weights", "get", "deit_tiny_patch16_224", "--json")
    assert code == 0, err
    with open(json.loads(out)["file"], "rb") as file:
        assert file.read() == server.data
    ranges = [r for method, path, r in server.requests if method == "GET" and "/resolve/" in path]
    assert len(ranges) == 2
    assert ranges[1], "the second request asks for the rest only"


@pytest.mark.parametrize("status", [404, 401, 503])
def test_a_refusal_has_both_ways_out(server, run, tmp_path, status):
    server.status, server.data = status, b""
    code, out, err = run("weights", "get", "deit_tiny_patch16_224")
    assert code == 2
    assert not out
    assert "HF_ENDPOINT" in err
    assert "vit weights use FILE --model deit_tiny_patch16_224" in err
    assert "Traceback" not in err
    assert not list(tmp_path.rglob("*.safetensors"))


def test_no_network_is_said_at_once(server, run):
    server.shutdown()
    server.server_close()
    code, _, err = run("weights", "get", "deit_tiny_patch16_224")
    assert code == 2
    assert "cannot fetch deit_tiny_patch16_224" in err


def test_an_unknown_name(run):
    code, _, err = run("weights", "get", "vit_tniy_patch16_224")
    assert code == 2
    assert NAME in err


def test_a_file_is_registered_and_then_found_by_name(real, tmp_path, no_registered):
    source = real / f"{NAME}.safetensors"
    assert register(source) == (NAME, hub.registered_path(NAME))
    assert hub.find(NAME) == hub.registered_path(NAME)
    model = vit.create_model(NAME, weights=NAME)
    assert model.preprocessing.resize == 248
    assert str(model.classes[285]) == "Egyptian cat"
    row = next(row for row in hub.overview() if row["name"] == NAME)
    assert row["file"]


def test_registering_what_does_not_fit(small_model, tmp_path, no_registered):
    path = save_model(small_model, tmp_path / "mine.safetensors")
    with pytest.raises(vit.UserError, match="whose weights"):
        register(path)
    with pytest.raises(vit.UserError, match="another model"):
        register(path, NAME)
    with pytest.raises(vit.UserError, match="no published weights"):
        register(path, "vit_huge")
    with pytest.raises(vit.UserError, match="no such file"):
        register(tmp_path / "nothing.safetensors", NAME)
    assert not hub.registered_path(NAME).exists()


def test_find_says_what_is_wrong(tmp_path):
    with pytest.raises(vit.UserError, match="no such file"):
        hub.find(tmp_path / "w.safetensors")
    with pytest.raises(vit.UserError, match="did you mean vit_tiny_patch16_224"):
        hub.find("vit_tiny_patch16_22")
