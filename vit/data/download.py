"""Fetching a data set: all of it, verified, in one step, or nothing.

The package `download` does the transfer into an empty staging folder of ours: by itself it would
splice stale parts, take a truncated archive for a good one, and wait for ever.
"""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from vit.runtime.atomic import atomic_folder
from vit.runtime.bars import bar
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.runtime.lock_file import differs, record, recorded, sha256_of

GIB = 2**30


class Failed(Exception):
    """Why an archive cannot be had or used, without the advice."""


def unpack_zip(archive: "Archive", file: Path, target: Path) -> None:
    """Unpack with nothing outside the target, no links, no more bytes than is honest, all checksums right."""
    try:
        with zipfile.ZipFile(file) as opened:
            members = opened.infolist()
            total = sum(member.file_size for member in members)
            if total > archive.most_bytes:
                raise Failed(
                    say(
                        f"压缩包解开有 {total / GIB:.1f} GiB，大得不正常",
                        f"the archive unpacks to {total / GIB:.1f} GiB, more than it should",
                    )
                )
            for member in members:
                path = PurePosixPath(member.filename.replace("\\", "/"))
                if path.is_absolute() or ".." in path.parts or ":" in member.filename:
                    raise Failed(
                        say(
                            f"压缩包里有指向外面的文件：{member.filename!r}",
                            f"the archive has a member outside of itself: {member.filename!r}",
                        )
                    )
                if (member.external_attr >> 16) & 0o170000 == 0o120000:
                    raise Failed(
                        say(f"压缩包里有链接：{member.filename!r}", f"the archive has a link: {member.filename!r}")
                    )
            names = {part for member in members for part in PurePosixPath(member.filename).parts[:2]}
            missing = ", ".join(name for name in archive.contains if name not in names)
            if missing:
                raise Failed(say(f"压缩包里没有文件夹 {missing}", f"the archive has no folder {missing}"))
            _extract(opened, members, target, archive.most_bytes)
    # what Python's zipfile raises for a damaged archive, an unknown method, or a password
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise Failed(say(f"压缩包已损坏（{error}）", f"the archive is broken ({error})")) from None
    _lift(target, archive.contains)


def _extract(opened, members, target: Path, most_bytes: int) -> None:
    written = 0
    for member in bar(members, desc=say("解压", "unpack"), unit="file"):
        place = target / member.filename
        if member.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(member) as source, open(place, "wb") as out:
            while piece := source.read(1 << 20):
                written += len(piece)
                if written > most_bytes:  # the directory lied about the sizes
                    raise Failed(say("压缩包解开比它写明的更大", "the archive unpacks to more than it says"))
                out.write(piece)


def _lift(target: Path, contains) -> None:
    """Where all lies in one folder of the archive, bring it up."""
    entries = list(target.iterdir())
    if len(entries) == 1 and entries[0].is_dir() and entries[0].name not in contains:
        inner = entries[0]
        temporary = target.with_name("inner")
        os.rename(inner, temporary)
        target.rmdir()
        os.rename(temporary, target)


@dataclass(frozen=True)
class Archive:
    """A file on the network, and what is known of its contents."""

    url: str
    contains: tuple[str, ...]  # folders that must be in it
    mirrors: tuple[str, ...] = ()  # other addresses of the same file, tried in turn
    sha256: str | None = None  # where its publisher states one
    md5: str | None = None  # or only this
    most_bytes: int = 4 * GIB  # unpacked; more is not honest
    timeout: float = 30.0  # seconds without a byte
    ending: str = ".zip"
    begins: bytes = b"PK"
    unpack: Callable[["Archive", Path, Path], None] = unpack_zip  # (archive, file, empty folder); raises Failed

    @property
    def urls(self) -> tuple[str, ...]:
        return (self.url, *self.mirrors)


IMAGENET_SUBSET = Archive(
    "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/vit_imagenet_dataset.zip",
    contains=("train", "val", "infer"),
)


def fetch(archive: Archive, folder) -> bool:
    """Download, verify and unpack an archive into a folder. A second call touches no network.

    An archive fetched by hand and put beside the folder, as FOLDER.zip (or the archive's own ending), is taken instead.

    Its SHA-256 is written down at the first good download, in FOLDER.lock.json, and later ones are held to it.

    Returns:
        Whether anything was fetched.

    Raises:
        UserError: it failed, and nothing has changed; the message has the reason, the address, and
        where to put a file fetched by hand.
    """
    folder = Path(folder).absolute()
    if (folder / "about.json").is_file():
        return False
    by_hand = folder.with_name(folder.name + archive.ending)
    try:
        with atomic_folder(folder) as contents:
            if by_hand.is_file():
                file, url, digest = by_hand, archive.url, _check(archive, by_hand, folder)
            else:
                file = contents.with_name("archive" + archive.ending)
                url, digest = _from_the_network(archive, file, folder)
            archive.unpack(archive, file, contents)
            (contents / "about.json").write_text(json.dumps({"url": url, "sha256": digest}), encoding="utf-8")
    except Failed as error:
        urls = say("；", "; ").join(archive.urls)
        raise UserError(
            say(
                f"{error}。下载地址：{urls}；也可以自己下载，放到 {by_hand}，再运行一次",
                f"{error}. The address: {urls}; a file fetched by hand goes to {by_hand}, then run this again",
            )
        ) from None
    if not recorded(_lock(folder)):
        record(_lock(folder), url=url, sha256=digest)
    return True


def _from_the_network(archive: Archive, file: Path, folder: Path) -> tuple[str, str]:
    """(address that gave a good file, its SHA-256); an address that fails is named, and the next one tried."""
    for url in archive.urls:
        try:
            _transfer(archive, url, file)
            return url, _check(archive, file, folder)
        except Failed as error:
            if url == archive.urls[-1]:
                raise
            print(say(f"{url}：{error}；换一个地址", f"{url}: {error}; trying another address"), file=sys.stderr)
    raise AssertionError("an archive has an address")


def _lock(folder: Path) -> Path:
    return folder.with_name(folder.name + ".lock.json")


def _transfer(archive: Archive, url: str, file: Path) -> None:
    """The whole file, of the length that the server states, and a zip file by its first bytes."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(archive.timeout)  # `download` sets none of its own
    try:
        request = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(request, timeout=archive.timeout) as answer:
            length = int(answer.headers.get("Content-Length") or 0)
        free = shutil.disk_usage(file.parent).free
        if length and free < 2.2 * length:  # the archive and its contents
            needed, left = f"{2.2 * length / GIB:.1f} GiB", f"{free / GIB:.1f}"
            raise Failed(
                say(
                    f"磁盘空间不足：需要 {needed}，只剩 {left}",
                    f"too little room: {needed} are needed, {left} are free",
                )
            )
        from download import download

        # it prints what it does; and it draws the progress bar
        with contextlib.redirect_stdout(sys.stderr):
            download(url, str(file), progressbar=True, replace=True, timeout=archive.timeout, verbose=False)
    except Failed:
        raise
    except Exception as error:  # `download` raises RuntimeError round whatever its transfer raised
        while error.__cause__ or error.__context__:
            error = error.__cause__ or error.__context__
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise error from None
        why = str(error) or type(error).__name__
        raise Failed(say(f"下载失败（{why}）", f"the download failed ({why})")) from None
    finally:
        socket.setdefaulttimeout(before)
    if not file.is_file():
        raise Failed(say("下载之后没有得到文件", "the download left no file"))
    if length and file.stat().st_size != length:
        came = file.stat().st_size
        raise Failed(
            say(f"下载中断：{length} 字节只收到 {came}", f"the download broke off: {came} of {length} bytes came")
        )


def _check(archive: Archive, file: Path, folder: Path) -> str:
    """The SHA-256 of a good archive."""
    with open(file, "rb") as stream:
        start = stream.read(512)
        if not start.startswith(archive.begins):
            page = b"<html" in start.lower()
            hint = (
                say("（是一个网页：也许要登录，也许出了错）", " (it is a web page: a login or an error, perhaps)")
                if page
                else ""
            )
            kind = archive.ending.lstrip(".")
            raise Failed(say(f"下载到的不是 {kind} 文件{hint}", f"what came is no {kind} file{hint}"))
    if archive.md5:
        with open(file, "rb") as stream:
            whole = hashlib.md5(usedforsecurity=False)  # all that the publisher states; the SHA-256 is written down
            while piece := stream.read(1 << 20):
                whole.update(piece)
        came = whole.hexdigest()
        if came != archive.md5:
            raise Failed(
                say(
                    f"这个文件不是发布的那个（MD5 是 {came}，应当是 {archive.md5}）",
                    f"the file is not the one that was published (MD5 {came}, expected {archive.md5})",
                )
            )
    digest = sha256_of(file)
    if archive.sha256 and digest != archive.sha256:
        raise Failed(
            say(
                f"这个文件不是发布的那个（SHA-256 是 {digest[:12]}...，应当是 {archive.sha256[:12]}...）",
                f"the file is not the one that was published (SHA-256 {digest[:12]}..., expected {archive.sha256[:12]}...)",
            )
        )
    first = recorded(_lock(folder))
    if first and digest != first["sha256"]:
        raise Failed(differs(first, digest, _lock(folder)))
    return digest
