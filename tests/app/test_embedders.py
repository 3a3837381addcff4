"""The settings' words become a model; a server elsewhere waits for the owner's yes, and nothing breaks over a wrong name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.embedding_server import EmbeddingServer

from localgpt.app import Assistant
from localgpt.app.embedders import Agreed, Choice, Embedders, Missing, chosen, sentence
from localgpt.core.config import read
from localgpt.core.errors import ConfigError, EmbeddingError
from localgpt.core.outbound import Outbound
from localgpt.memory.embedding import Bundled, FastEmbed
from localgpt.memory.served import Served


def embedders(folder: Path, settings: str, **environ: str) -> Embedders:
    outbound = Outbound(lambda *_, **__: None)
    agreed = Agreed(folder / "embeddings.json")
    return Embedders(read(settings, environ=environ), outbound, folder / "models", agreed, environ)


@pytest.mark.parametrize(
    ("provider", "model", "choice"),
    [
        ("local", "", Choice("local", "")),
        ("bundled", "whatever", Choice("local", "")),
        ("local", "all-MiniLM-L6-v2", Choice("local", "")),
        ("none", "x", Choice("none", "")),
        ("fastembed", "BAAI/bge-m3", Choice("fastembed", "BAAI/bge-m3")),
        ("fastembed", "fastembed/BAAI/bge-m3", Choice("fastembed", "BAAI/bge-m3")),
        ("fastembed/BAAI/bge-m3", "other", Choice("fastembed", "BAAI/bge-m3")),
        ("ollama", "all-MiniLM-L6-v2", Choice("ollama", "nomic-embed-text")),
        ("ollama", "bge-m3", Choice("ollama", "bge-m3")),
        ("Ollama/bge-m3", "", Choice("ollama", "bge-m3")),
        ("openai", "text-embedding-3-large", Choice("openai", "text-embedding-3-large")),
        ("openai", "", Choice("openai", "text-embedding-3-small")),
        ("my_box/a/b", "", Choice("my-box", "a/b")),
    ],
)
def test_two_words_are_one_choice(provider, model, choice):
    assert chosen(provider, model) == choice


def test_models_that_need_no_server(tmp_path):
    assert isinstance(embedders(tmp_path, "").make()[0], Bundled)
    assert embedders(tmp_path, 'memory.embedding_provider = "none"').make() == (None, "")
    made, _ = embedders(tmp_path, 'memory.embedding_provider = "fastembed/BAAI/bge-m3"').make()
    assert isinstance(made, FastEmbed)


def test_a_server_on_this_machine_is_used_at_once(tmp_path):
    made, said = embedders(tmp_path, 'memory.embedding_provider = "ollama"').make()
    assert isinstance(made, Served)
    assert (made.name, made.local, said) == ("ollama/nomic-embed-text", True, "")


AWAY = """memory.embedding_provider = "mybox/bge-m3"
[providers.mybox]
base_url = "http://192.0.2.1:8080/v1"
"""


def test_a_server_elsewhere_waits_for_a_yes(tmp_path):
    rooms = embedders(tmp_path, AWAY)
    made, said = rooms.make()
    assert isinstance(made, Bundled)
    assert "every note and conversation" in said
    assert "localgpt memory model mybox/bge-m3 --agree" in said
    endpoint = rooms.endpoint(rooms.choice)
    assert "192.0.2.1" in sentence(endpoint)
    rooms.agreed.give(endpoint)
    made, said = rooms.make()
    assert isinstance(made, Served)
    assert (made.name, made.local, said) == ("mybox/bge-m3", False, "")
    assert rooms.agreed.path.stat().st_mode & 0o077 == 0


def test_a_yes_is_for_one_host(tmp_path):
    rooms = embedders(tmp_path, AWAY)
    rooms.agreed.give(rooms.endpoint(rooms.choice))
    moved = embedders(tmp_path, AWAY.replace("192.0.2.1", "192.0.2.2"))
    assert not moved.agreed.has(moved.endpoint(moved.choice))


@pytest.mark.parametrize("content", [b"", b"[]", b'{"agreed": 3}', b"\xff"])
def test_a_damaged_file_means_that_nobody_agreed(tmp_path, content):
    (tmp_path / "embeddings.json").write_bytes(content)
    assert isinstance(embedders(tmp_path, AWAY).make()[0], Bundled)


def test_without_a_key_each_search_says_so(tmp_path):
    made, _ = embedders(tmp_path, 'memory.embedding_provider = "openai"').make()
    assert isinstance(made, Missing)
    with pytest.raises(EmbeddingError, match="no API key for OpenAI"):
        made.embed_query("x")
    with pytest.raises(EmbeddingError, match="no API key"):
        made.embed_documents(["x"])
    there = embedders(tmp_path, 'memory.embedding_provider = "openai"', OPENAI_API_KEY="k" * 20)
    assert there.endpoint(there.choice).key == "k" * 20


@pytest.mark.parametrize("provider", ["magic", "magic/model", "anthropic/claude", "mybox", "lmstudio"])
def test_a_name_that_is_nobodys_is_said_and_the_model_that_comes_along_is_used(tmp_path, provider):
    rooms = embedders(tmp_path, f'memory.embedding_provider = "{provider}"')
    made, said = rooms.make()
    assert isinstance(made, Bundled)
    assert "The model that comes along is used." in said
    with pytest.raises(ConfigError):
        rooms.endpoint(rooms.choice)


def test_who_may_serve_on(tmp_path):
    rooms = embedders(tmp_path, AWAY)
    assert isinstance(rooms.former(Bundled.name), Bundled)
    assert isinstance(rooms.former("ollama/nomic-embed-text"), Served)
    assert rooms.former("mybox/bge-m3") is None  # not on this machine
    assert rooms.former("nobody/knows") is None


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as made:
        yield made


def test_a_home_with_a_server_searches_by_its_vectors(home, server):
    home.root.mkdir(mode=0o700)
    home.config.write_text(
        f'memory.embedding_provider = "mybox/words"\n[providers.mybox]\nbase_url = "{server.url}"\n'
    )
    assistant = Assistant(home)
    assistant.start()
    (home.workspace / "a.md").write_text("The dentist is Dr. Weber.")
    assistant.index.catch_up()
    assistant.index.embed()
    from localgpt.memory.search import Query

    (hit, *_) = assistant.searcher.search(Query("dentist")).hits
    assert hit.cosine is not None
    assert any("Dr. Weber" in text for text in server.texts)
    assert all(request["model"] == "words" for request in server.requests)
    assistant.close()
