"""``localgpt memory test``: how well a search finds what a file of questions, or use itself, expects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from localgpt.cli.output import Screen, bold, dim
from localgpt.cli.state import CliState, pass_state
from localgpt.core.errors import UsageError

if TYPE_CHECKING:
    from localgpt.memory.comparison import Run, Worse
    from localgpt.memory.examination import Result
    from localgpt.memory.quality import Figures, Question
    from localgpt.memory.search import Searcher

COLUMNS = ("R@1", "R@5", "R@10", "MRR", "1000t", "tokens", "ms")
NAMED = 3
"""How many places that don't exist are named."""
SHOWN = 20
"""How many questions that got worse are shown."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option(
    "--min",
    "least",
    type=click.FloatRange(0, 1),
    metavar="R",
    help="Fail (exit code 1) if R@5 is below this, by words and meaning together.",
)
@click.option("--worse", is_flag=True, help="Without FILE: fail (exit code 1) if any question got worse.")
@click.option(
    "--format", "shape", type=click.Choice(["text", "json"]), default="text", help="As text or JSON."
)
@pass_state
def test(state: CliState, file: Path | None, least: float | None, worse: bool, shape: str) -> None:
    """Measure how well a search finds what it should.

    Each line of FILE is a JSON object: "question", and "expect", a list of the places that answer it (PATH or PATH:A-B,
    empty if nothing does; a list of places in it is one fact that stands in each of them). "kind", "language" and "today" (the day it is asked) may be there.

    Without FILE the questions are those that you asked, with the note that you opened or a reply cited; what is found
    later than in the last run (of another model, version or setting) is named.

    R@5 is the share of the evidence within the first five hits, MRR the mean of 1/rank of the first that has some,
    1000t the share within the first 1,000 tokens of hits, tokens how many it takes until all of it has come (the median).
    """
    if file is None:
        results, fell = _from_use(state, shape)
    else:
        if worse:
            raise UsageError("--worse compares what use has taught; leave out FILE.")
        results, fell = _from_file(state, file, shape), []
    figures = results[-1].all
    reached = figures.mean(figures.recall[5])
    if least is not None and reached < least:
        state.screen.error(f"R@5 by {results[-1].method} is {reached:.3f}, below {least:g}.")
        raise click.exceptions.Exit(1)
    if worse and fell:
        state.screen.error("A question got worse." if len(fell) == 1 else f"{len(fell)} questions got worse.")
        raise click.exceptions.Exit(1)


def _from_file(state: CliState, file: Path, shape: str) -> list[Result]:
    from localgpt.memory.questions import parse

    questions = parse(_text(file), file.name)
    with state.open() as (assistant, _):
        results = _examine(state.screen, assistant.searcher, questions)
    _show(state.screen, results, shape)
    return results


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file.name} is not UTF-8 text.") from None


def _from_use(state: CliState, shape: str) -> tuple[list[Result], list[Worse]]:
    """Ask what use has taught, compare with the last run, and keep this one."""
    from localgpt.memory.cases import numbered
    from localgpt.memory.comparison import Run, worse

    with state.open() as (assistant, _):
        learning = assistant.learning
        standing, gone = learning.standing()
        if not standing:
            raise UsageError("There are no cases from use yet.", hint=_NONE)
        questions = numbered(standing)
        results = _examine(state.screen, assistant.searcher, questions)
        ranks = results[-1].ranks
        now = Run(learning.setup(), {one.text: ranks[one.line] for one in questions})
        before = learning.runs.to_compare(now.setup)
        learning.runs.keep(now)
    fell = worse(before, now) if before else []
    places = {one.question: str(place) for one, place in standing}
    if shape == "json":
        state.screen.json(_methods(results) | _compared(before, now, fell, places, gone))
    else:
        _show(state.screen, results, shape)
        _tell(state.screen, before, now, fell, places, gone)
    return results, fell


_NONE = (
    "They grow by themselves: open a hit (localgpt memory get, or on the page), or ask a model that cites your notes. "
    "With FILE you test your own questions."
)


def _tell(
    screen: Screen, before: Run | None, now: Run, fell: list[Worse], places: dict[str, str], gone: int
) -> None:
    from localgpt.memory.comparison import changed

    screen.line()
    if gone:
        screen.line(dim(f"{gone} cases are left out: their lines are gone."))
    if before is None:
        screen.line("This is the first run; the next one is compared with it.")
        return
    differing = ", ".join(changed(before, now)) or "the notes may have"
    if not fell:
        screen.line(f"Nothing got worse since the last run ({differing}).")
        return
    screen.line(bold(f"{len(fell)} got worse"), f" since the last run ({differing}):")
    for one in fell[:SHOWN]:
        screen.line(
            f"  {_rank(one.before)} → {_rank(one.now)}  {one.question}", dim(f"  {places[one.question]}")
        )
    if len(fell) > SHOWN:
        screen.line(dim(f"  and {len(fell) - SHOWN} more"))


def _rank(rank: int) -> str:
    return str(rank) if rank else "not found"


def _compared(
    before: Run | None, now: Run, fell: list[Worse], places: dict[str, str], gone: int
) -> dict[str, Any]:
    from localgpt.memory.comparison import changed

    return {
        "cases": len(now.ranks),
        "gone": gone,
        "changed": changed(before, now) if before else [],
        "worse": [
            {"question": one.question, "expect": places[one.question], "before": one.before, "now": one.now}
            for one in fell
        ],
    }


@click.command("forget-cases")
@pass_state
def forget_cases(state: CliState) -> None:
    """Throw away the questions that use has taught, and what they found (memory.learn_cases keeps new ones off)."""
    with state.open() as (assistant, _):
        count = assistant.learning.forget()
    told = {0: "There were none.", 1: "One case is forgotten."}
    state.screen.line(told.get(count, f"{count} cases are forgotten."))


def _examine(screen: Screen, searcher: Searcher, questions: list[Question]) -> list[Result]:
    """Bring the index up to date and ask everything by every method; in this thread, so that Ctrl-C ends it at once."""
    from localgpt.memory.examination import examine, methods
    from localgpt.memory.questions import strangers
    from localgpt.memory.statistics import paths

    index = searcher.index
    index.catch_up()
    index.embed(progress=lambda done, whole: screen.progress(f"Making vectors: {done} of {whole}"))
    missing = list(strangers(questions, index.read(paths)))
    for line, path in missing[:NAMED]:
        screen.aside(f"Line {line}: there is no {path}; it counts as not found.")
    if len(missing) > NAMED:
        screen.aside(f"{len(missing) - NAMED} more places don't exist.")
    results = [
        examine(
            searcher,
            questions,
            method,
            lambda done, whole, method=method: screen.progress(f"Asking by {method}: {done} of {whole}"),  # type: ignore[misc]
        )
        for method in methods(searcher)
    ]
    screen.progress("")
    return results


def _methods(results: list[Result]) -> dict[str, Any]:
    return {"methods": {result.method: _json(result) for result in results}}


def _show(screen: Screen, results: list[Result], shape: str) -> None:
    if shape == "json":
        screen.json(_methods(results))
        return
    everything = results[-1]
    screen.line(bold(_line("", "n", COLUMNS)))
    for result in results:
        _row(screen, result.method, result.all)
    for title, groups in (("kind", everything.kinds), ("language", everything.languages)):
        if groups:
            screen.line()
            screen.line(dim(f"{everything.method}, by {title}"))
        for name, figures in groups.items():
            _row(screen, name, figures)
    figures = everything.all
    if figures.absent:
        screen.line()
        screen.line(
            f"Nothing answers {figures.absent} of the questions; {figures.silent} of these found nothing."
        )


def _row(screen: Screen, name: str, figures: Figures) -> None:
    if not figures.questions:
        return
    tokens = figures.median_tokens
    cells = [f"{value:.3f}" for value in _means(figures).values()]
    cells += ["never" if tokens is None else f"{tokens:.0f}", f"{figures.median_ms:.1f}"]
    screen.line(_line(name, str(figures.questions), tuple(cells)))


def _line(name: str, count: str, cells: tuple[str, ...]) -> str:
    return f"{name:<18}{count:>6}" + "".join(f"{cell:>8}" for cell in cells)


def _means(figures: Figures) -> dict[str, float]:
    means = {f"R@{k}": figures.mean(total) for k, total in figures.recall.items()}
    return means | {"MRR": figures.mean(figures.reciprocal), "1000t": figures.mean(figures.budget)}


def _json(result: Result) -> dict[str, Any]:
    groups = {"kinds": result.kinds, "languages": result.languages}
    return _figures(result.all) | {
        title: {name: _figures(figures) for name, figures in group.items()} for title, group in groups.items()
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "questions": figures.questions,
        **{name: round(value, 4) for name, value in _means(figures).items()},
        "tokens": figures.median_tokens,
        "ms": round(figures.median_ms, 1),
        "unanswerable": figures.absent,
        "silent": figures.silent,
    }
