"""Tables as people send them: any spreadsheet's encoding and separators; what is guessed is said, what is wrong is said at once."""

import sys
import unicodedata

import pytest

from vit.data.encodings import decode
from vit.data.labels import from_csv
from vit.data.tables import invisible, read_table
from vit.runtime.errors import UserError

NAMES = {"name": ("姓名",)}


@pytest.fixture
def table(tmp_path):
    def write(data, encoding="utf-8"):
        path = tmp_path / "table.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode(encoding))
        return path

    return write


def names(path, **options):
    read = read_table(path, NAMES, **options)
    read.refuse()
    return [row.cells["name"] for row in read.rows]


# ---- encodings


def test_what_the_bytes_prove_is_read_without_a_word(table, capsys):
    text = "姓名,群\n小明,1\nMüller,2\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        assert names(table(text, encoding)) == ["小明", "Müller"], encoding
    assert capsys.readouterr().err == ""


def test_what_is_guessed_is_said_with_the_words_to_look_at(table, capsys):
    for encoding, people in [
        ("gb18030", ["小明", "李雷", "Ada"]),
        ("gb18030", ["朱镕基", "李喆", "王堃", "陈·明"]),  # characters that GB 2312 lacks
        ("gb18030", ["王文燕"]),  # letters with accents in cp1252, Cyrillic ones in cp1251
        ("big5", ["陳大文", "林志玲"]),
        ("cp1252", ["Müller", "Ada", "Bob"]),  # GBK by its bytes alone: M黮ler
        ("cp1252", ["Grüße", "François", "Zoë"]),
    ]:
        assert names(table("\n".join(["name", *people, ""]), encoding)) == people, encoding
        said = capsys.readouterr().err
        assert f"read as {encoding}: " in said
        assert next(name for name in people if not name.isascii()) in said
        assert "if that is wrong, save it" in said


def test_what_makes_sense_twice_or_never_is_not_guessed(table):
    for encoding, people, message in [
        ("gb18030", ["李雷"], "more than one encoding.*gb18030: 李雷; big5: 燠濘.*save it as 'CSV UTF-8'"),
        ("euc_kr", ["김철수"], "more than one encoding.*cp949: 김철수"),
        ("gb18030", ["路一"], "more than one encoding.*utf-8: ·һ; gb18030: 路一"),  # valid UTF-8, too
        ("cp1251", ["Иван"], "more than one encoding.*cp1251: Иван"),
        ("shift_jis", ["山田太郎"], "no encoding that makes sense"),
        ("cp1250", ["Łukasz"], "no encoding that makes sense"),
    ]:
        path = table("\n".join(["name", *people, ""]), encoding)
        with pytest.raises(UserError, match=message):
            names(path)
        assert names(path, encoding=encoding) == people
    with pytest.raises(UserError, match="no encoding 'martian'"):
        names(table("name\n"), encoding="martian")


def test_signs_of_any_language_in_utf8_are_no_riddle():
    for text in ("25°C ±5 é", "Ёж Пушкин", "Εύα משה", "¿Qué? ½", "l·l", "Zażółć gęślą jaźń", "№1"):
        assert decode(text.encode()) == (text, "utf-8", False), text


def test_what_is_no_text_is_named(table):
    for data, message in [
        (b"PK\x03\x04 ...", r"an Excel workbook \(.xlsx\)"),
        (b"\xd0\xcf\x11\xe0 ...", "an old Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b"name\nA\0da\n", "byte 6 is a NUL"),
        (b"\xff\xfen\0a\0m\0e\0\n\0A", "damaged at byte 12"),
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n,,\r\n", "is empty"),
    ]:
        with pytest.raises(UserError, match=message):
            names(table(data))
    with pytest.raises(UserError, match="no such file"):
        names(table("").with_name("none.csv"))


# ---- separators, headers, rows


def test_any_spreadsheets_separators_and_headers(table):
    for text in (
        "name;mail\nAda;a@b\n小明;\n",
        "\ufeff Name \tmail\nAda\ta@b\n小明\t\n",
        '"NAME","mail"\r\n"Ada","a;b;c"\r\n"小明",""\r\n',
        "sep=;\nname;mail\nAda;x\n小明;y\n",
        "\n\nmail,姓 名\na,Ada\n\n,小明\n,,,\n",
        "mail,ｎａｍｅ,,\na,Ada,,\nb,小明\n".replace("b,小明", "b,小明,,"),
        "name\u200b\nAda\n小明",
    ):
        assert names(table(text)) == ["Ada", "小明"], text
    for text, message in [
        ("nickname\nAda\n", "no column name; there are 'nickname'"),
        ("姓名，群\nAda\n", "no column name; there are '姓名，群'"),
        ("name,Name\na,b\n", "name stands there twice"),
    ]:
        with pytest.raises(UserError, match=message):
            names(table(text))
    assert list(read_table(table("name,x,x\na,b,c\n"), NAMES).rows[0].cells.values()) == ["a", "b", "c"]


def test_all_that_is_wrong_with_rows_is_said_at_once(table):
    with pytest.raises(UserError) as error:
        names(table('name\nSmith, John\nAda\n\nTom, Dick, Harry\n"Bob\n'))
    for part in ("row 2: 2 cells, the header has 1: put quotes", "row 5: 3 cells", "row 6: ", "quote"):
        assert part in str(error.value)
    with pytest.raises(UserError, match=r"row 2: 1 cells, the header has 2; .*and 22 more$"):
        names(table("name,group\n" + "Ada\n" * 30))
    assert names(table('name\n"Smith, John"\n')) == ["Smith, John"]


def test_what_cannot_be_seen_has_a_name():
    assert invisible("Ada\u200b\u202e") == ["ZERO WIDTH SPACE U+200B", "RIGHT-TO-LEFT OVERRIDE U+202E"]
    assert invisible("A\nb") == ["control character U+000A"]
    assert invisible("👩‍💻 小明 ✌️") == []
    assert invisible("A\u200da") == ["ZERO WIDTH JOINER U+200D"]


# ---- labels


def labelled(tmp_path, text, classes=4, encoding="utf-8"):
    (tmp_path / "labels.csv").write_text(text, encoding=encoding)
    return from_csv(tmp_path / "labels.csv", tmp_path, classes)


def test_labels_as_spreadsheets_and_other_systems_write_them(tmp_path, capsys):
    (tmp_path / "图").mkdir()
    stored = unicodedata.normalize("NFC", "café.jpg"), unicodedata.normalize("NFD", "naïve.jpg")
    for name in ("a.jpg", "图/b.jpg", *stored):
        (tmp_path / name).touch()
    for text in (
        "\ufefffile,class_index\na.jpg,3\n图/b.jpg,0\n",
        "File; Class Index\na.jpg;3.0\n图\\b.jpg;０\n",
        f" class_index\tFILE\n3.\t{tmp_path / 'a.jpg'}\n0\t./图/../图/b.jpg\n",
    ):
        data = labelled(tmp_path, text)
        assert (data.paths, data.labels) == ([tmp_path / "a.jpg", tmp_path / "图" / "b.jpg"], [3, 0]), text
    assert labelled(tmp_path, "file,class_index\n图/b.jpg,1\n", encoding="gb18030").labels == [1]
    for form in ("NFC", "NFD"):
        listed = [unicodedata.normalize(form, name) for name in stored]
        data = labelled(tmp_path, "file,class_index\n" + "".join(f"{name},1\n" for name in listed))
        assert [path.exists() for path in data.paths] == [True, True]
    capsys.readouterr()
    data = labelled(tmp_path, "file,class_index\na.jpg,1\n./a.jpg,1.0\n图/b.jpg,1\n")
    assert data.labels == [1, 1]
    assert "1 rows list a picture again; it counts once" in capsys.readouterr().err
    if sys.platform != "win32":
        (tmp_path / "odd\\name.jpg").touch()  # a name may hold a backslash there
        assert labelled(tmp_path, "file,class_index\nodd\\name.jpg,1\n").paths[0].exists()


def test_a_folder_reached_through_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.jpg").touch()
    try:
        (tmp_path / "link").symlink_to(tmp_path / "real")
    except OSError:
        pytest.skip("this system makes no links")
    (tmp_path / "labels.csv").write_text(f"file,class_index\n{tmp_path / 'real' / 'a.jpg'},1\n", encoding="utf-8")
    assert from_csv(tmp_path / "labels.csv", tmp_path / "link", 2).paths == [tmp_path / "link" / "a.jpg"]


def test_labels_that_cannot_be_used(tmp_path):
    for text, message in [
        ("file,label\na.jpg,3\n", "no column class_index; there are 'file', 'label'"),
        ("file,class_index\na.jpg,4\n", r"row 2: class_index 4 is not in 0\.\.3"),
        ("file,class_index\na.jpg,-1\n", r"class_index -1 is not in 0\.\.3"),
        ("file,class_index\na.jpg,bee\nb.jpg,1.5\nc.jpg,1_0\nd.jpg,nan\n", "row 2: .*'bee'.*row 3.*row 4.*row 5"),
        ("file,class_index\na.jpg\n", "row 2: 1 cells, the header has 2"),
        ("file,class_index\n,1\n", "row 2: no usable file name"),
        ("file,class_index\n../secret.jpg,1\n/etc/passwd,1\n..\\up.jpg,1\nC:\\x.jpg,1\n.,1\n", "not inside.*row 6"),
        ("file,class_index\na\u200b.jpg,1\n", "no usable file name ZERO WIDTH SPACE"),
        (
            "file,class_index\na.jpg,1\nb.jpg,2\n./a.jpg,2\n",
            r"row 4: file './a.jpg' is of class 2, of class 1 in row 2",
        ),
        ("file,class_index\n", "lists no pictures"),
        ("", "is empty"),
    ]:
        with pytest.raises(UserError, match=message) as error:
            labelled(tmp_path, text)
        assert "\n" not in str(error.value)
