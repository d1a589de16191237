"""`investigate`: a learner predicts what a change will do, runs it, and sees it beside the table of the same."""

import contextlib
import sys
from statistics import mean

from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from course.investigations import measured
from course.investigations.experiment import OWN, Experiment, key
from course.investigations.known import experiment
from course.language import say, spoken
from course.learner import progress
from vit.runtime.errors import UserError


def investigate(number: str, predicted=None, *, seed: int = OWN, **change) -> None:
    """Change one thing, run it, and show the result beside the prediction and beside the table.

    The prediction is kept with the first run of a change and is not replaced by a later one; a run that is kept is
    not repeated. Nothing runs without a prediction.

    Args:
        number: of the exercise, "04.6".
        predicted: what you expect of the result, a number.
        seed: of the run; another one is another run.
        change: what is changed; nothing else differs.
    """
    try:
        one = experiment(number)
        change = one.read(change)
        before = kept(number, change, seed)
        if not before and (predicted is None or predicted is ...):
            _ask_for_it(one)
            return
        run = before or _run(one, change, seed, _read(one, predicted))
    except UserError as error:
        print(f"🔸 {number}{say('：', ': ')}{error}")
        return
    if before:
        print(say("这一次已经运行过，结果如下：", "this has run before; what came of it:"))
    _tell(one, change, run)
    display(_draw(one, change, run))


def _ask_for_it(one: Experiment) -> None:
    """The rules, and what the usual network reaches; nothing else of the table."""
    usual = measured.results(one.kind, key({}))[: one.seeds]
    print(
        say(
            f"⬜ {one.number}：什么也不改（{one.called({})}），{spoken(one.measures)} {one.form.format(mean(usual))}（{len(usual)} 个种子的平均）。\n"
            "   把你的预测写进 predicted 再运行；没有预测，什么也不运行。预测随第一次运行记下，事后改不了。\n"
            "   图里：蓝点是表，每个种子一次；星是你的这一次，菱形是你的预测",
            f"⬜ {one.number}: with nothing changed ({one.called({})}), {spoken(one.measures)} is {one.form.format(mean(usual))} (mean of {len(usual)} seeds).\n"
            "   Write what you expect into predicted and run again; nothing has been run yet. It is kept with the first run and not changed later.\n"
            "   In the figure, blue dots are the table, one a seed; the star is your run, the diamond what you predicted",
        )
    )


def _read(one: Experiment, predicted) -> float:
    least, most = one.bounds
    if isinstance(predicted, bool) or not isinstance(predicted, int | float) or not least <= predicted <= most:
        raise UserError(
            say(
                f"predicted 要是 {least:g} 到 {most:g} 之间的一个数，而不是 {predicted!r}",
                f"predicted is a number between {least:g} and {most:g}, not {predicted!r}",
            )
        )
    return float(predicted)


def runs_of(number: str) -> list[dict]:
    """What was predicted and found in an investigation so far, the newest last."""
    return progress.read()["investigations"].get(number, [])


def kept(number: str, change: dict, seed: int) -> dict | None:
    """The run of this very change, if there was one."""
    return next((run for run in runs_of(number) if (run["change"], run["seed"]) == (key(change), seed)), None)


def _run(one: Experiment, change: dict, seed: int, predicted: float) -> dict:
    with contextlib.redirect_stderr(sys.stdout):  # a bar on it would be red
        result = one.run(one.settings(change), seed)
    run = {"change": key(change), "seed": seed, "predicted": predicted, "result": result, "time": progress.now()}
    with progress.changing() as known:
        known["investigations"].setdefault(one.number, []).append(run)
    return run


def _tell(one: Experiment, change: dict, run: dict) -> None:
    form = one.form.format
    told = say(f"（你预测 {form(run['predicted'])}）", f" (you predicted {form(run['predicted'])})")
    print(f"{one.called(change)}{say('：', ': ')}{spoken(one.measures)} {form(run['result'])}{told}")
    found = [measured.results(one.kind, key(row))[: one.seeds] for row in one.table]
    print(say("表（种子 0、1、2……）：", "the table (seed 0, 1, 2 ...):"))
    for row, results in zip(one.table, found, strict=True):
        each = say("、", ", ").join(map(form, results))
        print(f"   {one.called(row)}{say('：', ': ')}{form(mean(results))}", say(f"（{each}）", f"({each})"))
    sigma, apart, many = measured.spread(found), measured.threshold(found), min(map(len, found))
    print(
        say(
            f"只差种子的运行，标准差约 {form(sigma)}。{many} 次的平均，相差超过 {form(apart)} 才分得开；"
            f"各跑一次，要超过 {form(2 * 2**0.5 * sigma)}（两倍的标准误差，第 08 课）",
            f"Runs that differ by their seed alone have a standard deviation of {form(sigma)}. Means of {many} runs are told "
            f"apart when they differ by more than {form(apart)}, single runs by more than {form(2 * 2**0.5 * sigma)} "
            "(twice the standard error, lesson 08)",
        )
    )


def _draw(one: Experiment, change: dict, run: dict) -> Figure:
    """The table as dots, a line for each change; this run as a star, the prediction as an open diamond."""
    rows = list(one.table)
    if change not in rows:
        rows = [*rows, change]
    figure = Figure(figsize=(7.5, 0.9 + 0.42 * len(rows)), layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(rows):
        found = measured.results(one.kind, key(row))[: one.seeds]
        axes.plot(found, [place] * len(found), "o", color="#0072B2", alpha=0.6, ms=6)
        if found:
            axes.plot([mean(found)], [place], "|", color="#0072B2", ms=16, mew=2)
    place = rows.index(change)
    axes.plot([run["predicted"]], [place], "D", mfc="none", color="#718096", ms=9, label=say("你的预测", "predicted"))
    axes.plot([run["result"]], [place], "*", color="#D55E00", ms=14, label=say("你的这一次", "your run"))
    axes.plot([], [], "o", color="#0072B2", alpha=0.6, label=say("表：每个种子一个点", "table: a dot for each seed"))
    axes.set_yticks(range(len(rows)), [one.called(row) for row in rows])
    axes.set(ylim=(len(rows) - 0.5, -0.5), xlabel=spoken(one.measures))
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    axes.grid(axis="x", color="#e2e8f0")
    if one.form.endswith("%}"):
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    machine = measured.read()[one.kind]["machine"]
    axes.set_title(f"{one.command or f'{measured.COMMAND} {one.number}'}  ·  {machine}", fontsize=7, color="#718096")
    return figure
