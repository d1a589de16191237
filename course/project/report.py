"""One page of a project, to hand in: what was found, what came of it, and what the learner wrote. It asks no network."""

import base64
import hashlib
import io
from pathlib import Path

import jinja2
import numpy as np
from PIL import Image

from course.language import language, say, spoken
from course.learner.fonts import use_course_font
from course.project.project import Project
from course.project.statistics import interval
from vit.data.images import read_image
from vit.plots import attention_page
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.notes import Notes
from vit.runtime.paths import shown

_HERE = Path(__file__).parent
QUESTIONS = (  # zh, en: what a project is asked for in words, in the order of the page
    (
        "问题：要分清什么？谁用得上？认错一次，代价是什么？",
        "The question: what is to be told apart, who needs it, and what does a mistake cost?",
    ),
    (
        "图片：从哪里来？检查发现了什么，你怎么处理的？还缺什么样的？",
        "The pictures: where are they from, what did the check find, what did you do about it, and what do they lack?",
    ),
    (
        "结果：带区间，和基线、对照比",
        "The result, with its interval, beside baseline and control",
    ),
    (
        "错在哪里：看过错图和注意力之后，你认为为什么？怎样验证这个猜想？",
        "Where it is wrong: after looking at mistakes and attention, why, do you think? How could that guess be tested?",
    ),
    (
        "边界：谁不该用它？每个数都对而结论仍可能不对，会是怎样？再给你一天，先做什么？",
        "Limits: who should not use it? How could the conclusion be untrue though every number is right? With one more day, what would you do first?",
    ),
)


def questions() -> list[str]:
    """In the learner's language."""
    return [spoken(pair) for pair in QUESTIONS]


def write_report(project: Project) -> Path:
    """report.html of a project, from what its steps have kept.

    Raises:
        UserError: it has not been judged yet.
    """
    facts = project.facts
    if missing := [step for step in ("look", "borrow", "tune", "judge") if step not in facts]:
        raise UserError(
            say(
                f"{shown(project.home)} 里还缺 {'、'.join(missing)} 这几步：先运行它们，或者不加 --page 运行一次命令",
                f"{shown(project.home)} lacks {', '.join(missing)}: run these steps first, or the command once without --page",
            )
        )
    use_course_font("zh")  # names of classes may be Chinese in either language
    written = project.words()
    style = (_HERE / "report.css").read_text(encoding="utf-8")
    page = (
        _environment()
        .get_template("report.html")
        .render(
            counts=_counts(facts),
            lang={"zh": "zh-CN", "en": "en"}[language()],
            name=project.head()[0],
            by=project.head()[1],
            facts=facts,
            said=_sentences(facts),
            bars=_bars(facts),
            words=[(head, written.get(head, "")) for head in questions()],
            others=[(head, text) for head, text in written.items() if head not in questions()],
            mistakes=_shown(facts["judge"]["mistakes"][:8]),
            doubtful=_shown([] if facts["judge"]["mistakes"] else facts["judge"].get("doubtful", [])[:4]),
            tried=_tried(facts.get("tried", [])),
            sheets=_sheets(project),
            attention=_attention(project),
            style=style,
            style_hash="sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )
    with atomic_path(project.home / "report.html") as staged:
        staged.write_text(page, encoding="utf-8")
    return project.home / "report.html"


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["t"] = say
    made.filters["percent"] = lambda share: f"{share:.1%}"
    return made


def _counts(facts: dict) -> dict[str, dict[str, int]]:
    """Side -> class -> pictures, as they were trained and judged on."""
    divided = facts.get("divide", {})
    if "train" in divided:
        return {side: divided[side] for side in ("train", "val")}
    return {side: split["classes"] for side, split in facts["look"]["splits"].items()}


def _bars(facts: dict) -> list[dict]:
    """What there was to beat, and what came: name, share, whether it is the project's own, its interval."""
    borrow, judge = facts["borrow"], facts["judge"]
    most = say(
        f"对照：打乱标签的线性探测（20 次的平均，最高 {borrow['shuffled_most']:.0%}）",
        f"control: probe on shuffled labels (mean of 20, highest {borrow['shuffled_most']:.0%})",
    )
    return [
        {"name": say("总猜最多的一类", "always the commonest class"), "share": borrow["commonest"], "own": False},
        {
            "name": most,
            "share": borrow["shuffled"],
            "own": False,
        },
        _with_interval(
            say("线性探测，网络冻住", "linear probe, network frozen"), sum(borrow["probe_right"]), borrow["pictures"]
        ),
        _with_interval(say("微调，最后一轮", "fine-tuned, last epoch"), judge["right"], judge["pictures"])
        | {"own": True},
    ]


def _with_interval(name: str, right: int, many: int) -> dict:
    low, high = interval(right, many)
    return {"name": name, "share": right / many if many else 0.0, "own": False, "low": low, "high": high}


def measured_against(facts: dict) -> str:
    """What there is to beat and what must fail, in lines; known before anything is trained."""
    borrow = facts["borrow"]
    return say(
        f"先定标准（val {borrow['pictures']} 张）：总猜最多的一类 {borrow['commonest']:.1%}；打乱标签的对照 {borrow['shuffled']:.1%}（20 次的平均）；线性探测 {borrow['probe']:.1%}\n微调之前，先写下你的预测",
        f"to be beaten, on {borrow['pictures']} pictures of val: always the commonest class {borrow['commonest']:.1%}; control with shuffled labels {borrow['shuffled']:.1%} (mean of 20); linear probe {borrow['probe']:.1%}\nbefore it is fine-tuned, write down what you expect",
    )


def outcome(facts: dict) -> str:
    """What came of it, in lines."""
    said, judge = _sentences(facts), facts["judge"]
    return f"{said['lead']} {judge['right'] / judge['pictures']:.1%} {said['interval']}\n{said['against']}"


def _told(one: dict) -> str:
    """A mistake in words."""
    is_, says, sure = one["is"], one["says"], f"{one['sure']:.0%}"
    return say(f"是 {is_}，说成 {says}（{sure}）", f"is {is_}, said {says} ({sure})")


def _sentences(facts: dict) -> dict[str, str]:
    """What the numbers say; empty where there is nothing to say."""
    look, tune, judge = facts["look"], facts["tune"], facts["judge"]
    right, many = judge["right"], judge["pictures"]
    low, high = (f"{end:.1%}" for end in judge["interval"])
    least, median, most = ("{} × {}".format(*look["sizes"][key]) for key in ("least", "median", "most"))
    unreadable = sum(len(split["left_out"]) for split in look["splits"].values())
    twice, across = len(look["doubles"]), sum(len(one["splits"]) > 1 for one in look["doubles"])
    mixed, skipped = sum(len(one["classes"]) > 1 for one in look["doubles"]), len(look.get("notes", []))
    alike = say("没有发现相像的图片", "no pictures that are alike were found")
    if twice:
        alike = say(
            f"相像的 {twice} 组，其中 {across} 组 train 和 val 里都有，{mixed} 组在两类里",
            f"{twice} groups of pictures are alike, {across} of them in both train and val, {mixed} in two classes",
        )
    divided = facts.get("divide", {}).get("by", "?")
    own = (
        say("网络代码由学员自己写", "the network's code is the learner's own")
        if tune["own"]
        else say("网络代码用课程的", "the network's code is the course's")
    )
    seen = say(
        f"（其中有 {across} 组和 train 里的相像，这个数不能当真）",
        f" ({across} groups of them resemble pictures of train: this number cannot be trusted)",
    )
    said = {
        "lead": say(
            f"val 的 {many} 张图片{seen if across else ''}，答对 {right} 张：",
            f"{right} of the {many} pictures of val{seen if across else ''} are classified correctly:",
        ),
        "interval": say(f"（95 % 区间 {low} 到 {high}）", f"(95 % interval {low} to {high})"),
        "pictures": say(
            f"大小：最小 {least}，中位数 {median}，最大 {most}。读不了的 {unreadable} 张；略过或存疑的 {skipped} 条；{alike}。train 和 val 的划分：{divided}。",
            f"Sizes: least {least}, median {median}, most {most}. Unreadable: {unreadable}; passed over or odd: {skipped} lines; {alike}. Divided into train and val by: {divided}.",
        ),
        "training": say(
            f"{tune['network']}，{own}；{tune['epochs']} 轮，用最后一轮的权重，学习率 {tune['recipe']['lr']:g}，批 {tune['recipe']['batch_size']}，权重衰减 {tune['recipe']['weight_decay']:g}，种子 {tune['recipe']['seed']}；{tune['seconds']:.0f} 秒，{tune['machine']}",
            f"{tune['network']}, {own}; {tune['epochs']} epochs, the weights of the last, rate {tune['recipe']['lr']:g}, batch {tune['recipe']['batch_size']}, weight decay {tune['recipe']['weight_decay']:g}, seed {tune['recipe']['seed']}; {tune['seconds']:.0f} seconds, {tune['machine']}",
        ),
        "expected": "",
        "against": "",
        "confusions": "",
        "exported": "",
    }
    if (expected := facts.get("expected")) is not None:
        said["expected"] = say(f"训练之前的预测：{expected:.0%}", f"expected before training: {expected:.0%}")
    if versus := judge.get("against_probe"):
        said["against"] = say(
            f"同样的图片，只有微调答对的 {versus['one']} 张，只有线性探测答对的 {versus['other']} 张；假如两者一样好，碰巧分得这样不均或更不均的概率是 {versus['p']:.2g}。",
            f"On the same pictures, {versus['one']} are right by the fine-tuned network alone and {versus['other']} by the probe alone; if both were equally good, chance would split them as unevenly or more with probability {versus['p']:.2g}.",
        )
        if versus["one"] + versus["other"] == 0:
            said["against"] = say(
                "微调和线性探测在每张图片上对错都一样：这些图片分不出谁更好。",
                "The fine-tuned network and the probe are right and wrong on the very same pictures: these cannot tell which is better.",
            )
    if judge["confusions"]:
        each = [
            say(f"{a} 认成 {b} {times} 次", f"{a} taken for {b}, {times} times") for a, b, times in judge["confusions"]
        ]
        said["confusions"] = say("最常见的混淆：", "Most often confused: ") + say("；", "; ").join(each)
    if handed := facts.get("hand_over"):
        most = handed["differ"]
        differ = (
            say(f"logits 最多相差 {most:.0e}", f"logits differ by {most:.0e} at most")
            if most
            else say("logits 完全相同", "with equal logits")
        )
        said["exported"] = say(
            f"导出：{handed['file']}，{handed['bytes'] / 1e6:.1f} MB；val 里取 {handed['pictures']} 张，{handed['same']} 张答案相同，{differ}。",
            f"Exported: {handed['file']}, {handed['bytes'] / 1e6:.1f} MB; the same answer on {handed['same']} of {handed['pictures']} pictures of val, {differ}.",
        )
    return said


def _data_uri(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _thumbnail(file: str, side: int = 160) -> str:
    """A small copy; empty where the file is gone."""
    try:
        image = Image.fromarray(read_image(file, Notes()))
    except UserError:
        return ""
    image.thumbnail((side, side))
    return _data_uri(image)


def _shown(pictures: list[dict]) -> list[dict]:
    return [one | {"picture": _thumbnail(one["file"]), "told": _told(one)} for one in pictures]


def _tried(asked: list[dict]) -> list[dict]:
    """What `answer` was asked, in words: file, what was hidden, what it said."""
    many = {True: say("没有遮", "nothing"), False: say("{0} / {1} 块", "{0} of {1} patches")}
    return [
        {
            "file": Path(one["file"]).name,
            "hidden": many[not one["hidden"]].format(len(one["hidden"]), one["of"]) + _ranges(one["hidden"]),
            "says": one["says"],
        }
        for one in asked[-40:]
    ]


def _ranges(numbers: list[int]) -> str:
    """[3, 4, 5, 9] as " (3-5, 9)"; "" of none."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = ", ".join(f"{first}-{last}" if first < last else f"{first}" for first, last in runs)
    return f" ({told})" if told else ""


def _sheets(project: Project) -> list[dict]:
    """Pictures of each class as trained on, spread over all of it; for twelve classes at most."""
    pictures = project.pictures("train")
    of_class: dict[str, list[Path]] = {}
    for path in pictures.paths:
        of_class.setdefault(path.relative_to(project.data / "train").parts[0], []).append(path)
    sheets = []
    for name, paths in list(of_class.items())[:12]:
        spread = [paths[i] for i in np.linspace(0, len(paths) - 1, min(10, len(paths))).astype(int)]
        sheets.append({"name": name, "pictures": [uri for path in spread if (uri := _thumbnail(str(path), 72))]})
    return sheets


def _attention(project: Project) -> str:
    """Pictures of val with the rollout of the network's attention over them."""
    files = [path for path in project.looked_at() if path.is_file()]
    if not files:
        return ""
    buffer = io.BytesIO()
    truth = [say(f"是 {project.truth(path)}", f"is {project.truth(path)}") for path in files]
    attention_page(project.network(own=False), files, truth).savefig(buffer, format="png")
    return _data_uri(Image.open(buffer))
