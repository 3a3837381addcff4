"""Models that were trained with words before a text get them."""

from __future__ import annotations

import pytest

from localgpt.memory.prefixes import prefixes


@pytest.mark.parametrize(
    ("model", "question", "passage"),
    [
        ("nomic-embed-text", "search_query: ", "search_document: "),
        ("nomic-ai/nomic-embed-text-v1.5-Q", "search_query: ", "search_document: "),
        ("intfloat/multilingual-e5-large", "query: ", "passage: "),
        ("snowflake-arctic-embed2:latest", "query: ", ""),
        ("text-embedding-3-small", "", ""),
        ("bge-m3", "", ""),
        ("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", "", ""),
        ("", "", ""),
    ],
)
def test_what_stands_before_a_text(model, question, passage):
    assert prefixes(model) == (question, passage)
