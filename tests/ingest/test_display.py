"""What people see of an ingest: its progress, its tables, the refused files by kind, and the page."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ingest import ingest_folder
from ingest.display import batch_line, plain_progress, show_holdings, show_report, shown
from ingest.page import Ingested, check_target, page, write_page
from ingest.progress import Pace, Step, duration
from ingest.read import MEDIA_TYPES
from ingest.refusals import group_refusals
from ingest.report import FileReport, Report
from ingest.status import holdings, type_name
from rag.errors import FolderError
from rag.index import Index
from tests.doubles import HashingEncoder


@pytest.fixture
def ingested(tmp_path: Path) -> Ingested:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "garantia.md").write_text("# Garantia\n\nA garantia da bomba é de 24 meses.", encoding="utf-8")
    (folder / "pump.txt").write_text("The pump weighs nine kilograms and it needs oil.", encoding="utf-8")
    (folder / "old.txt").write_bytes("A manutenção não é necessária até à revisão.".encode("cp1252"))
    (folder / "empty.txt").write_bytes(b"")
    (folder / "<b>&.png").write_bytes(b"\x89PNG" + b"0" * 99)
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    with Index.open(tmp_path / "ix").pin() as snapshot:
        held = holdings(snapshot)
    return Ingested(report, held, [folder], tmp_path / "ix", datetime(2026, 3, 9, 14, 5, tzinfo=UTC))


class Page(HTMLParser):
    """Well-formed, and all that it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        self.loads += [str(value) for name, value in attrs if name in {"src", "href", "srcset", "action"}]
        self.loads += [tag] if tag in {"script", "iframe", "link", "object"} else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_whole_and_asks_nobody_for_anything(ingested, tmp_path):
    write_page(tmp_path / "report.html", ingested)
    made = (tmp_path / "report.html").read_text(encoding="utf-8")
    parsed = Page()
    parsed.feed(made)
    parsed.close()
    assert parsed.open == []
    assert parsed.loads == []
    assert "http" not in made.replace("http-equiv", "")
    assert "url(" not in made
    assert "prefers-color-scheme: dark" in made
    assert [path.name for path in tmp_path.iterdir() if "report" in path.name] == ["report.html"]


def test_the_page_tells_formats_languages_stages_refusals_and_warnings(ingested):
    parsed = Page()
    parsed.feed(page(ingested))
    said = re.sub(r"\s+", " ", parsed.text)
    for words in ("9 March 2026", "3 added", "2 refused", "Markdown", "plain text", "Portuguese", "English"):
        assert words in said
    for stage in ("walk", "read", "split", "embed", "commit"):
        assert re.search(rf"{stage} \d", said)
    assert "<b>&.png" in said, "a name is text, whatever it says"
    assert "or run OCR on them" in said
    assert "old.txtread as cp1252" in said


def test_parts_of_the_bar_are_as_long_as_the_stages_took(ingested):
    seconds = {"walk": 0.0, "read": 1.0, "split": 0.0, "embed": 3.0, "commit": 0.001}
    ingested = replace(ingested, report=Report(ingested.report.files, seconds))
    grown = dict(re.findall(r'<span class="(\w+)" style="flex-grow:([\d.]+)"', page(ingested)))
    assert grown == {"read": "0.2499", "embed": "0.7498"}


def test_a_page_that_cannot_be_is_refused_before_the_run(tmp_path):
    with pytest.raises(FolderError, match="does not exist") as raised:
        check_target(tmp_path / "none" / "report.html")
    assert raised.value.subject == "--report"
    with pytest.raises(FolderError, match="is a folder"):
        check_target(tmp_path)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("no text layer (a scan?) Run OCR on it (ocrmypdf) and ingest the result.", "scans and images"),
        ("an image (JPEG): not a format that is read", "scans and images"),
        ("encrypted. Save it without a password.", "locked by a password"),
        ("took longer than 120 s (ingest.file_timeout_s)", "over a limit"),
        ("250 MB, over the limit of 200 MB (ingest.max_file_bytes)", "over a limit"),
        ("its reader crashed or needed more than 2 GB of memory (ingest.file_memory_bytes)", "over a limit"),
        ("its reader failed: KeyError: 'x'", "the reader failed"),
        ("a Word template: save it as DOCX", "formats that are not read"),
        ("protected by a password. Save it without one.", "locked by a password"),
        ("protected by DRM (Adobe)", "locked by DRM"),
        ("damaged: the book has no spine", "damaged"),
        ("incomplete: it has no content.xml", "damaged"),
        ("not a PDF, in spite of its name", "named as what they are not"),
        ("an archive of more than 10000 parts: refused as a zip bomb", "unpack to far too much"),
        ("declares a document type in content.xml: refused", "XML that could be a bomb"),
        ("an old Office file; save it as DOCX or PDF: not a format that is read", "formats that are not read"),
        ("an archive: unpack it", "archives"),
        ("an archive: not a format that is read", "archives"),
        ("a program: not a format that is read", "not documents"),
        ("broken PDF (EOF)", "damaged"),
        ("empty file", "nothing in them"),
        ("cannot be read: Permission denied", "closed to this user"),
        ("a link that leads out of the folder", "links, pipes and devices"),
        ("its text is longer than any that is read (400 million characters)", "over a limit"),
        ("not valid JSON (line 3, column 9)", "damaged"),
        ("no subtitle in it. Name it .txt to have it read as plain text.", "damaged"),
        ("a link to nothing", "links, pipes and devices"),
        ("an Outlook message; save it as EML: not a format that is read", "formats that are not read"),
        ("a flat OpenDocument file (FODT, FODS, FODP). Save it as ODT.", "formats that are not read"),
        ("nested too deeply", "nested too deeply"),
        ("OCR: no text found", "pictures without text"),
        ("something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_every_reason_is_of_a_kind_with_a_remedy(reason, kind):
    (group,) = group_refusals([("a", reason)])
    assert group.kind == kind
    assert group.remedy.endswith(".")


def test_what_to_do_is_said_of_the_kind_and_not_of_each_file_again():
    (group,) = group_refusals([("a.pdf", "encrypted. Save it without a password.")])
    assert (group.remedy, group.files) == ("Save them without a password.", (("a.pdf", "encrypted"),))
    said = "a flat OpenDocument file (FODT, FODS, FODP). Save it as ODT, ODS or ODP, its usual form."
    (group,) = group_refusals([("a.fodt", said)])
    assert group.files == (("a.fodt", said),)  # another remedy for each


def test_kinds_with_most_files_come_first():
    groups = group_refusals([("c", "empty file"), ("b", "broken PDF (x)"), ("a", "broken PDF (y)")])
    assert [(group.kind, [source for source, _ in group.files]) for group in groups] == [
        ("damaged", ["a", "b"]),
        ("nothing in them", ["c"]),
    ]


def test_the_end_of_an_ingest_is_a_table_by_outcome_and_the_remedies(ingested, capsys):
    show_report(ingested.report)
    said = capsys.readouterr().out
    assert re.search(r"^added +3 +3$", said, re.MULTILINE)
    assert re.search(r"^refused +2$", said, re.MULTILINE)
    assert "refused: nothing in them (1)\n  → Nothing is lost" in said


def test_an_index_is_shown_by_type_and_language(ingested, capsys):
    show_holdings(ingested.holdings)
    said = capsys.readouterr().out
    assert re.search(r"^plain text +2 +2$", said, re.MULTILINE)
    assert re.search(r"^Portuguese +2 +2$", said, re.MULTILINE)
    assert "generation 1" in said
    assert "empty.txt  empty file" in said


def test_the_pace_is_of_what_is_committed():
    clock = iter([0.0, 10.0, 20.0, 25.0]).__next__
    pace = Pace(clock)
    assert pace.of(Step("read", of=40)) is None
    assert pace.of(Step("read", files=16, of=40)) is None, "at 10 s much is read and nothing committed"
    assert pace.of(Step("read", files=16, committed=10, of=40)) == (0.5, 60.0)
    assert pace.of(Step("read", files=19, committed=10, of=40)) == (0.5, 55.0)


def test_plain_lines_come_now_and_then(capsys):
    show = plain_progress(every_s=0)
    show(Step("walk"))
    show(Step("read", "manual.pdf", files=3, of=9, pages=12, chunks=40))
    assert capsys.readouterr().err == "3/9 files, 12 pages, 40 chunks: reading manual.pdf\n"
    plain_progress(every_s=60)(Step("read", "a.txt", of=9))
    assert capsys.readouterr().err == ""


def test_an_ingest_tells_every_stage_and_counts_what_it_read(tmp_path):
    (tmp_path / "docs").mkdir()
    for name in "abc":
        (tmp_path / "docs" / f"{name}.txt").write_text(f"A bomba {name} tem manual.", encoding="utf-8")
    steps: list[Step] = []
    ingest_folder(tmp_path / "docs", tmp_path / "ix", encoder=HashingEncoder(), progress=steps.append)
    assert {step.stage for step in steps} == {"walk", "read", "split", "embed", "commit"}
    assert steps[0] == Step("walk")
    assert (steps[-1].files, steps[-1].of, steps[-1].chunks) == (3, 3, 3)


def test_a_batch_is_one_line():
    files = [FileReport(f"{n}.txt", "added" if n else "removed") for n in range(5)]
    assert batch_line(Report(files, {"read": 0.4})) == "4 added, 1 removed: 0.txt, 1.txt, 2.txt and 2 more  (0.4 s)"
    refused = Report([FileReport("a.txt", "refused", "empty file")], {"read": 0.01})
    assert batch_line(refused) == "1 refused: a.txt (empty file)  (10 ms)"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.004, "4 ms"), (0.4, "0.4 s"), (9.96, "10 s"), (59.7, "1 min 00 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")],
)
def test_durations_are_short(seconds, words):
    assert duration(seconds) == words


def test_names_show_what_they_are_and_command_no_terminal():
    assert shown("a\nb\x1b[2J\u202egpj.txt") == "a\\nb\\x1b[2J\\u202egpj.txt"
    assert shown("orçamento de março – cópia\u00a0(2).txt") == "orçamento de março – cópia\u00a0(2).txt"


def test_a_long_note_is_cut_on_a_terminal(capsys):
    show_report(Report([FileReport("a.mbox", "added", "mail 1: x; " * 100, 3)]))
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("added       a.mbox")]
    assert len(line) < 400
    assert line.endswith("… (--json says all)")


def test_every_format_that_is_read_has_a_name_of_its_own():
    named = {media_type: type_name(media_type) for media_type in MEDIA_TYPES.values()}
    assert not any(name in media_type for media_type, name in named.items())
    assert len(set(named.values())) == len(named)
