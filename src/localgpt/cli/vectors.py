"""``localgpt memory model``: which model makes the vectors, and letting another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from localgpt.cli.output import bold
from localgpt.cli.state import CliState, pass_state
from localgpt.core.errors import EmbeddingError, UsageError

if TYPE_CHECKING:
    from localgpt.app.embedders import Choice, Embedders

PROVIDER, MODEL = "memory.embedding_provider", "memory.embedding_model"


@click.command()
@click.argument("name", required=False)
@click.option("--agree", is_flag=True, help="Let a server that is not on this machine read every note.")
@pass_state
def model(state: CliState, name: str | None, agree: bool) -> None:
    """Show which model makes the vectors, or let NAME do it from now on.

    NAME is local (the model that comes along), fastembed/MODEL, ollama/MODEL, openai/MODEL, NAME/MODEL of a server in
    [providers.NAME], or none. The vectors of the model before serve until all new ones are made.
    """
    if name is None:
        _show(state)
        return
    from localgpt.app.embedders import LOCAL, chosen
    from localgpt.core import settings

    choice = chosen(name, "")
    with state.open() as (assistant, _):
        ready = _tried(state, assistant.embedders, choice, agree=agree)
    if not ready:
        state.screen.aside("Nothing was changed.")
        raise click.exceptions.Exit(1)
    settings.change(state.located, PROVIDER, choice.provider)
    settings.unset(state.located, MODEL)
    if choice.model:
        settings.change(state.located, MODEL, choice.model)
    what = "the model that comes along" if choice.provider == LOCAL else choice.name
    state.screen.line(f"From now on vectors are made by {what}." if choice.provider != "none" else _WORDS)
    if choice.provider != "none":
        state.screen.aside("New ones are made in the background; to wait for them: localgpt memory reindex")


_WORDS = "From now on words alone are searched."


def _show(state: CliState) -> None:
    with state.open() as (assistant, _):
        wanted = assistant.embedders.choice.name
        index = assistant.index
        if index.embedder is None:
            state.screen.line(bold("none"), "  words alone are searched")
            return
        serving, pending = index.serving(), index.pending
    state.screen.line(bold(wanted), f"  as {index.embedder.name}")
    if pending:
        now = "" if serving is index.embedder or serving is None else f"; {serving.name} serves meanwhile"
        state.screen.line(f"{pending} passages wait for their vector{now}")
    for notice in assistant.notices:
        state.screen.aside(notice)


def _tried(state: CliState, embedders: Embedders, choice: Choice, *, agree: bool) -> bool:
    """Whether the model may be used and can be: a server is asked for one vector."""
    from localgpt.app.embedders import FASTEMBED, LOCAL, NONE, sentence
    from localgpt.memory.embedding import FastEmbed

    if choice.provider in {NONE, LOCAL}:
        return True
    if choice.provider == FASTEMBED:
        if not choice.model:
            raise UsageError(
                "fastembed is named without a model.", hint="Write fastembed/MODEL; see docs/embeddings.md."
            )
        size = FastEmbed(choice.model, state.located.cache / "models").megabytes
        state.screen.aside(f"It is downloaded once, from huggingface.co: about {size} MB.")
        return True
    endpoint = embedders.endpoint(choice)
    if not endpoint.local and not embedders.agreed.has(endpoint):
        if not agree and not (state.asks and state.confirm(f"{sentence(endpoint)} Use it?", "--agree")):
            state.screen.aside(f"{sentence(endpoint)} To let it: add --agree")
            return False
        embedders.agreed.give(endpoint)
    try:
        dimensions = embedders.served(endpoint).dimensions
    except EmbeddingError as error:
        state.screen.error(f"{error.message} {error.hint}".strip())
        return False
    state.screen.aside(f"{endpoint.name} answers, with vectors of {dimensions} numbers.")
    return True
