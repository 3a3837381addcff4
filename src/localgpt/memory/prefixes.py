"""What embedding models want to read before a question and before a passage, by how they are called. Pure.

Without these words such a model finds less: it was trained with them.
"""

from __future__ import annotations

_SEARCH = "Represent this sentence for searching relevant passages: "
_INSTRUCTION = "Instruct: Given a question, retrieve notes that answer it\nQuery:"

_PREFIXES: tuple[tuple[str, str, str], ...] = (
    ("embeddinggemma", "task: search result | query: ", "title: none | text: "),
    ("nomic-embed-text", "search_query: ", "search_document: "),
    ("multilingual-e5", "query: ", "passage: "),
    ("e5-", "query: ", "passage: "),
    ("mxbai-embed", _SEARCH, ""),
    ("snowflake-arctic-embed2", "query: ", ""),
    ("snowflake-arctic-embed-l-v2", "query: ", ""),
    ("snowflake-arctic-embed-m-v2", "query: ", ""),
    ("snowflake-arctic-embed", _SEARCH, ""),
    ("qwen3-embedding", _INSTRUCTION, ""),
)
"""The beginning of a name (without its publisher), what stands before a question, and before a passage."""


def prefixes(model: str) -> tuple[str, str]:
    """What stands before a question and before a passage; empty for models that want nothing."""
    name = model.rpartition("/")[2].casefold()
    fitting = ((query, passage) for begin, query, passage in _PREFIXES if name.startswith(begin))
    return next(fitting, ("", ""))
