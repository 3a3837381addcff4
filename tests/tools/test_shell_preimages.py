from __future__ import annotations

from localgpt.memory.workspace import LARGEST_NOTE
from localgpt.tools.shell_looks import looks
from localgpt.tools.shell_preimages import Preimages, read


def look(preimages, root):
    preimages.look_again(looks(str(root)).files)


def test_contents_are_known_until_they_are_gone(tmp_path):
    (tmp_path / "a.md").write_text("one")
    (tmp_path / "b.md").write_text("# Private\n\nmine\n")
    kept = Preimages(str(tmp_path))
    look(kept, tmp_path)
    (tmp_path / "a.md").write_text("two")
    assert kept.content("a.md") == b"one"
    assert kept.private == ("b.md",)
    (tmp_path / "b.md").unlink()
    look(kept, tmp_path)
    assert kept.content("a.md") == b"two"
    assert kept.paths == {"a.md"}
    assert kept.content("b.md") is None
    kept.close()


def test_only_so_much_is_kept_and_holes_are_closed(tmp_path):
    kept = Preimages(str(tmp_path), most=3_000_000)
    (tmp_path / "a.md").write_bytes(b"a" * 1_000_000)
    for turn in range(20):
        (tmp_path / "b.md").write_bytes(b"%02d" % turn * 250_000)
        look(kept, tmp_path)
        assert kept.content("a.md") == b"a" * 1_000_000
        assert kept.content("b.md") == b"%02d" % turn * 250_000
    (tmp_path / "c.md").write_bytes(b"c" * 3_000_000)
    look(kept, tmp_path)
    assert "c.md" in kept
    assert kept.content("c.md") is None
    kept.close()


def test_what_is_too_large_or_was_swapped_is_not_read(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("one")
    seen = looks(str(tmp_path)).files["a.md"]
    assert read(str(path), seen) == b"one"
    assert read(str(path), seen._replace(size=LARGEST_NOTE + 1)) is None
    assert read(str(path), seen._replace(inode=1)) is None
    path.unlink()
    path.symlink_to(tmp_path / "b.md")
    (tmp_path / "b.md").write_text("one")
    assert read(str(path), seen) is None
