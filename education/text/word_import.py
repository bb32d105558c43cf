"""
A Word file as the Markdown of a draft.

``mammoth`` reads what the styles of the file mean (headings, lists, emphasis) and leaves its looks
behind; what has no place in our text is counted and told, never dropped in silence.
"""

import contextlib
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import IO, BinaryIO
from xml.parsers import expat

import mammoth

LARGEST_FILE = 5_000_000
# Unpacked: a text of a thousand pages is far smaller, a decompression bomb far larger.
LARGEST_UNPACKED = 50_000_000
_MOST_FILES = 2_000
# Of all parts together. Some hundred pages have no more; each costs the reader 2 kB and 0.1 ms.
MOST_ELEMENTS = 60_000
MOST_CHARACTERS = 1_000_000

_DAMAGED = "The file is damaged: Word may be able to open and save it anew."
_TOO_MUCH = "The file unpacks to far more than a text needs."
_NEVER_OURS = {"img": "picture", "table": "table"}


class WordError(ValueError):
    """The file can't be read as a Word document; the message says what to do."""


@dataclass(frozen=True)
class ImportedText:
    """What came out of a file: Markdown, the title if it had one, and what did not come along."""

    body: str
    title: str
    left_behind: tuple[str, ...]

    @property
    def summary(self) -> str:
        """One sentence for the editor."""
        count = len(self.body.split())
        return f"{count:,} words came along. Please read them: citations are yours to add."


def read_word(file: BinaryIO) -> ImportedText:
    """Read a .docx; raises ``WordError`` when it is none, too large, or empty."""
    _check(file)
    try:
        read = mammoth.convert_to_html(
            file,
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
    if not body:
        raise WordError("There is no text in the file.")
    return ImportedText(body, writer.title, tuple(_left_behind(writer, file)))


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
            if "word/document.xml" not in package.namelist():
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


def _left_behind(writer: "_Writer", file: BinaryIO) -> list[str]:
    said = []
    for name, count in sorted(writer.left.items()):
        said.append(f"{count} {name}{'s' if count > 1 else ''} did not come along.")
    file.seek(0)
    with zipfile.ZipFile(file) as package:
        names = set(package.namelist())
    for part, what in (
        ("word/comments.xml", "Comments"),
        ("word/footnotes.xml", "Footnotes"),
        ("word/header1.xml", "Page headers"),
    ):
        if part in names and what != "Footnotes":
            said.append(f"{what} did not come along.")
    if writer.notes:
        said.append("Footnotes were put at the end, as a list.")
    if writer.levels:
        said.append("Headings were moved: those of an article begin at the second level.")
    return said


class _Writer(HTMLParser):
    """mammoth's HTML as our Markdown: paragraphs, headings, lists, emphasis, links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.left: Counter[str] = Counter()
        self.notes = False
        self.levels = False
        self._blocks: list[tuple[bool, str]] = []
        self._words: list[str] = []
        self._lists: list[str] = []
        self._links: list[str] = []
        self._items: list[int] = []
        self._inside_table = 0
        self._heading = 0
        self._is_title = False

    def markdown(self) -> str:
        self._end_block()
        written = ""
        was_item = False
        for is_item, block in self._blocks:
            gap = "\n" if is_item and was_item else "\n\n"
            written += (gap if written else "") + block
            was_item = is_item
        return written

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self._end_block()
            self._inside_table += 1
        if tag in _NEVER_OURS:
            self.left[_NEVER_OURS[tag]] += 1
        elif tag in {"strong", "em"}:
            self._words.append("**" if tag == "strong" else "*")
        elif tag == "a":
            href = given.get("href") or ""
            self._links.append(href if href.startswith(("https://", "/")) else "")
            if self._links[-1]:
                self._words.append("[")
        elif tag == "br":
            self._words.append(" ")
        elif tag in {"ul", "ol"}:
            self._end_block()
            self._lists.append(tag)
            self._items.append(0)
        elif tag == "li":
            self._end_block()
            self._items[-1] += 1
            self.notes |= (given.get("id") or "").startswith("footnote")
        elif tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self._end_block()
            self._is_title = given.get("class") == "title"
            level = int(tag[1])
            self._heading = min(max(level, 2), 4)
            self.levels |= self._heading != level and not self._is_title
        elif tag == "p":
            self._end_block()

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._end_block()
            self._inside_table -= 1
        elif tag in {"strong", "em"}:
            self._words.append("**" if tag == "strong" else "*")
        elif tag == "a" and self._links:
            if href := self._links.pop():
                self._words.append(f"]({href})")
        elif tag in {"ul", "ol"}:
            self._end_block()
            self._lists.pop()
            self._items.pop()
        elif tag in {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6"}:
            self._end_block()

    def handle_data(self, data: str) -> None:
        if data.strip() or self._words:
            self._words.append(_plain(data))

    def _end_block(self) -> None:
        words = " ".join("".join(self._words).split())
        words = words.replace("** **", " ").replace("****", "").strip()
        self._words = []
        heading, self._heading = self._heading, 0
        is_title, self._is_title = self._is_title, False
        if not words.strip("* ") or self._inside_table:
            return
        if is_title:
            self.title = self.title or words.strip("*")
        elif heading:
            self._blocks.append((False, f"{'#' * heading} {words.strip('*')}"))
        elif self._lists:
            mark = "-" if self._lists[-1] == "ul" else f"{self._items[-1]}."
            indent = "   " * (len(self._lists) - 1)
            self._blocks.append((True, f"{indent}{mark} {words}"))
        else:
            self._blocks.append((False, words))


def _plain(text: str) -> str:
    """Text that Markdown reads as itself."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#" else sign for sign in text)
