"""The file under the index: transactions, errors in our words, versions, and vectors without numpy."""

from __future__ import annotations

import apsw
import pytest

from localgpt.core.errors import IndexDamaged, Locked
from localgpt.memory.database import Database, OtherVersion, Unusable, discard, translated


def test_what_is_written_is_read_once_it_is_whole(tmp_path):
    database = Database(tmp_path / "i.db")
    with database.write() as connection:
        connection.execute("INSERT INTO meta VALUES ('a', '1')")
        with database.read() as reader:
            assert reader.execute("SELECT count(*) FROM meta").get == 0
    with database.read() as reader:
        assert reader.execute("SELECT count(*) FROM meta").get == 1
    database.close()


def test_what_fails_leaves_nothing(tmp_path):
    database = Database(tmp_path / "i.db")
    with pytest.raises(IndexDamaged), database.write() as connection:
        connection.execute("INSERT INTO meta VALUES ('a', '1'); INSERT INTO nowhere VALUES (1)")
    with database.read() as reader:
        assert reader.execute("SELECT count(*) FROM meta").get == 0
    database.close()


@pytest.mark.parametrize("path", [True, False])
def test_sqlite_vec_is_there(tmp_path, path):
    database = Database(tmp_path / "i.db" if path else None)
    assert database.has_vectors
    with database.read() as connection:
        assert connection.execute("SELECT vec_version()").get.startswith("v")
    database.close()


def test_a_file_that_is_no_database_is_damaged(tmp_path):
    (tmp_path / "i.db").write_bytes(b"x" * 5000)
    with pytest.raises(IndexDamaged, match=r"i\.db"):
        Database(tmp_path / "i.db")


def test_somebody_elses_database_is_another_version(tmp_path):
    apsw.Connection(str(tmp_path / "i.db")).execute("CREATE TABLE other(x)")
    with pytest.raises(OtherVersion):
        Database(tmp_path / "i.db")


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (apsw.CorruptError, IndexDamaged),
        (apsw.NotADBError, IndexDamaged),
        (apsw.SQLError, IndexDamaged),
        (apsw.BusyError, Locked),
        (apsw.FullError, Unusable),
        (apsw.ReadOnlyError, Unusable),
        (apsw.CantOpenError, Unusable),
        (apsw.IOError, Unusable),
    ],
)
def test_errors_come_in_our_words(tmp_path, error, ours):
    with pytest.raises(ours, match=r"i\.db"), translated(tmp_path / "i.db"):
        raise error("oh")


@pytest.mark.parametrize("keep", [True, False])
def test_discard(tmp_path, keep):
    path = tmp_path / "i.db"
    for name in ("i.db", "i.db-wal", "i.db-shm"):
        (tmp_path / name).write_text("old")
    discard(path, keep=keep)
    assert [one.name for one in tmp_path.iterdir()] == (["i.db.damaged"] if keep else [])
    discard(path)


def test_a_file_that_was_replaced_is_no_longer_current(tmp_path):
    database = Database(tmp_path / "i.db")
    assert database.is_current()
    discard(tmp_path / "i.db", keep=False)
    assert not database.is_current()
    database.close()
