"""Writing a file or a folder in one step: whoever looks sees the old contents or the new, never half."""

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

from filelock import FileLock
from safetensors import SafetensorError

from vit.runtime.errors import UserError, reason
from vit.runtime.language import say


def _cannot_write(path: Path, error: Exception) -> UserError:
    return UserError(say(f"{path}: 无法写入（{reason(error)}）", f"{path}: cannot be written ({reason(error)})"))


def _whose(error: Exception, path: Path, staged: Path) -> Exception:
    """What to raise for an error on the way: the target is blamed for what the system says of it, and no more."""
    if isinstance(error, OSError):
        if error.errno is None or isinstance(error, (ConnectionError, TimeoutError)):
            return error  # no word of the system's about a file: a broken picture, a broken connection
        if isinstance(error.filename, (str, bytes, os.PathLike)):
            at = Path(os.fsdecode(error.filename))
            if not at.absolute().is_relative_to(staged.absolute()):
                return UserError(f"{at}: {reason(error)}")  # a source
    return _cannot_write(path, error)


@contextmanager
def atomic_path(path, mode: int = 0o644):
    """A path in the same folder to write to; renamed to `path` at the end, removed on any error.

    Args:
        mode: who may read it, where the system knows of such; until then only its owner.

    Raises:
        UserError: the folder cannot be made or written to, or the disk is full.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}-", suffix=path.suffix)
        os.close(handle)
    except OSError as error:
        raise _cannot_write(path, error) from None
    staged = Path(name)
    try:
        yield staged
        os.chmod(staged, mode)  # mkstemp makes files that only their owner may read
        os.replace(staged, path)
    except (OSError, SafetensorError) as error:
        raise _whose(error, path, staged) from None
    finally:
        with suppress(FileNotFoundError):
            staged.unlink()


def remove_leftovers(path) -> None:
    """Remove what a killed process left when it was writing `path`. Nobody may be writing it now."""
    path = Path(path)
    for leftover in path.parent.glob(f".{escape(path.stem[:40])}-????????{path.suffix}"):
        leftover.unlink(missing_ok=True)


@contextmanager
def atomic_folder(folder):
    """An empty folder to fill; renamed to `folder` at the end, removed on any error.

    It lies alone in a scratch folder beside the target: what is put next to it goes at the end, too.

    Raises:
        UserError: the target holds something, cannot be written, or the disk is full.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(say(f"{folder}: 不是空的；请换一个文件夹", f"{folder}: is not empty; choose another folder"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name[:40]}-"))
    except OSError as error:
        raise _cannot_write(folder, error) from None
    staged = scratch / "contents"
    try:
        staged.mkdir()
        yield staged
        if folder.exists():
            folder.rmdir()
        staged.rename(folder)
    except OSError as error:
        raise _whose(error, folder, scratch) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def one_writer(path):
    """Only one process at a time is inside for a path; others wait for it.

    Raises:
        UserError: the folder cannot be written.
    """
    path = Path(path)
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise _cannot_write(path, error) from None
    try:
        yield
    finally:
        lock.release()
