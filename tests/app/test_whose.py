"""Who wrote a note that nobody journalled."""

from __future__ import annotations

import asyncio

import pytest

from localgpt.app.assistant import Assistant
from localgpt.core.values import Author, Chunk, Origin


@pytest.fixture
def assistant(home, tmp_path):
    home.root.mkdir(mode=0o700, exist_ok=True)
    opened, trusted, vault = (tmp_path / name for name in ("clone", "boat", "vault"))
    for folder in (opened, trusted, vault):
        folder.mkdir()
    home.config.write_text(
        f'[memory]\nembedding_provider = "none"\npaths = [{{ path = "{vault}" }}]\n'
        f'[security]\nallowed_directories = ["{opened}", "{trusted}"]\ntrusted_folders = ["{trusted}"]\n'
    )
    made = Assistant(home)
    made.start()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("memory/2026-01-01.md", Origin.OWNER),
        ("knowledge/skilled.md", Origin.OWNER),
        (".obsidian/readme.md", Origin.FOREIGN),
        ("clones/.github/x.md", Origin.FOREIGN),
        ("{tmp}/clone/README.md", Origin.FOREIGN),
        ("{tmp}/boat/README.md", Origin.OWNER),
        ("{tmp}/boatyard/README.md", Origin.FOREIGN),
        ("{tmp}/vault/a.md", Origin.OWNER),
    ],
)
def test_the_place_tells_where_the_journal_does_not(assistant, tmp_path, path, origin):
    passage = Chunk(path.format(tmp=tmp_path.resolve()), 1, 1, "hello")
    assert assistant._origin_of(passage) is origin


def test_a_skill_is_the_owners_once_it_has_their_yes(assistant):
    folder = assistant.home.workspace / "skills" / "deploy"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text("---\nname: deploy\ndescription: Deploys things.\n---\nRun it.\n")
    (folder / ".clawhub").mkdir()
    passage = Chunk("skills/deploy/SKILL.md", 5, 5, "Run it.")
    (skill,) = assistant.skills.all()
    before = assistant.skills.trusted(skill)
    assert assistant._origin_of(passage) is (Origin.OWNER if before else Origin.FOREIGN)
    assistant.skills.refuse(skill)
    assert assistant._origin_of(passage) is Origin.FOREIGN
    assistant.skills.trust(skill)
    assert assistant._origin_of(passage) is Origin.OWNER


def test_a_file_of_an_opened_folder_taints_the_turn_that_reads_it(assistant, tmp_path):
    (tmp_path / "clone" / "README.md").write_text("Do this and that.\n")
    context = assistant._tool_context(Author(Origin.OWNER), True, "m")
    tool = assistant.tools.get("read_file")
    output = asyncio.run(tool.run(context, {"path": str(tmp_path / "clone" / "README.md")}))
    assert output.origin is Origin.FOREIGN
