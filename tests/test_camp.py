"""The study camp: codes and lines that only their holder can make, found in anything, and all that comes of them."""

import csv
import io
import json
import os
import random
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.camp import (
    certificates,
    difficulty,
    folder,
    likeness,
    new,
    report,
    roster,
    schedule,
    sources,
    spot,
    standing,
)
from course.camp.camp import CORE, PARTS, known_places
from course.camp.cli import main
from course.camp.verify import told, verify
from course.learner import code, line, parts
from course.learner.checkin_days import days
from course.learner.look import drawn_name
from course.learner.question import question
from course.lesson import read_lesson
from vit.runtime.errors import UserError

START = date(2026, 3, 2)
NOON = datetime(2026, 3, 10, 4, tzinfo=timezone.utc)  # day 9, noon in Shanghai
NAMES = ["小明", "李雷", "Ada", "<img src=x onerror=alert(1)>", '=HYPERLINK("http://x")']


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A camp, made once: keys are slow on purpose."""
    top = tmp_path_factory.mktemp("camps")
    with (top / "roster.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["name"], *([name] for name in NAMES)])
    new.make(top / "camp", top / "roster.csv", START)
    return top / "camp"


@pytest.fixture
def camp(made, tmp_path):
    """A copy of it."""
    import shutil

    shutil.copytree(made, tmp_path / "camp")
    return folder.read_camp(tmp_path / "camp")


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setenv("VIT_CAMP_NOW", NOON.isoformat())


def a_record(place="03A", **changes) -> line.Record:
    lesson = read_lesson(place[:2])
    mine = [one for one in lesson.exercises.values() if one.section == place[2:]]
    fields = {
        "lesson": place[:2],
        "section": place[2:],
        "time": int(NOON.timestamp()) - 3600,
        "version": bytes.fromhex(lesson.hash)[:4],
        "language": "zh",
        "device": "CPU",
        "seconds": 700,
        "parts": 1,
        "answer": None,
        "exercises": tuple(line.tried("passed", 1, 0, []) for _ in mine),
        "texts": ("nick", "top-1 86.8 %", ""),
    }
    return line.Record(**(fields | changes))


def judged(camp, text, tmp_path, seen=NOON):
    path = tmp_path / "chat.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return verify(camp, sources.look_through(str(path)), folder.read_kept(camp), seen)


# ---- codes


KEY = code.Key("K7QM", bytes(range(32)))
STRANGER = code.Key("K7QM", bytes(range(1, 33)))


def test_a_code_has_sixty_bits_and_is_read_however_it_is_typed():
    one = code.new_code("K7QM")
    assert len(code.SYMBOLS) ** code.SECRET >= 2**60
    typed = [one.lower(), one.replace("-", " "), one.replace("-", ""), f"  {one}\n"]
    typed.append("".join(chr(ord(c) + 0xFEE0) for c in one))
    assert {code.read_code(text) for text in typed} == {one}


@given(st.integers(0, code.LENGTH - 1), st.sampled_from(code.SYMBOLS), st.integers(0, code.LENGTH - 1))
def test_a_typing_error_is_noticed(place, symbol, other):
    one = code.new_code("K7QM").replace("-", "")
    mistyped = one[:place] + symbol + one[place + 1 :]
    exchanged = list(one)
    exchanged[place], exchanged[other] = exchanged[other], exchanged[place]
    for wrong in (mistyped, "".join(exchanged)):
        if wrong != one:
            with pytest.raises(UserError):
                code.read_code(wrong)


@pytest.mark.parametrize("text", ["", None, 7, "K7QM", "0" * 18, "O1IL" * 4, "x" * 10_000, "营码", "\x00"])
def test_what_is_no_code_is_said_in_a_line(text):
    with pytest.raises(UserError) as error:
        code.read_code(text)
    assert "\n" not in str(error.value)


def test_the_key_is_slow_to_make_and_differs_from_camp_to_camp():
    one = "K7QM2X-94HDTN-3WPRZ5"
    assert code._WORK >= 2**15
    assert code.key_of(one).secret == code.key_of(one).secret
    assert code.key_of(one).secret != code.key_of("K7QN" + one[4:]).secret
    ask = read_lesson("04")
    asked = {question(ask, "A", key=replace(KEY, camp=camp))[0] for camp in ("K7QM", "K7QN", "ABCD")}
    assert len(asked) == 3


# ---- lines


texts = st.text(max_size=600)
records = st.builds(
    line.Record,
    lesson=st.integers(0, 99).map("{:02}".format),
    section=st.sampled_from(["", "A", "D"]),
    time=st.integers(0, 2**32 - 1),
    version=st.binary(min_size=4, max_size=4),
    language=st.sampled_from(["zh", "en"]),
    device=st.sampled_from(["CPU", "GPU", "Ascend"]),
    seconds=st.integers(0, 65535),
    parts=st.integers(0, 255),
    answer=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    exercises=st.lists(
        st.builds(
            line.tried,
            st.sampled_from(["passed", "error: NameError", "softmax over the wrong axis"]),
            st.integers(0, 99),
            st.integers(0, 9),
            st.lists(st.sampled_from("abcdefgh"), max_size=9),
        ),
        max_size=5,
    ).map(tuple),
    texts=st.tuples(texts, texts, texts),
)


@given(records)
def test_a_line_is_short_and_says_what_was_put_in(record):
    packed = line.pack(record, KEY)
    assert len(packed) <= line.LONGEST
    assert packed.isascii()
    assert packed.isalnum()
    sealed = line.take_apart(packed)
    said = sealed.opened(KEY)
    assert (sealed.camp, sealed.learner) == (KEY.camp, KEY.learner)
    assert replace(said, texts=("", "", "")) == replace(record, texts=("", "", ""))
    for short, whole in zip(said.texts, record.texts, strict=True):
        assert whole.encode("utf-8", "replace").decode().startswith(short.removesuffix("…"))


@given(records)
def test_no_line_made_without_the_code_is_taken(record):
    forged = line.take_apart(line.pack(record, STRANGER))
    assert forged.opened(KEY) is None
    # with the learner's number written in, too, and with their camp
    data = forged.data[:4] + KEY.learner + forged.data[8:]
    assert replace(forged, data=data, learner=KEY.learner).opened(KEY) is None


@given(records, st.data())
def test_an_altered_line_is_never_taken(record, data):
    packed = line.pack(record, KEY)
    place = data.draw(st.integers(len(line.MARK), len(packed) - 1))
    symbol = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
    altered = packed[:place] + symbol + packed[place + 1 :]
    if altered != packed:
        try:
            sealed = line.take_apart(altered)
        except line.Unreadable:
            return
        assert sealed.opened(KEY) is None


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


# ---- what verify says


def test_verdicts_of_every_kind(camp, tmp_path):
    """The table of lines, good and hostile: what each is answered."""
    ming, lei = camp.learners[0], camp.learners[1]
    good = line.pack(a_record("00A"), ming.key)
    other_camp = line.pack(a_record(), code.Key("ZZZZ", bytes(32)))
    spot = 60
    posts = {
        good: "✅ 小明 · 00A",
        line.pack(a_record("03A"), lei.key): "00B is missing before it",
        good[:spot] + ("A" if good[spot] != "A" else "B") + good[spot + 1 :]: "小明's, but was altered",
        line.pack(a_record("04B"), code.Key(camp.id, bytes(32))): "no code of this camp made it",
        other_camp: "another camp (ZZZZ)",
        good[:80]: "cut off",
        "VITLINE1" + "0" * 200: "no sound line",
        line.pack(a_record("00B", version=b"\0\0\0\0"), ming.key): "a version of the lesson that is not listed",
        line.pack(a_record("00B", time=int(NOON.timestamp()) + 30 * 3600), ming.key): "clock 1.2 days ahead",
        line.pack(a_record("00B", time=int(NOON.timestamp()) - 10 * 86400), ming.key): "before the camp",
        line.pack(a_record("00A", time=int(NOON.timestamp())), lei.key): "later than",
        line.pack(replace(a_record("03A"), lesson="99", section="Z"), ming.key): "no section 99Z",
        line.pack(a_record("00A", answer=1.5), ming.key): "answered wrongly",
    }
    verdicts, kept = judged(camp, "\n\n".join(posts), tmp_path)
    assert len(verdicts) == len(posts)
    for verdict, expected in zip(verdicts, posts.values(), strict=True):
        assert expected in told(verdict), (expected, told(verdict))
    assert sum(not verdict.refused for verdict in verdicts) == len(kept) == 7


def test_a_repost_is_a_note_and_running_it_again_changes_nothing(camp, tmp_path):
    packed = line.pack(a_record("00A"), camp.learners[0].key)
    verdicts, kept = judged(camp, f"{packed}\nforwarded: {packed}", tmp_path)
    assert "posted twice (chat.txt:1)" in told(verdicts[1])
    folder.write_kept(camp, kept)
    verdicts, again = judged(camp, packed, tmp_path)
    assert "known from before" in told(verdicts[0])
    assert again == kept


@pytest.mark.parametrize("answer", [float("nan"), float("inf")])
def test_a_holder_cannot_hand_in_what_is_no_number(camp, tmp_path, answer):
    verdicts, kept = judged(camp, line.pack(a_record(answer=answer), camp.learners[0].key), tmp_path)
    assert verdicts[0].refused
    assert kept == []


def test_a_reissued_code_ends_the_old_one_and_keeps_what_was_handed_in(camp, tmp_path, monkeypatch):
    old = camp.learners[0].key
    _, kept = judged(camp, line.pack(a_record("00A"), old), tmp_path)
    folder.write_kept(camp, kept)
    roster.reissue(camp.folder, ["小明"])
    after = folder.read_camp(camp.folder)
    later = NOON + timedelta(hours=1)
    new = after.learners[0].key
    text = line.pack(a_record("00B"), old) + "\n" + line.pack(a_record("00B"), new)
    verdicts, kept = judged(after, text, tmp_path, later)
    assert "was replaced" in verdicts[0].refused
    assert not verdicts[1].refused
    folder.write_kept(after, kept)
    one = standing.standings(after, later)[0]
    assert set(one.done) == {"00A", "00B"}
    # each is asked about the numbers that its own code gave
    assert [one.done[place].key for place in ("00A", "00B")] == [old, new]
    assert question(read_lesson("00"), "A", key=old)[0] in spot.ask(one.done["00A"], random.Random(0))


def test_late_joiners_and_leavers(camp, tmp_path):
    roster.add(camp.folder, ["韩梅梅"])
    roster.remove(camp.folder, ["李雷"])
    after = folder.read_camp(camp.folder)
    with (camp.folder / "codes.csv").open(encoding="utf-8-sig", newline="") as stream:
        handed_out = {row["name"]: row["code"] for row in csv.DictReader(stream)}
    assert "李雷" not in handed_out
    assert code.key_of(handed_out["韩梅梅"]) == after.learner("韩梅梅").key
    gone = line.pack(a_record("00A"), camp.learners[1].key)
    verdicts, _ = judged(after, gone, tmp_path, NOON + timedelta(days=2))
    assert "left the camp" in verdicts[0].refused
    assert "李雷" not in [one.learner.name for one in standing.standings(after, NOON)]
    with pytest.raises(UserError, match="on the roster already"):
        roster.add(camp.folder, ["Ada"])
    with pytest.raises(UserError, match="not on the roster"):
        roster.remove(camp.folder, ["nobody"])


def test_of_two_lines_the_later_stands_and_the_first_decides_the_day(camp, tmp_path):
    ming = camp.learners[0].key
    start = int(datetime(2026, 3, 2, 4, tzinfo=timezone.utc).timestamp())
    failed = (line.tried("not yet", 2, 0, []),) * 2
    first = line.pack(a_record("00A", time=start, exercises=failed), ming)
    second = line.pack(a_record("00A", time=start + 5 * 86400), ming)
    _, kept = judged(camp, f"{second}\n{first}", tmp_path)
    folder.write_kept(camp, kept)
    one = standing.standings(camp, NOON)[0]
    assert all(tried.passed for tried in one.done["00A"].record.exercises)
    assert one.late == set()
    points = camp.points
    assert one.points == points["section"] + points["on_time"] + 2 * points["exercise"]


def test_the_question_is_judged_by_the_learners_own_numbers(camp, tmp_path):
    ming, lei = camp.learners[0].key, camp.learners[1].key
    _, right = question(read_lesson("03"), "A", key=ming)
    verdicts, _ = judged(camp, "\n".join(line.pack(a_record(answer=right), key) for key in (ming, lei)), tmp_path)
    assert [verdict.right for verdict in verdicts] == [True, False]


def test_likeness_is_listed(camp, tmp_path):
    exercises = tuple(line.tried("passed", 3, 0, ["a", "b"]) for _ in range(2))
    _, right = question(read_lesson("03"), "A", key=camp.learners[0].key)
    alike = [
        line.pack(a_record(exercises=exercises, answer=right + 0.0, texts=("", "", "I copied this sentence")), one.key)
        for one in camp.learners[:2]
    ]
    _, kept = judged(camp, "\n".join(alike), tmp_path)
    folder.write_kept(camp, kept)
    found = likeness.alike(standing.lines(standing.standings(camp, NOON)))
    assert {one.kind[1] for one in found} >= {"the same note", "the same mistakes, attempts and minutes"}
    assert all(set(one.names) == {"小明", "李雷"} for one in found)


# ---- sources


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


# ---- what comes of it


@pytest.fixture
def busy(camp, tmp_path):
    """A camp in which some have handed in something."""
    note = "<script>alert('note')</script>\u202e"
    posts = [
        line.pack(a_record(place, texts=("n", "r", note), exercises=exercises(place)), learner.key)
        for learner in camp.learners[1:]
        for place in ("00A", "00B", "03A", "04A", "01A")
    ]
    _, kept = judged(camp, "\n".join(posts), tmp_path)
    folder.write_kept(camp, kept)
    return camp


def exercises(place):
    found = []
    for one in read_lesson(place[:2]).exercises.values():
        if one.section == place[2:]:
            found.append(line.tried("passed", 2, 1, list(one.messages)[:1]))
    return tuple(found)


def test_the_report_shows_everybody_and_runs_nothing(busy):
    report.write(busy, NOON)
    page = (busy.folder / "report" / "index.html").read_text(encoding="utf-8")
    assert "<img src" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "\u202e" not in page
    assert "小明: 00A 00B" in page
    assert page.count("http") == page.count('http-equiv="Content-Security-Policy"') + page.count("http://x")
    secrets = [key.secret.hex() for learner in busy.learners for key in learner.keys]
    for path in [*(busy.folder / "report").iterdir(), busy.folder / "likeness.csv"]:
        text = path.read_text(encoding="utf-8")
        assert not any(secret in text for secret in secrets)
        assert path.suffix == ".html" or "\n=" not in text
    rows = list(csv.DictReader(io.StringIO((busy.folder / "report" / "learners.csv").read_text("utf-8-sig"))))
    assert {row["name"] for row in rows} == {*NAMES[:4], "'" + NAMES[4]}
    failing = difficulty.failing(standing.lines(standing.standings(busy, NOON)))
    assert {one.number for one in failing} >= {"00.1", "03.1", "04.1"}
    assert all(one.mistake for one in failing if read_lesson(one.number[:2]).exercises[one.number].messages)


def test_ranking_can_be_switched_off(busy):
    path = busy.folder / "camp.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("ranking = true", "ranking = false"), encoding="utf-8")
    report.write(folder.read_camp(busy.folder), NOON)
    assert "名次" not in (busy.folder / "report" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "head"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_certificates_for_those_who_earned_one(busy, kind, head):
    easy = replace(busy, needed=4 / len(busy.core))
    written = certificates.write(easy, NOON, kind, "zh")
    assert len(written) == len(NAMES) - 1
    assert all(path.read_bytes().startswith(head) for path in written)
    assert {path.parent for path in written} == {busy.folder / "certificates"}
    assert not any("小明" in path.name for path in written)


def test_a_spot_check_asks_about_their_own_answers(busy):
    chosen = spot.choose(standing.standings(busy, NOON), 3, seed=1)
    assert len({one.learner.name for one, _ in chosen}) == 3
    assert all("小明" not in one.learner.name for one, _ in chosen)
    assert all("Exercise" in what or "question of" in what for _, what in chosen)
    assert chosen[0][1] == spot.choose(standing.standings(busy, NOON), 3, seed=1)[0][1]


def test_the_schedule_keeps_to_a_quarter_of_an_hour(camp):
    assert camp.days == 25
    every = [place for place in known_places() if place[:2] in CORE]
    assert camp.core == every
    for _, _, what, minutes in schedule.rows(camp):
        assert minutes <= schedule.A_DAY, what
    calendar = icalendar.Calendar.from_ical(schedule.calendar(camp))
    days_ = [event["dtstart"].dt for event in calendar.walk("VEVENT")]
    assert days_ == [camp.date(day) for day in range(1, 26) if camp.plan[day]]
    tight, _ = schedule.plan(15)
    assert [place for places in tight.values() for place in places] == every
    with pytest.raises(UserError, match="days or more"):
        schedule.plan(5)


def test_line_ends_of_the_learners_system_change_nothing(tmp_path):
    lesson = read_lesson("04")
    for path in lesson.folder.glob("*.py"):
        (tmp_path / path.name).write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert replace(lesson, folder=tmp_path).hash == lesson.hash


def test_a_name_is_drawn_as_far_as_a_font_has_it():
    assert drawn_name("Ada 😀 王小明, MSc", "x")[0] == "Ada 王小明, MSc"
    assert drawn_name("李雷", "x")[0] == "李雷"
    assert drawn_name("\U0010fffd", "x") == ("x", None)


def test_days_and_streaks():
    at = ["2026-03-01T12:00:00+00:00", "2026-03-02T12:00:00+00:00", "2026-03-02T12:30:00+00:00"]
    assert days(at) == (2, 2)
    assert days([*at, "2026-03-05T12:00:00+00:00"]) == (3, 1)


# ---- the commands and the folder


def test_the_folder_is_private_and_git_ignores_it(made):
    assert (made / ".gitignore").read_text().endswith("*\n")
    if sys.platform != "win32":
        assert (made / "keys.json").stat().st_mode & 0o077 == 0
        assert (made / "codes.csv").stat().st_mode & 0o077 == 0
    assert len(parts.PARTS) == PARTS


def test_commands_from_roster_to_certificates(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "roster.csv").write_bytes("姓名,群\n小明,1\n李雷,2\n".encode("gb18030"))
    new = ["new", "camp", "--roster", "roster.csv", "--start", "2026-03-02", "--days", "20"]
    for arguments in (new, ["schedule", "camp"], ["add", "camp", "Ada"], ["reissue", "camp", "小明"]):
        assert main(arguments) == 0
    assert main(new) == 2  # it is there already
    assert "not empty" in capsys.readouterr().err
    camp = folder.read_camp(tmp_path / "camp")
    (tmp_path / "chat.txt").write_text(line.pack(a_record("00A"), camp.learners[0].key), encoding="utf-8")
    for arguments in (["verify", "camp", "chat.txt"], ["report", "camp"], ["spot", "camp"], ["certificates", "camp"]):
        assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "1 accepted (1 new)" in out
    assert "nobody has reached 80%" in out
    assert main(["verify", "camp", "no such file"]) == 2
    assert main(["report", "nowhere"]) == 2


@pytest.mark.parametrize(
    "text",
    ["", "nickname\nx\n", "name\n", "name\na\na\n", "name\n\x1b[31m\n", "name\n" + "x" * 41, "name\na\u202eb\n", "\0"],
)
def test_a_roster_of_no_use_is_refused_and_nothing_made(tmp_path, text):
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UserError):
        new.make(tmp_path / "camp", tmp_path / "roster.csv", START)
    assert not (tmp_path / "camp").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("camp.toml", "= no toml"),
        ("camp.toml", "title = 3"),
        ("keys.json", "{"),
        ("keys.json", '{"learners": [{"name": "x", "keys": ["zz"], "replaced": [], "left": null}]}'),
        ("keys.json", "[" * 100_000),
    ],
)
def test_a_damaged_camp_is_said_in_a_line(camp, name, text):
    (camp.folder / name).write_text(text)
    with pytest.raises(UserError) as error:
        folder.read_camp(camp.folder)
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"00A"', '"77Z"'),
        ("Asia/Shanghai", "Mars/Olympus"),
        ("grace_days = 1", 'grace_days = "one"'),
        ("start = 2026-03-02", "start = 3"),
        ("start = 2026-03-02", "start = 9999-12-30"),
        ("grace_days = 1", "grace_days = -400000000000"),
        ("certificate_share = 0.8", "certificate_share = 80"),
        ("certificate_share = 0.8", "certificate_share = nan"),
        ("section = 10", "section = 1e400"),
        ("ranking = true", "ranking = True"),
        ('3 = ["03A"]', '3 = ["00A"]'),
        ('3 = ["03A"]', '3 = "03A"'),
        ('3 = ["03A"]', '99999999 = ["03A"]'),
        ('3 = ["03A"]', 'x = ["03A"]'),
    ],
)
def test_an_edited_camp_toml_is_looked_at(camp, old, new):
    path = camp.folder / "camp.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as error:
        folder.read_camp(camp.folder)
    assert "\n" not in str(error.value)


def test_wrong_use_is_said_and_makes_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chat.txt").write_text("")
    for arguments in (["verify", "none", "chat.txt"], ["add", "none", "x"], ["verify", "chat.txt", "chat.txt"]):
        assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 3
    for arguments in (["spot", "none", "--count", "-3"], ["new", "x", "--roster", "r", "--start", "2026-02-30"]):
        with pytest.raises(SystemExit):
            main(arguments)
    assert "write it as 2026-03-02" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["chat.txt"]

    def interrupted(*_):
        raise KeyboardInterrupt

    (tmp_path / "roster.csv").write_text("Name;mail\nAda;a@b\nEmmy;c@d\n")
    new = ["new", "camp", "--roster", "roster.csv", "--start", "2026-03-02"]
    with monkeypatch.context() as patched:
        patched.setattr(roster, "new_code", interrupted)
        assert main(new) == 130
    assert not (tmp_path / "camp").exists()
    assert main(new) == 0
    assert [one.name for one in folder.read_camp(tmp_path / "camp").learners] == ["Ada", "Emmy"]
    assert main(["remove", "camp", "ada"]) == 2
    assert "did you mean Ada" in capsys.readouterr().err


def test_a_flood_of_marks_is_summed_up(camp, tmp_path, capsys):
    flood = tmp_path / "flood.txt"
    flood.write_text("VITLINE1\n" * 5000 + line.pack(a_record("00A"), camp.learners[0].key))
    assert main(["verify", str(camp.folder), str(flood)]) == 0
    out = capsys.readouterr().out
    assert "and 4980 more refused" in out
    assert "1 accepted (1 new), 5000 refused" in out
    assert out.count("\n") < 30


def test_lines_in_the_camps_own_file_are_not_believed(busy):
    path = busy.folder / "checkins.jsonl"
    forged = line.pack(a_record("05A"), code.Key(busy.id, bytes(32)))
    entry = {"line": forged, "seen": NOON.isoformat(), "from": "me"}
    path.write_text(json.dumps(entry) + "\nnonsense\n[]\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert all("05A" not in one.done for one in standing.standings(busy, NOON))
    assert sum(len(one.done) for one in standing.standings(busy, NOON)) == 5 * (len(NAMES) - 1)
