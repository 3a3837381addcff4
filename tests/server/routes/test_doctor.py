from __future__ import annotations


def test_every_check_is_told_with_what_to_do(own):
    found = own.api.get("/api/doctor").json()
    assert found["ok"]
    names = {check["name"] for check in found["checks"]}
    assert {"settings", "workspace", "index", "model"} <= names
    loose = [check for check in found["checks"] if check["status"] == "warning"]
    assert all(check["fix"] for check in loose)
