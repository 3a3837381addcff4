from __future__ import annotations

import pytest

SECRET = "sk-ant-very-secret-0123456789"
ORIGINAL = {
    "agent": {"default_model", "context_window", "reserve_tokens"},
    "server": {"port", "bind"},
    "memory": {"workspace", "embedding_model", "chunk_size", "chunk_overlap"},
    "heartbeat": {"enabled", "interval"},
}


def every(api):
    return {one["key"]: one for one in api.get("/api/settings").json()["settings"]}


def put(api, key, value):
    return api.put("/api/settings", json={"key": key, "value": value})


def test_every_setting_has_its_meaning_and_limits(api):
    found = every(api)
    assert found["context.passages"]["type"] == "int"
    assert (found["context.passages"]["default"], found["context.passages"]["most"]) == (8, 100)
    assert found["chat.editing_mode"]["choices"] == ["emacs", "vi"]
    assert found["memory.embedding_provider"]["source"] == "file"
    assert {one["type"] for one in found.values()} == {
        "bool",
        "int",
        "float",
        "text",
        "choice",
        "list",
        "folders",
    }
    assert all(one["doc"] for one in found.values())
    assert found["providers.anthropic.api_key"]["secret"]


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("context.passages", 5, 5),
        ("context.passages", "6", 6),
        ("budget.day_usd", 2, 2.0),
        ("memory.harvest", False, False),
        ("agent.fallback_models", ["recall"], ["recall"]),
        ("memory.paths", [{"path": "more", "pattern": "*.txt"}], [{"path": "more", "pattern": "*.txt"}]),
        ("chat.editing_mode", "vi", "vi"),
        ("providers.mybox.base_url", "http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
    ],
)
def test_a_setting_is_changed_and_put_back(server, api, key, value, kept):
    server.assistant.home.config.write_text("# mine\n" + server.assistant.home.config.read_text())
    changed = put(api, key, value)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["value"], changed.json()["set"]) == (kept, True)
    assert every(api)[key]["value"] == kept
    assert "# mine" in server.assistant.home.config.read_text()
    gone = put(api, key, None).json()
    assert (gone["set"], gone["value"]) == (False, gone["default"])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("context.passages", "many"),
        ("context.passages", -1),
        ("context.passages", True),
        ("context.passages", {"a": 1}),
        ("memory.harvest", "perhaps"),
        ("chat.editing_mode", "magic"),
        ("agent.fallback_models", [1]),
        ("nobody.knows", "x"),
        ("agent", "x"),
        ("", "x"),
        ("agent.default_model\n[x]", "y"),
    ],
)
def test_what_can_not_be_is_refused_and_nothing_is_written(server, api, key, value):
    before = server.assistant.home.config.read_text()
    answer = put(api, key, value)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["error"]["message"]
    assert server.assistant.home.config.read_text() == before


@pytest.mark.parametrize(
    "key", ["providers.anthropic.api_key", "tools.web_search.api_key", "server.auth_token"]
)
def test_a_secret_is_written_and_never_read(server, api, key):
    changed = put(api, key, SECRET)
    assert changed.status_code == 200
    texts = [changed.text, api.get("/api/settings").text, api.get("/api/config").text]
    texts.append(api.post("/api/config", json={"key": key, "value": SECRET}).text)
    texts.append(put(api, key, 7).text)
    assert not [text for text in texts if SECRET in text]
    assert SECRET in server.assistant.home.config.read_text()
    assert (every(api)[key]["set"], every(api)[key]["value"]) == (True, None)
    assert put(api, key, None).json()["set"] is False


def test_a_broken_file_is_an_answer_that_names_the_place(own):
    own.assistant.home.config.write_text("[agent\n")
    answer = own.api.get("/api/settings")
    assert answer.status_code == 400
    assert "config.toml" in answer.json()["error"]["message"]


def test_the_shape_of_the_original(api):
    found = api.get("/api/config").json()
    assert {name: set(found[name]) for name in ORIGINAL} == ORIGINAL
    taken = api.post("/api/config", json={"key": "context.passages", "value": "4"}).json()
    assert taken == {"success": True, "key": "context.passages", "value": "4"}
    assert every(api)["context.passages"]["value"] == 4
    assert api.post("/api/config", json={"key": "nobody.knows", "value": "4"}).status_code == 400
    assert api.post("/api/config", json={"key": "context.passages"}).status_code == 422


def test_the_program_that_is_run_for_a_model_is_not_set_from_a_page(server, api):
    key, before = "providers.claude_cli.command", server.assistant.home.config.read_text()
    for answer in (put(api, key, "/tmp/x"), api.post("/api/config", json={"key": key, "value": "/tmp/x"})):
        assert answer.status_code == 403
        assert "localgpt config set" in answer.json()["error"]["hint"]
    assert server.assistant.home.config.read_text() == before
