from __future__ import annotations

from localgpt.core import config
from localgpt.core.errors import Overloaded


def test_models_are_listed_with_who_answers(own):
    found = own.api.get("/api/models").json()
    recall = next(one for one in found["models"] if one["name"] == "recall")
    assert found["current"] == "scripted"
    assert (recall["local"], recall["available"], recall["agreed"], recall["provider"]) == (
        True,
        True,
        True,
        "recall",
    )


def test_a_model_that_can_not_be_used_is_listed_with_the_reason(own):
    own.api.put("/api/settings", json={"key": "agent.fallback_models", "value": ["anthropic/claude-x"]})
    own.assistant.config = config.load(own.assistant.home)
    found = {one["name"]: one for one in own.api.get("/api/models").json()["models"]}
    assert not found["anthropic/claude-x"]["available"]
    assert found["anthropic/claude-x"]["why"]


def test_a_model_is_tried(own):
    tried = own.api.post("/api/models/test", json={}).json()
    assert (tried["ok"], tried["model"], tried["input_tokens"]) == (True, "scripted", 5)
    assert own.api.post("/api/models/test").json()["ok"]


def test_a_model_that_fails_says_how(own):
    own.engine.say(Overloaded("It is busy.", hint="Later."))
    tried = own.api.post("/api/models/test", json={}).json()
    assert (tried["ok"], tried["error"], tried["hint"]) == (False, "It is busy.", "Later.")


def test_a_model_elsewhere_is_not_used_before_the_owner_agrees(own):
    key = {"key": "providers.anthropic.api_key", "value": "sk-ant-0123456789abcdef"}
    own.api.put("/api/settings", json=key)
    own.assistant.config = config.load(own.assistant.home)
    own.assistant.__dict__.pop("_engines", None)
    wanted = {"model": "anthropic/claude-sonnet-5-5"}
    for path in ("test", "use"):
        asked = own.api.post(f"/api/models/{path}", json=wanted).json()
        assert "anthropic" in asked["consent"]
        assert not asked.get("ok", asked.get("changed"))
    chosen = own.api.post("/api/models/use", json={**wanted, "agree": True}).json()
    assert (chosen["changed"], chosen["local"], chosen["consent"]) == (True, False, "")
    assert 'default_model = "anthropic/claude-sonnet-5-5"' in own.assistant.home.config.read_text()


def test_a_model_is_chosen_and_left_to_choose_again(own):
    assert own.api.post("/api/models/use", json={"model": " recall "}).json()["model"] == "recall"
    assert own.api.get("/api/status").json()["model"] == "recall"
    assert 'default_model = "recall"' in own.assistant.home.config.read_text()
    assert own.api.post("/api/models/use", json={"model": ""}).json()["changed"]
    assert 'default_model = "recall"' not in own.assistant.home.config.read_text()


def test_a_model_nobody_knows_is_refused_and_nothing_changes(own):
    before = own.assistant.home.config.read_text()
    for name in ("nobody/knows", "<script>", "x" * 5000):
        for path in ("use", "test"):
            answer = own.api.post(f"/api/models/{path}", json={"model": name})
            assert answer.status_code in {400, 502}
            assert answer.json()["error"]["hint"]
    assert own.assistant.home.config.read_text() == before
