"""
A Word file as the Markdown of a draft.

``mammoth`` reads what the styles of the file mean (headings, lists, emphasis) and leaves its looks
behind; ``word_parts`` takes out before what it would lose. What has no place in our text is told
with its place, never dropped in silence: at the end all words of the file are compared with those
of the draft and the report.
"""

import contextlib
import io
import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import groupby
from typing import IO, BinaryIO, NamedTuple
from xml.parsers import expat

import mammoth

from education.text.markdown import FieldLocation, Reader, is_allowed_address
from education.text.tree import plain, walk
from education.text.word_parts import NUMBER_END, NUMBER_START, main_part, prepare

LARGEST_FILE = 5_000_000
# Unpacked: a text of a thousand pages is far smaller, a decompression bomb far larger.
LARGEST_UNPACKED = 50_000_000
_MOST_FILES = 2_000
# Of all parts together. Some hundred pages have no more; each costs the reader 2 kB and 0.1 ms.
MOST_ELEMENTS = 60_000
MOST_CHARACTERS = 1_000_000

_DAMAGED = "The file is damaged: Word may be able to open and save it anew."
_TOO_MUCH = "The file unpacks to far more than a text needs."
_DEEPEST_HEADING = 4
_MOST_MERGED = 50  # columns of one cell
_MOST_MISSING = 40  # words named one by one; of more, the number is told


class WordError(ValueError):
    """The file can't be read as a Word document; the message says what to do."""


@dataclass(frozen=True)
class ImportedText:
    """
    What came out of a file: Markdown, the title if it had one, and what did not come along.

    ``citations`` are the codes in which reference managers keep the works that the file cites.
    """

    body: str
    title: str
    left_behind: tuple[str, ...]
    citations: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """One sentence for the editor."""
        count = len(self.body.split())
        return f"{count:,} words came along. Please read them: citations are yours to add."


def read_word(file: BinaryIO) -> ImportedText:
    """Read a .docx; raises ``WordError`` when it is none, too large, or empty."""
    _check(file)
    try:
        parts = prepare(io.BytesIO(file.read()))
        read = mammoth.convert_to_html(
            parts.file,
            style_map="p[style-name='Title'] => h1.title:fresh\np.Title => h1.title:fresh",
            convert_image=mammoth.images.img_element(lambda _image: {"src": ""}),
            include_embedded_style_map=False,
        )
    except Exception as error:  # mammoth raises whatever a damaged file makes it stumble on
        raise WordError(_DAMAGED) from error
    writer = _Writer()
    writer.feed(read.value)
    writer.close()
    body = writer.markdown()
    notices = [*parts.told, *writer.told]
    if not body and not notices:
        raise WordError("There is no text in the file.")
    notices += _lost(
        parts.source, parts.ordered, f"{writer.title}\n{words_of_draft(body)}", parts.taken_out
    )
    return ImportedText(body, writer.title, tuple(notices), tuple(parts.citations))


def words_of_draft(body: str) -> str:
    """The words of a draft as a page would read them, but each height apart from the others."""
    blocks = _reader().blocks(body, FieldLocation("body"), headings=True)
    blank = {"t": "text", "text": " "}
    for node in walk(blocks):
        if node["t"] in {"superscript", "subscript"}:
            node["c"] = [blank, *node["c"], blank]
    return plain(blocks)


def _reader() -> Reader:
    return Reader(lambda _key, _place: None, lambda *_names, **_labels: "")


def _lost(source: str, ordered: str, draft: str, taken_out: list[str]) -> list[str]:
    """What the file says more often than the draft and what was told, or in other order."""
    tokens = _tokens(draft)
    missing = Counter(_tokens(source)) - Counter(tokens) - Counter(_tokens("\n".join(taken_out)))
    if missing:
        words = list(missing.elements())
        more = f" and {len(words) - _MOST_MISSING} more" if len(words) > _MOST_MISSING else ""
        named = ", ".join(f"“{word}”" for word in words[:_MOST_MISSING])
        return [f"Not found again in the draft: {named}{more}. Compare it with the file."]
    left = iter(tokens)
    for token in _tokens(ordered):
        if token not in left:  # looks on from where the word before was found
            return [f"Around “{token}” the order of the words is not that of the file. Compare it."]
    return []


def _tokens(text: str) -> list[str]:
    """Words, runs of digits and the signs that change a number, one by one."""
    text = unicodedata.normalize("NFC", text).replace("\u00ad", "").casefold()
    return _TOKEN.findall(text)


_TOKEN = re.compile(
    r"\d+|[^\W\d_]+(?:['’][^\W\d_]+)*|[<>=≤≥±×÷≈∼~+%‰µ−–—-]|[.,:/](?=\d)|\S(?<=[^\w\s.,:;/!?()^|\[\]\"'“”‘’*])"
)


def _check(file: BinaryIO) -> None:
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    if size > LARGEST_FILE:
        raise WordError(f"The file has more than {LARGEST_FILE // 1_000_000} MB.")
    try:
        with zipfile.ZipFile(file) as package:
            parts = package.infolist()
            unpacked = sum(part.file_size for part in parts)
            if not main_part(package):
                raise WordError("This is no Word document (.docx).")
    except (zipfile.BadZipFile, OSError) as error:
        raise WordError(
            "This is no Word document (.docx). An older .doc can be saved as .docx in Word."
        ) from error
    if unpacked > LARGEST_UNPACKED or len(parts) > _MOST_FILES:
        raise WordError(_TOO_MUCH)
    size_of = _Size()
    try:
        with zipfile.ZipFile(file) as package:
            for part in parts:
                with package.open(part) as opened:
                    size_of.count(opened)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, zlib.error) as error:
        raise WordError(_DAMAGED) from error
    file.seek(0)


class _Size:
    """How much XML there is in a file, counted as it streams by; ``WordError`` when too much."""

    def __init__(self) -> None:
        self.elements = self.characters = 0

    def count(self, part: IO[bytes]) -> None:
        """Add one part; one that is no XML ends where the reader of the text would end too."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._element
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._declares
        with contextlib.suppress(expat.ExpatError):
            parser.ParseFile(part)

    def _element(self, _name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self._text("".join(attributes.values()))

    def _text(self, text: str) -> None:
        self.characters += len(text)
        if self.elements > MOST_ELEMENTS or self.characters > MOST_CHARACTERS:
            raise WordError(_TOO_MUCH)

    def _declares(self, *_declared: object) -> None:
        raise WordError("The file declares entities, which Word never does.")


class _Span(NamedTuple):
    """Words that look alike."""

    text: str
    bold: bool = False
    italic: bool = False
    raised: str = ""
    href: str = ""


@dataclass
class _Block:
    """A paragraph, heading, item or table as Markdown."""

    kind: str
    text: str
    level: int = 0
    number: int | None = None


class _Writer(HTMLParser):
    """mammoth's HTML as our Markdown: paragraphs, headings, lists, tables, emphasis, links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.told: list[str] = []
        self.notes = False
        self._blocks: list[_Block] = []
        self._spans: list[_Span] = []
        self._look = _Span("")
        self._looks: list[tuple[str, _Span]] = []
        self._lists: list[str] = []
        self._tables: list[list[list[list[_Span]]]] = []
        self._merged = False
        # The column of the cell that is read, and how many rows below are covered in each column.
        self._column = 0
        self._covered: Counter[int] = Counter()
        self._heading = 0
        self._is_title = False
        self._note_id = ""

    def markdown(self) -> str:
        """All that was fed; what became otherwise than in the file is then in ``told``."""
        self._end_block()
        self._levels()
        if self.notes:
            self.told.append("Footnotes were put at the end, as a list.")
        written = ""
        before: _Block | None = None
        widths: list[int] = []
        marks: dict[int, tuple[str, int]] = {}
        for block in self._blocks:
            is_item = block.kind in {"ul", "ol"}
            if not is_item:
                widths, marks = [], {}
                gap, text = "\n\n", block.text
            else:
                widths = widths[: block.level]
                marks = {level: mark for level, mark in marks.items() if level <= block.level}
                sign, last = marks.get(block.level, ("", 0))
                if block.kind == "ul":
                    sign, mark, number = "-", "-", 0
                else:
                    number = last + 1 if block.number is None else block.number
                    if sign not in {".", ")"}:
                        sign = "."
                    elif number != last + 1:  # another sign begins another list
                        sign = ")" if sign == "." else "."
                    mark = f"{number}{sign}"
                marks[block.level] = (sign, number)
                text = f"{' ' * sum(widths)}{mark} {block.text}"
                widths.append(len(mark) + 1)
                gap = "\n" if before and before.kind in {"ul", "ol"} else "\n\n"
            written += (gap if written else "") + text
            before = block
        return written

    def _levels(self) -> None:
        """Headings of an article begin at the second level; their order stays."""
        headings = [block for block in self._blocks if block.kind == "heading"]
        shift = 1 if any(block.level == 1 for block in headings) else 0
        if shift:
            self.told.append("Headings were moved: those of an article begin at the second level.")
        for block in headings:
            level = min(block.level + shift, _DEEPEST_HEADING)
            if level != block.level + shift:
                self.told.append(
                    f"A heading moved up to the fourth level, the last: “{block.text}”."
                )
            block.text = f"{'#' * level} {block.text}"

    def handle_starttag(  # noqa: PLR0912 - one case for each element
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        given = dict(attrs)
        match tag:
            case "table":
                if self._tables:
                    self.told.append("A table inside a table was written into its cell.")
                else:
                    self._end_block()
                    self._covered.clear()
                self._tables.append([])
            case "tr":
                if len(self._tables) == 1:
                    self._tables[0].append([])
            case "td" | "th":
                if len(self._tables) == 1:
                    self._spans = []
                    columns, rows = (int(given.get(name) or 1) for name in ("colspan", "rowspan"))
                    self._merged |= columns > 1 or rows > 1
                    self._begin_cell(min(columns, _MOST_MERGED), rows)
            case "strong" | "em" | "sup" | "sub" | "a":
                self._looks.append((tag, self._look))
                self._look = self._with(tag, given)
            case "br":
                self._spans.append(_Span(" "))
            case "input":
                checked = "checked" in given
                self._spans.append(_Span("\u2611 " if checked else "\u2610 "))
                self.told.append(
                    f"A check box became the sign {'☑' if checked else '☐'}; write it in words."
                )
            case "ul" | "ol":
                self._end_block()
                self._lists.append(tag)
            case "li":
                self._end_block()
                if (given.get("id") or "").startswith(("footnote", "endnote")):
                    self.notes = True
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self._end_block()
                self._is_title = given.get("class") == "title"
                self._heading = int(tag[1])
            case "p":
                self._end_block()

    def _with(self, tag: str, given: dict[str, str | None]) -> _Span:
        match tag:
            case "strong":
                return self._look._replace(bold=True)
            case "em":
                return self._look._replace(italic=True)
            case "sup" | "sub":
                return self._look._replace(raised=tag)
        href = given.get("href") or ""
        if href.startswith("#") and re.match(r"#(?:foot|end)note", href):
            return self._look._replace(raised="")
        if (href and not is_allowed_address(href)) or href.startswith("#"):
            self.told.append(f"A link to “{href}” did not come along; its words did.")
            href = ""
        return self._look._replace(href=href)

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "table":
                table = self._tables.pop()
                if not self._tables:
                    self._table(table)
            case "td" | "th":
                if len(self._tables) == 1:
                    self._tables[0][-1][self._column] = self._spans or [_Span("")]
                    self._spans = []
            case "tr":
                if len(self._tables) == 1:
                    self._pass_covered()
            case "strong" | "em" | "sup" | "sub" | "a":
                if self._looks:
                    _tag, self._look = self._looks.pop()
            case "ul" | "ol":
                self._end_block()
                self._lists.pop()
            case "p" | "li" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self._end_block()

    def _begin_cell(self, columns: int, rows: int) -> None:
        """Place for a cell, under its own head: beside what a cell above reaches down to."""
        self._pass_covered()
        row = self._tables[0][-1]
        self._column = len(row)
        row += [[] for _ in range(columns)]
        for column in range(self._column, len(row)):
            self._covered[column] = rows - 1

    def _pass_covered(self) -> None:
        row = self._tables[0][-1]
        while self._covered[len(row)] > 0:
            self._covered[len(row)] -= 1
            row.append([])

    def handle_data(self, data: str) -> None:
        data = data.replace("\u00ad", "")
        if data.strip() == "↑" and self.notes:
            return
        if data:
            self._spans.append(self._look._replace(text=data))

    def _end_block(self) -> None:
        if self._tables:  # all blocks of a cell are one line
            if self._spans:
                self._spans.append(_Span(" "))
            return
        spans, self._spans = self._spans, []
        heading, self._heading = self._heading, 0
        is_title, self._is_title = self._is_title, False
        text = "".join(span.text for span in spans)
        match = re.search(f"{NUMBER_START}(-?\\d+){NUMBER_END}", text)
        number = int(match[1]) if match else None
        spans = _bare(spans)
        text = " ".join("".join(span.text for span in spans).split())
        if not text:
            return
        if is_title and not self.title and not any(span.raised for span in spans):
            self.title = text
        elif heading or is_title:
            spans = [span._replace(bold=False) for span in spans]
            self._blocks.append(_Block("heading", self._inline(spans), heading or 1))
        elif self._lists:
            level = len(self._lists) - 1
            self._blocks.append(_Block(self._lists[-1], _begun(self._inline(spans)), level, number))
        else:
            self._blocks.append(_Block("paragraph", _begun(self._inline(spans))))

    def _table(self, rows: list[list[list[_Span]]]) -> None:
        """A table in Markdown: the first row is its head, and every row has as many cells."""
        rows = [[_bare(cell) for cell in row] for row in rows if row]
        if not rows:
            return
        if self._merged:
            self.told.append(
                "Merged cells of a table were divided; look where its words belong: "
                f"“{' '.join(''.join(span.text for span in rows[0][0]).split())}”."
            )
            self._merged = False
        columns = max(len(row) for row in rows)
        lines = []
        for row in rows:
            cells = [self._inline(cell).replace("|", "\\|") for cell in row]
            lines.append(f"| {' | '.join([*cells, *[''] * (columns - len(cells))])} |")
        lines.insert(1, f"|{' --- |' * columns}")
        self._blocks.append(_Block("table", "\n".join(lines)))

    def _inline(self, spans: list[_Span]) -> str:
        """Spans as Markdown that reads as the same words; lost emphasis is told."""
        spans = _at_height(spans)
        expected = _said(spans)
        written = _styled(spans)
        if _read(written) != expected:
            outside = [part for span in spans for part in _without_marks(span)]
            written = _styled(outside)
        if _read(written) != expected:
            written = _styled([span._replace(bold=False, italic=False) for span in spans])
            self.told.append(f"Emphasis could not be written in “{expected}”.")
        return written


def _bare(spans: list[_Span]) -> list[_Span]:
    """Without the automatic number."""
    pattern = re.compile(f"{NUMBER_START}-?\\d*{NUMBER_END}")
    return [span._replace(text=pattern.sub("", span.text)) for span in spans]


def _said(spans: list[_Span]) -> str:
    nodes = []
    for raised, group in groupby(spans, key=lambda span: span.raised):
        text = {"t": "text", "text": "".join(span.text for span in group)}
        nodes.append({"t": _HEIGHTS[raised], "c": [text]} if raised else text)
    return plain(nodes, one_line=True)


_HEIGHTS = {"sup": "superscript", "sub": "subscript"}


def _read(written: str) -> str:
    return plain(_reader().inline(written, FieldLocation("body")), one_line=True)


def _without_marks(span: _Span) -> list[_Span]:
    """Emphasis on the words alone, not on the marks around them, which can hide its end."""
    if not (span.bold or span.italic):
        return [span]
    match = re.fullmatch(r"(\W*)(.*?)(\W*)", span.text, re.DOTALL)
    assert match
    plain_span = span._replace(bold=False, italic=False)
    return [
        part
        for part in (
            plain_span._replace(text=match[1]),
            span._replace(text=match[2]),
            plain_span._replace(text=match[3]),
        )
        if part.text
    ]


def _styled(spans: list[_Span]) -> str:
    words = ""
    for href, linked in groupby(spans, key=lambda span: span.href):
        inside = ""
        for bold, strong in groupby(linked, key=lambda span: span.bold):
            part = ""
            for italic, slanted in groupby(strong, key=lambda span: span.italic):
                text = ""
                for raised, group in groupby(slanted, key=lambda span: span.raised):
                    joined = "".join(span.text for span in group)
                    sign = {"sup": "^", "sub": "~"}.get(raised, "")
                    text += f"{sign}{_plain(joined)}{sign}"
                part += _around("*", text, "*") if italic else text
            inside += _around("**", part, "**") if bold else part
        words += (
            _around("[", inside, f"](<{href}>)" if _odd(href) else f"]({href})") if href else inside
        )
    return " ".join(words.split())


def _odd(href: str) -> bool:
    return "(" in href or ")" in href


def _around(before: str, text: str, after: str) -> str:
    """Marks close to the words; blanks stay outside."""
    core = text.strip()
    if not core:
        return text
    start = text.index(core)
    return f"{text[:start]}{before}{core}{after}{text[start + len(core) :]}"


def _at_height(spans: list[_Span]) -> list[_Span]:
    """Raised and lowered words that Markdown can't write so are written after ``^`` and ``_``."""
    placed: list[_Span] = []
    before = ""
    for span in spans:
        parts = re.split(r"(\s+)", span.text) if span.raised else [span.text]
        for part in filter(None, parts):
            new = span._replace(text=part)
            if span.raised and not part.strip():
                new = new._replace(raised="")
            elif span.raised and not _can_be_raised(new, before):
                sign = "^" if span.raised == "sup" else "_"
                new = new._replace(raised="", text=f"{sign}{part}")
            placed.append(new)
            before = f"{before}{new.text}"[-1:] if not new.raised else "^"
    return placed


def _can_be_raised(span: _Span, before: str) -> bool:
    sign = "^" if span.raised == "sup" else "~"
    nodes = _reader().inline(f"{before}{sign}{_plain(span.text)}{sign}", FieldLocation("body"))
    return nodes[-1]["t"] in {"superscript", "subscript"}


def _begun(text: str) -> str:
    """A paragraph that begins like a list or a callout is still a paragraph."""
    text = re.sub(r"^(\d{1,9})([.)])(?=\s|$)", r"\1\\\2", text)
    return re.sub(r"^(?=[-+](?:\s|$)|:::|~~~|---)", r"\\", text)


def _plain(text: str) -> str:
    """Text that Markdown reads as itself."""
    text = "".join(f"\\{sign}" if sign in "\\`*_[]<>#^~" else sign for sign in text)
    return re.sub(r"&(?=#?\w+;)", r"\\&", text)
