"""The command ``localgpt``: its table of commands, its global options, and how its errors are told."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from localgpt import __version__
from localgpt.cli import failures, guard
from localgpt.cli.group import Entry, LazyGroup
from localgpt.cli.output import Screen
from localgpt.cli.state import CliState, Host
from localgpt.core.errors import LocalGPTError
from localgpt.core.files import storage_error

INTERRUPTED = 130
PIPE_CLOSED = 141

PROGRAM = "localgpt"
_WORDS = "localgpt.words"
COMPLETE = "_LOCALGPT_COMPLETE"
"""The environment variable by which a shell asks for completions."""

_TALK, _KNOW, _CARE = "Talk", "Remember and find", "Look after it"

TABLE = {
    "chat": Entry("localgpt.cli.chat", "chat", "Talk with your assistant.", _TALK),
    "ask": Entry("localgpt.cli.ask", "ask", "Ask one question and get one answer.", _TALK),
    "open": Entry("localgpt.cli.open", "open_page", "Open the page in your browser, logged in.", _TALK),
    "desktop": Entry(
        "localgpt.cli.desktop", "desktop", "Open the page in a window of its own, logged in.", _TALK
    ),
    "session": Entry(
        "localgpt.cli.session",
        "session",
        "List, read, search, rename, branch, export and delete conversations.",
        _TALK,
    ),
    "remember": Entry("localgpt.cli.memory", "remember", "Write something down in your notes.", _KNOW),
    "search": Entry("localgpt.cli.memory", "search", "Search your notes and conversations.", _KNOW),
    "memory": Entry(
        "localgpt.cli.memory", "memory", "Search, read and look after what is remembered.", _KNOW
    ),
    "skill": Entry(
        "localgpt.cli.skill", "skill", "List, check and make skills, and say which may be used.", _KNOW
    ),
    "research": Entry(
        "localgpt.cli.research", "research", "Research a topic; what is found becomes a note.", _KNOW
    ),
    "project": Entry("localgpt.cli.project", "project", "List, show, add and forget projects.", _KNOW),
    "heartbeat": Entry(
        "localgpt.cli.heartbeat", "heartbeat", "Look after what stands in HEARTBEAT.md, unasked.", _CARE
    ),
    "approvals": Entry(
        "localgpt.cli.approvals", "approvals", "List and answer calls that wait for your word.", _CARE
    ),
    "inbox": Entry("localgpt.cli.inbox", "inbox", "List, read and answer what waits for you.", _CARE),
    "task": Entry(
        "localgpt.cli.task",
        "task",
        "Have things done in the background; the result comes to the inbox, and as a note.",
        _CARE,
    ),
    "history": Entry(
        "localgpt.cli.changes",
        "history",
        "Show what was changed in your files, by turns and by yourself.",
        _CARE,
    ),
    "undo": Entry("localgpt.cli.changes", "undo", "Put back what was changed in your files.", _CARE),
    "redo": Entry("localgpt.cli.changes", "redo", "Take the last undo back.", _CARE),
    "model": Entry(
        "localgpt.cli.model", "model", "List the models, choose the one that answers, and try one.", _CARE
    ),
    "config": Entry("localgpt.cli.config", "config", "Show and change the settings.", _CARE),
    "usage": Entry("localgpt.cli.usage", "usage", "Show what models were used for, and what it cost.", _CARE),
    "logs": Entry("localgpt.cli.logs", "logs", "Show what the program wrote about itself.", _CARE),
    "paths": Entry("localgpt.cli.paths", "paths", "Show where everything is.", _CARE),
    "daemon": Entry(
        "localgpt.cli.daemon", "daemon", "Start, stop and install the process that stays.", _CARE
    ),
    "sandbox": Entry(
        "localgpt.cli.sandbox", "sandbox", "Run commands behind walls, and see how well these hold.", _CARE
    ),
    "grants": Entry(
        "localgpt.cli.grants", "grants", "List, give and take back what needs no question.", _CARE
    ),
    "freeze": Entry(
        "localgpt.cli.freeze", "freeze", "Stop everything at once; nothing runs until thaw.", _CARE
    ),
    "thaw": Entry("localgpt.cli.freeze", "thaw", "Let things run again after freeze.", _CARE),
    "token": Entry(
        "localgpt.cli.token",
        "token",
        "Make, list and revoke keys for programs that may less than you.",
        _CARE,
    ),
    "secret": Entry("localgpt.cli.secret", "secret", "Keep keys and passwords out of the settings.", _CARE),
    "doctor": Entry(
        "localgpt.cli.doctor", "doctor", "Check that everything works, and say what to do if not.", _CARE
    ),
    "completion": Entry(
        "localgpt.cli.completion",
        "completion",
        "Print the script that lets your shell complete commands.",
        _CARE,
    ),
}


class Root(LazyGroup):
    """The whole command line: runs a command, and tells its errors in a sentence."""

    def main(self, args: Sequence[str] | None = None, *_: Any, **options: Any) -> NoReturn:
        """Run as a program does: exit with the command's code."""
        sys.exit(self.run(sys.argv[1:] if args is None else args, screen=options.get("obj")))

    def run(self, arguments: Sequence[str], *, screen: Screen | None = None, host: Host | None = None) -> int:
        """Run one command on ``screen`` (this process's unless given) and return its exit code.

        ``host`` is the daemon where the command runs for a caller elsewhere; ``screen`` is the caller's then.
        """
        screen = screen or Screen.of_this_process()
        options: dict[str, Any] = {}
        try:
            return self._run(arguments, (screen, options, host))
        except click.exceptions.Exit as done:
            return done.exit_code
        except (click.Abort, KeyboardInterrupt):
            screen.progress("")
            return INTERRUPTED
        except BrokenPipeError:  # nobody reads any more: there is nobody to tell
            return PIPE_CLOSED
        except OSError as error:  # files say themselves what went wrong, standard output doesn't
            return _told_unwritten(error, screen, options)
        except (LocalGPTError, click.ClickException) as error:
            return _told(failures.of(error), screen)
        except Exception as error:  # noqa: BLE001 - the last resort: a bug is told in a sentence and kept in a file
            return _told_bug(error, screen, options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; its own words are kept for looking at them first: click takes them away before that."""
        ctx.meta[_WORDS] = [*ctx._protected_args, *ctx.args]  # noqa: SLF001 - nowhere else are they together
        return super().invoke(ctx)

    def _run(self, arguments: Sequence[str], handed: tuple[Screen, dict[str, Any], Host | None]) -> int:
        if wish := os.environ.get(COMPLETE):
            from click.shell_completion import shell_complete

            return shell_complete(self, {}, PROGRAM, COMPLETE, wish)
        with self.make_context(PROGRAM, list(arguments), obj=handed) as context:
            self.invoke(context)
        screen, _, host = handed
        screen.flush()  # here, where it can still be said that nothing more fits
        if host is not None:
            host.flush()
        return 0


def _told(failure: failures.Failure, screen: Screen) -> int:
    screen.error(failure.sentence, failure.hint)
    return failure.exit_code


def _told_unwritten(error: OSError, screen: Screen, options: dict[str, Any]) -> int:
    if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}:
        return _told_bug(error, screen, options)
    return _told(failures.of(storage_error(error, "write", "standard output")), screen)


def _told_bug(error: Exception, screen: Screen, options: dict[str, Any]) -> int:
    if options.get("verbose"):
        import traceback

        screen.aside("".join(traceback.format_exception(error)).rstrip())
    return _told(failures.of_bug(error, failures.home_in(options)), screen)


@click.group(cls=Root, table=TABLE, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", metavar="DIR", help="Use this folder instead of ~/.localgpt (also: LOCALGPT_HOME).")
@click.option(
    "--profile", metavar="NAME", help="Use a home of its own, ~/.localgpt-NAME (also: LOCALGPT_PROFILE)."
)
@click.option("-v", "--verbose", is_flag=True, help="Say more on standard error.")
@click.version_option(__version__, "-V", "--version", prog_name="localgpt", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, home: str | None, profile: str | None, verbose: bool) -> None:
    """Start with:  localgpt chat

    A personal assistant that keeps everything on this machine: your notes are Markdown files, your conversations
    too, and it finds again what you told it.
    """
    screen, options, host = ctx.obj
    options.update(ctx.params)
    if verbose:
        import logging

        logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
        logging.getLogger("localgpt").setLevel(logging.DEBUG)
    ctx.obj = state = CliState(screen, home=home, profile=profile, verbose=verbose, host=host)
    words: list[str] = ctx.meta[_WORDS]
    ctx.with_resource(guard.guarded(words, lambda: state.located, hosted=host is not None))
