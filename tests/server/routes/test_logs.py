from __future__ import annotations

from datetime import datetime

from localgpt.core.logs import file_of


def test_the_last_lines_of_todays_log(own):
    assert own.api.get("/api/logs/daemon").json() == {"lines": [], "total_lines": 0, "file_size_bytes": 0}
    log = file_of(own.assistant.home.logs, datetime.now().astimezone())
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(f"line {number} <b>\n" for number in range(1500)))
    found = own.api.get("/api/logs/daemon").json()
    assert (len(found["lines"]), found["total_lines"], found["file_size_bytes"]) == (
        200,
        1500,
        log.stat().st_size,
    )
    assert found["lines"][-1].endswith("line 1499 <b>")
    assert len(own.api.get("/api/logs/daemon", params={"lines": 5000}).json()["lines"]) == 1000
    assert own.api.get("/api/logs/daemon", params={"lines": 0}).status_code == 422
