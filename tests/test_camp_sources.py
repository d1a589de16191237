"""Lines are found in anything, and nothing that is left out goes unsaid."""

import base64
import gzip
import io
import json
import os
import zipfile

import pytest
from a_camp import NOON, a_record, judged
from hypothesis import given
from hypothesis import strategies as st

from course.camp import sources
from course.camp.cli import main
from course.camp.verify import told, verify
from course.learner import camp_code as code
from course.learner import line

KEY = code.Key("K7QM", bytes(range(32)))


BETWEEN = [
    " ",
    "\n",
    "\r\n",
    "\n> ",
    "\n>> ",
    "\u200b",
    "\ufeff",
    "\u00ad",
    "\u2060",
    "\u3000",
    "<br>",
    "<br/>\n",
    "&nbsp;",
]
BETWEEN += ["&#8203;", "\\n", "\\u200b", "*", "`", "|", "</span><span style='a'>", "\u200f", "=\n", "\u0301"]


@given(
    st.lists(st.tuples(st.integers(0, 300), st.sampled_from(BETWEEN)), max_size=12),
    st.sampled_from([str, str.lower, lambda s: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in s)]),
    st.text(max_size=30),
    st.text(max_size=30),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_a_line_is_found_after_any_wrapping(breaks, letters, before, after, encoding):
    packed = line.pack(a_record(), KEY)
    pieces, last = [], 0
    for place, what in sorted(breaks, key=lambda b: b[0]):
        place = min(place, len(packed))
        pieces += [letters(packed[last:place]), what]
        last = place
    text = f"{before}\n{''.join(pieces)}{letters(packed[last:])} {after}"
    stream = io.BytesIO(text.encode(encoding, "replace"))
    found = [one.sealed for one in sources._stream(stream, "chat") if isinstance(one, sources.Found) and one.sealed]
    assert [one.opened(KEY) for one in found] == [a_record()]


@given(st.binary(max_size=400), st.integers(0, 3))
def test_noise_after_the_mark_is_answered(noise, times):
    stream = io.BytesIO((b"VITLINE1" + noise) * times)
    for one in sources._stream(stream, "noise"):
        assert isinstance(one, sources.Problem) or one.sealed is None or one.sealed.opened(KEY) is None


def test_a_line_across_two_pieces_of_a_long_text(monkeypatch):
    monkeypatch.setattr(sources, "_CHUNK", 64)
    packed = line.pack(a_record(), KEY)
    text = "".join(f"{n}: 你好\n{packed}\n" for n in range(20))
    found = list(sources._stream(io.BytesIO(text.encode()), "chat"))
    assert [one.where for one in found] == [f"chat:{2 * n + 2}" for n in range(20)]
    assert all(one.sealed.opened(KEY) for one in found)


def test_a_zip_is_read_in_place_and_hostile_ones_change_nothing(camp, tmp_path):
    good = line.pack(a_record("00A"), camp.learners[0].key)
    path = tmp_path / "handed in.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../outside.txt", good)
        archive.writestr("/etc/absolute.txt", "nothing here")
        archive.writestr("inner.zip", b"PK")
        archive.writestr("deep.json", "[" * 100_000)
    before = sorted(tmp_path.rglob("*"))
    verdicts, kept = verify(camp, sources.look_through(str(path)), [], NOON)
    said = "\n".join(map(told, verdicts))
    assert len(kept) == 1
    assert "a zip within a zip" in said
    assert sorted(tmp_path.rglob("*")) == before


def test_a_zip_bomb_is_left_after_its_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MOST_BYTES", 5_000_000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{number}.txt", b"\0" * 1_000_000)
    found = list(sources.look_through(str(path)))
    assert [type(one) for one in found] == [sources.Problem]
    broken = tmp_path / "broken.zip"
    broken.write_bytes(path.read_bytes()[:500])
    assert "damaged" in next(sources.look_through(str(broken))).sentence


def test_links_pictures_and_large_files_are_named_and_the_rest_goes_on(camp, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MOST_BYTES", 100_000)
    top = tmp_path / "receipts"
    top.mkdir()
    (top / "big.txt").write_text("A" * 200_000)
    (top / "card.png").write_bytes(b"\x89PNG")
    (top / "receipt.json").write_text(json.dumps({"line": line.pack(a_record("00A"), camp.learners[0].key)}))
    (tmp_path / "secret.txt").write_text(line.pack(a_record("00B"), camp.learners[0].key))
    try:
        os.symlink(tmp_path / "secret.txt", top / "link.txt")
        os.symlink(tmp_path, top / "up")
    except OSError:
        pytest.skip("this system makes no links")
    verdicts, kept = verify(camp, sources.look_through(str(top)), [], NOON)
    said = "\n".join(map(told, verdicts))
    assert len(kept) == 1
    for expected in ("big.txt · more than", "link.txt · a link", "1 pictures not read"):
        assert expected in said


def test_what_a_terminal_is_shown_has_nothing_invisible(camp, tmp_path):
    path = tmp_path / "\u202eevil\x1b[31m.txt"
    try:
        path.write_text("VITLINE1 nothing")
    except OSError:
        pytest.skip("this system has no such names")
    verdicts, _ = verify(camp, sources.look_through(str(path)), [], NOON)
    assert told(verdicts[0]).isprintable()


def test_a_flood_of_marks_is_summed_up(camp, tmp_path, capsys):
    flood = tmp_path / "flood.txt"
    flood.write_text("VITLINE1\n" * 5000 + line.pack(a_record("00A"), camp.learners[0].key))
    assert main(["verify", str(camp.folder), str(flood)]) == 0
    out = capsys.readouterr().out
    assert "and 4980 more refused" in out
    assert "1 accepted (1 new), 5000 refused" in out
    assert out.count("\n") < 30


def found_in(text, **how):
    data = text if isinstance(text, bytes) else text.encode()
    return [one for one in sources._stream(io.BytesIO(data), "chat") if isinstance(one, sources.Found)]


def test_text_that_looks_like_a_tag_takes_no_line_away():
    packed = line.pack(a_record(), KEY)
    wrapped = packed[:50] + "\n> " + packed[50:]
    for before, after in [
        ("what if j<i?, ", ", now f(x) -> y"),
        ("what if j<i ", ", now f(x) -> y"),
        ("<b", ">"),
        ("a post that ends in <i title=x\n12:01 victim: ", "\n12:02 another: >"),
        ("&lt;i ", "&gt;"),
        ("\\u003ci ", "\\u003e"),
        ("<i \uff1c", "\uff1e >"),
        ("<" * 50 + "p ", ">" * 50),
        ("<i x\n> ", "\n>"),
    ]:
        for one in (packed, wrapped, packed[:4] + "\n> " + packed[4:], packed.lower()):
            sealed = [found.sealed for found in found_in(before + one + after) if found.sealed]
            assert [found.opened(KEY) for found in sealed] == [a_record()], (before, one[:60])


def test_a_border_between_pieces_cuts_nothing(monkeypatch):
    """Whatever stands between a line's letters, wherever a piece of the source ends."""
    packed = line.pack(a_record(), KEY)
    inside = ["<br>", "\u200b", "&#8203;", "&nbsp;", "\\u200b", "\\n", "<span class='msg part'>", "\r\n", "</w:t><w:t>"]
    text = "".join(f"{packed[20 * n : 20 * n + 20]}{what}" for n, what in enumerate(inside)) + packed[180:]
    for size in range(60, 60 + len(text) // 2):
        monkeypatch.setattr(sources, "_CHUNK", size)
        for whole in (text, "x" * 37 + text):
            assert [one.sealed and one.sealed.opened(KEY) for one in found_in(whole)] == [a_record()], size


def test_what_is_read_otherwise_or_not_at_all_is_named(camp, tmp_path):
    good = line.pack(a_record("00A"), camp.learners[0].key)
    top = tmp_path / "in"
    top.mkdir()
    with zipfile.ZipFile(top / "letter.docx", "w") as archive:  # a word processor wraps each run
        runs = "".join(
            f"<w:r><w:rPr><w:lang w:val='en'/></w:rPr><w:t>{good[n : n + 9]}</w:t></w:r>" for n in range(0, 300, 9)
        )
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:p>{runs}</w:p>")
        archive.writestr("word/media/1.png", b"")
    (top / "chat.txt.gz").write_bytes(gzip.compress(good.encode()))
    (top / "cut.gz").write_bytes(gzip.compress(good.encode() * 9)[:-9])
    (top / "mail.eml").write_bytes(b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(good.encode()))
    (top / "empty.txt").write_text("nothing to see")
    with zipfile.ZipFile(top / "all.zip", "w") as archive:
        archive.writestr("a.txt", good)
        archive.writestr("b.txt", "x" * 500 + good)
        archive.writestr("card.png", b"")
    data = (top / "all.zip").read_bytes()
    (top / "all.zip").write_bytes(
        data.replace(good.encode(), b"?" + good[1:].encode(), 1)
    )  # a member's checksum is wrong
    found = list(sources.look_through(str(top)))
    sound = {
        one.where.rpartition(":")[0].rpartition("!")[0] or one.where.rpartition(":")[0]
        for one in found
        if isinstance(one, sources.Found)
    }
    assert sound >= {"letter.docx", "chat.txt.gz", "all.zip"}
    said = {one.where: one.sentence for one in found if isinstance(one, sources.Problem)}
    assert "damaged" in said["all.zip!a.txt"]
    assert "1 pictures not read" in said["all.zip"]
    assert "damaged" in said["cut.gz"]
    assert "a mail in base64" in said["mail.eml"]
    assert said["empty.txt"] == "no line found"
    assert "letter.docx" not in said


def test_a_flood_leaves_room_for_everybody_else(camp, tmp_path):
    """Marks, repeated lines, junk files, one's own lines: bounded in what is told and kept, and nobody's is unread."""
    mine, theirs = (line.pack(a_record("00A"), learner.key) for learner in camp.learners[:2])
    path = tmp_path / "flood.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("marks.txt", "VITLINE1 " * 100_000)
        archive.writestr("again.txt", f"{mine}\n" * 2_000)
        for number in range(20_001):
            archive.writestr(f"junk/{number}", b"")
        archive.writestr("z.txt", theirs)
    found = list(sources.look_through(str(path)))
    broken = [one for one in found if isinstance(one, sources.Found) and not one.sealed]
    assert len(broken) == sources.MOST_TOLD
    assert [one.count for one in found if isinstance(one, sources.Problem) and one.count > 1] == [100_000 - len(broken)]
    verdicts, kept = verify(camp, found, [], NOON)
    assert len(kept) == 2
    assert sum(v.line == mine for v in verdicts) == 2
    own = [line.pack(a_record("00A", seconds=n), camp.learners[0].key) for n in range(60)]
    verdicts, kept = judged(camp, "\n".join(own), tmp_path)
    assert len(kept) == 50
    assert "50 lines for this section already" in verdicts[-1].refused
    # dropped, they make no room for more of them; another section is open
    dropped = dict.fromkeys([one.line for one in kept], "a script")
    other = line.pack(a_record("00B"), camp.learners[0].key)
    more = list(sources._stream(io.BytesIO("\n".join([*own, other]).encode()), "chat"))
    assert [one.line for one in verify(camp, more, [], NOON, dropped)[1]] == [other]
