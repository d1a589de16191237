"""One page of a project, to hand in: what was found, what came of it, and what the learner wrote. It asks no network."""

import base64
import hashlib
import io
from pathlib import Path

import jinja2
from PIL import Image

from course.language import language, say, spoken
from course.learner.fonts import use_course_font
from course.project.project import Project
from vit.data.images import read_image
from vit.plots import attention_page
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.notes import Notes

_HERE = Path(__file__).parent
QUESTIONS = (  # zh, en: what a project is asked for in words, in the order of the page
    ("问题：要分清什么？谁用得上？", "The question: what is to be told apart, and who needs it?"),
    (
        "图片：从哪里来？检查发现了什么，你怎么处理的？",
        "The pictures: where are they from, what did the check find, what did you do about it?",
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
        "边界：谁不该用它？再给你一天，先做什么？",
        "Limits: who should not use it? With one more day, what would you do first?",
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
            say(f"还缺 {'、'.join(missing)} 这几步，先运行它们", f"{', '.join(missing)} not done yet: run that first")
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
            name=project.home.name,
            facts=facts,
            said=_sentences(facts),
            bars=_bars(facts),
            words=[(head, written.get(head, "")) for head in questions()],
            others=[(head, text) for head, text in written.items() if head not in questions()],
            mistakes=[
                one | {"picture": _thumbnail(one["file"]), "told": _told(one)} for one in facts["judge"]["mistakes"][:8]
            ],
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
    return [
        {"name": say("总猜最多的一类", "always the commonest class"), "share": borrow["commonest"], "own": False},
        {
            "name": say("对照：打乱标签的线性探测", "control: probe on shuffled labels"),
            "share": borrow["shuffled"],
            "own": False,
        },
        {"name": say("线性探测，网络冻住", "linear probe, network frozen"), "share": borrow["probe"], "own": False},
        {
            "name": say("微调", "fine-tuned"),
            "share": judge["right"] / judge["pictures"],
            "own": True,
            "low": judge["interval"][0],
            "high": judge["interval"][1],
        },
    ]


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
            f"大小：最小 {least}，中位数 {median}，最大 {most}。读不了的 {unreadable} 张；相像的 {twice} 组，其中 {across} 组 train 和 val 里都有。train 和 val 的划分：{divided}。",
            f"Sizes: least {least}, median {median}, most {most}. Unreadable: {unreadable}; groups of doubles: {twice}, {across} of them in both train and val. Divided into train and val by: {divided}.",
        ),
        "training": say(
            f"{tune['network']}，{own}；{tune['epochs']} 轮，学习率 {tune['recipe']['lr']:g}，批 {tune['recipe']['batch_size']}，权重衰减 {tune['recipe']['weight_decay']:g}，种子 {tune['recipe']['seed']}；{tune['seconds']:.0f} 秒，{tune['machine']}",
            f"{tune['network']}, {own}; {tune['epochs']} epochs, rate {tune['recipe']['lr']:g}, batch {tune['recipe']['batch_size']}, weight decay {tune['recipe']['weight_decay']:g}, seed {tune['recipe']['seed']}; {tune['seconds']:.0f} seconds, {tune['machine']}",
        ),
        "against": "",
        "confusions": "",
        "exported": "",
    }
    if versus := judge.get("against_probe"):
        said["against"] = say(
            f"同样的图片，只有微调答对的 {versus['one']} 张，只有线性探测答对的 {versus['other']} 张；假如两者一样好，碰巧分得这样不均或更不均的概率是 {versus['p']:.2g}。",
            f"On the same pictures, {versus['one']} are right by the fine-tuned network alone and {versus['other']} by the probe alone; if both were equally good, chance would split them as unevenly or more with probability {versus['p']:.2g}.",
        )
    if judge["confusions"]:
        each = [
            say(f"{a} 认成 {b} {times} 次", f"{a} taken for {b}, {times} times") for a, b, times in judge["confusions"]
        ]
        said["confusions"] = say("最常见的混淆：", "Most often confused: ") + say("；", "; ").join(each)
    if handed := facts.get("hand_over"):
        said["exported"] = say(
            f"导出：{handed['file']}，{handed['bytes'] / 1e6:.1f} MB；{handed['pictures']} 张图片里 {handed['same']} 张答案相同，logits 最多相差 {handed['differ']:.0e}。",
            f"Exported: {handed['file']}, {handed['bytes'] / 1e6:.1f} MB; the same answer on {handed['same']} of {handed['pictures']} pictures, logits differ by {handed['differ']:.0e} at most.",
        )
    return said


def _data_uri(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _thumbnail(file: str) -> str:
    """A small copy; empty where the file is gone."""
    try:
        image = Image.fromarray(read_image(file, Notes()))
    except UserError:
        return ""
    image.thumbnail((160, 160))
    return _data_uri(image)


def _attention(project: Project) -> str:
    """Pictures of val with the rollout of the network's attention over them."""
    files = [path for path in project.looked_at() if path.is_file()]
    if not files:
        return ""
    buffer = io.BytesIO()
    attention_page(project.network(own=False), files).savefig(buffer, format="png")
    return _data_uri(Image.open(buffer))
