"""Published weights, against a local server that speaks what the hub's library asks for."""

import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from huggingface_hub import constants

import vit
from vit.cli import main
from vit.weights import hub, register, save_model

NAME = "vit_tiny_patch16_224"
OTHER = "deit_tiny_patch16_224"


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
        revision = self.path.split("/resolve/")[1].split("/")[0]
        commit = server.commit if revision == "main" else revision
        data, start = server.data, 0
        if self.headers.get("Range", "").startswith("bytes="):
            start = int(self.headers["Range"].removeprefix("bytes=").split("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", commit)
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
def server(monkeypatch, tmp_path):
    """A hub on this machine, and an empty cache and data folder of our own."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.requests, server.status, server.cut, server.commit = [], 200, None, "a" * 40
    server.data = bytes(range(256)) * 400
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setattr(hub, "DATA", tmp_path / "data")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(server, capsys):
    """Run `vit weights get` here: exit code, standard output, standard error."""

    def run(*arguments):
        capsys.readouterr()
        code = main(["weights", "get", *arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def no_registered(monkeypatch, tmp_path):
    monkeypatch.setattr(hub, "DATA", tmp_path)


def lock_of(name):
    return json.loads(hub.lock_path(name).read_text())


def forget(tmp_path):
    """As if the hub's cache had been cleared."""
    shutil.rmtree(tmp_path / "hf")


def test_get_fetches_once_and_then_needs_no_network(server, run):
    code, out, err = run(OTHER, "--json")
    assert code == 0, err
    assert Path(json.loads(out)["file"]).read_bytes() == server.data
    assert any("timm/deit_tiny_patch16_224.fb_in1k/resolve/main" in path for _, path, _ in server.requests)
    server.requests.clear()
    assert run(OTHER)[0] == 0
    assert not server.requests


def test_the_first_fetch_is_written_down_and_later_ones_are_held_to_it(server, run, tmp_path):
    digest = hashlib.sha256(server.data).hexdigest()
    _, _, err = run(OTHER)
    assert f"(revision {'a' * 12}, sha256 {digest[:12]}); later fetches must be the same" in err
    assert lock_of(OTHER) == {"repo": "timm/deit_tiny_patch16_224.fb_in1k", "revision": "a" * 40, "sha256": digest}
    # upstream has moved on: the revision of the first time is asked for, and it is the same
    forget(tmp_path)
    server.commit = "b" * 40
    server.requests.clear()
    code, out, err = run(OTHER, "--json")
    assert code == 0, err
    assert hashlib.sha256(Path(json.loads(out)["file"]).read_bytes()).hexdigest() == digest
    assert {path.split("/resolve/")[1][:3] for _, path, _ in server.requests if "/resolve/" in path} == {"aaa"}
    assert run(OTHER)[0] == 0
    # another file under the revision of the first time: refused, and not kept
    forget(tmp_path)
    server.data = b"another file" * 999
    code, out, err = run(OTHER)
    assert code == 2
    assert not out
    assert "is not the one that was fetched first" in err
    assert f"if the change is meant, remove {hub.lock_path(OTHER)}" in err
    assert lock_of(OTHER)["sha256"] == digest
    assert not list(tmp_path.rglob("model.safetensors"))
    assert run(OTHER)[0] == 2, "nor is it found the next time"
    # the revision is gone
    forget(tmp_path)
    server.status = 404
    code, _, err = run(OTHER)
    assert code == 2
    assert "the revision of the first fetch, aaaaaaaaaaaa" in err
    # the change is meant
    server.status = 200
    hub.lock_path(OTHER).unlink()
    code, _, err = run(OTHER)
    assert code == 0, err
    assert lock_of(OTHER)["revision"] == "b" * 40


def test_what_lies_in_the_cache_is_held_to_it_as_well(server, run, capsys):
    _, out, _ = run(OTHER, "--json")
    file = Path(json.loads(out)["file"])
    hub.lock_path(OTHER).unlink()  # fetched by a program that writes nothing down
    assert hub.find(OTHER) == file
    assert "later fetches must be the same" in capsys.readouterr().err
    assert lock_of(OTHER)["revision"] == "a" * 40
    blob = file.resolve()
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    with pytest.raises(vit.UserError, match="is not the one that was fetched first"):
        hub.find(OTHER)
    assert blob.exists()
    hub.lock_path(OTHER).write_text("no JSON")
    with pytest.raises(vit.UserError, match="ought to hold the SHA-256 of the first fetch"):
        hub.find(OTHER)


def test_a_broken_transfer_is_resumed(server, run):
    server.data = bytes(range(256)) * 50_000
    server.cut = 11_500_000  # the library keeps whole pieces of 10 MB
    code, out, err = run(OTHER, "--json")
    assert code == 0, err
    assert Path(json.loads(out)["file"]).read_bytes() == server.data
    ranges = [r for method, path, r in server.requests if method == "GET" and "/resolve/" in path]
    assert len(ranges) == 2
    assert ranges[1], "the second request asks for the rest only"


def test_a_refusal_has_both_ways_out(server, run, tmp_path):
    for status in (404, 401, 503):
        server.status = status
        code, out, err = run(OTHER)
        assert code == 2
        assert not out
        assert "HF_ENDPOINT" in err
        assert f"vit weights use FILE --model {OTHER}" in err
        assert not list(tmp_path.rglob("*.safetensors"))
        assert not hub.lock_path(OTHER).exists()


def test_no_network_is_said_at_once(server, run):
    server.shutdown()
    server.server_close()
    code, _, err = run(OTHER)
    assert code == 2
    assert f"cannot fetch {OTHER}" in err


def test_an_unknown_name(run):
    code, _, err = run("vit_tniy_patch16_224")
    assert code == 2
    assert NAME in err


def test_a_mirror_is_named_by_the_environment(server, tmp_path):
    """The library reads it once, as a process starts: so in one of its own."""
    code = "from vit.weights import hub; from pathlib import Path; import sys; hub.DATA = Path(sys.argv[1]); print(hub.fetch(sys.argv[2]))"
    mirror = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HOME": str(tmp_path / "home")}
    ran = subprocess.run(
        [sys.executable, "-c", code, tmp_path, OTHER], capture_output=True, text=True, env=os.environ | mirror
    )
    assert Path(ran.stdout.strip()).read_bytes() == server.data, ran.stderr


def test_a_folder_of_the_same_name_is_not_meant(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / OTHER).mkdir()
    assert hub.find(OTHER).read_bytes() == server.data


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
    with pytest.raises(vit.UserError, match="no such file"):
        register(NAME)  # a file is wanted, not what could be fetched
    with pytest.raises(vit.UserError, match="a folder"):
        register(tmp_path, NAME)
    assert not hub.registered_path(NAME).exists()


def test_find_says_what_is_wrong(tmp_path):
    with pytest.raises(vit.UserError, match="no such file"):
        hub.find(tmp_path / "w.safetensors")
    with pytest.raises(vit.UserError, match="did you mean vit_tiny_patch16_224"):
        hub.find("vit_tiny_patch16_22")
    (tmp_path / "empty.ckpt").write_bytes(b"")
    for path, message in (
        (tmp_path, r"a folder; name the file of weights in it \(empty"),
        (tmp_path / "empty.ckpt", "empty"),
    ):
        with pytest.raises(vit.UserError, match=message):
            hub.find(path)  # which training asks for its own use
