"""From files to batches: pictures of every kind, labels, and the transform held against Pillow."""

import csv

import numpy as np
import pytest
from PIL import Image, ImageOps

import vit
from vit.config import named_model
from vit.data.class_names import ClassName, imagenet_classes
from vit.data.images import read_image
from vit.data.labels import Labelled, class_index, from_folders
from vit.data.photographs import offline_photographs
from vit.data.pipeline import evaluation_batches, framing, preprocess, training_batches
from vit.data.preprocessing import Preprocessing, tutorial_preprocessing

TI = named_model("vit_tiny_patch16_224").preprocessing()


def picture(width, height, seed=0):
    """Smooth colours with some detail, as Pillow image."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (max(2, height // 9), max(2, width // 9), 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.BICUBIC)


def by_pillow(image, resize=248, size=224):
    """The independent way: Pillow resizes, numpy cuts."""
    width, height = image.size
    short = min(width, height)
    image = image.resize((int(resize * width / short), int(resize * height / short)), Image.BICUBIC)
    pixels = np.asarray(image)
    top, left = (pixels.shape[0] - size) // 2, (pixels.shape[1] - size) // 2
    return pixels[top : top + size, left : left + size]


@pytest.mark.parametrize(
    "size", [(500, 333), (333, 500), (640, 427), (31, 47), (3000, 2000), (2400, 3000), (1, 1), (100, 1000), (224, 224)]
)
def test_framing_is_pillow_s_to_one_grey_level(size):
    image = picture(*size)
    pixels = np.asarray(image)
    for transform in framing(TI):
        pixels = transform(pixels)
    difference = np.abs(pixels.astype(int) - by_pillow(image))
    assert pixels.shape == (224, 224, 3)
    assert difference.max() <= 1


def test_without_antialiasing_the_test_above_would_fail():
    from mindspore.dataset import vision

    image = picture(3000, 2000)
    plain = vision.CenterCrop(224)(vision.Resize(248, vision.Inter.BICUBIC)(np.asarray(image)))
    assert np.abs(plain.astype(int) - by_pillow(image)).max() > 5


def test_preprocess_normalises_channel_by_channel():
    image = picture(300, 260)
    deit = named_model("deit_tiny_patch16_224").preprocessing()
    expected = (by_pillow(image) / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    got = preprocess(np.asarray(image), deit)
    assert got.shape == (3, 224, 224)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected.transpose(2, 0, 1), atol=1.01 / 255 / 0.224)


def test_conventions():
    assert (TI.resize, TI.size, TI.mean, TI.std) == (248, 224, (0.5,) * 3, (0.5,) * 3)
    tutorial = tutorial_preprocessing(224)
    assert (tutorial.resize, tutorial.mean) == (256, (0.485, 0.456, 0.406))
    with pytest.raises(vit.UserError, match="resize"):
        Preprocessing(224, 200, "bicubic", (0.5,) * 3, (0.5,) * 3)


# --- pictures -------------------------------------------------------------------------------


def saved(tmp_path, image, name, **options):
    image.save(tmp_path / name, **options)
    return tmp_path / name


def test_exif_rotation_is_obeyed(tmp_path):
    image = picture(60, 40)
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by 90 degrees clockwise to see it upright"
    path = saved(tmp_path, image, "turned.png", exif=exif)
    np.testing.assert_array_equal(read_image(path), np.asarray(image.transpose(Image.Transpose.ROTATE_270)))
    assert read_image(path).shape == (60, 40, 3)


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "1", "CMYK"])
def test_modes_become_rgb(tmp_path, mode):
    image = picture(40, 30).convert(mode)
    path = saved(tmp_path, image, "x.tif" if mode == "CMYK" else "x.png")
    pixels = read_image(path)
    assert pixels.shape == (30, 40, 3)
    assert pixels.dtype == np.uint8
    np.testing.assert_allclose(pixels, np.asarray(image.convert("RGB")), atol=3)


def test_sixteen_bits_are_scaled_not_cut_off(tmp_path):
    grey = np.array([[0, 257, 32896, 65535]], dtype=np.uint16)
    path = saved(tmp_path, Image.fromarray(grey), "deep.png")
    np.testing.assert_array_equal(read_image(path)[0, :, 0], [0, 1, 128, 255])


def test_transparency_lies_on_white(tmp_path):
    image = Image.new("RGBA", (4, 4), (200, 0, 0, 0))
    image.putpixel((0, 0), (200, 0, 0, 255))
    pixels = read_image(saved(tmp_path, image, "clear.png"))
    np.testing.assert_array_equal(pixels[0, 0], [200, 0, 0])
    np.testing.assert_array_equal(pixels[3, 3], [255, 255, 255])


@pytest.mark.parametrize("name", ["moving.gif", "moving.webp"])
def test_the_first_frame_of_a_moving_picture(tmp_path, name):
    frames = [Image.new("RGB", (20, 10), color) for color in ("red", "blue")]
    pixels = read_image(saved(tmp_path, frames[0], name, save_all=True, append_images=frames[1:], lossless=True))
    assert pixels.shape == (10, 20, 3)
    np.testing.assert_array_equal(pixels[0, 0], [255, 0, 0])


def test_one_pixel_and_chinese_names(tmp_path):
    path = saved(tmp_path, Image.new("RGB", (1, 1), "green"), "一只猫🐱.png")
    assert preprocess(read_image(path), TI).shape == (3, 224, 224)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("kept", [0.05, 0.6, 0.97])
def test_truncation_is_an_error(tmp_path, suffix, kept):
    path = saved(tmp_path, picture(200, 150), f"cut{suffix}")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(vit.UserError, match="cut"):
        read_image(path)


def test_what_is_no_picture(tmp_path, monkeypatch):
    (tmp_path / "text.jpg").write_text("not a picture")
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "phone.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(99))
    for name, message in (
        ("text.jpg", "not a picture"),
        ("empty.jpg", "the file is empty"),
        ("none.jpg", "no such file"),
        ("text.jpg/x.jpg", "no such file"),
        ("phone.jpg", "a HEIC picture, .* save it as JPEG"),
        ("n" * 300, "cannot be read"),
        ("with\0zero", "no such file"),
    ):
        with pytest.raises(vit.UserError, match=message):
            read_image(tmp_path / name)
    with pytest.raises(vit.UserError, match="folder"):
        read_image(tmp_path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(vit.UserError, match="pixels"):
        read_image(saved(tmp_path, picture(60, 60), "bomb.png"))


# --- batches --------------------------------------------------------------------------------


def test_every_readable_picture_comes_once_in_order_and_batches_are_full(tmp_path):
    paths = [saved(tmp_path, Image.new("RGB", (40 + i, 50), (i * 20, 0, 0)), f"{i}.png") for i in range(7)]
    (tmp_path / "3.png").write_text("broken")
    small = Preprocessing(16, 16, "bicubic", (0.0,) * 3, (1.0,) * 3)
    unreadable: dict = {}
    batches = list(evaluation_batches(paths, small, 3, unreadable))
    assert [images.shape for images, _ in batches] == [(3, 3, 16, 16)] * 2
    index = np.concatenate([index for _, index in batches])
    np.testing.assert_array_equal(index, [0, 1, 2, 4, 5, 6])
    reds = np.concatenate([images for images, _ in batches])[:, 0, 8, 8] * 255
    np.testing.assert_allclose(reds, [0, 20, 40, 80, 100, 120], atol=0.01)
    assert list(unreadable) == [3]
    assert "not a picture" in unreadable[3]


def test_the_last_batch_is_padded(tmp_path):
    paths = [saved(tmp_path, picture(60, 50), f"{i}.png") for i in range(5)]
    *_, (images, index) = evaluation_batches(paths, Preprocessing(16, 16, "bicubic", (0.5,) * 3, (1.0,) * 3), 3, {})
    assert images.shape == (3, 3, 16, 16)
    np.testing.assert_array_equal(index, [3, 4, -1])
    assert not images[2].any()


def test_nothing_readable_gives_no_batch(tmp_path):
    (tmp_path / "0.png").write_text("broken")
    unreadable: dict = {}
    assert not list(evaluation_batches([tmp_path / "0.png"], TI, 1, unreadable))
    assert list(unreadable) == [0]


def test_a_batch_is_handed_over_not_copied(tmp_path):
    paths = [saved(tmp_path, picture(60, 50), f"{i}.jpg") for i in range(4)]
    small = Preprocessing(16, 16, "bicubic", (0.0,) * 3, (1.0,) * 3)
    ((images, labels),) = training_batches(Labelled(paths, [0, 1, 2, 3], {}), small, 4, epoch=0)
    assert images.shape == (4, 3, 16, 16)
    assert images.dtype == np.float32
    assert not images.flags.owndata, "a view of the engine's own buffer: copied once only, into the tensor"
    assert sorted(labels) == [0, 1, 2, 3]


def test_batches_equal_single_pictures(tmp_path):
    path = saved(tmp_path, picture(300, 200), "a.png")
    ((images, _),) = evaluation_batches([path], TI, 1, {})
    np.testing.assert_array_equal(images[0], preprocess(read_image(path), TI))


# --- labels ---------------------------------------------------------------------------------

ZOO = (ClassName("n2", "bee"), ClassName("n1", "ant, emmet"), ClassName("n3", "fox"), ClassName("n9", "crane"))


def folders(tmp_path, *names):
    for name in names:
        (tmp_path / name).mkdir()
        Image.new("RGB", (8, 8)).save(tmp_path / name / "x.png")
    return tmp_path


def test_labels_go_by_id_or_name_not_by_the_alphabet(tmp_path):
    data = from_folders(folders(tmp_path, "n1", "n2", "fox"), ZOO)
    assert data.folders == {"fox": 2, "n1": 1, "n2": 0}  # the alphabet would say 0, 1, 2
    assert data.labels == [2, 1, 0]
    assert class_index("Ants", ZOO) == 1
    assert class_index("EMMET", ZOO) == 1


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("foxx",), "did you mean fox"),
        (("n1", "ant"), "two folders mean class 1"),
        ((), "no class folders"),
    ],
)
def test_folders_that_mean_nothing(tmp_path, names, message):
    with pytest.raises(vit.UserError, match=message):
        from_folders(folders(tmp_path, *names), ZOO)


def test_two_classes_of_one_name():
    classes = imagenet_classes()
    with pytest.raises(vit.UserError, match="n02012849"):  # the bird, and the machine
        class_index("crane", classes)


def test_an_empty_class(tmp_path):
    folders(tmp_path, "n1")
    (tmp_path / "n2").mkdir()
    with pytest.raises(vit.UserError, match="no picture in class folder 'n2'"):
        from_folders(tmp_path, ZOO)
    with pytest.raises(vit.UserError, match="no such folder"):
        from_folders(tmp_path / "none", ZOO)


def test_imagenet_names_are_those_of_the_photographs(real):
    classes = imagenet_classes()
    assert len({known.wnid for known in classes}) == 1000
    with open(real / "photos" / "labels.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            known = classes[int(row["class_index"])]
            assert (known.wnid, str(known)) == (row["wnid"], row["name"])


def test_the_offline_photographs_are_there():
    found = offline_photographs()
    assert set(found) == {"cat", "coffee", "grace_hopper"}
    for path, _ in found.values():
        assert min(read_image(path).shape[:2]) > 200


def test_exif_transpose_is_what_pillow_calls_upright():
    # guards the fixture above: orientation 6 is ROTATE_270 in Pillow's counting
    image = picture(6, 4)
    image.getexif()[0x0112] = 6
    np.testing.assert_array_equal(
        np.asarray(ImageOps.exif_transpose(image)), np.asarray(image.transpose(Image.Transpose.ROTATE_270))
    )
