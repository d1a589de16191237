"""A camp's code for one learner, and the key made of it.

    K7QM2X-94HDTN-3WPRZ5     four symbols of the camp, thirteen of the learner, one check symbol

31 symbols, no 0 1 I L O, so that it can be read aloud and typed; 13 of them are 64 bits. The last makes the
sum of position x value a multiple of 31, a prime: any one symbol mistyped, and any two exchanged, show.
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

from course.language import say
from vit.runtime.errors import UserError

SYMBOLS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CAMP, SECRET = 4, 13  # symbols
LENGTH = CAMP + SECRET + 1
_WORK = 2**15  # scrypt's N: 32 MiB and about a tenth of a second for each guess


@dataclass(frozen=True)
class Key:
    """What a learner's lines are made with."""

    camp: str  # "K7QM"
    secret: bytes  # 32 bytes

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose; none tells of the key, or of another."""
        return hmac.new(self.secret, f"{self.camp}|{purpose}".encode(), hashlib.sha256).digest()

    @property
    def learner(self) -> bytes:
        """The learner's public number, 4 bytes: it stands in each line."""
        return self.derive("learner")[:4]


def new_camp() -> str:
    return "".join(secrets.choice(SYMBOLS) for _ in range(CAMP))


def new_code(camp: str) -> str:
    """A code that nobody has, "K7QM2X-94HDTN-3WPRZ5"."""
    body = camp + "".join(secrets.choice(SYMBOLS) for _ in range(SECRET))
    return written(body + next(symbol for symbol in SYMBOLS if _sum(body + symbol) == 0))


def written(symbols: str) -> str:
    return "-".join(symbols[start : start + 6] for start in range(0, LENGTH, 6))


def _sum(symbols: str) -> int:
    return sum(place * SYMBOLS.index(symbol) for place, symbol in enumerate(symbols, 1)) % len(SYMBOLS)


def read_code(text) -> str:
    """A code as somebody typed it -> as it is written; spaces, dashes, case and full-width letters do not matter.

    Raises:
        UserError: it cannot be one; the line says what to look at.
    """
    if not isinstance(text, str) or len(text) > 200:
        raise UserError(say("营码是一串文字", "a camp's code is a text"))
    symbols = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())
    if strange := sorted(set(symbols) - set(SYMBOLS)):
        signs = " ".join(strange)[:40]
        raise UserError(
            say(
                f"营码里没有 {signs}（不用 0 1 I L O）：请对照营码再输一遍",
                f"a code has no {signs} (0 1 I L O are not used): compare it with yours and type it again",
            )
        )
    if len(symbols) != LENGTH:
        raise UserError(
            say(
                f"营码有 {LENGTH} 个字符，这里是 {len(symbols)} 个",
                f"a code has {LENGTH} symbols, this has {len(symbols)}",
            )
        )
    if _sum(symbols):
        raise UserError(
            say("营码有一处输错了：请对照着再输一遍", "the code is mistyped somewhere: compare it and type it again")
        )
    return written(symbols)


def key_of(code: str) -> Key:
    """The key of a code (as `read_code` gives it): slow on purpose, salted with the camp."""
    camp = code[:CAMP]
    salt = f"vit-camp-1|{camp}".encode()
    secret = hashlib.scrypt(code.encode(), salt=salt, n=_WORK, r=8, p=1, maxmem=2**26, dklen=32)
    return Key(camp, secret)
