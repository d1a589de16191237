"""Which number is black and which is white: held against arrays that are known, and against tifffile."""

import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

import vit
from vit.data.images import read_image
from vit.runtime.notes import Notes

# a picture that uses its whole range; what every way of storing it must give back
TRUE = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
TRUE[0, :2] = 0, 255
COLOUR = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
COLOUR[0, :2] = (0, 0, 0), (255, 255, 255)


def at(values, white, kind):
    """8 bits stretched to `white`, as numbers of that kind."""
    stretched = values.astype(np.float64) * white / 255
    return stretched.astype(kind) if np.dtype(kind).kind == "f" else np.rint(stretched).astype(kind)


def tiff(path, values, **options):
    tifffile.imwrite(path, values, **options)
    return path


def png(path, values, significant=None):
    """A PNG of 16 bits a sample, written by hand: (H, W, C), C = 1 to 4."""
    height, width, channels = values.shape

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    bits = chunk(b"sBIT", bytes([significant] * channels)) if significant else b""
    data = chunk(b"IHDR", header) + bits + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    return path


def pgm(path, values, most):
    height, width = values.shape
    path.write_bytes(b"P5 %d %d %d\n" % (width, height, most) + values.astype(">u2").tobytes())
    return path


def tagged(least, most, kind="H"):
    """S(igned)MinSampleValue and S…Max of a TIFF."""
    return {"extratags": [(340, kind, 1, least, True), (341, kind, 1, most, True)]}


def grey(path):
    return read_image(path)[..., 0]


def test_what_the_file_says_is_used_without_a_word(tmp_path, capsys):
    file = tmp_path / "x.tif"
    twelve = at(TRUE, 4095, np.uint16)
    replicated = at(TRUE, 4095, np.uint16) << 4 | at(TRUE, 4095, np.uint16) >> 8  # as PNG's standard has 12 bits
    ways = {
        "floats to 1": lambda: tiff(file, at(TRUE, 1, np.float32)),
        "floats, the least is white": lambda: tiff(file, 1 - at(TRUE, 1, np.float32), photometric="miniswhite"),
        "16 bits": lambda: tiff(file, at(TRUE, 65535, np.uint16)),
        "16 bits, big-endian": lambda: tiff(file, at(TRUE, 65535, np.uint16), byteorder=">"),
        "16 bits, deflated": lambda: tiff(file, at(TRUE, 65535, np.uint16), compression="zlib"),
        "16 bits, the least is white": lambda: tiff(file, 65535 - at(TRUE, 65535, np.uint16), photometric="miniswhite"),
        "16 bits with a sign": lambda: tiff(file, at(TRUE, 32767, np.int16)),
        "32 bits": lambda: tiff(file, at(TRUE, 2**32 - 1, np.uint32)),
        "32 bits with a sign": lambda: tiff(file, at(TRUE, 2**31 - 1, np.int32)),
        "12 bits by its tags": lambda: tiff(file, twelve, **tagged(0, 4095)),
        "12 bits by the older tags": lambda: tiff(
            file, twelve, extratags=[(280, "H", 1, 0, True), (281, "H", 1, 4095, True)]
        ),
        "a sign and tags": lambda: tiff(file, (at(TRUE, 200, np.int16) - 100), **tagged(-100, 100, "h")),
        "floats and tags": lambda: tiff(file, at(TRUE, 7, np.float32) - 2, **tagged(-2.0, 5.0, "f")),
        "8 bits, the least is white": lambda: tiff(file, 255 - TRUE, photometric="miniswhite"),
        "PNG of 16 bits": lambda: png(tmp_path / "x.png", at(TRUE, 65535, np.uint16)[..., None]),
        "PNG, 12 bits at the top": lambda: png(tmp_path / "x.png", replicated[..., None], significant=12),
        "PGM to 1023": lambda: pgm(tmp_path / "x.pgm", at(TRUE, 1023, np.uint16), 1023),
        "PGM to 65535": lambda: pgm(tmp_path / "x.pgm", at(TRUE, 65535, np.uint16), 65535),
    }
    for name, write in ways.items():
        np.testing.assert_allclose(grey(write()).astype(int), TRUE, atol=1, err_msg=name)
        assert not capsys.readouterr().err, name


def test_what_it_does_not_say_is_assumed_and_told(tmp_path):
    file = tmp_path / "x.tif"
    ways = {
        "12 bits in 16": lambda: tiff(file, at(TRUE, 4095, np.uint16)),
        "10 bits in 16": lambda: tiff(file, at(TRUE, 1023, np.uint16)),
        "14 bits in 16": lambda: png(tmp_path / "x.png", at(TRUE, 16383, np.uint16)[..., None]),
        "8 bits in 16": lambda: tiff(file, TRUE.astype(np.uint16)),
        "12 bits in PNG": lambda: png(tmp_path / "x.png", at(TRUE, 4095, np.uint16)[..., None]),
        "12 bits at the bottom": lambda: png(tmp_path / "x.png", at(TRUE, 4095, np.uint16)[..., None], significant=12),
        "16 bits in 32": lambda: tiff(file, at(TRUE, 65535, np.int32)),
        "8 bits in 32": lambda: tiff(file, TRUE.astype(np.uint32)),
        "floats to 255": lambda: tiff(file, TRUE.astype(np.float32)),
        "floats a little beyond 1": lambda: tiff(file, at(TRUE, 1.02, np.float32) - 0.01),
    }
    for name, write in ways.items():
        notes = Notes()
        pixels = read_image(write(), notes)[..., 0]
        np.testing.assert_allclose(pixels.astype(int), TRUE, atol=3, err_msg=name)
        (line,) = notes.lines()
        assert "taken as" in line, name


def test_what_cannot_be_known_is_refused(tmp_path):
    file = tmp_path / "x.tif"
    ways = {
        "negative": lambda: tiff(file, at(TRUE, 200, np.int16) - 100),
        "8 bits with a sign": lambda: tiff(file, (TRUE.astype(int) - 128).astype(np.int8)),
        "floats from -1": lambda: tiff(file, at(TRUE, 2, np.float32) - 1),
        "floats to 3": lambda: tiff(file, at(TRUE, 3, np.float32)),
        "floats to 40,000": lambda: tiff(file, at(TRUE, 40_000, np.float32)),
        "24 bits in 32": lambda: tiff(file, at(TRUE, 2**24 - 1, np.uint32)),
        "beyond its own tags": lambda: tiff(file, at(TRUE, 65535, np.uint16), **tagged(0, 255)),
        "not a number": lambda: tiff(file, np.full((4, 4), np.nan, np.float32)),
        "infinite": lambda: tiff(file, np.full((4, 4), np.inf, np.float32)),
        "16 bits, colours apart": lambda: tiff(
            file, at(COLOUR, 65535, np.uint16).transpose(2, 0, 1), photometric="rgb", planarconfig="separate"
        ),
        "turned round twice": lambda: tiff(file, at(TRUE, 1, np.float32), byteorder=">", compression="zlib"),
        "half floats": lambda: tiff(file, at(TRUE, 1, np.float16)),
        "double floats": lambda: tiff(file, at(TRUE, 1, np.float64)),
        "floats in colour": lambda: tiff(file, at(COLOUR, 1, np.float32), photometric="rgb"),
    }
    for name, write in ways.items():
        with pytest.raises(vit.UserError) as stop:
            read_image(write())
        assert "\n" not in str(stop.value), name


def test_deep_colours(tmp_path):
    """Pillow keeps the upper 8 of 16 bits: of 12 bits in 16, next to nothing."""
    opaque = np.full((20, 30, 1), 65535, np.uint16)
    for white, assumed in ((65535, 0), (4095, 1), (1023, 1)):
        deep = at(COLOUR, white, np.uint16)
        ways = {
            "PNG": lambda deep=deep: png(tmp_path / "x.png", deep),
            "PNG with opacity": lambda deep=deep: png(tmp_path / "x.png", np.concatenate([deep, opaque], 2)),
            "TIFF": lambda deep=deep: tiff(tmp_path / "x.tif", deep, photometric="rgb"),
            "big-endian": lambda deep=deep: tiff(tmp_path / "x.tif", deep, photometric="rgb", byteorder=">"),
            "deflated": lambda deep=deep: tiff(tmp_path / "x.tif", deep, photometric="rgb", compression="zlib"),
            "in tiles": lambda deep=deep: tiff(tmp_path / "x.tif", deep, photometric="rgb", tile=(16, 16)),
            "opacity": lambda deep=deep: tiff(
                tmp_path / "x.tif", np.concatenate([deep, opaque], 2), photometric="rgb", extrasamples=["unassalpha"]
            ),
        }
        for name, write in ways.items():
            notes = Notes()
            np.testing.assert_allclose(read_image(write(), notes).astype(int), COLOUR, atol=1, err_msg=name)
            assert len(notes.lines()) == assumed, (name, white)
    half = png(tmp_path / "x.png", np.stack([at(TRUE, 65535, np.uint16), np.full((20, 30), 32768, np.uint16)], 2))
    np.testing.assert_allclose(grey(half).astype(int), 255 - (255 - TRUE.astype(int)) // 2, atol=1)


def test_a_deep_picture_is_turned_and_transparent(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = Image.fromarray(at(TRUE, 65535, np.uint16))
    deep.save(tmp_path / "x.png", exif=exif)
    np.testing.assert_array_equal(grey(tmp_path / "x.png"), np.rot90(TRUE, -1))
    deep.save(tmp_path / "x.png", transparency=0)
    np.testing.assert_array_equal(grey(tmp_path / "x.png"), np.where(TRUE == 0, 255, TRUE))
    for turn in (3, 6, 8):  # Pillow turns a TIFF itself
        tifffile.imwrite(tmp_path / "x.tif", at(TRUE, 65535, np.uint16), extratags=[(274, "H", 1, turn, True)])
        np.testing.assert_array_equal(grey(tmp_path / "x.tif"), np.rot90(TRUE, {3: 2, 6: -1, 8: 1}[turn]))


def test_numbers_are_tifffile_s(tmp_path):
    """Every kind of grey that is read has the numbers that an independent reader finds, stretched to 8 bits."""
    rng = np.random.default_rng(2)
    for kind in (np.uint16, np.int16, np.uint32, np.int32, np.float32):
        for options in ({}, {"byteorder": ">"}, {"compression": "zlib"}, {"tile": (16, 16)}):
            floats = np.dtype(kind).kind == "f"
            white = 1 if floats else np.iinfo(kind).max
            values = rng.random((33, 40)).astype(kind) if floats else rng.integers(0, white, (33, 40)).astype(kind)
            file = tiff(tmp_path / "x.tif", values, **options)
            expected = tifffile.imread(file).astype(np.float64) / white * 255
            if (kind, options) == (np.uint32, {"byteorder": ">"}):
                with pytest.raises(vit.UserError, match="not a picture that Pillow knows"):
                    read_image(file)
            else:
                np.testing.assert_allclose(grey(file), expected, atol=0.51)


def test_a_kind_is_told_once_and_not_for_every_picture(tmp_path, capsys):
    for i in range(5):
        tiff(tmp_path / f"{i}.tif", at(TRUE, 4095 - i, np.uint16))
    notes = Notes()
    for path in sorted(tmp_path.iterdir()):
        read_image(path, notes)
    (line,) = notes.lines()
    assert line.startswith(f"{tmp_path / '0.tif'} and others, 5 in all: 16 bits a sample")
    vit.runtime.notes.TOLD._files.clear()  # as in a new process
    for path in sorted(tmp_path.iterdir()):
        read_image(path)
    assert capsys.readouterr().err.count("taken as 12 bits") == 1
