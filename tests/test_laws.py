"""The laws of the house, each of them run: who may import whom, how long things get, who may touch the disk.

A law that has to give way somewhere has an allow-list beside it; an entry says why, and one that is no longer
needed fails too.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "localgpt"
MODULES = sorted(SOURCE.rglob("*.py"))
EVERYTHING = sorted({*MODULES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")})

LONGEST_FILE = 500
LONGEST_FUNCTION = 60

LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}

WRITERS = {
    "core/files.py": "the room that writes",
    "daemon/interruption.py": "wakes a thread through a pipe",
    "daemon/process.py": "opens the file that a new process writes its output to",
    "daemon/streams.py": "writes to the caller's own terminal or pipe",
    "security/sandbox/unheld.py": "speaks to its parent through a pipe",
    "__main__.py": "opens the null device, for a standard output that was closed",
    "security/sandbox/room.py": "makes the folders of a room that is in memory only",
    "security/sandbox/child.py": "makes a folder in that room, and writes to its report pipe",
    "security/sandbox/namespaces.py": "tells the kernel who is who, in /proc",
    "security/sandbox/limits.py": "tells the kernel whom to end first, in /proc",
    "security/sandbox/cgroup.py": "tells the kernel what a group may use",
    "security/sandbox/placeholders.py": "makes empty names for a moment, unsynced, and takes them away",
    "security/sandbox/supervisor.py": "types into a command's terminal",
    "security/sandbox/scene.py": "links files of a trial, in a temporary folder",
    "desktop/opening.py": "keeps what a window complains of in a file without a name until it has ended",
}
PRINTERS: dict[str, str] = {}
UNTESTED = {
    "security/sandbox/child.py": "runs in a process of its own; test_supervisor.py and test_trial.py run it",
    "security/sandbox/kernel.py": "system calls as they are; every real run makes them",
    "security/sandbox/namespaces.py": "runs in the child; test_supervisor.py and test_trial.py run it",
    "security/sandbox/room.py": "runs in the child; test_supervisor.py and test_trial.py run it",
    "security/sandbox/attempts.py": "a table; test_trial.py looks at it and runs it",
    "security/sandbox/everyday.py": "a table; test_trial.py looks at it and runs it",
    "security/sandbox/bystander.py": "a part of the scene; test_scene.py looks at it",
    "server/schemas.py": "shapes only: what several routes answer with; each route's test looks at its own",
    "server/served.py": "shapes only: what the server is handed; every test of a route makes one",
    "scheduler/rooms.py": "shapes only: what unattended work is handed; app/attending.py makes one",
    "scheduler/entry_run.py": "one entry of a beat; tests/scheduler/test_heartbeat.py runs it through every end",
    "scheduler/unattended.py": "one turn of a beat or a task; test_heartbeat.py and test_task_run.py run it",
    "security/verbs.py": "a table of words; test_intent.py asks for each language",
    "agent/house.py": "shapes only: what a turn is handed; the tests of turns make one",
    "__init__.py": "hands out Assistant and the version; tests/test_packaging.py asks it for both",
}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=str(path))


def name_of(path: Path) -> str:
    base = SOURCE if path.is_relative_to(SOURCE) else ROOT
    return path.relative_to(base).as_posix()


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of a chain of names; a call or subscript in it becomes ``?``."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def judge(broken: dict[str, list[str]], allowed: dict[str, str]) -> None:
    """Fail with every breach that no allow-list entry excuses, and with every entry that excuses nothing."""
    breaches = [f"{place}: {'; '.join(what)}" for place, what in broken.items() if place not in allowed]
    idle = [f"{place}: is in the allow-list for nothing" for place in allowed if place not in broken]
    assert not breaches + idle, "\n" + "\n".join(breaches + idle)


# Who may import whom


def test_the_floors_hold():
    lint = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
        "--no-cache",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200"}
    result = subprocess.run(lint, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


def imports(path: Path) -> set[Path]:
    """The modules of the house that ``path`` imports at run time, inside functions too."""
    found = set()
    for node in runtime_nodes(tree(path)):
        if isinstance(node, ast.Import):
            found |= {module_file(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {
                module_file(f"{node.module}.{alias.name}") or module_file(node.module) for alias in node.names
            }
    return {module for module in found if module}


def runtime_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those under ``if TYPE_CHECKING``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and dotted(child.test).endswith("TYPE_CHECKING"):
            continue
        yield child
        yield from runtime_nodes(child)


def module_file(name: str) -> Path | None:
    place = SOURCE.parent.joinpath(*name.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path in MODULES), None)


def test_no_module_imports_itself_in_a_circle():
    facade = (
        SOURCE / "__init__.py"
    )  # hands out Assistant on request; whoever asks it for the version is no knot
    graph = {path: imports(path) - {facade} for path in MODULES if path != facade}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(name_of(path) for path in error.args[1]))


def test_the_facade_gives_the_house_only_its_version():
    """``localgpt`` itself imports ``app`` on request: a lower floor that took more from it would go around the law."""
    taken = {
        alias.name
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module == "localgpt"
        for alias in node.names
    }
    assert {name for name in taken if module_file(f"localgpt.{name}") is None} <= {"__version__"}


NOT_WITHOUT_USE = (
    "fastembed",
    "httpx2",
    "numpy",
    "onnxruntime",
    "prompt_toolkit",
    "rich",
    "tokenizers",
    "tomlkit",
)


def loaded_by(statement: str) -> set[str]:
    program = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    child = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return set(child.stdout.split())


def test_the_package_imports_nothing_but_itself():
    assert loaded_by("import localgpt") == {"__future__", "localgpt"}


@pytest.mark.parametrize("module", ["localgpt.app", "localgpt.cli", "localgpt.memory.search"])
def test_doors_open_without_the_heavy_libraries(module):
    assert loaded_by(f"import {module}").isdisjoint(NOT_WITHOUT_USE)


# How long things get, and what they say about themselves


def test_files_stay_short():
    lengths = {name_of(path): len(path.read_bytes().splitlines()) for path in EVERYTHING}
    judge({place: [f"{n} lines"] for place, n in lengths.items() if n > LONGEST_FILE}, LONG_FILES)


def test_functions_stay_short():
    long = {}
    for path in EVERYTHING:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long[f"{name_of(path)}:{node.name}"] = [f"{length} lines"]
    judge(long, LONG_FUNCTIONS)


def test_every_module_says_what_it_is_for():
    speaking = [
        *MODULES,
        *(ROOT / "bench").rglob("*.py"),
    ]  # a test's name says it, or a docstring where it doesn't
    assert [name_of(path) for path in speaking if not ast.get_docstring(tree(path))] == []


def test_every_broad_except_gives_its_reason():
    """A handler that ends in a bare ``raise`` swallows nothing and needs none."""
    broken = {}
    for path in MODULES:
        lines = path.read_text(encoding="utf-8").splitlines()
        bare = [line for line in broad_handlers(tree(path)) if not gives_reason(lines[line - 1])]
        if bare:
            broken[name_of(path)] = [f"line {line} gives no reason in a comment" for line in bare]
    judge(broken, {})


def broad_handlers(module: ast.Module) -> Iterator[int]:
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type) and not reraises(node):
            yield node.lineno
        if (
            isinstance(node, ast.Call)
            and dotted(node.func).endswith("suppress")
            and any(map(is_broad, node.args))
        ):
            yield node.lineno


def is_broad(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(map(is_broad, caught.elts))
    return caught is None or dotted(caught) in {"Exception", "BaseException"}


def reraises(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def gives_reason(line: str) -> bool:
    comment = re.sub(r"noqa: [A-Z0-9, ]+", "", line.partition("#")[2])
    return len(re.findall(r"\w+", comment)) >= 3


# Who may touch the world

WRITING_METHODS = {
    "hardlink_to",
    "rmdir",
    "symlink_to",
    "touch",
    "unlink",
    "write_bytes",
    "write_text",
}
WRITING_FUNCTIONS = {
    "os.chmod",
    "os.ftruncate",
    "os.link",
    "os.makedirs",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.replace",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
    "os.unlink",
    "os.write",
}
WRITING_FLAGS = {"O_APPEND", "O_CREAT", "O_RDWR", "O_TRUNC", "O_WRONLY"}


def test_only_one_room_writes_files():
    broken = {}
    for path in MODULES:
        writes = [f"line {call.lineno}: {dotted(call.func)}" for call in calls(path) if is_write(call)]
        if writes:
            broken[name_of(path)] = writes
    judge(broken, WRITERS)


def is_write(call: ast.Call) -> bool:
    name = dotted(call.func)
    last = name.rsplit(".", 1)[-1]
    if name in WRITING_FUNCTIONS or name.startswith(("shutil.", "tempfile.")):
        return last not in {"disk_usage", "get_terminal_size", "gettempdir", "which"}
    if name in {"os.open", "os.fdopen"}:
        return any(flag in WRITING_FLAGS for flag in attributes(call)) or writing_mode(call, 1)
    if last == "open":
        return writing_mode(call, 1 if name in {"open", "io.open"} else 0)
    if last == "replace":  # a path's takes one argument, a text's two
        return len(call.args) == 1 and not call.keywords
    return "." in name and last in WRITING_METHODS


def attributes(call: ast.Call) -> set[str]:
    return {node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute)}


def writing_mode(call: ast.Call, place: int) -> bool:
    mode = next((keyword.value for keyword in call.keywords if keyword.arg == "mode"), None)
    if mode is None and len(call.args) > place:
        mode = call.args[place]
    return (
        isinstance(mode, ast.Constant)
        and isinstance(mode.value, str)
        and not set(mode.value).isdisjoint(set("wax+"))
    )


@pytest.mark.parametrize(
    ("line", "writes"),
    [
        ("open(path, 'w')", True),
        ("open(path)", False),
        ("open(path, mode='rb')", False),
        ("path.open('a')", True),
        ("path.open('rb')", False),
        ("path.write_text('x')", True),
        ("os.open(path, os.O_WRONLY | os.O_CREAT)", True),
        ("os.open(path, os.O_RDONLY)", False),
        ("shutil.copytree(a, b)", True),
        ("shutil.which('git')", False),
        ("'text'.replace('a', 'b')", False),
        ("path.replace(target)", True),
        ("moment.replace(tzinfo=UTC)", False),
        ("Path(x).unlink()", True),
    ],
)
def test_the_law_of_writing_knows_a_write_when_it_sees_one(line, writes):
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert is_write(call) is writes


def test_only_the_command_line_prints():
    broken = {}
    for path in MODULES:
        if name_of(path).startswith("cli/") or name_of(path) == "__main__.py":
            continue
        prints = [
            f"line {call.lineno}" for call in calls(path) if dotted(call.func) in {"print", "click.echo"}
        ]
        if prints:
            broken[name_of(path)] = prints
    judge(broken, PRINTERS)


# Who may connect is a law too: tests/core/test_outbound.py holds it.


# The mirror of the tests


def test_every_module_has_its_test():
    missing = {}
    for path in MODULES:
        expected = mirror_of(path)
        if has_code(path) and not expected.exists():
            missing[name_of(path)] = [f"{expected.relative_to(ROOT).as_posix()} is missing"]
    judge(missing, UNTESTED)


def mirror_of(path: Path) -> Path:
    """``core/files.py`` has ``tests/core/test_files.py``; a folder's own code has the test of its name."""
    place = ROOT / "tests" / path.relative_to(SOURCE)
    if path.stem == "__init__":
        return place.with_name(f"test_{path.parent.name}.py")
    return place.with_name(f"test_{path.stem.strip('_')}.py")


def has_code(path: Path) -> bool:
    """Whether a module does anything: one of docstring, imports and names re-exported has nothing to test."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in tree(path).body
    )
