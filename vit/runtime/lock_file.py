"""What was fetched first is written down, and whatever is fetched later must be the same.

The publishers of weights and data sets state no checksum that could be written into the program.
"""

import hashlib
import json
import sys
from pathlib import Path

from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.runtime.paths import shown


def recorded(lock: Path) -> dict[str, str]:
    """What was written down, with "sha256" in it; empty where nothing was fetched yet.

    Raises:
        UserError: the file is not one of ours, so nothing can be held to it.
    """
    try:
        facts = json.loads(lock.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        facts = None
    if not isinstance(facts, dict) or not isinstance(facts.get("sha256"), str):
        raise UserError(
            say(
                f"{lock}: 这里记的应当是第一次下载的 SHA-256，却读不出来；请删除它，再运行一次",
                f"{lock}: ought to hold the SHA-256 of the first fetch, and cannot be read; remove it and run this again",
            )
        )
    return facts


def record(lock: Path, **facts: str) -> None:
    """Write down what was fetched, and say so."""
    with atomic_path(lock) as staged:
        staged.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    what = ", ".join(f"{key} {value[:12]}" for key, value in facts.items() if key in ("revision", "sha256"))
    print(
        say(
            f"已记入 {shown(lock)}（{what}）；以后的下载必须与它相同",
            f"recorded in {shown(lock)} ({what}); later fetches must be the same",
        ),
        file=sys.stderr,
    )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def differs(facts: dict[str, str], digest: str, lock: Path) -> str:
    """The sentence for a file that is not the recorded one."""
    first = facts["sha256"]
    return say(
        f"这个文件与第一次下载的不同（SHA-256 是 {digest[:12]}...，{lock} 里记的是 {first[:12]}...）；"
        f"如果确实要换成新版，请删除 {lock}，再运行一次",
        f"the file is not the one that was fetched first (SHA-256 {digest[:12]}..., {first[:12]}... in {lock}); "
        f"if the change is meant, remove {lock} and run this again",
    )
