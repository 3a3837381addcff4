"""``localgpt research``: a topic becomes a note with sources."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click

from localgpt.cli import thinking
from localgpt.cli.output import bold, dim
from localgpt.cli.state import CliState, pass_state
from localgpt.core.events import Level, Notice

if TYPE_CHECKING:
    from localgpt.agent.research import Research
    from localgpt.app import Assistant


@click.command()
@click.argument("topic", nargs=-1)
@click.option(
    "-m", "--model", metavar="MODEL", help="The model that does it, instead of the one in the settings."
)
@click.option("--local", is_flag=True, help="Only models on this machine, and nothing from the web.")
@click.option("--local-files", is_flag=True, help="Search only your own notes, not the web.")
@click.option("--resume", metavar="ID", default="", help="Go on with research that was stopped.")
@click.option(
    "--depth",
    type=click.Choice(["quick", "normal"]),
    default="normal",
    show_default=True,
    help="How many questions are asked and pages read.",
)
@click.option(
    "--format", "shape", type=click.Choice(["text", "json"]), default="text", help="As text or JSON."
)
@pass_state
def research(
    state: CliState,
    topic: tuple[str, ...],
    model: str | None,
    local: bool,
    local_files: bool,
    resume: str,
    depth: str,
    shape: str,
) -> None:
    """Research a topic; what is found becomes a note.

    The topic is split into questions, the web (if a search engine is chosen) and your notes are searched, the best
    pages and those that they link to read. The note in knowledge/ says what was found, with sources and quotes, and what stayed open. Stopped at
    any point, it goes on with --resume.
    """

    async def work(assistant: Assistant) -> tuple[Research, list[str]]:
        task = assistant.research(" ".join(topic), depth=depth, local_files=local_files, resume=resume)
        await thinking.ready(assistant, state)
        if not task.state.note:
            state.screen.aside(dim(f"To go on with it if it is stopped: --resume {task.state.id}"))
        said: list[str] = []
        async with contextlib.aclosing(task.run()) as events:
            async for event in events:
                if isinstance(event, Notice):
                    said.append(event.text)
                    state.screen.aside(event.text if event.level is Level.WARNING else dim(event.text))
        return task.state, said

    done, said = state.run(work, model=model, local=local)
    if shape == "json":
        state.screen.json(as_json(done, said))
        return
    state.screen.line("Noted in ", bold(done.note), dim(f"  ({_some(len(_cited(done)), 'source')})"))
    state.screen.aside(dim(f"To take it back: localgpt undo {done.id}"))


def as_json(done: Research, notices: list[str]) -> dict[str, Any]:
    """The research as it is printed; the numbers of the sources are those of ``sources`` here."""
    cited = _cited(done)
    return {
        "id": done.id,
        "topic": done.topic,
        "note": done.note,
        "questions": [
            {
                "question": question,
                "found": [
                    {"text": claim.text, "sources": [cited.index(number) + 1 for number in claim.sources]}
                    for claim in finding.claims
                ],
                "open": list(finding.open),
                "by": finding.by,
            }
            for question, finding in zip(done.questions, done.findings, strict=False)
        ],
        "sources": [
            {
                "kind": source.kind,
                "place": source.place,
                "title": source.title,
                "read": source.date,
                "origin": source.origin.value,
            }
            for source in (done.sources[number - 1] for number in cited)
        ],
        "notices": notices,
    }


def _cited(done: Research) -> list[int]:
    """The numbers of the sources that bear something out, in the order of the note."""
    claims = (claim for finding in done.findings for claim in finding.claims)
    return list(dict.fromkeys(number for claim in claims for number in claim.sources))


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
