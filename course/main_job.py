"""The main job of `python start.py`: from nothing to a model that sees, without a network.

Draws the sample data, trains the small ViT on it from scratch, compares it with the weights that
come with the course, looks at where they look, and names real photographs with published weights where
those are at hand. Tables go to the terminal, pictures and numbers to outputs/.
"""

import json
import shutil
import sys
import time

from course.epochs import epochs_wanted
from course.learner.assets import PUBLISHED, REAL, SMALL, published_file
from vit.data.photographs import offline_photographs
from vit.runtime.columns import columns, pad
from vit.runtime.crowd import give_way
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.language import say, speak_utf8
from vit.runtime.paths import DATA, OUTPUTS, shown
from vit.runtime.signals import deaf, sigterm_is_ctrl_c

EPOCHS = 12  # of 5000 pictures: four to six minutes on two cores


def main() -> int:
    """The exit code: 0 well, 1 a failed run, 2 bad use or bad input, 130 stopped."""
    speak_utf8()
    sigterm_is_ctrl_c()
    try:
        run(epochs_wanted(EPOCHS))
    except (UserError, RunFailed) as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, UserError) else 1
    except KeyboardInterrupt:
        deaf()
        print(say("已停止；再次运行会从头开始训练", "stopped; run it again, and training starts anew"), file=sys.stderr)
        return 130
    return 0


def run(epochs: int) -> None:
    """Do everything, and print the closing table."""
    start = time.time()
    give_way()
    titles = {
        "sample data": say("示例数据", "sample data"),
        "training": say("训练", "training"),
        "shipped weights": say("自带的权重", "shipped weights"),
        "photographs": say("照片", "photographs"),
    }
    jobs = (draw, lambda: train(epochs), shipped, photographs)
    summary = {}
    for (name, title), job in zip(titles.items(), jobs, strict=True):
        print(f"\n== {title}", flush=True)
        begin = time.time()
        summary[name] = job()
        summary[name]["seconds"] = round(time.time() - begin, 1)
    OUTPUTS.mkdir(exist_ok=True)
    (OUTPUTS / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"\n{closing_table({titles[name]: part for name, part in summary.items()})}")
    seconds = time.time() - start
    print(say(f"总共 {seconds:.0f} 秒", f"all together {seconds:.0f} s"))
    print(
        say(
            "\n接下来：\n  python start.py lab      打开课程\n  python start.py explore  在浏览器里看进一个 ViT\n  python start.py lessons  把全部笔记本从头运行一遍",
            "\nWhat next:\n  python start.py lab      open the lessons\n  python start.py explore  see inside a ViT, in the browser\n  python start.py lessons  run them all from the top",
        )
    )


def closing_table(parts: dict[str, dict]) -> str:
    """Title -> {"seconds", "result", perhaps "lines"}, in columns that Chinese does not shift."""
    seconds = say("秒", "seconds")
    rows = [f"{' ' * (26 - columns(seconds))}{seconds}  {say('结果', 'result')}"]
    for title, part in parts.items():
        rows.append(f"{pad(title, 18)}{part['seconds']:8.0f}  {part['result']}")
        rows += [f"{'':28}{line}" for line in part.get("lines", ())]
    return "\n".join(rows)


def look_at(file) -> str:
    return say(f"见 {shown(file)}", f"look at {shown(file)}")


def draw() -> dict:
    """The sample data, if it is not there yet, and a sheet of it."""
    from vit.data.sample.dataset import PER_CLASS, make_sample
    from vit.plots import contact_sheet, save_figure

    make_sample(DATA / "sample")
    pictures = [sorted(folder.iterdir())[:8] for folder in sorted((DATA / "sample" / "train").iterdir())]
    sheet = save_figure(contact_sheet(pictures), OUTPUTS / "sample.png")
    counts = say("，", ", ").join(f"{split} {10 * count}" for split, count in PER_CLASS.items())
    return {"result": counts, "lines": [look_at(sheet)]}


def train(epochs: int) -> dict:
    """The small ViT from scratch; each run starts anew."""
    from vit.training.fit import fit
    from vit.training.recipe import Recipe

    out = OUTPUTS / "train"
    shutil.rmtree(out, ignore_errors=True)
    metrics = fit(DATA / "sample", out, SMALL, recipe=Recipe(epochs=epochs))
    top1, seconds = metrics["top1"], metrics["train_seconds"]
    result = say(
        f"top-1 {top1:.1%}（从零训练 {seconds:.0f} 秒；瞎猜是 10 %）",
        f"top-1 {top1:.1%} after {seconds:.0f} s from scratch (chance: 10 %)",
    )
    return {"result": result, "lines": [look_at(out / "loss.png")], "top1": top1}


def shipped() -> dict:
    """The same network, trained longer: its accuracy, and whether it looks at the object."""
    from vit.attention_maps import pointing
    from vit.data.labels import from_folders
    from vit.evaluation import evaluate
    from vit.plots import attention_page, save_figure
    from vit.weights import load_model
    from vit.weights.hub import find

    model = load_model(find(SMALL))
    data = from_folders(DATA / "sample" / "val", model.classes)
    accuracy = evaluate(model, data)
    some = data.paths[::10]
    masks = [DATA / "sample" / "masks" / "val" / path.parent.name / f"{path.stem}.png" for path in some]
    gaze = pointing(model, some, masks)
    page = save_figure(attention_page(model, data.paths[3::100]), OUTPUTS / "attention.png")
    rollout, centre, random = (f"{gaze[of]:.0%}" for of in ("rollout", "centre", "random"))
    lines = [
        say(
            f"注意力峰值在物体上：{rollout}（图像中心 {centre}，随机点 {random}）",
            f"looks at the object: {rollout} (centre {centre}, random {random})",
        ),
        look_at(page),
    ]
    return {"result": f"top-1 {accuracy['top1']:.1%}", "lines": lines, "top1": accuracy["top1"], "pointing": gaze}


def photographs() -> dict:
    """Three real photographs, and the accuracy on labelled ones, with published weights where they are at hand."""
    from vit.data.labels import from_csv
    from vit.evaluation import evaluate
    from vit.weights import load_model
    from vit.weights.hub import fetch

    try:
        model = load_model(published_file() or fetch(PUBLISHED), model_name=PUBLISHED)
    except UserError as error:
        print(error, file=sys.stderr)
        return {"result": say("略过：本机没有公开权重（原因见上）", "left out: no published weights here (see above)")}
    lines = classify(model)
    labels = REAL / "photos" / "labels.csv"
    if labels.is_file():
        accuracy = evaluate(model, from_csv(labels, labels.parent, model.config.num_classes))
        images, top1, top5 = accuracy["images"], accuracy["top1"], accuracy["top5"]
        lines.append(
            say(
                f"{images} 张照片：top-1 {top1:.1%}，top-5 {top5:.1%}",
                f"{images} photographs: top-1 {top1:.1%}, top-5 {top5:.1%}",
            )
        )
    return {"result": PUBLISHED, "lines": [*lines, look_at(OUTPUTS / "photographs.png")]}


def classify(model) -> list[str]:
    """Name the offline photographs, a line for each; writes outputs/photographs.png."""
    from vit.attention_maps import attention_rollout
    from vit.data.images import read_image
    from vit.inference import predict
    from vit.plots import prediction_page, save_figure

    lines, pages = [], []
    for name, (path, wnid) in offline_photographs().items():
        pixels = read_image(path)
        guesses = predict(model, pixels)
        pages.append((path.name, pixels, guesses, attention_rollout(model, pixels)))
        best = guesses[0]
        judged = say("正确", "right") if best.class_name.wnid == wnid else say("错误", "wrong")
        lines.append(f"{name:14}{pad(f'{best.class_name.called} ({best.probability:.1%})', 32)}{judged}")
    save_figure(prediction_page(pages), OUTPUTS / "photographs.png")
    return lines


if __name__ == "__main__":
    sys.exit(main())
