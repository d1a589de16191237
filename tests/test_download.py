"""Fetching a data set, against a real server on this machine that misbehaves in every way it can."""

import hashlib
import http.server
import io
import json
import shutil
import stat
import subprocess
import threading
import time
import zipfile

import pytest

import vit
from vit.data import download
from vit.data.download import Archive, fetch


def zipped(members, compress=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compress) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


GOOD = zipped([(f"{split}/n01440764/{i}.jpg", bytes([i]) * 40_000) for split in ("train", "val") for i in range(5)])


class Server(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, with_body):
        server = self.server
        server.requests.append(self.command)
        if server.status != 200:
            self.send_error(server.status)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(server.data)))
        self.end_headers()
        if not with_body:
            return
        body = server.data if server.cut is None else server.data[: server.cut]
        self.wfile.write(body)
        if server.stall:
            self.wfile.flush()
            time.sleep(server.stall)


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.data, server.status, server.cut, server.stall, server.requests = GOOD, 200, None, 0, []
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}/set.zip"
    yield server
    server.shutdown()
    server.server_close()


def archive_of(server, **known):
    return Archive(server.url, ("train", "val"), **{"timeout": 1.0, **known})


def tree(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def refused(server, tmp_path, message, **known):
    """The fetch fails with this message, the advice, and nothing on disk."""
    before = tree(tmp_path)
    with pytest.raises(vit.UserError, match=message) as error:
        fetch(archive_of(server, **known), tmp_path / "set")
    assert tree(tmp_path) == before
    return str(error.value)


def test_whole_then_no_network(server, tmp_path):
    assert fetch(archive_of(server), tmp_path / "set")
    assert (tmp_path / "set" / "val" / "n01440764" / "3.jpg").read_bytes() == bytes([3]) * 40_000
    assert tree(tmp_path) >= {"set", "set.lock.json", "set/train/n01440764/0.jpg"}
    assert not [name for name in tree(tmp_path) if name.startswith(".")], "no staging folder is left"
    server.requests.clear()
    assert not fetch(archive_of(server), tmp_path / "set")
    assert not server.requests


def test_all_in_one_folder_is_brought_up(server, tmp_path):
    server.data = zipped([("dataset/train/a/1.jpg", b"1"), ("dataset/val/a/1.jpg", b"2")])
    fetch(archive_of(server), tmp_path / "set")
    assert (tmp_path / "set" / "train" / "a" / "1.jpg").read_bytes() == b"1"


def test_truncated(server, tmp_path):
    server.cut = len(GOOD) // 2
    text = refused(server, tmp_path, "download")
    assert server.url in text
    assert str(tmp_path / "set.zip") in text


def test_truncated_by_a_server_that_states_no_more(server, tmp_path):
    server.data = GOOD[: len(GOOD) // 2]
    refused(server, tmp_path, "broken")


def test_stalling(server, tmp_path):
    server.cut, server.stall = 100_000, 20
    refused(server, tmp_path, "timed out", timeout=0.5)  # it gave up before the server did


def test_changed_since_the_first_good_download(server, tmp_path):
    fetch(archive_of(server), tmp_path / "set")
    shutil.rmtree(tmp_path / "set")
    server.data = zipped([("train/a/1.jpg", b"other"), ("val/a/1.jpg", b"other")])
    text = refused(server, tmp_path, "not the one that was fetched first")
    assert f"if the change is meant, remove {tmp_path / 'set.lock.json'}" in text
    server.data = GOOD
    assert fetch(archive_of(server), tmp_path / "set"), "the same again is welcome"


def test_what_was_written_down_is_said_and_never_passed_over(server, tmp_path, capsys):
    fetch(archive_of(server), tmp_path / "set")
    digest = hashlib.sha256(GOOD).hexdigest()
    assert json.loads((tmp_path / "set.lock.json").read_text()) == {"url": server.url, "sha256": digest}
    assert f"set.lock.json (sha256 {digest[:12]}); later fetches must be the same" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "set")
    for damaged in ("", "{", "[]", "{}", '{"sha256": 5}', "\x00" * 9):
        (tmp_path / "set.lock.json").write_text(damaged)
        refused(server, tmp_path, "set.lock.json: ought to hold the SHA-256")
    (tmp_path / "set.zip").write_bytes(zipped([("train/a", b"other"), ("val/a", b"other")]))
    (tmp_path / "set.lock.json").write_text(json.dumps({"sha256": digest}))
    refused(server, tmp_path, "not the one that was fetched first")  # a file brought by hand, too


def test_a_stated_hash(server, tmp_path):
    refused(server, tmp_path, "not the one that was published", sha256="0" * 64)
    fetch(archive_of(server, sha256=hashlib.sha256(GOOD).hexdigest()), tmp_path / "set")


def test_a_web_page_instead(server, tmp_path):
    server.data = b"<!DOCTYPE html><html>please log in</html>" * 1000
    refused(server, tmp_path, "no zip file .it is a web page")


def test_refusals(server, tmp_path):
    for status in (403, 404, 500):
        server.status = status
        refused(server, tmp_path, str(status))


def test_nobody_listens(server, tmp_path):
    server.shutdown()
    server.server_close()
    refused(server, tmp_path, "refused")


def test_a_member_outside(server, tmp_path):
    for name in ("../evil.txt", "/tmp/evil.txt", "train/../../evil.txt", "C:\\evil.txt", "..\\evil.txt"):
        server.data = zipped([("train/a", b""), ("val/a", b""), (name, b"evil")])
        refused(server, tmp_path, "outside of itself")


def test_a_link(server, tmp_path):
    link = zipfile.ZipInfo("train/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    server.data = zipped([("val/a", b""), (link, b"/etc/passwd")])
    refused(server, tmp_path, "has a link")


def test_a_bomb(server, tmp_path):
    server.data = zipped([("train/a", b"\0" * 3_000_000), ("val/a", b"")], zipfile.ZIP_DEFLATED)
    refused(server, tmp_path, "more than it should", most_bytes=1_000_000)


def test_a_missing_folder(server, tmp_path):
    server.data = zipped([("train/a", b"1")])
    refused(server, tmp_path, "no folder val")


def test_a_wrong_checksum_inside(server, tmp_path):
    data = bytearray(GOOD)
    data[len(data) // 3] ^= 0xFF
    server.data = bytes(data)
    refused(server, tmp_path, "broken")


def test_a_broken_compressed_stream(server, tmp_path):
    data = bytearray(zipped([("train/a", bytes(range(256)) * 400), ("val/a", b"")], zipfile.ZIP_DEFLATED))
    data[50:56] = b"\xff" * 6
    server.data = bytes(data)
    refused(server, tmp_path, "broken")


def test_too_little_room(server, tmp_path, monkeypatch):
    usage = download.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    refused(server, tmp_path, "too little room")


def test_a_disk_that_fills_up(server, tmp_path):
    """A real small disk, where this machine lets us have one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here")
    try:
        monkey = pytest.MonkeyPatch()
        monkey.setattr(download.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10**12}))
        with pytest.raises(vit.UserError, match=r"No space left|broke off|failed"):
            fetch(archive_of(server), disk / "set")
        assert not list(disk.iterdir())
    finally:
        monkey.undo()
        subprocess.run(["umount", str(disk)], check=True)


def test_a_file_fetched_by_hand(server, tmp_path):
    (tmp_path / "set.zip").write_bytes(GOOD)
    assert fetch(archive_of(server), tmp_path / "set")
    assert not server.requests
    assert (tmp_path / "set" / "val" / "n01440764" / "0.jpg").is_file()


def test_a_folder_in_the_way_is_left_alone(server, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mine.txt").write_text("precious")
    refused(server, tmp_path, "not empty")
    assert (tmp_path / "set" / "mine.txt").read_text() == "precious"
