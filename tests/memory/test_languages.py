"""Notes in many scripts and in two languages at once, found through the real index by words alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.support.notebook import Notebook

from localgpt.core.words import language
from localgpt.memory.search import Query

WIDE = (
    *(
        "東京タワーに行った。",
        "カタカナのテスト、全角！",
        "漢字とかな、人々と〇〇年。",
        "ｶﾀｶﾅ半角とアイスクリーム",
        "ＡＢ会社",
    ),
    *("한국어 문서를 읽다", "你好，世界：今天（星期一）", "「京都」駅で会う", "𠮷野家で食べた"),
)


WIDE_LETTER = re.compile("[々-〇ぁ-ヿ一-鿿가-힣ｦ-ﾟＡ-Ｚ\U00020000-\U0003ffff]")
PAIRS = [(text, text[at : at + 2]) for text in WIDE for at in range(len(text) - 1)]


def found(folder: Path, question: str, *notes: str) -> list[str]:
    """The names of the notes that words find."""
    book = Notebook(folder)
    for number, text in enumerate(notes, 1):
        book.write(f"{number}.md", f"{text}\n")
    book.index.catch_up()
    hits = book.searcher.search(Query(question)).hits
    book.index.close()
    return [hit.path for hit in hits]


def test_no_two_neighbouring_letters_of_wide_scripts_are_missed(tmp_path):
    book = Notebook(tmp_path)
    for number, text in enumerate(WIDE):
        book.write(f"{number}.md", f"{text}\n")
    book.index.catch_up()
    missed = [
        pair
        for text, pair in PAIRS
        if all(WIDE_LETTER.fullmatch(letter) for letter in pair)
        and f"{WIDE.index(text)}.md"
        not in {hit.path for hit in book.searcher.search(Query(pair, limit=20)).hits}
    ]
    book.index.close()
    assert len(PAIRS) > 80
    assert missed == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("istanbul", "İstanbul gezisi"),
        ("ISPANAK", "ıspanak aldım"),
        ("łodzi", "Kupiłem chleb w Łodzi"),
        ("Lodzi", "Kupiłem chleb w Łodzi"),
        ("zazolc", "Zażółć gęślą"),
        ("елка", "Ёлка стоит в углу"),
        ("КОШКА", "Кошка спит"),
        ("οδυσσευς", "ΟΔΥΣΣΕΥΣ"),
        ("Οδυσσεύς", "ΟΔΥΣΣΕΥΣ"),
        ("GROSSE STRASSE", "Große Straße"),
        ("duong", "Đường Lê Lợi"),
        ("PHỞ", "Phở Hà Nội"),
        ("アイス", "ｱｲｽを買う"),
    ],
)
def test_plain_words_are_found_without_accents_and_in_any_case(tmp_path, asked, told):
    assert found(tmp_path, asked, "something else", told) == ["2.md"]


def test_a_german_sentence_in_an_english_note_is_found_by_another_form(tmp_path):
    note = (
        "The kitchen was painted on Monday and the floor is still wet. Opa hat mir gestern die alten Bäume im Garten "
        "gezeigt. The rest of the day was quiet and I wrote letters to all of them."
    )
    assert language(note) == "en"
    assert found(tmp_path, "Baum", "The day was quiet and I wrote letters.", note) == ["2.md"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("en mars", "Nous avons payé le loyer de la maison avec un chèque."),
        ("en marzo", "Hemos pagado el alquiler de la casa con un cheque."),
    ],
)
def test_a_day_is_known_by_the_month_of_the_notes_language(tmp_path, asked, told):
    assert found(tmp_path, asked, "Something else.", f"## 2026-03-04\n\n{told}") == ["2.md"]
