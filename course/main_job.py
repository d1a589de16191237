"""The main job of `python start.py`: from nothing to a model that sees, without a network.

Draws the sample data, trains the small ViT on it from scratch, compares it with the weights that
come with the course, looks at where they look, and names real photographs with published weights where
those are at hand. Tables go to the terminal, pictures and numbers to outputs/.
"""

import json
import os
import shutil
import sys
import time

from course.learner.assets import PUBLISHED, REAL, SMALL, published_file
from vit.data.photographs import offline_photographs
from vit.runtime.crowd import give_way
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.paths import DATA, OUTPUTS, shown

EPOCHS = int(os.environ.get("VIT_EPOCHS", "12"))  # 12 of 5000 pictures: four to six minutes on two cores


def main() -> int:
    start = time.time()
    give_way()
    summary = {}
    for title, job in (
        ("sample data", draw),
        ("training", train),
        ("shipped weights", shipped),
        ("photographs", photographs),
    ):
        print(f"\n== {title}", flush=True)
        begin = time.time()
        try:
            summary[title] = job()
        except (UserError, RunFailed) as error:
            print(f"{title}: {error}", file=sys.stderr)
            return 2 if isinstance(error, UserError) else 1
        summary[title]["seconds"] = round(time.time() - begin, 1)
    OUTPUTS.mkdir(exist_ok=True)
    (OUTPUTS / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"\n{'':18}{'seconds':>8}  result")
    for title, part in summary.items():
        print(f"{title:18}{part['seconds']:8.0f}  {part['result']}")
        for line in part.get("lines", ()):
            print(f"{'':28}{line}")
    print(f"all together {time.time() - start:.0f} s")
    print("\nWhat next: python start.py lab opens the lessons; python start.py lessons runs them all from the top")
    return 0


def draw() -> dict:
    """The sample data, if it is not there yet, and a sheet of it."""
    from vit.data.sample.dataset import PER_CLASS, make_sample
    from vit.plots import contact_sheet, save_figure

    make_sample(DATA / "sample")
    pictures = [sorted(folder.iterdir())[:8] for folder in sorted((DATA / "sample" / "train").iterdir())]
    sheet = save_figure(contact_sheet(pictures), OUTPUTS / "sample.png")
    counts = ", ".join(f"{10 * count} {split}" for split, count in PER_CLASS.items())
    return {"result": f"{counts}; look at {shown(sheet)}"}


def train() -> dict:
    """The small ViT from scratch; each run starts anew."""
    from vit.recipe import Recipe
    from vit.trainer import fit

    out = OUTPUTS / "train"
    shutil.rmtree(out, ignore_errors=True)
    metrics = fit(DATA / "sample", out, SMALL, recipe=Recipe(epochs=EPOCHS))
    result = f"top-1 {metrics['top1']:.1%} on {metrics['images']} pictures after {metrics['train_seconds']:.0f} s from scratch"
    return {"result": f"{result} (chance 10 %); {shown(out / 'loss.png')}", "top1": metrics["top1"]}


def shipped() -> dict:
    """The same network, trained longer: its accuracy, and whether it looks at the object."""
    from vit.attention_maps import pointing
    from vit.data.labels import from_folders
    from vit.evaluation import evaluate
    from vit.hub import find
    from vit.plots import attention_page, save_figure
    from vit.weights import load_model

    model = load_model(find(SMALL))
    data = from_folders(DATA / "sample" / "val", model.classes)
    accuracy = evaluate(model, data)
    some = data.paths[::10]
    masks = [DATA / "sample" / "masks" / "val" / path.parent.name / f"{path.stem}.png" for path in some]
    gaze = pointing(model, some, masks)
    page = save_figure(attention_page(model, data.paths[3::100]), OUTPUTS / "attention.png")
    lines = [
        f"peak of the rollout on the object: {gaze['rollout']:.0%} (centre {gaze['centre']:.0%}, random {gaze['random']:.0%})",
        f"look at {shown(page)}",
    ]
    return {"result": f"top-1 {accuracy['top1']:.1%}", "lines": lines, "top1": accuracy["top1"], "pointing": gaze}


def photographs() -> dict:
    """Three real photographs, and the accuracy on labelled ones, with published weights where they are at hand."""
    from vit.data.labels import from_csv
    from vit.evaluation import evaluate
    from vit.hub import fetch
    from vit.weights import load_model

    try:
        model = load_model(published_file() or fetch(PUBLISHED), model_name=PUBLISHED)
    except UserError as error:
        print(error, file=sys.stderr)
        return {"result": "left out: the published weights are not at hand (the reason is above)"}
    rows = classify(model)
    lines = [f"{row['name']:14}{row['answer']:32}{'right' if row['right'] else 'wrong'}" for row in rows]
    labels = REAL / "photos" / "labels.csv"
    if labels.is_file():
        accuracy = evaluate(model, from_csv(labels, labels.parent, model.config.num_classes))
        lines.append(f"{accuracy['images']} photographs: top-1 {accuracy['top1']:.1%}, top-5 {accuracy['top5']:.1%}")
    return {"result": f"{PUBLISHED}; look at {shown(OUTPUTS / 'photographs.png')}", "lines": lines}


def classify(model) -> list[dict]:
    """Name the offline photographs; writes outputs/photographs.png."""
    from vit.attention_maps import attention_rollout
    from vit.data.images import read_image
    from vit.inference import predict
    from vit.plots import prediction_page, save_figure

    rows, pages = [], []
    for name, (path, wnid) in offline_photographs().items():
        pixels = read_image(path)
        guesses = predict(model, pixels)
        pages.append((path.name, pixels, guesses, attention_rollout(model, pixels)))
        best = guesses[0]
        rows.append(
            {
                "name": name,
                "answer": f"{best.class_name} ({best.probability:.1%})",
                "right": best.class_name.wnid == wnid,
            }
        )
    save_figure(prediction_page(pages), OUTPUTS / "photographs.png")
    return rows


if __name__ == "__main__":
    sys.exit(main())
