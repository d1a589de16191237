"""Which files of a folder are pictures; what is passed over is told, and nothing is counted twice."""

import os
import unicodedata

import pytest
from PIL import Image
from rights import forbidden

import vit
from vit.data.class_names import ClassName
from vit.data.folders import pictures_by_class, pictures_under
from vit.data.images import read_image
from vit.data.labels import class_index, from_folders
from vit.runtime.notes import Notes


def picture(path, colour="red"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), colour).save(path, "JPEG")
    return path


def names(folder, notes=None):
    notes = Notes() if notes is None else notes
    return [path.relative_to(folder).as_posix() for path in pictures_under(folder, notes)]


def link(path, target):
    try:
        path.symlink_to(target, target_is_directory=os.path.isdir(target))
    except OSError:
        pytest.skip("no links on this system")


def test_a_picture_is_what_pillow_opens_by_ending_or_by_content(tmp_path):
    wanted = ["a.jpg", "b.JPEG", "c.jfif", "d", "e.txt", "f.jpg_large", "g.jpg.1", "h.bak", "i.jpe", "j.mpo", "k.pjpeg"]
    for name in wanted:
        picture(tmp_path / name)
    for name, kind in (("l.avif", "AVIF"), ("m.jp2", "JPEG2000"), ("n.tga", "TGA"), ("o.ico", "ICO"), ("p.qoi", "QOI")):
        try:
            Image.new("RGB", (16, 16)).save(tmp_path / name, kind)
            wanted.append(name)
        except (KeyError, OSError):
            continue  # a Pillow without it
    (tmp_path / "q.png").write_text("broken, and named when it is read")
    assert names(tmp_path) == sorted([*wanted, "q.png"])


def test_what_is_passed_over_is_told_by_kind(tmp_path):
    picture(tmp_path / "a.jpg")
    for name in ("b.heic", "c.heic", "d.heic"):
        (tmp_path / name).write_bytes(b"\0\0\0\x18ftypheic" + bytes(99))
    (tmp_path / "list.csv").write_text("file,class\n")
    (tmp_path / "README").write_text("P5 is not a picture")
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(99))
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7\n")
    picture(tmp_path / ".hidden.jpg")
    picture(tmp_path / ".private" / "x.jpg")
    notes = Notes()
    assert names(tmp_path, notes) == ["a.jpg"]
    told = "\n".join(notes.lines())
    for part in (
        "b.heic and others, 3 in all",
        ".csv cannot",
        "a file without an ending cannot",
        ".mp4 cannot",
        ".pdf cannot",
        "begins with a dot",
    ):
        assert part in told
    assert ".hidden.jpg and others, 2 in all" in told


def test_what_systems_leave_behind_is_not_worth_a_word(tmp_path):
    picture(tmp_path / "a.jpg")
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store", "._a.jpg", ".ipynb_checkpoints/a.jpg", "__MACOSX/._a.jpg",
                 "@eaDir/a.jpg/SYNOPHOTO.jpg", ".gitkeep"):  # fmt: skip
        picture(tmp_path / name)
        if name == ".gitkeep":
            (tmp_path / name).write_text("")
    notes = Notes()
    assert names(tmp_path, notes) == ["a.jpg"]
    assert not notes.lines()
    (tmp_path / "data").mkdir()
    picture(tmp_path / "data" / "__MACOSX" / "x.jpg")
    picture(tmp_path / "data" / "n1" / "x.jpg")
    assert list(pictures_by_class(tmp_path / "data", notes)) == ["n1"]


def test_links_to_folders_are_followed_once(tmp_path):
    picture(tmp_path / "class" / "sub" / "a.jpg")
    picture(tmp_path / "elsewhere" / "b.jpg")
    link(tmp_path / "class" / "linked", tmp_path / "elsewhere")
    link(tmp_path / "class" / "again", tmp_path / "elsewhere")
    link(tmp_path / "class" / "about", tmp_path / "class" / "sub")
    link(tmp_path / "class" / "zoo", tmp_path / "class" / "sub")
    link(tmp_path / "class" / "sub" / "up", tmp_path / "class")
    link(tmp_path / "class" / "gone.jpg", tmp_path / "nothing")
    link(tmp_path / "class" / "round.jpg", tmp_path / "class" / "round.jpg")
    notes = Notes()
    found = names(tmp_path / "class", notes)
    assert found[-1] == "sub/a.jpg", "by its own name, not by a link's"
    assert len(found) == 2
    told = "\n".join(notes.lines())
    assert "others, 4 in all: passed over: a link to a folder that was read" in told
    assert "gone.jpg and others, 2 in all: passed over: no file, or a link to nothing" in told


def test_a_pipe_is_no_picture_and_nobody_waits_for_it(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names on this system")
    os.mkfifo(tmp_path / "x.jpg")
    notes = Notes()
    assert names(tmp_path, notes) == []
    assert "x.jpg: passed over: no file" in notes.lines()[0]
    os.mkfifo(tmp_path / ".hidden")
    with pytest.raises(vit.UserError, match="no class folders"):
        pictures_by_class(tmp_path, notes)


def test_folders_that_may_not_be_read(tmp_path):
    for name in ("ant/a.jpg", "ant/sub/b.jpg", "bee/c.jpg"):
        picture(tmp_path / "data" / name)
    with forbidden(tmp_path / "data" / "ant" / "sub"):
        notes = Notes()
        assert len(pictures_by_class(tmp_path / "data", notes)["ant"]) == 1
        (line,) = notes.lines()
        assert "sub: passed over: the folder cannot be opened (Permission denied)" in line
    for path, message in (
        ("data/ant", "ant: the folder cannot be opened"),
        ("data", "data: the folder cannot be opened"),
    ):
        with forbidden(tmp_path / path), pytest.raises(vit.UserError, match=message):
            pictures_by_class(tmp_path / "data", Notes())
    with forbidden(tmp_path / "data" / "bee" / "c.jpg"), pytest.raises(vit.UserError, match="Permission denied"):
        read_image(tmp_path / "data" / "bee" / "c.jpg")


def test_pictures_in_no_class_and_classes_that_hold_other_things(tmp_path):
    picture(tmp_path / "stray.jpg")
    (tmp_path / "labels.csv").write_text("not worth a word here")
    picture(tmp_path / "ant" / "a.jpg")
    notes = Notes()
    assert list(pictures_by_class(tmp_path, notes)) == ["ant"]
    assert [line.split(": ", 1)[1] for line in notes.lines()] == ["passed over: in no class folder"]
    (tmp_path / "bee").mkdir()
    (tmp_path / "bee" / "IMG.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(9))
    with pytest.raises(vit.UserError, match=r"no picture in class folder 'bee'; .*IMG\.heic: passed over"):
        pictures_by_class(tmp_path, Notes())


def test_one_folder_as_two_classes_is_told(tmp_path):
    picture(tmp_path / "ant" / "a.jpg")
    link(tmp_path / "bee", tmp_path / "ant")
    notes = Notes()
    assert list(pictures_by_class(tmp_path, notes)) == ["ant", "bee"]
    assert notes.lines() == [f"{tmp_path / 'bee'}: the same folder as ant"]


def test_one_name_spelled_in_two_ways(tmp_path):
    composed, apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    zoo = (ClassName(composed, composed), ClassName("Zoë", "Zoë"))
    for spelling in (composed, apart):
        picture(tmp_path / spelling / spelling / "x.jpg")
        assert from_folders(tmp_path / spelling, zoo).folders == {composed: 0}
    assert class_index(composed, (ClassName(apart, apart),)) == 0, "weights of before"
    both = tmp_path / "both"
    picture(both / composed / "a.jpg")
    picture(both / apart / "b.jpg")
    if len(list(both.iterdir())) == 2:  # some systems make them one themselves
        with pytest.raises(vit.UserError, match="spelled in two ways"):
            from_folders(both, zoo)


def test_names_that_differ_in_case_only(tmp_path):
    picture(tmp_path / "Ant" / "a.jpg")
    picture(tmp_path / "ant" / "a.jpg")
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("a system that does not tell them apart")
    notes = Notes()
    assert list(pictures_by_class(tmp_path, notes)) == ["Ant", "ant"]
    assert "differs in case only" in notes.lines()[0]
    with pytest.raises(vit.UserError, match="may mean"):
        class_index("ANT", (ClassName("Ant", "Ant"), ClassName("ant", "ant")))


def test_a_comma_belongs_to_a_folder_s_name_and_parts_the_names_of_imagenet():
    healthy, spot = (ClassName(name, name) for name in ("Pepper,_bell___healthy", "Pepper,_bell___Bacterial_spot"))
    assert [str(healthy), str(spot)] == ["Pepper,_bell___healthy", "Pepper,_bell___Bacterial_spot"]
    assert str(ClassName("n02123045", "tabby, tabby cat")) == "tabby"
    assert class_index("Pepper,_bell___Bacterial_spot", (healthy, spot)) == 1
    for name in ("Pepper", "bell___healthy", "_bell___healthy"):
        with pytest.raises(vit.UserError, match="no class of these weights"):
            class_index(name, (healthy,))
