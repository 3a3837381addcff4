"""The bundled model gives unit vectors that mean something; other models are asked for by name and with permission."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from array import array
from pathlib import Path

import pytest

from localgpt.core.errors import ConfigError, EmbeddingError
from localgpt.memory import embedding
from localgpt.memory.embedding import Bundled, FastEmbed, downloaded

MODEL = "sentence-transformers/all-MiniLM-L6-v2"


@pytest.fixture(scope="module")
def bundled() -> Bundled:
    return Bundled()


def cosine(one: bytes, other: bytes) -> float:
    return sum(a * b for a, b in zip(array("f", one), array("f", other), strict=True))


def test_vectors_have_length_one_and_the_promised_dimensions(bundled):
    (vector,) = bundled.embed_documents(["a cat sat on the mat"])
    values = array("f", vector)
    assert len(values) == bundled.dimensions == 384
    assert math.isclose(sum(value * value for value in values), 1, abs_tol=1e-5)


def test_near_in_meaning_is_near_in_vectors(bundled):
    question = bundled.embed_query("Who repairs my teeth?")
    dentist, car = bundled.embed_documents(["The dentist is Dr. Weber.", "The car needs new tyres."])
    assert cosine(question, dentist) > cosine(question, car) + 0.2


def test_a_text_has_the_same_vector_alone_and_among_others(bundled):
    texts = ["short", "a much longer text " * 30, "x"]
    assert bundled.embed_documents(texts) == [bundled.embed_documents([text])[0] for text in texts]


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "🙂", "word " * 100_000, "字" * 5000])
def test_any_text_has_a_vector(bundled, text):
    assert len(bundled.embed_query(text)) == 4 * 384


@pytest.mark.parametrize("made", ["Bundled()", "FastEmbed('all-MiniLM-L6-v2', Path('models'))"])
def test_the_runtime_keeps_no_telemetry(made, tmp_path):
    program = f"""
from pathlib import Path
from localgpt.core.errors import EmbeddingError
from localgpt.memory.embedding import Bundled, FastEmbed
try:
    {made}.embed_query("x")
except EmbeddingError:
    pass
assert "onnxruntime" in __import__("sys").modules
"""
    env = {"PYTHONPATH": os.environ.get("PYTHONPATH", ""), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=env, check=True, timeout=60)
    assert [found for found in tmp_path.rglob("*") if "icrosoft" in str(found) or found.is_file()] == []


def test_a_question_asked_again_is_remembered(bundled, monkeypatch):
    first = bundled.embed_query("asked twice")
    monkeypatch.setattr(bundled, "_load", lambda: pytest.fail("computed again"))
    assert bundled.embed_query("asked twice") == first


def test_a_broken_model_says_what_to_do(tmp_path):
    with pytest.raises(EmbeddingError, match="can't be loaded"):
        Bundled(tmp_path).embed_query("x")


def test_a_model_is_found_again_by_the_name_that_an_index_keeps(tmp_path):
    assert isinstance(downloaded(Bundled.name, tmp_path), Bundled)
    again = downloaded(f"fastembed/{MODEL}", tmp_path)
    assert isinstance(again, FastEmbed)
    assert again.name == f"fastembed/{MODEL}"
    assert downloaded(f"fastembed/{MODEL}", tmp_path / "nothing was downloaded") is None
    assert downloaded("ollama/nomic-embed-text", tmp_path) is None


@pytest.mark.filterwarnings("ignore")
def test_fastembed_models_are_known_by_name(tmp_path):
    assert FastEmbed(MODEL.upper(), tmp_path).dimensions == 384
    assert FastEmbed("all-MiniLM-L6-v2", tmp_path).dimensions == 384
    with pytest.raises(ConfigError, match="no-such-model") as caught:
        _ = FastEmbed("no-such-model", tmp_path).dimensions
    assert "Near ones" in caught.value.hint
    assert FastEmbed("paraphrase-multilingual-MiniLM-L12-v2", tmp_path).megabytes == 220


@pytest.mark.filterwarnings("ignore")
def test_a_download_needs_permission(tmp_path):
    with pytest.raises(EmbeddingError, match="isn't on this machine"):
        FastEmbed(MODEL, tmp_path).embed_query("x")
    asked: list[tuple[str, str]] = []

    def refuse(host: str, purpose: str) -> None:
        asked.append((host, purpose))
        raise EmbeddingError("no")

    with pytest.raises(EmbeddingError, match=r"^no$"):
        FastEmbed(MODEL, tmp_path, refuse).embed_query("x")
    assert asked[0][0] == "huggingface.co"


def test_the_bundled_files_are_there():
    assert {path.name for path in Path(embedding._FOLDER).iterdir()} >= {
        "model.onnx",
        "tokenizer.json",
        "LICENSE",
    }


def test_a_model_that_rests_gives_the_same_vectors_afterwards():
    bundled = Bundled()
    assert not bundled.rest(float("inf"))
    before = bundled.embed_documents(["The harbour."])
    used = bundled._used
    assert not bundled.rest(used - 1)
    assert bundled.rest(used)
    assert bundled._model is None
    assert bundled.embed_documents(["The harbour."]) == before
