"""The learner's parts and progress in one file, to take to another machine: two-hour cloud disks forget."""

import json
import time
import zipfile
from pathlib import Path

from course.language import say
from course.learner import progress
from course.learner.home import TRAVELS, home, travelling
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.paths import shown

MOST_FILES, MOST_BYTES = 500, 20_000_000


def hand_in(file: Path) -> str:
    """The same for somebody who marks it, who has no need of a camp's code."""
    return save(file, code=False)


def save(file: Path, *, code: bool = True) -> str:
    """Write the archive; returns a line that says so.

    Args:
        code: with the code of the learner's study camp.
    """
    names = dict(travelling())
    if not names:
        raise UserError(say(f"{shown(home())} 里还没有进度", f"{shown(home())}: there is no progress yet"))
    with atomic_path(file, 0o600) as staged, zipfile.ZipFile(staged, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in names.items():
            if name == "progress.json" and not code:
                archive.writestr(
                    name, json.dumps(progress.read() | {"code": None}, ensure_ascii=False, indent=1) + "\n"
                )
            else:
                archive.write(path, name)
    line = say(f"已存入 {shown(file)}（{len(names)} 个文件）", f"kept in {shown(file)} ({len(names)} files)")
    secret = say("；里面有你的营码，不要发给别人", "; your camp's code is in it, so give it to nobody")
    return line + (secret if code and progress.read()["code"] else "")


def restore(file: Path) -> str:
    """Put an archive's files in place; what was there is saved beside first.

    Who this machine's check-ins are by is said where the archive decides it. A camp's code that is here already
    stays, with its nickname: an archive of a friend's makes nobody the friend.

    Raises:
        UserError: it is not such an archive; then nothing has changed.
    """
    contents = contents_of(file)
    folder = home()
    contents["progress.json"], whose = _owned(json.loads(contents["progress.json"]), progress.read())
    kept = folder / f"before-restore-{time.strftime('%Y%m%d-%H%M%S')}.zip"
    try:
        save(kept)
    except UserError:
        kept = None  # there was nothing
    for name, data in contents.items():
        with atomic_path(folder / name) as staged:
            staged.write_bytes(data)
    line = say(f"已恢复 {len(contents)} 个文件到 {shown(folder)}", f"{len(contents)} files are back in {shown(folder)}")
    return (
        line + whose + (say(f"；之前的存为 {shown(kept)}", f"; what was there before: {shown(kept)}") if kept else "")
    )


def _owned(theirs: dict, mine: dict) -> tuple[bytes, str]:
    """The archive's progress under the right name, and a word on whose check-ins follow."""
    same, whose = theirs.get("code") == mine["code"], ""
    if mine["code"] and not same:
        theirs |= {name: mine[name] for name in ("nickname", "code")}
        whose = say(
            f"；打卡仍用这台电脑上 {mine['nickname']} 的营码",
            f"; check-ins go on with the code of {mine['nickname']}, which was on this machine",
        )
    elif theirs.get("code") and not same:
        nickname = theirs.get("nickname")
        whose = say(
            f"；今后的打卡属于 {nickname}（营码在文件里）；不是你的话，请运行 join()",
            f"; check-ins are {nickname}'s from now on (the file holds that code); if that is not you, run join()",
        )
    return (json.dumps(theirs, ensure_ascii=False, indent=1) + "\n").encode("utf-8"), whose


def contents_of(file: Path) -> dict[str, bytes]:
    """Name -> bytes, all of it read and looked at before anything is written."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > MOST_FILES or sum(member.file_size for member in members) > MOST_BYTES:
                raise UserError(
                    say(f"{file}：太大了，不会是部件和进度", f"{file}: far too large for parts and progress")
                )
            if strange := [member.filename for member in members if not TRAVELS.fullmatch(member.filename)]:
                raise UserError(
                    say(
                        f"{file}：里面有 {strange[0]!r}，既不是部件也不是进度",
                        f"{file}: holds {strange[0]!r}, which is neither a part nor progress",
                    )
                )
            contents = {}
            for member in members:
                with archive.open(member) as stream:
                    contents[member.filename] = stream.read(MOST_BYTES + 1)
            if sum(map(len, contents.values())) > MOST_BYTES:
                raise UserError(
                    say(f"{file}：太大了，不会是部件和进度", f"{file}: far too large for parts and progress")
                )
    except FileNotFoundError:
        raise UserError(say(f"{file}：没有这个文件", f"{file}: there is no such file")) from None
    except (OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile):
        raise UserError(
            say(f"{file}：不是 progress save 存下的完整文件", f"{file}: is no whole archive made by 'progress save'")
        ) from None
    try:
        known = json.loads(contents["progress.json"])
        if not isinstance(known, dict) or not isinstance(known.get("version"), int):
            raise ValueError  # no progress; one of another version `progress.read` takes as far as it understands it
        for name, data in contents.items():
            if name.endswith(".py"):
                data.decode("utf-8")
    except KeyError:
        raise UserError(say(f"{file}：里面没有 progress.json", f"{file}: has no progress.json")) from None
    except ValueError:
        raise UserError(say(f"{file}：内容已损坏", f"{file}: what it holds is damaged")) from None
    return contents
