"""Codes and lines that only their holder can make."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.document.lesson import read_lesson
from course.learner import camp_code as code
from course.learner import line
from course.learner.question import question
from vit.runtime.errors import UserError

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
    found=st.lists(
        st.none() | st.tuples(st.floats(-100, 100, width=16), st.floats(-100, 100, width=16)), max_size=2
    ).map(tuple),
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
    place = data.draw(st.integers(line.MARK_LENGTH, len(packed) - 1))
    symbol = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
    altered = packed[:place] + symbol + packed[place + 1 :]
    if altered != packed:
        try:
            sealed = line.take_apart(altered)
        except line.UnreadableLine:
            return
        assert sealed.opened(KEY) is None
