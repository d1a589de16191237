"""The study camp from verdicts to certificates: what lines come to, and what the organiser is told."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import datetime, time, timedelta, timezone

import icalendar
import pytest
from a_camp import NAMES, NOON, a_record, judged

from benchmarks.likeness import camp as simulated
from course.camp import (
    certificates,
    difficulty,
    folder,
    likeness,
    report,
    roster,
    schedule,
    spot,
    standing,
)
from course.camp.camp import Rule, exercises_of, known_places
from course.camp.cli import main
from course.camp.judge import LineVerdict
from course.camp.serial import serial
from course.camp.verify import told
from course.document.lesson import read_lesson
from course.learner import camp_code as code
from course.learner import line
from course.learner.card import draw_card
from course.learner.card_style import drawn_name
from course.learner.checkin_days import days
from course.learner.question import question
from course.manifest import lessons
from vit.runtime.errors import UserError

CORE = {entry.number for entry in lessons() if entry.core}


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
    easy = replace(busy, rule=Rule(4 / len(busy.core), 0, 0))
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
    tight, _ = schedule.plan(16)
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


def test_lines_in_the_camps_own_file_are_not_believed(busy):
    path = busy.folder / "checkins.jsonl"
    forged = line.pack(a_record("05A"), code.Key(busy.id, bytes(32)))
    entry = {"line": forged, "seen": NOON.isoformat(), "from": "me"}
    path.write_text(json.dumps(entry) + "\nnonsense\n[]\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert all("05A" not in one.done for one in standing.standings(busy, NOON))
    assert sum(len(one.done) for one in standing.standings(busy, NOON)) == 5 * (len(NAMES) - 1)


# ---- what counts as credit


def hand_in(camp, learner, places, tmp_path, seen=NOON, **changes):
    """Accept a line for each place; `right` answers the personal questions."""
    changes = {"exercises": None, "answer": None} | changes
    posts = []
    for place in places:
        fields = dict(changes)
        if callable(fields["answer"]):
            fields["answer"] = fields["answer"](place)
        if fields["exercises"] is None:
            fields["exercises"] = tuple(line.tried("placeholder", 0, 0, []) for _ in exercises_of(place))
        elif fields["exercises"] == "passed":
            del fields["exercises"]
        posts.append(line.pack(a_record(place, **fields), learner.key))
    verdicts, kept = judged(camp, "\n".join(posts), tmp_path, seen)
    folder.write_kept(camp, kept)
    return verdicts


def right(learner):
    return lambda place: question(read_lesson(place[:2]), place[2:], key=learner.key)[1]


def test_lines_alone_earn_no_certificate(camp, tmp_path, capsys):
    nothing, no_answers, honest, *_ = camp.learners
    hand_in(camp, nothing, camp.core, tmp_path)
    hand_in(camp, no_answers, camp.core, tmp_path, exercises="passed")
    hand_in(camp, honest, camp.core[:-3], tmp_path, exercises="passed", answer=right(honest))
    assert main(["certificates", str(camp.folder)]) == 0
    out = capsys.readouterr().out
    assert "80% of the sections, 60% of the exercises passed, 60% of the questions right" in out
    assert "2 have handed in enough sections, but lack exercises or questions" in out
    written = list((camp.folder / "certificates").iterdir())
    assert [path.name.partition("-")[0] for path in written] == ["Ada"]
    one = {one.learner.name: one for one in standing.standings(camp, NOON)}
    assert standing.lacking(camp, one["小明"]) == ["exercises passed: 0% of 60%", "questions answered right: 0% of 60%"]
    # the rule is the organiser's; one written before there was a rule has the defaults
    path = camp.folder / "camp.toml"
    text = path.read_text(encoding="utf-8")
    old = re.sub(r"certificate_(exercises|questions) = .*\n|holidays.*\n|notes.*\n", "", text)
    for changed, expected in [
        (old, {"Ada"}),
        (text.replace("certificate_questions = 0.6", "certificate_questions = 0"), {"Ada", "李雷"}),
        (old + "", {"Ada"}),
        (re.sub(r"(certificate_(?:exercises|questions)) = 0.6", r"\1 = 0", text), {"Ada", "李雷", "小明"}),
    ]:
        path.write_text(changed, encoding="utf-8")
        again = folder.read_camp(camp.folder)
        assert {o.learner.name for o in standing.standings(again, NOON) if standing.earned(again, o)} == expected


def test_a_line_cannot_say_more_than_a_section_has(camp, tmp_path):
    ming = camp.learners[0]
    many = tuple(line.tried("passed", 1, 0, []) for _ in range(30))
    assert (
        "says 30 exercises, 03A of this version has"
        in hand_in(camp, ming, ["03A"], tmp_path, exercises=many)[0].refused
    )
    assert "says 255 parts of 6" in hand_in(camp, ming, ["03A"], tmp_path, parts=255)[0].refused
    assert "says 0 exercises" in hand_in(camp, ming, ["03A"], tmp_path, exercises=())[0].refused
    # of another version nobody knows how many there were: no more count than there are
    verdicts = hand_in(camp, ming, ["03A"], tmp_path, exercises=many, version=b"\1\2\3\4")
    assert f"· {len(exercises_of('03A'))}/30 ·" in told(verdicts[0])
    one = standing.standings(camp, NOON)[0]
    assert one.points <= camp.points["section"] + camp.points["on_time"] + 2 * len(exercises_of("03A"))
    # days before the camp, and after today, are no days of it
    for n in range(-120, 40):
        when = int((NOON + timedelta(days=n)).timestamp())
        folder.write_kept(camp, [folder.Kept(line.pack(a_record("00A", time=when), ming.key), NOON, "x")])
    assert standing.standings(camp, NOON)[0].streak == 9


def test_the_first_sight_of_a_section_decides_and_an_earlier_date_mends_nothing(camp, tmp_path):
    ming = camp.learners[0]
    late = int(NOON.timestamp())
    hand_in(camp, ming, ["00A"], tmp_path, time=late, exercises="passed")
    assert standing.standings(camp, NOON)[0].late == {"00A"}
    back = int(datetime(2026, 3, 2, 4, tzinfo=timezone.utc).timestamp())
    verdicts = hand_in(camp, ming, ["00A", "00B"], tmp_path, NOON + timedelta(days=1), time=back, exercises="passed")
    assert "dated before the line that came first" in told(verdicts[0])
    assert "first seen 9 days after its date" in told(verdicts[1])
    assert standing.standings(camp, NOON)[0].late == {"00A"}
    report.write(camp, NOON)
    rows = list(csv.DictReader(io.StringIO((camp.folder / "report" / "checkins.csv").read_text("utf-8-sig"))))
    assert "first seen 9 days after its date" in next(row for row in rows if row["section"] == "00B")["remarks"]


def test_a_holiday_moves_the_days_after_it_and_no_number(camp, tmp_path):
    path = camp.folder / "camp.toml"
    text = path.read_text(encoding="utf-8").replace("holidays = []", "holidays = [2026-03-03, 2026-03-04, 2026-02-01]")
    path.write_text(text, encoding="utf-8")
    moved = folder.read_camp(camp.folder)
    assert [moved.date(day).isoformat() for day in (1, 2, 3)] == ["2026-03-02", "2026-03-05", "2026-03-06"]
    assert moved.plan == camp.plan
    for day in range(-3, moved.days + 3):
        noon = datetime.combine(moved.date(day), time(12), moved.zone)
        assert moved.day(noon) == day
    holiday = datetime(2026, 3, 4, 12, tzinfo=moved.zone)
    assert moved.day(holiday) == 1
    assert moved.due("00A").isoformat() == "2026-03-05"
    for n in (2, 3, 4, 5):  # in a row: nobody loses a streak by a holiday
        when = int(datetime(2026, 3, n, 12, tzinfo=moved.zone).timestamp())
        folder.write_kept(moved, [folder.Kept(line.pack(a_record("00A", time=when), moved.learners[0].key), NOON, "x")])
    assert standing.standings(moved, NOON)[0].streak == 2


# ---- likeness


def test_copying_is_a_likeness_and_an_honest_slip_hardly_ever():
    """Eight camps of forty learners with the slips that questions are made for; in each, one copies four answers."""
    slips, honest = 0, []
    for seed in range(8):
        count, pairs = simulated(40, seed)
        assert ["copier", "0"] in pairs
        slips += count
        honest += [pair for pair in pairs if "copier" not in pair]
    assert slips > 3000
    assert len(honest) <= slips / 1000, honest


def test_one_answer_of_anothers_is_chance_and_two_are_listed(camp):
    one, other = camp.learners[:2]

    def answers(places):
        for place in places:
            lesson, section = read_lesson(place[:2]), place[2:]
            _, hers = question(lesson, section, key=other.key)
            yield LineVerdict("", other, a_record(place, answer=hers), other.key, right=True)
            yield LineVerdict("", one, a_record(place, answer=hers), one.key, right=False)

    assert likeness.alike(list(answers(["03A"]))) == []
    (found,) = likeness.alike(list(answers(["03A", "04B"])))
    assert (found.names, found.place) == ([one.name, other.name], "03A 04B")


# ---- what is said


def test_what_may_be_published_has_no_names_and_notes_come_newest_first(camp, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "NOTES", 3)
    for n, learner in enumerate(camp.learners):
        when = int(NOON.timestamp()) - 3600 * n
        hand_in(camp, learner, ["00A"], tmp_path, time=when, texts=("nick", "r", f"note {n}"), exercises="passed")
    report.write(camp, NOON)
    private = (camp.folder / "report" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"note \d", private) == ["note 0", "note 1", "note 2"]
    assert "2 earlier ones are in report/checkins.csv" in private
    public = (camp.folder / "public" / "index.html").read_text(encoding="utf-8")
    assert [path.name for path in (camp.folder / "public").iterdir()] == ["index.html"]
    for name in ["小明", "Ada", "李雷", "HYPERLINK", "onerror", "note", "nick"]:
        assert name not in public.replace("notes", ""), name
    assert "<td>00A</td><td>5</td>" in public
    text = (camp.folder / "camp.toml").read_text(encoding="utf-8")
    (camp.folder / "camp.toml").write_text(text.replace("notes = true", "notes = false"), encoding="utf-8")
    report.write(folder.read_camp(camp.folder), NOON)
    assert "note 0" not in (camp.folder / "report" / "index.html").read_text(encoding="utf-8")


def test_verify_names_what_is_new_and_show_one_learner(busy, tmp_path, capsys, monkeypatch):
    learner = busy.learners[2]
    old = [kept.line for kept in folder.read_kept(busy)]
    new = line.pack(a_record("03B", texts=("n", "r", "终于")), learner.key)
    chat = tmp_path / "chat.txt"
    chat.write_text("\n".join([*old, new]), encoding="utf-8")
    monkeypatch.setenv("VIT_CAMP_NOW", (NOON + timedelta(hours=1)).isoformat())
    for options, count in (([], 1), (["--all"], len(old) + 1)):
        assert main(["verify", str(busy.folder), str(chat), *options]) == 0
        out = capsys.readouterr().out
        assert out.count("✅") == count, out
        assert f"{len(old) + 1} accepted" in out
    assert main(["show", str(busy.folder), learner.name]) == 0
    out = capsys.readouterr().out
    assert "03B" in out
    assert "“终于”" in out
    assert "missing: " in out
    assert "certificate: sections handed in: 24% of 80%" in out


def test_a_certificates_number_is_looked_up(busy, capsys):
    one, other = busy.learners[1], busy.learners[2]
    assert serial(one) != serial(other)
    for text in (serial(one), serial(one).lower().replace("-", " "), "No. " + serial(one)):
        assert main(["certificates", str(busy.folder), "--find", text]) == 0
        assert f"{one.name}, who has not earned it" in capsys.readouterr().out
    assert main(["certificates", str(busy.folder), "--find", serial(one)[:-1] + "?"]) == 0
    assert "no certificate of this camp" in capsys.readouterr().out
    assert not (busy.folder / "certificates").exists()


def test_no_text_of_anybodys_is_taken_for_a_formula(busy, tmp_path):
    names = ["$_$", "$x^$ {", r"\frac $\$ $", "a$b$c", "_^_", "$$$"]
    easy = replace(busy, rule=Rule(4 / len(busy.core), 0, 0), title=r"$\oops$ {")
    for learner, name in zip(easy.learners[1:], names, strict=False):
        learner.name = name
    assert len(certificates.write(easy, NOON, "png", "zh")) == len(busy.learners) - 1
    for name in names:
        receipt = {
            "nickname": name,
            "language": "en",
            "section": "A",
            "exercises": {"00.1": {"outcome": "passed"}},
            "question": {"right": True},
            "parts": {"yours": 1, "all": 6},
            "signature": name,
            "day": 1,
            "streak": 1,
            "versions": {"mindspore": "2"},
            "device": "CPU",
            "seconds": 60,
            "time": "2026-03-10",
            "line": None,
        }
        draw_card(receipt, name, tmp_path / "card.png")
        assert (tmp_path / "card.png").read_bytes().startswith(b"\x89PNG")
