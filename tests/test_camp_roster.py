"""Who is in a camp, and its folder: no accident of the organiser's loses a learner."""

import csv
import io
import json
import random
import re
import shutil
import sys
from datetime import timedelta

import filelock
import pytest
from a_camp import NAMES, NOON, START, a_record, judged
from hypothesis import given
from hypothesis import strategies as st

from course.camp import codes, evidence, folder, new, report, roster, spot, standing
from course.camp.camp import PART_COUNT
from course.camp.cli import main
from course.camp.text import cell, uncell
from course.camp.verify import told
from course.document.lesson import read_lesson
from course.learner import camp_code as code
from course.learner import line, parts
from course.learner.line import take_apart
from course.learner.question import question
from vit.data.tables import read_table
from vit.runtime.errors import UserError


def test_a_reissued_code_ends_the_old_one_and_keeps_what_was_handed_in(camp, tmp_path, monkeypatch):
    old = camp.learners[0].key
    _, kept = judged(camp, line.pack(a_record("00A"), old), tmp_path)
    folder.write_kept(camp, kept)
    roster.reissue(camp.folder, ["小明"])
    after = folder.read_camp(camp.folder)
    later = NOON + timedelta(hours=1)
    new = after.learners[0].key
    made = int(later.timestamp())
    text = "\n".join(line.pack(a_record("00B", time=made), key) for key in (old, new))
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


def test_the_folder_is_private_and_git_ignores_it(made):
    assert (made / ".gitignore").read_text().endswith("*\n")
    if sys.platform != "win32":
        assert (made / "keys.json").stat().st_mode & 0o077 == 0
        assert (made / "codes.csv").stat().st_mode & 0o077 == 0
    assert len(parts.PARTS) == PART_COUNT

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
        ("certificate_exercises = 0.6", "certificate_exercises = 60"),
        ("certificate_questions = 0.6", 'certificate_questions = "all"'),
        ("holidays = []", "holidays = [2026-03-04T00:00:00]"),
        ("holidays = []", 'holidays = "2026-03-04"'),
        ("notes = true", "notes = 1"),
        ("ranking = true", "ranking = true\nx = " + "[" * 3000),
        ('id = "', 'id = "x'),
        ("[versions]", "[versions]\n99 = 'abcdefgh'"),
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


def codes_of(camp_folder) -> dict[str, str]:
    rows = codes.read_codes(folder.read_camp(camp_folder))
    return {row["name"]: row["code"] for row in rows}


# ---- what people do to the files


def test_a_roster_says_all_that_is_wrong_with_its_names_at_once(tmp_path):
    path = tmp_path / "roster.csv"
    cafe = "Caf\u00e9", "Cafe\u0301"  # the same name from two systems
    path.write_text(
        "name,group\nAda,1\nSmith, John,1\n,2\nA\u200bda,1\nAda,3\n" + ",1\n".join([*cafe, ""]), encoding="utf-8"
    )
    with pytest.raises(UserError) as error:
        roster.read_roster(path)
    for part in (
        "row 3: 3 cells, the header has 2: put quotes",
        "row 4: has no name",
        "row 5: the name 'A da' holds what cannot be seen: ZERO WIDTH SPACE U+200B",
        "row 6: the name 'Ada' stands in row 2, too",
        "row 8: the name 'Café' stands in row 7, too",
    ):
        assert part in str(error.value)
    path.write_bytes("name\nMüller\n李\n".encode("utf-16"))
    assert roster.read_roster(path) == ["Müller", "李"]
    path.write_bytes("name\n李雷\n".encode("gb18030"))
    with pytest.raises(UserError, match="--encoding"):
        roster.read_roster(path)
    assert roster.read_roster(path, "gb18030") == ["李雷"]
    path.write_text("名字;群\n👩‍💻 小明;1\n\u0645\u06cc\u200c\u062e;1\n".replace("\u200c", ""), encoding="utf-8")
    assert roster.read_roster(path)[0] == "👩‍💻 小明"


@given(st.text(alphabet="='+-@;|,\t\"' ａ＝＠A1", max_size=12))
def test_no_cell_is_a_formula_in_any_spreadsheet_and_each_comes_back(text):
    written = cell(text)
    assert uncell(written) == text
    for part in re.split("[;|\t]", written):
        assert part.lstrip(' "')[:1] not in tuple("=+-@＝＋－＠")


def test_codes_saved_again_by_a_spreadsheet(camp):
    before = codes_of(camp.folder)
    path = camp.folder / "codes.csv"
    rows = [{"name": name, "code": code_, "sent": "是"} for name, code_ in before.items()]
    for mark, encoding in ((";", "gb18030"), ("\t", "utf-16"), (",", "utf-8")):
        stream = io.StringIO()
        writer = csv.DictWriter(stream, ["sent", "Code ", "NAME"], delimiter=mark)
        writer.writeheader()
        writer.writerows({"sent": row["sent"], "Code ": row["code"], "NAME": cell(row["name"])} for row in rows)
        path.write_bytes(stream.getvalue().encode(encoding))
        roster.add(camp.folder, [f"new {encoding}"])
        assert before.items() <= codes_of(camp.folder).items()
        assert f"new {encoding}" in codes_of(camp.folder)
        assert "是" in path.read_text(encoding="utf-8-sig")
        path.unlink()  # put away: only new ones are written
        roster.add(camp.folder, [f"later {encoding}"])
        assert list(codes_of(camp.folder)) == [f"later {encoding}"]
    roster.hand_out(camp.folder, [])
    assert before.items() <= codes_of(camp.folder).items()
    messages = read_table(camp.folder / "messages.csv", {"name": (), "code": (), "message": ()}).rows
    assert all(row.cells["code"] in row.cells["message"] for row in messages)
    if sys.platform != "win32":
        assert (camp.folder / "messages.csv").stat().st_mode & 0o077 == 0


def test_a_camp_made_before_keys_json_held_codes(camp):
    before = codes_of(camp.folder)
    path = camp.folder / "keys.json"
    path.write_text(re.sub(r'"code": "[^"]*"', '"code": null', path.read_text("utf-8")), encoding="utf-8")
    roster.add(camp.folder, ["Ken"])
    assert before.items() < codes_of(camp.folder).items()
    assert {one.name: one.code for one in folder.read_camp(camp.folder).learners} == codes_of(camp.folder)
    path.write_text(re.sub(r'"code": "[^"]*"', '"code": null', path.read_text("utf-8")), encoding="utf-8")
    (camp.folder / "codes.csv").unlink()
    with pytest.raises(UserError, match="code was not kept: give a new one by camp reissue"):
        roster.hand_out(camp.folder, ["Ken"])


def test_names_that_begin_like_formulas_keep_their_codes(tmp_path, clock):
    (tmp_path / "roster.csv").write_text("name\n=cmd\n'=cmd\n''=cmd\n＝cmd\nA;=cmd\n", encoding="utf-8")
    new.make(tmp_path / "camp", tmp_path / "roster.csv", START)
    before = codes_of(tmp_path / "camp")
    assert list(before) == ["=cmd", "'=cmd", "''=cmd", "＝cmd", "A;=cmd"]
    roster.add(tmp_path / "camp", ["Ada"])
    assert before.items() < codes_of(tmp_path / "camp").items()


# ---- accidents


def test_a_command_cut_off_between_its_files_strands_nobody(camp, monkeypatch):
    def full(*_):
        raise UserError("disk full")

    for change in (lambda: roster.reissue(camp.folder, ["小明"]), lambda: roster.add(camp.folder, ["Ken"])):
        with monkeypatch.context() as patched:
            patched.setattr(roster, "write_codes", full)
            with pytest.raises(UserError, match="disk full"):
                change()
    roster.hand_out(camp.folder, [])  # from keys.json alone
    for name in ("小明", "Ken"):
        assert code.key_of(codes_of(camp.folder)[name]) == folder.read_camp(camp.folder).learner(name).key
    (camp.folder / "codes.csv").unlink()
    roster.hand_out(camp.folder, ["Ken"])
    assert list(codes_of(camp.folder)) == ["Ken"]


def test_a_line_posted_before_a_reissue_and_verified_after_counts(camp, tmp_path):
    old = camp.learners[0].key
    before = line.pack(a_record("00A", time=int(NOON.timestamp()) - 60), old)
    after = line.pack(a_record("00B", time=int(NOON.timestamp()) + 60), old)
    roster.reissue(camp.folder, ["小明"])
    camp = folder.read_camp(camp.folder)
    verdicts, kept = judged(camp, f"{before}\n{after}", tmp_path, NOON + timedelta(days=3))
    assert "by the code replaced on 2026-03-10, dated before that" in told(verdicts[0])
    assert "was replaced" in verdicts[1].refused
    verdicts, _ = judged(camp, before, tmp_path, NOON + timedelta(days=8))
    assert "was replaced" in verdicts[0].refused
    folder.write_kept(camp, kept)  # what was taken in time stays
    assert set(standing.standings(camp, NOON + timedelta(days=90))[0].done) == {"00A"}


def test_a_step_back_and_forth(camp):
    with pytest.raises(UserError, match="nothing to undo"):
        roster.undo(camp.folder)
    files = ("keys.json", "codes.csv")
    for change in (
        lambda: roster.reissue(camp.folder, ["小明"]),
        lambda: roster.remove(camp.folder, ["Ada"]),
        lambda: roster.rename(camp.folder, "李雷", "李雷 (2)"),
        lambda: roster.add(camp.folder, ["Ken"]),
    ):
        before = [(camp.folder / name).read_bytes() for name in files]
        change()
        after = [(camp.folder / name).read_bytes() for name in files]
        roster.undo(camp.folder)
        assert [(camp.folder / name).read_bytes() for name in files] == before
        roster.undo(camp.folder)
        assert [(camp.folder / name).read_bytes() for name in files] == after
    names = [one.name for one in folder.read_camp(camp.folder).learners if not one.left]
    assert names == ["小明", "李雷 (2)", *NAMES[3:], "Ken"]
    assert set(codes_of(camp.folder)) == set(names)
    with pytest.raises(UserError, match="on the roster already"):
        roster.rename(camp.folder, "Ken", "小明")


# ---- evidence


def test_what_was_handed_in_is_only_ever_added_to(camp, tmp_path, capsys):
    path = camp.folder / "checkins.jsonl"
    good = line.pack(a_record("00A"), camp.learners[0].key)
    entry = json.dumps({"line": good, "seen": "2026-03-09T00:00:00", "from": "me"})  # an editor took the zone
    forged = json.dumps({"line": "VITLINE1" + "A" * 100, "seen": NOON.isoformat(), "from": "me"})
    kept = f'{entry}\n{{"line": "half\n\n[]\n{entry}{entry}\n{forged}\n"text"'.encode() + b"\xff\xfe nonsense"
    path.write_bytes(kept)
    (tmp_path / "chat.txt").write_text(line.pack(a_record("00B"), camp.learners[0].key))
    assert main(["verify", str(camp.folder), str(tmp_path / "chat.txt")]) == 0
    assert path.read_bytes().startswith(kept + b"\n")
    assert path.read_bytes().count(b"\n") == kept.count(b"\n") + 2
    out = capsys.readouterr().out
    assert "4 entries that cannot be read (line 2, 4, 5, 7 ...): kept, not counted" in out
    assert "1 lines of checkins.jsonl do not count now: no sound line" in out
    assert set(standing.standings(camp, NOON)[0].done) == {"00A", "00B"}
    before = path.read_bytes()
    assert main(["verify", str(camp.folder), str(tmp_path / "chat.txt")]) == 0
    assert path.read_bytes() == before


def test_two_organisers_folders_become_one(camp, tmp_path, capsys):
    other = tmp_path / "other"
    shutil.copytree(camp.folder, other)
    mine = [line.pack(a_record(place), camp.learners[0].key) for place in ("00A", "00B")]
    folder.write_kept(camp, [folder.Kept(one, NOON, "here") for one in mine])
    roster.add(other, ["Ken"])
    roster.reissue(other, ["Ada"])
    theirs = folder.read_camp(other)
    posted = [mine[0], *(line.pack(a_record("00A"), theirs.learner(name).key) for name in ("Ken", "Ada"))]
    folder.write_kept(theirs, [folder.Kept(one, NOON - timedelta(hours=1), "there") for one in posted])
    # the files simply appended: nothing that follows is lost, nothing counted twice
    joined = tmp_path / "joined"
    shutil.copytree(other, joined)
    with (joined / "checkins.jsonl").open("ab") as stream:
        stream.write((camp.folder / "checkins.jsonl").read_bytes())
    (tmp_path / "chat.txt").write_text("\n".join([*mine, *posted, line.pack(a_record("03A"), camp.learners[0].key)]))
    assert main(["verify", str(joined), str(tmp_path / "chat.txt")]) == 0
    assert "5 accepted (1 new)" in capsys.readouterr().out
    assert len(folder.read_kept(folder.read_camp(joined))) == 5
    # the command
    assert main(["merge", str(camp.folder), str(other)]) == 0
    assert "1 learners and 2 lines came in" in capsys.readouterr().out
    after = folder.read_camp(camp.folder)
    assert after.learner("Ada").keys == theirs.learner("Ada").keys
    assert codes_of(camp.folder) == codes_of(other)
    done = {one.learner.name: set(one.done) for one in standing.standings(after, NOON)}
    assert (done["小明"], done["Ken"], done["Ada"]) == ({"00A", "00B"}, {"00A"}, {"00A"})
    assert next(one.seen for one in folder.read_kept(after) if one.line == mine[0]) == NOON - timedelta(hours=1)
    assert evidence.merge(camp.folder, other) == (0, 0)
    # what cannot be joined changes nothing
    roster.reissue(camp.folder, ["李雷"])
    roster.reissue(other, ["李雷"])
    keys = (camp.folder / "keys.json").read_bytes()
    with pytest.raises(UserError, match="both have given '李雷' a new code"):
        evidence.merge(camp.folder, other)
    assert (camp.folder / "keys.json").read_bytes() == keys
    for name in ("camp.toml", "keys.json"):
        (other / name).write_text((other / name).read_text("utf-8").replace(f'"{camp.id}"', '"ZZZZ"'), encoding="utf-8")
    with pytest.raises(UserError, match=r"another camp \(ZZZZ\)"):
        evidence.merge(camp.folder, other)


def test_a_dropped_line_stays_away_until_it_is_taken_back(busy, tmp_path, capsys):
    posted = next(k.line for k in folder.read_kept(busy) if k.source == "chat.txt:1")
    name = busy.learners[1].name
    assert main(["drop", str(busy.folder), name, "00A", "--why", "copied"]) == 0
    (tmp_path / "chat.txt").write_text(posted)
    assert main(["verify", str(busy.folder), str(tmp_path / "chat.txt")]) == 0
    assert "dropped by the organiser: 2026-03-10 copied" in capsys.readouterr().out
    assert "00A" not in next(one for one in standing.standings(busy, NOON) if one.learner.name == name).done
    assert main(["drop", str(busy.folder), name, "00A"]) == 2
    assert main(["drop", str(busy.folder), name, "00A", "--undo"]) == 0
    assert "00A" in next(one for one in standing.standings(busy, NOON) if one.learner.name == name).done


def test_a_learner_who_wants_to_be_forgotten(busy, capsys):
    report.write(busy, NOON)
    gone = busy.learners[2]
    secret = gone.key.secret.hex()
    others = [kept for kept in folder.read_kept(busy) if take_apart(kept.line).learner != gone.id]
    roster.remove(busy.folder, ["小明"])  # so that there is a step to undo
    roster.add(busy.folder, ["小明"])
    assert main(["forget", str(busy.folder), "小明"]) == 2
    assert "two are called '小明'" in capsys.readouterr().err
    assert main(["forget", str(busy.folder), gone.name]) == 0
    assert "with 5 lines" in capsys.readouterr().out
    assert folder.read_kept(busy) == others
    for path in busy.folder.rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8", errors="replace")
            assert gone.name not in text, path
            assert secret not in text
            assert gone.code not in text
    assert main(["forget", str(busy.folder), gone.name]) == 2


# ---- a line instead of a traceback


def test_a_folder_that_cannot_be_used_is_said_in_a_line(camp, monkeypatch, capsys):
    monkeypatch.setattr(folder, "PATIENCE", 0.1)
    with filelock.FileLock(camp.folder / ".lock"):
        assert main(["add", str(camp.folder), "Ken"]) == 2
    assert "another command has held it" in capsys.readouterr().err
    (camp.folder / ".lock").unlink(missing_ok=True)
    (camp.folder / ".lock").mkdir()  # stands for any folder that cannot be written to
    assert main(["add", str(camp.folder), "Ken"]) == 2
    (camp.folder / ".lock").rmdir()
    (camp.folder / "checkins.jsonl").mkdir()
    assert main(["report", str(camp.folder)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 2, err
    assert "Traceback" not in err
