"""The text of each kind of document, and a sentence for each way in which one can be broken, locked or too large."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.office_files import docx, paragraph, pdf, pptx, shape, slide_table, word_table, xlsx

from localgpt.core.errors import UnreadableError
from localgpt.memory import documents
from localgpt.memory.documents import LARGEST, LONGEST, MOST_ROWS, decoded, extract

NOON = dt.datetime(2026, 3, 2, 12)  # noqa: DTZ001 - cells of a sheet know no time zones


def test_a_pdf_is_its_pages():
    found = extract(pdf(["Hello there", "Second page"]), "a.pdf")
    assert found.text == "## Page 1\n\nHello there\n\n## Page 2\n\nSecond page"
    assert found.notices == ()


def test_a_pdf_of_900_pages_is_read_whole():
    found = extract(pdf([f"this is page {n}" for n in range(1, 901)]), "long.pdf")
    assert "this is page 900" in found.text
    assert found.notices == ()


@pytest.mark.parametrize(("limit", "value"), [("MOST_PAGES", 3), ("MOST_SECONDS", -1), ("LONGEST", 40)])
def test_a_pdf_beyond_a_limit_is_read_in_part_and_says_so(monkeypatch, limit, value):
    monkeypatch.setattr(documents, limit, value)
    found = extract(pdf([f"this is page {n}" for n in range(1, 10)]), "long.pdf")
    read = found.text.count("## Page ")
    assert 1 <= read <= 3
    assert f"Pages {read + 1} to 9 were left out." in found.notices


def test_a_pdf_of_pictures_says_that_it_has_no_text():
    assert extract(pdf([""]), "scan.pdf").notices == ("It has no text; its pages may be scanned images.",)


def test_a_word_file():
    body = (
        paragraph("Report", "Heading1")
        + paragraph("First &amp; last.")
        + word_table([["a", "b"], ["1", "2"]])
    )
    assert (
        extract(docx(body), "a.docx").text
        == "# Report\n\nFirst & last.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
    )


def test_a_workbook_is_a_table_for_each_sheet():
    data = xlsx(
        {
            "Costs": [["what", "when", "€"], ["tea|pot", NOON.replace(hour=0), 1.50], [None, None, None], ["cup", NOON, 7]],
            "Empty": [],
            "More": [["x\ny"]],
        }
    )  # fmt: skip
    assert extract(data, "a.xlsx").text == (
        "## Costs\n\n| what | when | € |\n| --- | --- | --- |\n| tea\\|pot | 2026-03-02 | 1.5 |\n"
        "| cup | 2026-03-02 12:00 | 7 |\n\n## More\n\n| x y |\n| --- |"
    )


def test_a_workbook_of_many_rows_is_read_in_part(monkeypatch):
    monkeypatch.setattr(documents, "MOST_ROWS", 3)
    found = extract(xlsx({"a": [[n] for n in range(10)], "b": [[n] for n in range(10)]}), "a.xlsx")
    assert found.text == "## a\n\n| 0 |\n| --- |\n| 1 |\n| 2 |"
    assert found.notices == ("Only the first 3 rows were read.",)


def test_a_presentation_is_its_slides_in_order_with_tables_and_notes():
    data = pptx(
        [shape("Title", "one") + slide_table([["a", "b"], ["1", "2"]]), shape("Second")], {1: "say hello"}
    )
    assert extract(data, "a.pptx").text == (
        "## Slide 1\n\nTitle\n\none\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n## Slide 2\n\nSecond\n\nNotes: say hello"
    )


@pytest.mark.parametrize(
    ("data", "name", "text"),
    [
        (b'a,b\r\n1,"x,\ny"\r\n', "a.csv", "| a | b |\n| --- | --- |\n| 1 | x, y |"),
        (b"a;b;c\n1;2\n", "a.csv", "| a | b | c |\n| --- | --- | --- |\n| 1 | 2 |  |"),
        (b"a\tb\n1\t2\n", "a.tsv", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        (b"", "a.csv", ""),
        (b"x" * 200_000, "a.csv", "x" * 200_000),
        (b"# Note\r\n\r\ntext\r", "a.md", "# Note\n\ntext"),
        (b'{"a": 1}', "a.json", '{"a": 1}'),
        ("Zürich".encode("utf-16"), "a.txt", "Zürich"),
        ("Zürich".encode("cp1252"), "a.txt", "Zürich"),
        (b"<!doctype html><title>T</title><p>Hi<p hidden>no", "whatever.txt", "Hi"),
        (b"<p>only a piece", "a.html", "only a piece"),
    ],
)
def test_texts(data, name, text):
    assert extract(data, name).text == text


def test_many_rows_of_csv_are_read_in_part():
    found = extract(b"1,2\n" * (MOST_ROWS + 5), "a.csv")
    assert found.notices == ("The last 5 rows were left out.",)


def test_a_long_text_is_cut_and_says_so():
    found = extract(b"x" * (LONGEST + 7), "a.txt")
    assert (len(found.text), found.notices) == (LONGEST, ("The last 7 characters were left out.",))


def test_a_page_keeps_title_and_absolute_links():
    found = extract(b"<p>a <a href=/b>link</a>", "", "text/html", address="https://site.test/x")
    assert found.text == "a [link](https://site.test/b)"
    assert extract(b"<html><title>The T</title>x").title == "The T"


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Zürich".encode(), "", "Zürich"),
        ("Zürich".encode("latin-1"), "iso-8859-1", "Zürich"),
        ("Zürich".encode("latin-1"), "", "Zürich"),
        ("Zürich".encode(), "no-such-charset", "Zürich"),
        ("Zürich".encode(), "hex", "Zürich"),
        (b"+ADw-script+AD4-", "utf-7", "+ADw-script+AD4-"),
        ("東京".encode("shift_jis"), "Shift_JIS", "東京"),
        ("\ufeffa".encode(), "iso-8859-1", "a"),
        ("cut in the mü".encode()[:-1], "", "cut in the m"),
        (b"a\0b", "null\0name", "a\0b"),
    ],
)
def test_charsets(data, charset, text):
    assert decoded(data, charset) == text


def test_a_page_says_its_charset_itself():
    page = "<html><meta charset=windows-1251><p>Привет".encode("cp1251")
    assert extract(page).text == "Привет"
    old = "<html><meta http-equiv='Content-Type' content='text/html; charset=iso-8859-2'>ř".encode(
        "iso-8859-2"
    )
    assert extract(old).text == "ř"
    assert extract(b"<html><meta charset=utf-16>plain").text == "plain"
    assert extract("<html><meta charset=latin-1>ü".encode(), charset="utf-8").text == "ü"


LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (pdf(["a"], password=True), "x is protected by a password."),
        (LOCKED, "x is protected by a password."),
        (OLD, "x is a file of an old Office, which can't be read."),
        (b"%PDF-1.7 and nothing more", "x is damaged: it can't be opened."),
        (docx("")[:-40], "The text of x can't be read (application/zip)."),
        (docx("<w:p>"), "x is damaged: it can't be opened."),
        (pptx(["<broken"]), "x is damaged: it can't be opened."),
        (pptx(["<!DOCTYPE a [<!ENTITY b 'c'>]>&b;"]), "x is damaged: it can't be opened."),
        (b"\x89PNG\r\n\x1a\n", "x is an image; it has no text."),
        (b"PK\x03\x04", "The text of x can't be read (application/zip)."),
        (b"\x00\x01\x02", "The text of x can't be read."),
    ],
)
def test_what_can_not_be_read_says_why(data, sentence):
    with pytest.raises(UnreadableError) as caught:
        extract(data, "x")
    assert caught.value.message == sentence


def test_what_is_too_large_is_not_looked_at():
    with pytest.raises(UnreadableError, match=r"x is too large \(50 MB\)"):
        extract(bytes(LARGEST + 1), "x")


def test_a_bomb_is_not_unpacked():
    body = paragraph("a") + " " * 120_000_000
    with pytest.raises(UnreadableError, match="too large when unpacked"):
        extract(docx(body), "x")


@pytest.mark.parametrize(
    ("module", "data"), [("pypdfium2", pdf(["a"])), ("mammoth", docx("")), ("openpyxl", xlsx({"a": [[1]]}))]
)
def test_a_missing_library_is_named_with_how_to_get_it(monkeypatch, module, data):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnreadableError, match="is not installed") as caught:
        extract(data, "x")
    assert caught.value.hint == "Install it: pip install 'localgpt-py[docs]'"


WHOLE = {
    "pdf": pdf(["a page of words", "b"]),
    "docx": docx(paragraph("a") * 20),
    "pptx": pptx([shape("a")] * 5),
    "xlsx": xlsx({"a": [["x", 1]] * 20}),
}


@pytest.mark.filterwarnings("ignore")
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_a_damaged_file_gives_text_or_a_sentence(kind, draw):
    data = bytearray(WHOLE[kind])
    for _ in range(draw.draw(st.integers(1, 5))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    data = data[: draw.draw(st.integers(1, len(data)))]
    with contextlib.suppress(UnreadableError):
        assert isinstance(extract(bytes(data), "x").text, str)


@pytest.mark.parametrize(
    "charset", ["utf-7", "U7", "punycode", "IDNA", "unicode_escape", "hex", "no such", "a\0b"]
)
def test_a_charset_that_no_document_has_is_not_heeded(charset):
    text = "+ADw-b+AD4- \\x41 grün-abc"
    assert decoded(text.encode(), charset) == text
