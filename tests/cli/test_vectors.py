"""``localgpt memory model``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.embedding_server import EmbeddingServer

from localgpt.core import config
from localgpt.core.config_sections import MemorySettings


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as made:
        yield made


def kept(home) -> MemorySettings:
    return config.load(home).memory


def test_words_alone(run, quick):
    assert run("memory", "model").out == "none  words alone are searched\n"


def test_another_model_is_asked_for_a_vector_and_kept(run, quick, server):
    run("config", "set", "providers.mybox.base_url", server.url)
    done = run("memory", "model", "mybox/words")
    assert (done.code, done.out) == (0, "From now on vectors are made by mybox/words.\n")
    assert "vectors of 64 numbers" in done.err
    assert (kept(quick).embedding_provider, kept(quick).embedding_model) == ("mybox", "words")
    assert run("memory", "model").out.startswith("mybox/words  as mybox/words\n")
    assert run("memory", "model", "none").out == "From now on words alone are searched.\n"
    assert kept(quick).embedding_provider == "none"
    assert kept(quick).embedding_model == MemorySettings().embedding_model
    assert run("memory", "model", "local").code == 0


def test_one_that_does_not_answer_changes_nothing(run, quick, server):
    run("config", "set", "providers.mybox.base_url", server.url)
    server.replies = [(404, {"error": "no such model"})]
    done = run("memory", "model", "mybox/other")
    assert done.code == 1
    assert "it answered 404 (no such model)" in done.err
    assert kept(quick).embedding_provider == "none"


def test_one_elsewhere_has_to_be_agreed_to(run, quick):
    run("config", "set", "providers.mybox.base_url", "http://192.0.2.1/v1")
    done = run("memory", "model", "mybox/words")
    assert done.code == 1
    assert "every note and conversation, and each question, would go to 192.0.2.1" in done.err
    assert "--agree" in done.err
    assert kept(quick).embedding_provider == "none"
    assert not (quick.state / "embeddings.json").exists()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("magic/model", "There is no embedding model 'magic/model'"),
        ("anthropic/claude", "Anthropic makes no vectors"),
        ("fastembed", "without a model"),
        ("fastembed/no-such-model", "fastembed knows no model no-such-model"),
    ],
)
def test_a_wrong_name_is_one_sentence(run, quick, name, says):
    done = run("memory", "model", name)
    assert done.code == 2
    assert says in done.err
    assert kept(quick).embedding_provider == "none"


def test_what_a_download_takes_is_said(run, quick):
    done = run("memory", "model", "fastembed/paraphrase-multilingual-MiniLM-L12-v2")
    assert done.code == 0
    assert "from huggingface.co: about 220 MB" in done.err
    assert kept(quick).embedding_provider == "fastembed"
