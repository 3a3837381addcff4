from __future__ import annotations

import pytest

from localgpt.core.values import Author, Origin
from localgpt.tools.shell_intent import Before, Begun, Intents, before, left
from localgpt.tools.shell_looks import Look

BEGUN = Begun(
    Author(Origin.ASSISTANT, "t", "s", "chat"), frozenset({"/w/.git"}), foreign=True, begin=5, until=9
)
LOOK = Look(1, 2, 3, 4)


def test_what_is_put_down_is_read_as_it_was(tmp_path):
    intents = Intents(tmp_path)
    with intents.store() as store:
        store.write(b"one\ntwo")
    (folder,) = left(tmp_path)
    assert before(folder) is None
    known = [("a.md", LOOK, 3), ("odd\udcff", sized(0), -1)]
    intents.put_down([BEGUN], known, ["hooks"], {tmp_path / "j": 7})
    assert before(folder) == Before(
        (BEGUN,), {"a.md": LOOK, "odd\udcff": sized(0)}, {"a.md": b"\ntwo"}, frozenset({"hooks"}), {tmp_path / "j": 7}
    )  # fmt: skip
    assert {path.stat().st_mode & 0o77 for path in (folder, *folder.iterdir())} == {0}
    intents.none_run()
    assert before(folder) is None
    intents.close()
    assert left(tmp_path) == []


def sized(size: int) -> Look:
    return LOOK._replace(size=size)


@pytest.mark.parametrize(
    "broken", [b"", b"{", b"[]", b'{"runs": []}', b'{"contents": "no", "runs": []}', b"\xff"]
)
def test_what_cannot_be_read_is_nothing(tmp_path, broken):
    intents = Intents(tmp_path)
    (folder,) = left(tmp_path)
    (folder / "runs.json").write_bytes(broken)
    assert before(folder) is None
    intents.close()


def test_nothing_put_down_costs_one_look(tmp_path):
    assert left(tmp_path / "missing") == []
