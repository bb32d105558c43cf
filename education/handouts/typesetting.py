"""
From publications to a PDF: data for one Typst template, compiled as PDF/UA-1.

Words reach the template as JSON and nothing else, so no text can become markup, and the compiler
refuses a document that is not accessible. Nothing here touches the database.
"""

import functools
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal, get_args
from unicodedata import category
from urllib.parse import urlsplit

import segno
import typst

from education.errors import EditorialError
from education.handouts.codes import format_code
from education.handouts.labels import date_in, month_in, paper_labels
from education.handouts.logos import Logo
from education.handouts.printable import Printer, clean, grey, shown_address
from education.languages import supported_language

Tree = Mapping[str, Any]
Paper = Literal["a4", "letter"]
Size = Literal["clear", "large", "giant"]
Length = Literal["short", "full"]
References = Literal["full", "numbers", "code"]

POINTS = {"clear": 12, "large": 16, "giant": 20}
LARGEST_TEXT = 8_000_000  # bytes of data for one PDF; a pack of ten long articles has one million
LONGEST = {
    "name": 120, "telephone": 60, "opening_hours": 160, "title": 250, "note": 3_000,
    "note_for_you": 300,
}  # fmt: skip
MOST_MESSAGES = 3  # asked back on the last panel

_HERE = Path(__file__).parent
_TEXT, _TITLE = "Atkinson Hyperlegible Next", "Literata"
# Faces for Chinese, the best first: Debian's and Adobe's, then those of other systems
_SANS = {
    "hans": ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei",
             "WenQuanYi Zen Hei", "Microsoft YaHei", "PingFang SC", "Droid Sans Fallback"),
    "hant": ("Noto Sans CJK TC", "Noto Sans TC", "Source Han Sans TC", "Microsoft JhengHei",
             "PingFang TC", "Noto Sans CJK SC", "WenQuanYi Zen Hei"),
}  # fmt: skip
_SERIF = {
    "hans": ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC"),
    "hant": ("Noto Serif CJK TC", "Noto Serif TC", "Source Han Serif TC"),
}
_NO_GLYPH = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_HAN_RUN = re.compile(rf"{_HAN.pattern}(?:[^\[\]A-Za-z.]*{_HAN.pattern})?")
# Scripts our fonts lack; a sign they lack elsewhere is found by the compiler, at twice the time
_BEYOND = re.compile("[\u0530-\u1dff\u2c00-\uffff\U00010000-\U0010ffff]")
_LATIN = re.compile("[\\s\u0021-\u024f\u2013\u2014\u2018-\u201d\u2026]*")
_LEFT_OUT = "[…]"
# Tags of a row with its first part, and of a cell with the heads that it names, as in Typst's PDF
_ROW = re.compile(rb"\n<</Type/StructElem/S/TR/P \d+ 0 R/K\[(\d+) 0 R")
_CELL = re.compile(
    rb"(?<=\n)((\d+) 0 obj\n<</Type/StructElem/S)/TD(/P \d+ 0 R/A\[<</O/Table)(/Headers\[[^\]]*\])"
)
_compiling = threading.Lock()  # a compiler serves one thread at a time


class TypesettingError(EditorialError):
    """A text can't be printed; the message says why."""


class UnavailableFontError(TypesettingError):
    """No font on this machine has the characters of a text."""


@dataclass(frozen=True)
class ClinicHeader:
    """Who hands the copy out: the block at the head of every page."""

    name: str
    _: KW_ONLY
    telephone: str = ""
    opening_hours: str = ""
    logo: Logo | None = None


@dataclass(frozen=True)
class CopyDetails:
    """
    What a printed copy says of itself, on every page.

    ``code`` is the stored code and ``check_url`` the absolute address where it is checked, with the
    code as its last part. The QR leads to ``scan_url``, which may say more. ``title`` and
    ``version`` are those of the publication, or of the pack. ``notices`` stand above the text and,
    in short, at the head of every page. ``note`` is a clinic's own plain text for the cover of a
    pack. Without ``clinic`` the site itself speaks.

    A personal copy has ``note_for_you``, a clinic's words for one family, or ``pen_lines`` to write
    on by hand.
    """

    code: str
    check_url: str
    title: str
    version: str
    reviewed_on: date
    do_not_use_after: date
    printed_on: date
    site_name: str
    clinic: ClinicHeader | None = None
    notices: Sequence[str] = ()
    note: str = ""
    scan_url: str = ""
    note_for_you: str = ""
    pen_lines: bool = False


@dataclass(frozen=True)
class LikeYours:
    """How far the studies behind a text included children like one, for a personal copy."""

    title: str
    lines: Sequence[str]
    marks: Mapping[int, str]  # by the number of the reference


@dataclass(frozen=True)
class PrintedText:
    """One text of a print: its tree, and its own version and review day where it has them."""

    tree: Tree
    version: str = ""
    reviewed_on: date | None = None
    notices: Sequence[str] = ()
    like_yours: LikeYours | None = None


@dataclass(frozen=True)
class PrintOptions:
    """
    How a reader wants the paper.

    ``size``: clear 12, large 16, giant 20 points, and nothing on a page is smaller. ``short`` is
    key messages, what we do not know and questions. ``references``: the list, numbers alone, or
    neither. ``language`` of what paper adds; empty means that of the text. ``questions`` are the
    slugs of the rows of a comparison to print; empty means all, or none where it is short.
    ``of_parts`` holds, for each text of a pack in its order, the options that are its own.
    """

    paper: Paper = "a4"
    size: Size = "clear"
    length: Length = "full"
    references: References = "full"
    black_and_white: bool = False
    language: str = ""
    questions: Sequence[str] = ()
    of_parts: Sequence[Mapping[str, Any]] = ()

    def prints_question(self, slug: str) -> bool:
        """Whether a row of a comparison is printed: short, only one that was chosen."""
        return slug in self.questions or (not self.questions and self.length == "full")

    def of_part(self, index: int) -> "PrintOptions":
        """The options of one text of a pack: its own, then those of the print."""
        own = self.of_parts[index] if index < len(self.of_parts) else {}
        return replace(self, of_parts=(), **own)

    def __post_init__(self) -> None:
        for name, choices in (
            ("paper", Paper),
            ("size", Size),
            ("length", Length),
            ("references", References),
        ):
            if getattr(self, name) not in get_args(choices):
                allowed = ", ".join(get_args(choices))
                raise TypesettingError(f"{name} must be one of {allowed}.")


def typeset(
    contents: Sequence[Tree | PrintedText],
    *,
    copy: CopyDetails,
    options: PrintOptions | None = None,
) -> bytes:
    """
    One text, or several as a pack with a cover, as an accessible PDF.

    The same arguments give the same bytes. Raises ``UnavailableFontError`` where no font has the
    characters, ``TypesettingError`` for a clinic's block that is too long for a page, a text that
    is too long for paper, or a document the compiler refuses.
    """
    options = options or PrintOptions()
    parts = [
        content if isinstance(content, PrintedText) else PrintedText(content)
        for content in contents
    ]
    if not parts:
        raise TypesettingError("There is nothing to print.")
    _check_lengths(copy)
    document = _document(parts, copy, options)
    data = json.dumps(document, ensure_ascii=False)
    if len(data.encode()) > LARGEST_TEXT:
        raise TypesettingError("This is too long to print at once. Please print it in parts.")
    if _HAN.search(data) and (face := _face_for_han()):
        for writing in (document, *document["parts"]):
            writing["fonts"]["text"].append(face)
        data = json.dumps(document, ensure_ascii=False)
    return _compile(data, copy.printed_on, system_fonts=bool(_BEYOND.search(data)))


def typeset_worksheet(
    sheet: Mapping[str, Any], language: str, *, copy: CopyDetails, options: PrintOptions
) -> bytes:
    """A sheet of ``education.handouts.worksheet`` as an accessible PDF. Raises as ``typeset``."""
    words = paper_labels(language)
    document = {
        **_page(copy, options, words, language),
        "title": clean(f"{sheet['words']['name']}: {copy.title}"),
        "running": clean(copy.title),
        "facts": _versions(copy.version, copy.reviewed_on, words, supported_language(language)),
        "sheet": sheet,
    }
    data = json.dumps(document, ensure_ascii=False)
    beyond = bool(_BEYOND.search(data))
    return _compile(data, copy.printed_on, system_fonts=beyond, template="worksheet")


def _check_lengths(copy: CopyDetails) -> None:
    """What stands on every page leaves room for the text."""
    clinic = copy.clinic
    texts = {"title": copy.title, "note": copy.note, "note_for_you": copy.note_for_you}
    if clinic:
        texts |= {
            "name": clinic.name,
            "telephone": clinic.telephone,
            "opening_hours": clinic.opening_hours,
        }
    for name, text in texts.items():
        if len(text) > LONGEST[name]:
            label = name.replace("_", " ")
            raise TypesettingError(
                f"The {label} has {len(text):,} characters; {LONGEST[name]:,} fit."
            )


# The compiler


def _compile(
    data: str, printed_on: date, *, system_fonts: bool, template: str = "handout"
) -> bytes:
    """Compile with our fonts; with the machine's too when ours lack a character."""
    try:
        with _compiling, _forgetting():
            made = _compiler(template, system_fonts=system_fonts).compile(
                format="pdf",
                sys_inputs={"handout": data},
                pdf_standards="ua-1",
                timestamp=datetime.combine(printed_on, time(), tzinfo=UTC),
            )
    except typst.TypstError as error:
        missing = sorted(set(_NO_GLYPH.findall(error.diagnostic)))
        if missing and not system_fonts:
            return _compile(data, printed_on, system_fonts=True, template=template)
        if missing:
            raise UnavailableFontError(
                f"No font on this machine can print {' '.join(missing[:10])}. Please install one "
                "that does (for Chinese, Japanese and Korean: Noto Sans CJK)."
            ) from error
        raise TypesettingError(f"This text can't be typeset: {error.message}.") from error
    assert isinstance(made, bytes)
    return _with_row_headers(made)


def _with_row_headers(pdf: bytes) -> bytes:
    """
    Tag the first cell of each row of a table as the header of its row.

    Each of our tables names its rows there. Typst tags heads of columns alone; what it has for
    rows (``pdf.header-cell``) is an experiment that its Python package can't switch on. The new tag
    is as long as the old one: the cell's list of heads gives way to its scope, so no offset moves.
    """
    first_cells = {row[1] for row in _ROW.finditer(pdf)}

    def as_header(cell: re.Match[bytes]) -> bytes:
        before, number, place, heads = cell.groups()
        if number not in first_cells:
            return cell[0]
        return before + b"/TH" + place + b"/Scope/Row".ljust(len(heads))

    return _CELL.sub(as_header, pdf)


@functools.lru_cache(maxsize=512)
def unprintable(words: str) -> tuple[str, ...]:
    """
    The letters and signs of a few plain words that no font on this machine can print.

    A private-use character is one of them everywhere: what it shows is settled by one font, that of
    the program it was copied from. Asks the compiler unless all are Latin, so it takes some
    milliseconds the first time.
    """
    private = dict.fromkeys(letter for letter in words if category(letter) == "Co")
    words = clean("".join(letter for letter in words if letter not in private))
    if _LATIN.fullmatch(words):
        return tuple(private)
    try:
        with _compiling, _forgetting():
            typst.Compiler(
                _HERE / "typst" / "words.typ",
                root=_HERE / "typst",
                font_paths=_fonts(system_fonts=True),
            ).compile(format="pdf", sys_inputs={"words": words}, pdf_standards="ua-1")
    except typst.TypstError as error:
        letters = map(_as_letter, _NO_GLYPH.findall(error.diagnostic))
        # A letter under a mark that no font has is named with it, though it could be printed.
        named = [letter for letter in letters if not _LATIN.fullmatch(letter)]
        return tuple(dict.fromkeys([*private, *named])) or (words,)
    return tuple(private)


def in_words(letters: Iterable[str]) -> str:
    """Letters as a person can tell them apart; one that shows nothing, by its code."""
    return ", ".join(
        f"U+{ord(letter):04X} (a sign of one font alone, as Word writes them)"
        if category(letter) == "Co"
        else f"\u25cc{letter}"
        if len(letter) == 1 and category(letter).startswith("M")
        else letter
        for letter in letters
    )


def without_unprintable(words: str) -> str:
    """The same with ``[…]`` where a word has letters that can't be printed."""
    letters = unprintable(words)
    if not letters:
        return words
    left = [
        _LEFT_OUT if any(letter in word for letter in letters) else word for word in words.split()
    ]
    kept = " ".join(word for at, word in enumerate(left) if word not in left[max(at - 1, 0) : at])
    return _LEFT_OUT if unprintable(kept) else kept


def _as_letter(run: str) -> str:
    """A letter as it was typed: the compiler names marks that join another by their number."""
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda number: chr(int(number[1], 16)), run)


@functools.cache
def _compiler(template: str, *, system_fonts: bool) -> typst.Compiler:
    """Kept for the life of the process: the template is parsed and the fonts are read once."""
    return typst.Compiler(
        _HERE / "typst" / f"{template}.typ",
        root=_HERE / "typst",
        font_paths=_fonts(system_fonts=system_fonts),
    )


@contextmanager
def _forgetting() -> Iterator[None]:
    """
    Let go of what the compiler remembers of a document when it is done.

    It keeps the layouts of the last ten compilations, up to 40 MB each, in case they come again;
    ours never do, as each has its own code. Compiling nothing takes less than a millisecond.
    """
    try:
        yield
    finally:
        for _ in range(11):
            _nothing().compile(format="svg")


@functools.cache
def _nothing() -> typst.Compiler:
    return typst.Compiler(
        _HERE / "typst" / "nothing.typ",
        root=_HERE / "typst",
        font_paths=_fonts(system_fonts=False),
    )


@functools.cache
def _fonts(*, system_fonts: bool) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=system_fonts,
        include_embedded_fonts=False,
        font_paths=[_HERE / "fonts"],
    )


def _script(language: str) -> str:
    """The Chinese script a language is written in, or nothing."""
    tag = language.lower()
    if tag[:2] != "zh":
        return ""
    return "hant" if re.search(r"hant|-(tw|hk|mo)\b", tag) else "hans"


@functools.cache
def _faces(script: str) -> tuple[str, str]:
    """The machine's best sans and serif for a Chinese script."""
    there = set(_fonts(system_fonts=True).families())
    sans = [face for face in _SANS[script] if face in there]
    serif = [face for face in _SERIF[script] if face in there]
    if not (sans or serif):
        raise UnavailableFontError(
            "No Chinese font was found on this machine. Please install one, for example Noto Sans "
            "CJK (Debian's package fonts-noto-cjk)."
        )
    return (sans or serif)[0], (serif or sans)[0]


def _face_for_han() -> str:
    """A face for Chinese words in a text of another language, such as the title of a source."""
    try:
        return _faces("hans")[0]
    except UnavailableFontError:
        return ""


def _printable_references(tree: Tree) -> Tree:
    """Without a Chinese face, Chinese titles of sources are left out: translations follow them."""
    references = tree["references"]
    if not any(_HAN.search(item["text"]) for item in references) or _face_for_han():
        return tree
    shortened = [item | {"text": _HAN_RUN.sub("[…]", item["text"])} for item in references]
    return {**tree, "references": shortened}


# The document as data


def _document(
    parts: Sequence[PrintedText], copy: CopyDetails, options: PrintOptions
) -> dict[str, Any]:
    language = supported_language(options.language or str(parts[0].tree["language"]))
    words = paper_labels(language)
    is_pack = len(parts) > 1 or bool(copy.note)
    if not is_pack:
        options = options.of_part(0)
    printed = [
        _part(part, place, copy, options.of_part(place), is_pack=is_pack)
        for place, part in enumerate(parts)
    ]
    return {
        **_page(copy, options, words, language),
        "title": clean(copy.title),
        "cover": _cover(copy, words, language) if is_pack else None,
        "personal": _personal(copy, words),
        "parts": printed,
        "about": _about(copy, words, language),
        "panel": _panel(printed, words),
        "panel_follows": options.length == "short" and not is_pack,
    }


def _page(
    copy: CopyDetails, options: PrintOptions, words: dict[str, str], language: str
) -> dict[str, Any]:
    """What every page of a print needs: its measures, its head and foot, its notices."""
    return {
        "paper": {"a4": "a4", "letter": "us-letter"}[options.paper],
        "size": POINTS[options.size],
        "color": not options.black_and_white,
        "site": clean(copy.site_name),
        "code": format_code(copy.code),
        "box": words["box"],
        **_writing(language),
        "head": _head(copy, words, options),
        "foot": _foot(copy, words, supported_language(language)),
        "notices": {
            "title": words["please_note"],
            "items": [clean(notice) for notice in copy.notices],
        },
    }


def _writing(language: str) -> dict[str, Any]:
    """Language and region as Typst wants them, and the fonts for it."""
    code, _, rest = language.replace("_", "-").partition("-")
    region = rest.rpartition("-")[2].upper()
    script = _script(language)
    sans, serif = _faces(script) if script else ("", "")
    if script:
        region = region if len(region) == 2 else {"hans": "CN", "hant": "TW"}[script]
    return {
        "lang": code.lower(),
        "region": region if len(region) == 2 else None,
        "fonts": {
            "text": [_TEXT, _TITLE, *([sans] if sans else [])],
            "title": [_TITLE, *([serif] if serif else [])],
            "cjk": bool(script),
        },
    }


def _head(copy: CopyDetails, words: dict[str, str], options: PrintOptions) -> dict[str, Any]:
    clinic = copy.clinic or ClinicHeader(copy.site_name)
    facts = [
        words["telephone"].format(clinic.telephone) if clinic.telephone else "",
        words["open_hours"].format(clinic.opening_hours) if clinic.opening_hours else "",
    ]
    logo = clinic.logo.as_svg() if clinic.logo else ""
    return {
        "logo": grey(logo) if options.black_and_white else logo,
        "ratio": clinic.logo.width / clinic.logo.height if clinic.logo else 1,
        "name": clean(clinic.name),
        "facts": [clean(fact) for fact in facts if fact],
        "notice": _in_short(copy.notices, words),
    }


def _in_short(notices: Sequence[str], words: dict[str, str]) -> str:
    """The notices for the head of every page: their first sentences, or where they stand."""
    first = " ".join(re.split(r"(?<=[.!?。！？])\s*", notice.strip())[0] for notice in notices)
    return clean(first) if len(first) <= 90 else words["see_notice"]


def _foot(copy: CopyDetails, words: dict[str, str], language: str) -> dict[str, Any]:
    until = words["do_not_use_after"].format(date_in(copy.do_not_use_after, language))
    return {
        "until": until.replace(" ", "\u00a0"),
        "code": words["code"].format(format_code(copy.code)).replace(" ", "\u00a0"),
        "check": clean(_check_address(copy.check_url)),
        "page": words["page"],
        "printed": words["printed"]
        .format(month_in(copy.printed_on, language))
        .replace(" ", "\u00a0"),
        "qr": qr_code(copy.scan_url or copy.check_url),
    }


def _check_address(check_url: str) -> str:
    """Where a code is typed: the check page without this copy's code."""
    return shown_address(check_url.rstrip("/").rpartition("/")[0])


def _cover(copy: CopyDetails, words: dict[str, str], language: str) -> dict[str, Any]:
    name = copy.clinic.name if copy.clinic else copy.site_name
    return {
        "running": clean(copy.title),
        "facts": _versions(copy.version, copy.reviewed_on, words, language),
        "contents": words["contents"],
        "note_title": clean(words["own_words"].format(name)),
        # A note keeps its paragraphs and nothing else.
        "note": [clean(line) for line in copy.note.splitlines() if line.strip()],
    }


def _personal(copy: CopyDetails, words: dict[str, str]) -> dict[str, Any] | None:
    """What stands under the title for one family: a clinic's note, or lines for a pen."""
    if not (copy.note_for_you or copy.pen_lines):
        return None
    name = copy.clinic.name if copy.clinic else copy.site_name
    note = [clean(line) for line in copy.note_for_you.splitlines() if line.strip()]
    return {
        "title": clean(words["note_for_you"].format(name)) if note else words["written_by_hand"],
        "note": note,
        "warning": words["not_reviewed"] if note else "",
    }


def _about(copy: CopyDetails, words: dict[str, str], language: str) -> dict[str, Any]:
    """The foot of the page once more, where screen readers can reach it."""
    code = format_code(copy.code)
    address = _check_address(copy.check_url)
    return {
        "title": words["about"],
        "facts": [
            clean(copy.title),
            *_versions(copy.version, copy.reviewed_on, words, language),
            words["printed"].format(date_in(copy.printed_on, language)).replace(" ", "\u00a0"),
        ],
        "until": words["do_not_use_after"].format(date_in(copy.do_not_use_after, language)),
        "check": clean(words["check"].format(code, address)),
        "link": copy.scan_url or copy.check_url,
    }


def _versions(version: str, day: date, words: dict[str, str], language: str) -> list[str]:
    facts = [
        words["version"].format(clean(version)) if version else "",
        words["reviewed"].format(date_in(day, language)),
    ]
    return [fact.replace(" ", "\u00a0") for fact in facts if fact]


def _part(
    part: PrintedText, place: int, copy: CopyDetails, options: PrintOptions, *, is_pack: bool
) -> dict[str, Any]:
    language = str(part.tree["language"])
    words = paper_labels(language)
    address = urlsplit(copy.check_url)
    printer = Printer(
        part.tree if _script(language) else _printable_references(part.tree),
        size=POINTS[options.size],
        short=options.length == "short",
        references=options.references,
        black_and_white=options.black_and_white,
        site=f"{address.scheme}://{address.netloc}",
        listed_at=copy.check_url,
        questions=options.questions,
        place=place,
        # A pack is for paper: its hundreds of links would take as long as all its words.
        linked=not is_pack,
        marks=part.like_yours.marks if part.like_yours else None,
    )
    title = clean(str(part.tree["title"]) or copy.title)
    return {
        **_writing(language),
        "title": title,
        "running": f"{clean(copy.title)}: {title}" if is_pack else clean(copy.title),
        "facts": _versions(
            part.version or copy.version,
            part.reviewed_on or copy.reviewed_on,
            paper_labels(options.language or language),
            supported_language(options.language or language),
        ),
        "notices": {
            "title": words["please_note"],
            "items": [clean(notice) for notice in part.notices],
        },
        "like_yours": part.like_yours
        and {"title": part.like_yours.title, "lines": list(part.like_yours.lines)},
        "blocks": printer.blocks(),
        "messages": printer.key_messages(),
    }


def _panel(printed: Sequence[dict[str, Any]], words: dict[str, str]) -> dict[str, Any]:
    """Teach-back questions, the first message of every text before the second of any, and notes."""
    lines = [
        [{"of": place, "text": text} for text in part.pop("messages")]
        for place, part in enumerate(printed)
    ]
    rounds = max(map(len, lines), default=0)
    messages = [texts[at] for at in range(rounds) for texts in lines if at < len(texts)]
    return {
        "title": words["our_words"],
        "lead": words["teach_back"],
        "ask": words["in_your_words"],
        "open": words["open"],
        "close": words["close"],
        "messages": messages[:MOST_MESSAGES],
        "notes": words["notes"],
    }


@functools.lru_cache(maxsize=256)
def qr_code(url: str, quiet: int = 0) -> str:
    """
    A QR code as an SVG, with so many white squares around it; without them, the page keeps it free.

    One path, so that no printer shows seams between its squares.
    """
    rows = [bytes(row) for row in segno.make(url, error="m", micro=False).matrix]
    squares, left, top = "", 0, 0  # each run begins where the one before began: shorter, compressed
    for y, row in enumerate(rows):
        for run in re.finditer(b"\x01+", row):
            squares += f"m{run.start() - left} {y - top}h{len(run[0])}v1h-{len(run[0])}z"
            left, top = run.start(), y
    side = len(rows) + 2 * quiet
    white = f'<rect x="-{quiet}" y="-{quiet}" width="{side}" height="{side}" fill="#fff"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" '
        f'viewBox="{-quiet} {-quiet} {side} {side}">{white if quiet else ""}'
        f'<path d="{squares}" shape-rendering="crispEdges"/></svg>'
    )
