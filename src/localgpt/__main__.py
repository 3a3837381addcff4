"""Where the ``localgpt`` command begins.

The first path is standard library only: ``localgpt --version`` answers before anything else is imported, and a command
that a running daemon can do is done there.
"""

from __future__ import annotations

import os
import sys

from localgpt import __version__

INTERRUPTED = 130
PIPE_CLOSED = 141


def main() -> int:
    """Run the command line of this process; return its exit code (what a shell would say for a signal)."""
    try:
        code = _run(sys.argv[1:])
        _flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _silence()
        return PIPE_CLOSED
    except OSError:  # the disk behind standard output is full: the command has said so, and the rest is lost
        _silence()
        return 1
    return code


def _run(arguments: list[str]) -> int:
    if arguments in (["--version"], ["-V"]):
        if sys.stdout is not None:
            sys.stdout.write(f"localgpt {__version__}\n")
        return 0
    done = _by_daemon(arguments)
    if done is not None:
        return done
    from localgpt.cli.main import cli

    return cli.run(arguments)


def _by_daemon(arguments: list[str]) -> int | None:
    """The exit code of a command that the home's daemon did; ``None`` if it is for this process."""
    if os.name != "posix":
        return None
    from localgpt.daemon import address, routing

    command = routing.routed(arguments)
    where = address.home_of(os.environ, command.home, command.profile) if command else None
    if command is None or where is None or next(address.found(os.environ, where[0]), None) is None:
        return None
    from localgpt.daemon import client

    return client.run(command.words, *where, models=command.thinking)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a process may be started with its streams closed
            stream.flush()


def _silence() -> None:
    """Point the streams at nothing, or the interpreter complains about the closed pipe as it leaves."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
