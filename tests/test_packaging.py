"""What is shipped: the wheel has what it needs and no more, and its dependencies are the ones that are imported."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.resources
import re
import subprocess
import sys
import tomllib
import zipfile
from itertools import chain
from pathlib import Path

import pytest

import localgpt

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MODEL = "localgpt/memory/bundled/all-MiniLM-L6-v2-int8"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as it is built from this tree."""
    folder = tmp_path_factory.mktemp("dist")
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


@pytest.mark.parametrize(
    "path",
    [
        "localgpt/py.typed",
        f"{MODEL}/model.onnx",
        f"{MODEL}/tokenizer.json",
        f"{MODEL}/LICENSE",
        f"{MODEL}/README.md",
    ],
)
def test_the_wheel_has(wheel: zipfile.ZipFile, path: str):
    assert path in wheel.namelist()


def test_the_wheel_has_every_file_of_the_package_and_nothing_else(wheel: zipfile.ZipFile):
    package = ROOT / "src"
    there = {
        path.relative_to(package).as_posix()
        for path in (package / "localgpt").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert shipped == there


def test_the_licences_travel_with_the_wheel(wheel: zipfile.ZipFile):
    licences = [name.split("/licenses/")[1] for name in wheel.namelist() if "/licenses/" in name]
    assert sorted(licences) == ["LICENSE", "NOTICE", f"src/{MODEL}/LICENSE"]


def test_the_version_is_the_same_everywhere(wheel: zipfile.ZipFile):
    assert f"-{localgpt.__version__}-" in Path(wheel.filename or "").name
    assert f"## [{localgpt.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_assistant_is_the_public_api():
    from localgpt import Assistant

    assert Assistant.__module__.startswith("localgpt.app")
    assert localgpt.__all__ == ["Assistant", "__version__"]
    with pytest.raises(AttributeError, match="has no attribute 'assistant'"):
        _ = localgpt.assistant


def test_the_command_is_installed():
    scripts = importlib.metadata.entry_points(group="console_scripts")
    assert scripts["localgpt"].load().__module__ == "localgpt.__main__"


def test_the_bundled_model_is_the_one_its_readme_describes():
    import hashlib

    folder = importlib.resources.files("localgpt").joinpath(*MODEL.split("/")[1:])
    readme = folder.joinpath("README.md").read_text(encoding="utf-8")
    stated = dict(re.findall(r"^- `([\w.]+)` ([0-9a-f]{64})", readme, re.MULTILINE))
    assert "model.onnx" in stated
    for name, digest in stated.items():
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == digest, name


def declared() -> dict[str, str]:
    """What the package needs and what its extras bring (but for the developers' own), by name, with its bounds."""
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *chain(*(extras[name] for name in extras if name != "dev"))]
    found = [re.match(r"([\w-]+)(?:\[.*?\])?(.*)", line) for line in lines]
    return {canonical(match[1]): match[2] for match in found if match and match[1] != PROJECT["name"]}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> set[str]:
    """The distributions whose packages the source imports."""
    names = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    brought = dict(importlib.metadata.packages_distributions())
    brought |= {
        "webview": ["pywebview"]
    }  # the developers' environment goes without the half gigabyte of the window
    ours = names - set(sys.stdlib_module_names) - {"localgpt"}
    return {canonical(brought[name][0]) if name in brought else name for name in ours}


def test_what_is_imported_is_declared():
    assert imported() - set(declared()) == set()


def test_what_is_declared_is_imported():
    loaded_by_others = {"sqlite-vec", "websockets"}  # by its path: importing it would bring numpy; by uvicorn
    assert set(declared()) - imported() - loaded_by_others == set()


def test_every_dependency_has_a_floor_and_a_cap():
    assert [
        name
        for name, bounds in declared().items()
        if not re.fullmatch(r">=[\d.]+,<[\d.]+", bounds.split(";")[0])
    ] == []


def test_no_path_of_a_machine_and_no_registry_is_committed():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    machine = re.compile(
        rb"(?<![\w~.])/(?:root/\w|work/(?:main|shared))|/tmp/(?:venv|team)\b|\bpypi\.org|files\.pythonhosted"
    )
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix != ".onnx" and path.is_file() and path != Path(__file__):
            found = machine.search(path.read_bytes())
            assert found is None, f"{name}: {found.group()!r}"
