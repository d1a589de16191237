"""Pages of pictures with what the model says of them. Text is English: plots lack Chinese glyphs."""

import warnings
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from vit.attention_maps import enlarge, framed, rollout_maps
from vit.data.images import read_image
from vit.inference import predict
from vit.runtime.atomic import atomic_path
from vit.runtime.text import one_line


def prediction_page(pictures) -> Figure:
    """A row for each picture: the picture, where the model looked, and bars with the names it gave.

    Args:
        pictures: list of (title, pixels (H, W, 3) uint8, guesses, attention). Guesses come from
            `vit.inference.predict`; attention from `vit.attention_maps.attention_rollout`, or None.
    """
    columns = 3 if any(attention is not None for *_, attention in pictures) else 2
    widths = (1, 0.8, 1.1) if columns == 3 else (1, 1.1)
    figure = Figure(figsize=(9 + 3 * (columns - 2), 3.2 * len(pictures)), layout="constrained", dpi=110)
    grid = figure.subplots(len(pictures), columns, squeeze=False, width_ratios=widths)
    for axes, (title, pixels, guesses, attention) in zip(grid, pictures, strict=True):
        axes[0].imshow(pixels)
        axes[0].set_title(_label(title, 44), fontsize=11, parse_math=False)
        axes[0].axis("off")
        if columns == 3:
            axes[1].axis("off")
            if attention is not None:
                _overlay(axes[1], *attention)
                axes[1].set_title("attention (rollout)", fontsize=11)
        _bars(axes[-1], guesses)
    return figure


def _overlay(axes, pixels, patches) -> None:
    axes.imshow(pixels)
    axes.imshow(enlarge(patches, *pixels.shape[:2]), cmap="inferno", alpha=0.6)


def _bars(axes, guesses) -> None:
    names = [_label(str(guess.class_name)) for guess in guesses]
    shares = [guess.probability for guess in guesses]
    places = range(len(guesses))
    axes.barh(places, shares, color=["#2b6cb0"] + ["#a9c4de"] * (len(guesses) - 1), height=0.62)
    axes.set_yticks(places, names, fontsize=11, parse_math=False)
    axes.invert_yaxis()  # the best answer on top
    axes.set_xlim(0, 1.13)  # room for the number after a full bar
    axes.set_xticks([])
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    for place, share in zip(places, shares, strict=True):
        axes.text(share + 0.015, place, f"{share:.1%}", va="center", fontsize=10)


def contact_sheet(rows) -> Figure:
    """Pictures in rows; `rows` is a list of lists of files, all of one length."""
    figure = Figure(figsize=(1.15 * len(rows[0]), 1.15 * len(rows)), layout="constrained", dpi=110)
    axes = figure.subplots(len(rows), len(rows[0]), squeeze=False)
    for line, files in zip(axes, rows, strict=True):
        for cell, file in zip(line, files, strict=True):
            cell.imshow(read_image(file))
            cell.axis("off")
    return figure


def attention_page(model, pictures, truth=None) -> Figure:
    """Each picture as the model sees it, what it says, and the rollout of its attention over it; below, what it is."""
    figure = Figure(figsize=(1.7 * len(pictures), 3.9), layout="constrained", dpi=110)
    shown = [framed(model, file) for file in pictures]
    columns = figure.subplots(2, len(pictures), squeeze=False).T
    for column, file, pixels, patches in zip(columns, pictures, shown, rollout_maps(model, shown), strict=True):
        column[0].imshow(pixels)
        name = str(predict(model, file, top=1)[0].class_name)
        column[0].set_title(_label(name, 16), fontsize=10, parse_math=False)
        _overlay(column[1], pixels, patches)
        for axes in column:
            axes.axis("off")
    for column, name in zip(columns, truth or (), strict=False):
        column[1].set_title(_label(name, 16), fontsize=9, y=-0.16, parse_math=False)
    return figure


def numbered_patches(model, picture) -> Figure:
    """A picture as the model sees it, cut into patches with their numbers."""
    figure = Figure(figsize=(5, 5), layout="constrained", dpi=80)
    axes, rows = figure.subplots(), model.config.image_size // model.config.patch_size
    axes.imshow(framed(model, picture), extent=(0, rows, rows, 0))
    for number in range(rows**2):
        row, column = divmod(number, rows)
        axes.text(
            *(column + 0.5, row + 0.5, number),
            ha="center",
            va="center",
            fontsize=90 / rows,
            color="white",
            path_effects=[withStroke(linewidth=1.5, foreground="black")],
        )
    axes.set(xticks=range(rows + 1), yticks=range(rows + 1), xticklabels=[], yticklabels=[])
    axes.grid(color="white", linewidth=0.6)
    axes.tick_params(length=0)
    return figure


def training_page(rows) -> Figure:
    """Loss and accuracy over the seconds of training; `rows` as in log.csv."""
    figure = Figure(figsize=(9, 3.4), layout="constrained", dpi=110)
    left, right = figure.subplots(1, 2)
    seconds = [row["seconds"] for row in rows]
    left.plot(seconds, [row["train_loss"] for row in rows], color="#2b6cb0", marker=".")
    left.set_title("training loss")
    right.plot(seconds, [row["val_top1"] for row in rows], color="#2b6cb0", marker=".", label="top-1")
    right.plot(seconds, [row["val_top5"] for row in rows], color="#a9c4de", marker=".", label="top-5")
    right.set_ylim(0, 1.02)
    right.set_title("accuracy on val")
    right.legend(frameon=False)
    for axes in (left, right):
        axes.set_xlabel("seconds of training")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    return figure


def save_figure(figure: Figure, path) -> Path:
    """Write a figure as PNG in one step."""
    with atomic_path(path) as staged, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing")  # a name in Chinese shows as boxes
        figure.savefig(staged, format="png")
    return Path(path)


def _label(name: str, length: int = 28) -> str:
    """A name as it fits into a figure: in one line, not too long. Give it `parse_math=False`: "$" is a sign."""
    name = one_line(name)
    return name if len(name) <= length else name[: length - 1] + "…"
