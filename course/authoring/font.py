"""Cut the course's Chinese font out of Noto Sans CJK: `python -m course.authoring.font SOURCE_FONT`.

The whole font has 65,535 glyphs and weighs 16 MB; figures and cards need a seventh of them. Kept are
Latin-1, Greek, common signs, and the Chinese characters of GB 2312 and of the Standard Characters (2013).
The result has a name of its own, so that nobody takes it for an installed Noto that lacks characters.
"""

import argparse
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

from course.learner.fonts import FAMILY, FILE

SOURCE = "Noto Sans CJK SC"
BEYOND_GB2312 = FILE.with_name("standard_beyond_gb2312.txt")
RANGES = [
    (0x20, 0x7E),  # ASCII
    (0xA0, 0xFF),  # Latin-1
    (0x391, 0x3C9),  # Greek
    (0x2010, 0x2044),  # dashes, quotation marks, dots
    (0x2070, 0x2099),  # superscripts and subscripts
    (0x20AC, 0x20AC),  # euro
    (0x2100, 0x218F),  # letter-like signs, number forms
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematics
    (0x2460, 0x24FF),  # numbers in circles
    (0x2500, 0x25FF),  # lines, blocks, shapes
    (0x2605, 0x2606),  # stars
    (0x2713, 0x2717),  # ticks and crosses
    (0x3000, 0x303F),  # Chinese punctuation
    (0xFF01, 0xFF5E),  # full-width forms
    (0xFFE0, 0xFFE6),  # full-width currency
]


def gb2312() -> set[int]:
    """All code points that Python's codec knows: rows 1 to 87 of the standard."""
    points = set()
    for row in range(0xA1, 0xF8):
        for column in range(0xA1, 0xFF):
            text = bytes((row, column)).decode("gb2312", errors="ignore")
            points.update(map(ord, text))
    return points


def wanted() -> set[int]:
    """The code points the course's font is to have."""
    points = {point for first, last in RANGES for point in range(first, last + 1)}
    beyond = BEYOND_GB2312.read_text(encoding="utf-8")
    return points | gb2312() | {ord(letter) for letter in beyond if not letter.isspace()}


def simplified_face(path: Path) -> TTFont:
    """The face for mainland Chinese out of a collection, or the font itself."""
    fonts = TTCollection(path).fonts if path.suffix == ".ttc" else [TTFont(path)]
    for font in fonts:
        if font["name"].getDebugName(1) == SOURCE and font["OS/2"].usWeightClass == 400:
            return font
    raise SystemExit(f"{path} has no face named {SOURCE} Regular")


def cut(font: TTFont) -> None:
    """Leave only the wanted glyphs: no hinting, no layout features, no vertical metrics."""
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
    options.glyph_names = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)


def rename(font: TTFont) -> None:
    """Give the font the course's name everywhere a program may look; copyright and licence stay."""
    postscript = FAMILY.replace(" ", "") + "-Regular"
    names = {1: FAMILY, 2: "Regular", 3: f"{postscript};subset of {SOURCE}", 4: FAMILY, 6: postscript}
    table = font["name"]
    table.names = [record for record in table.names if record.platformID == 3 and record.langID == 0x409]
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames[0] = postscript
    top = cff.topDictIndex[0]
    for key, text in (("FamilyName", FAMILY), ("FullName", FAMILY)):
        if key in top.rawDict:
            setattr(top, key, text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="NotoSansCJK-Regular.ttc or NotoSansCJKsc-Regular.otf")
    font = simplified_face(parser.parse_args().source)
    font.recalcTimestamp = False  # the same source gives the same bytes
    cut(font)
    rename(font)
    font.save(FILE)
    print(f"{FILE.name}: {len(font.getBestCmap())} characters, {FILE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
