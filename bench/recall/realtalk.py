"""REALTALK as daily notes: real chats, short and messy. ``python -m bench.recall.realtalk FOLDER``

``FOLDER`` holds its ``Chat_*.json``. All chats are in one workspace, a note for each session with a line for each
message; questions are asked as they stand, evidence is counted by message. The data (by Lee et al.) is not part of this
repository.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.recall.locomo import questions
from bench.recall.table import HEADER, cells

from localgpt.core import files
from localgpt.memory.embedding import Bundled
from localgpt.memory.examination import METHODS, examine
from localgpt.memory.index import Index
from localgpt.memory.notes import NotesSource
from localgpt.memory.quality import Line, Question
from localgpt.memory.search import Searcher

KINDS = defaultdict(lambda: "other", {1: "several facts", 2: "time", 3: "open domain"})


def notes(chat: Mapping[str, Any], name: str) -> Iterator[tuple[str, str, dict[str, Line]]]:
    """Path and text of each session's note, and the line of each message in it by its id."""
    people = chat["name"]
    for key in sorted(filter(re.compile(r"session_\d+").fullmatch, chat), key=lambda key: int(key[8:])):
        messages = chat[key]
        if not messages:
            continue
        day = datetime.strptime(messages[0]["date_time"], "%d.%m.%Y, %H:%M:%S")  # noqa: DTZ007 - as it was said
        path = f"knowledge/{name}/{day:%Y-%m-%d}-{key[8:]}.md"
        lines = [f"# {people['speaker_1']} and {people['speaker_2']}", ""]
        places = {}
        for message in messages:
            lines.append(f"{message['speaker']}: {' '.join(message['clean_text'].split())}")
            places[message["dia_id"]] = (path, len(lines))
        yield path, "\n".join(lines) + "\n", places


def write(folder: Path, root: Path) -> list[Question]:
    """Write all notes below ``root`` and return all questions."""
    asked: list[Question] = []
    for file in sorted(folder.glob("Chat_*.json")):
        chat = json.loads(file.read_text(encoding="utf-8"))
        places: dict[str, Line] = {}
        for path, text, lines in notes(chat, file.stem):
            files.replace(root / path, text.encode())
            places |= lines
        asked += questions(chat, places, KINDS)
    return asked


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--embeddings", type=Path, help="keep vectors here from run to run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        asked = write(options.folder, home / "notes")
        embedder = Bundled()
        cache = options.embeddings or home / "embeddings.db"
        index = Index(home / "index.db", [NotesSource(home / "notes")], embeddings=cache, embedder=embedder)
        index.catch_up()
        index.embed()
        stats = index.stats()
        print(f"{stats.notes} notes, {stats.chunks} chunks, {len(asked)} questions\n{HEADER}")
        for method in options.methods:
            result = examine(Searcher(index, embedder), asked, method)
            for kind, figures in ({"all": result.all} | result.kinds).items():
                print(cells(f"{method:9}{kind}", figures))
        index.close()


if __name__ == "__main__":
    main()
