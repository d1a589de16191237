"""The main job of `python start.py`: show, end to end, that this machine sees.

Names what three real photographs show, with the best weights at hand, and measures accuracy on
labelled photographs where there are some.
"""

import json
import os
import sys
import time
from pathlib import Path

from vit.data.photographs import offline_photographs
from vit.errors import UserError
from vit.paths import OUTPUTS, ROOT, shown

# Real weights and photographs that are too large, or not ours, to be kept in the repository.
REAL = Path(os.environ.get("VIT_REAL", ROOT.parent / "shared" / "real"))
MODEL = "vit_tiny_patch16_224"


def load():
    """The best weights at hand, and a sentence that says which they are."""
    from vit.hub import fetch, local_file
    from vit.registry import create_model
    from vit.weights import load_model

    beside = REAL / f"{MODEL}.safetensors"
    try:
        path = local_file(MODEL) or (beside if beside.is_file() else fetch(MODEL))
        return load_model(path, model_name=MODEL), f"published weights of {MODEL}"
    except UserError as error:
        print(error, file=sys.stderr)
    from vit.data.class_names import imagenet_classes
    from vit.data.preprocessing import preprocessing_for

    model = create_model(MODEL)
    model.preprocessing, model.classes = preprocessing_for(MODEL, 224), imagenet_classes()
    return model, "UNTRAINED weights: the names below are blind guesses and show only that the program runs"


def classify(model) -> list[dict]:
    """Name the offline photographs; writes outputs/photographs.png."""
    from vit.data.images import read_image
    from vit.drawing import prediction_page, save_figure
    from vit.inference import predict

    rows, pages = [], []
    for name, (path, wnid) in offline_photographs().items():
        pixels = read_image(path)
        guesses = predict(model, pixels)
        pages.append((path.name, pixels, guesses))
        best = guesses[0]
        answer = f"{best.known} ({best.probability:.1%})"
        rows.append({"name": name, "answer": answer, "right": best.known.wnid == wnid})
    save_figure(prediction_page(pages), OUTPUTS / "photographs.png")
    return rows


def measure(model) -> dict | None:
    """Accuracy on the labelled photographs, or None where there are none."""
    from vit.data.labels import from_csv
    from vit.evaluation import evaluate

    labels = REAL / "photos" / "labels.csv"
    if not labels.is_file():
        return None
    return evaluate(model, from_csv(labels, labels.parent, model.config.num_classes))


def main() -> int:
    start = time.time()
    print("loading", flush=True)
    model, weights = load()
    rows = classify(model)
    accuracy = measure(model)
    seconds = time.time() - start
    OUTPUTS.mkdir(exist_ok=True)
    summary = {"weights": weights, "photographs": rows, "accuracy": accuracy, "seconds": round(seconds, 1)}
    (OUTPUTS / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1), encoding="utf-8")

    print(f"\nweights   {weights}")
    for row in rows:
        print(f"{row['name']:16} {row['answer']:32} {'right' if row['right'] else 'wrong'}")
    if accuracy:
        print(f"{accuracy['images']} photographs  top-1 {accuracy['top1']:.1%}  top-5 {accuracy['top5']:.1%}")
    else:
        print("no labelled photographs beside the repository: accuracy not measured")
    print(f"{seconds:.0f} s; look at {shown(OUTPUTS / 'photographs.png')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
