"""What every format shares: a record of a file, its limits, and one clean shape for its fields."""

import calendar
import html
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from education.evidence.identifiers import clean_doi, normalise_pmcid, normalise_pmid

MAX_BYTES = 10 * 1024 * 1024
MAX_RECORDS = 10_000
MAX_TEXT = 20_000
MAX_NAMES = 2_000

Csl = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """
    One record of an imported file: its CSL-JSON, or why it can't be used.

    ``position`` counts from 1, ``line`` says where it begins; 0 where that means nothing. ``note``
    tells the person who imports it what was not taken over.
    """

    position: int
    line: int
    csl: Csl | None
    error: str = ""
    note: str = ""


class BadRecordError(ValueError):
    """A record can't be used; the message says why, for the person who imports it."""


def failure(reason: str, *, position: int = 0, line: int = 0, name: str = "") -> Record:
    """Return a failed record whose message names it: ``Record 3 (line 41, sun2017): …``."""
    if position:
        where = ", ".join(
            word for word in (f"line {line}" if line else "", shortened(name)) if word
        )
        reason = f"Record {position}{f' ({where})' if where else ''}: {reason}"
    return Record(position=position, line=line, csl=None, error=_NOT_TEXT.sub("", reason))


def result(raw: Any, *, position: int, line: int, name: str = "", note: str = "") -> Record:
    """Clean one raw record and wrap it, or say why it can't be used."""
    try:
        if _is_unreadable(raw):
            raise BadRecordError(
                "it has letters that are not in UTF-8. Open the file in the program that saved it, "
                "or in an editor, save it as UTF-8 and import it again."
            )
        csl = cleaned(without_entities(raw))
        return Record(position=position, line=line, csl=csl, note=line_of_text(note))
    except BadRecordError as problem:
        return failure(str(problem), position=position, line=line, name=name or name_of(raw))


def without_entities(raw: Any) -> Any:
    """
    Return a raw record with the entities of HTML resolved in its reference.

    Registries and databases write ``&lt;5 years`` whatever the format of the file; what is ours
    (``custom``) stays as it is. ``with_entities`` is the way back.
    """
    return _with_texts(raw, lambda text: _ENTITY.sub(lambda match: html.unescape(match[0]), text))


def with_entities(csl: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record whose texts come back unchanged from a file that ``result`` reads."""
    escaped: dict[str, Any] = _with_texts(
        csl, lambda text: _ENTITY.sub(lambda match: f"&amp;{match[0][1:]}", text)
    )
    return escaped


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value) if "&" in value else value
    if isinstance(value, list):
        return [_with_texts(entry, change) for entry in value]
    if isinstance(value, Mapping):
        return {
            name: entry if name == "custom" else _with_texts(entry, change)
            for name, entry in value.items()
        }
    return value


def _is_unreadable(raw: Any) -> bool:
    """Whether some text of a record could not be decoded."""
    if isinstance(raw, str):
        return bool(_UNREADABLE.search(raw))
    if isinstance(raw, Mapping):
        return any(map(_is_unreadable, raw.values()))
    return isinstance(raw, list) and any(map(_is_unreadable, raw))


def limited(records: Iterator[Record]) -> list[Record]:
    """Return the records, at most ``MAX_RECORDS``; an empty or too long file says so."""
    kept: list[Record] = []
    for record in records:
        if len(kept) == MAX_RECORDS:
            kept.append(
                failure(f"Only the first {MAX_RECORDS:,} records were read; split the file.")
            )
            return kept
        kept.append(record)
    return kept or [failure("The file holds no records.")]


def too_large(data: bytes) -> list[Record]:
    """Return one failed record when the file is over the limit, and nothing otherwise."""
    if len(data) <= MAX_BYTES:
        return []
    size, limit = len(data) / 1024 / 1024, MAX_BYTES // 1024 // 1024
    return [failure(f"The file is {size:.1f} MB; at most {limit} MB can be imported. Split it.")]


def decoded(data: bytes) -> str:
    """
    Return the text of a file: by its byte-order mark, else UTF-8, else Windows-1252 if it fits.

    Bytes that are none of it become half surrogates, which ``result`` refuses record by record:
    letters are never guessed.
    """
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe\x00\x00", "utf-32-le"),
        (b"\x00\x00\xfe\xff", "utf-32-be"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if data.startswith(mark):
            errors = "surrogateescape" if encoding == "utf-8" else "replace"
            return data[len(mark) :].decode(encoding, errors=errors)
    if is_western(data):
        return data.decode("cp1252")
    return data.decode("utf-8", errors="surrogateescape")


def is_western(data: bytes) -> bool:
    """
    Whether a file that is not UTF-8 reads as Windows-1252, word by word.

    Every word's accents have to belong to one language of Western Europe, capitals stand in front,
    and no sign stands inside a word: a Mac's, a Chinese or an Eastern European file does not pass.
    """
    text = data.decode("utf-8", errors="surrogateescape")
    if not _UNREADABLE.search(text) or re.search("[\x80-\ud7ff\ue000-\U0010ffff]", text):
        return False  # UTF-8, or most of it is
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    if _NOT_WESTERN.search(_APOSTROPHE.sub("'", text)):
        return False
    words = set(re.findall(r"[^\W\d_]*[\u00c0-\u0178][^\W\d_]*", text))
    return all(
        any(set(re.sub("[a-z]", "", word.lower())) <= letters for letters in _ALPHABETS)
        for word in words
    )


# Only what is certainly an entity: a title may hold "R&D" or "a &b; c".
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,6}|#x[0-9a-f]{1,5});", re.IGNORECASE)
# A byte that could not be decoded.
_UNREADABLE = re.compile("[\udc80-\udcff]")
_ALPHABETS = [
    set(letters)
    for letters in ("àâæçèéêëîïôœùûü", "äöüßéà", "áéíóúñü", "áâãàçéêíóôõú", "àèéìíòóù", "åäöæøéü",
                    "éèëïöüáó")
]  # fmt: skip
_APOSTROPHE = re.compile(
    r"(?<![^\W_])(?:[dlonsjcmt]|qu)’|’(?=(?:s|t|re|ll|ve|d|m)\b)", re.IGNORECASE
)
_NOT_WESTERN = re.compile(
    # A sign that this encoding has, but texts seldom do; a sign inside a word; a capital behind a
    # small letter; two accents side by side, as Chinese and Cyrillic have them.
    r"[\x80-\x9f†‡ˆ‰‹›˜¨¤¦¬¯¸¢¥¶ƒªŠšŽžŸÿðþýÐÞÝ]|[^\W\d_][^\w\s\x00-\x7f][^\W\d_]|§[^\W\d_]|[^\W\d_]§"
    r"|[a-zà-öø-þ][À-ÖØ-ÞŒ]|(?!éé|üß|öß|äß|ää|öö)[à-öø-þ]{2}|[À-ÖØ-Þ]{2}"
)


# The clean shape

# Types of CSL 1.0.2, and what Crossref and others call them.
TYPES = {
    "article", "article-journal", "article-magazine", "article-newspaper", "bill", "book",
    "broadcast", "chapter", "classic", "collection", "dataset", "document", "entry",
    "entry-dictionary", "entry-encyclopedia", "event", "figure", "graphic", "hearing",
    "interview", "legal_case", "legislation", "manuscript", "map", "motion_picture",
    "musical_score", "pamphlet", "paper-conference", "patent", "performance", "periodical",
    "personal_communication", "post", "post-weblog", "regulation", "report", "review",
    "review-book", "software", "song", "speech", "standard", "thesis", "treaty", "webpage",
}  # fmt: skip
TYPE_ALIASES = {
    "journal-article": "article-journal",
    "posted-content": "article",
    "preprint": "article",
    "book-chapter": "chapter",
    "book-section": "chapter",
    "book-part": "chapter",
    "reference-entry": "entry",
    "proceedings-article": "paper-conference",
    "monograph": "book",
    "edited-book": "book",
    "reference-book": "book",
    "report-component": "report",
    "dissertation": "thesis",
    "peer-review": "review",
}
# Fields of text that every format carries; a wrong type in one of them fails the record.
TEXT_FIELDS = (
    "title", "container-title", "container-title-short", "publisher", "publisher-place", "volume",
    "issue", "page", "number", "edition", "language", "note",
)  # fmt: skip
NAME_FIELDS = ("author", "editor")
DATE_FIELDS = ("issued", "accessed")
IDENTIFIERS = ("DOI", "PMID", "PMCID", "URL")
# Other variables of CSL 1.0.2, kept from CSL-JSON when they are well formed. Abstracts are not:
# they are somebody's text, and we write our own.
OTHER_TEXT = (
    "archive", "archive_collection", "archive_location", "archive-place", "authority",
    "call-number", "chapter-number", "citation-key", "collection-number", "collection-title",
    "dimensions", "division", "event", "event-title", "event-place", "genre", "ISBN", "ISSN",
    "jurisdiction", "keyword", "medium", "number-of-pages", "number-of-volumes",
    "original-publisher", "original-publisher-place", "original-title", "page-first",
    "part-number", "part-title", "printing-number", "references", "reviewed-genre",
    "reviewed-title", "scale", "section", "source", "status", "supplement-number", "title-short",
    "version", "volume-title",
)  # fmt: skip
OTHER_NAMES = (
    "chair", "collection-editor", "compiler", "container-author", "contributor", "curator",
    "editorial-director", "editor-translator", "interviewer", "organizer", "original-author",
    "recipient", "reviewed-author", "translator",
)  # fmt: skip
OTHER_DATES = ("available-date", "event-date", "original-date", "submitted")
# What RIS and BibTeX carry as well; the rest goes out and in by CSL-JSON alone.
BIBLIOGRAPHIC = {
    "id", "type", *TEXT_FIELDS, *NAME_FIELDS, "authors_complete", *DATE_FIELDS, *IDENTIFIERS
}  # fmt: skip
_SHORT_NAMES = {
    "journalAbbreviation": "container-title-short", "shortTitle": "title-short",
    "article-number": "number",
}  # fmt: skip

_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff\ufffe\uffff]")
# CSL's own inline markup, and what Crossref leaves of it: formatting, never words.
_MARKUP = re.compile(
    r"</?(?:i|b|em|strong|sub|sup|sc|scp|u|span|br|inline-formula|math|m(?:row|n|i|o|text|style|frac|su[bp])|(?:jats|mml):[a-z-]+)"
    r"(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*\s*/?>"
    r"|<span (?:class|style)=\"[^\"<>]*\">",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
# Words at another height: HTML's and JATS's, and MathML's base and exponent.
_AT_HEIGHT = re.compile(
    r"<(?P<tag>(?:jats:)?su[bp])(?:\s[^<>]*)?>(?P<words>[^<>]*)</(?P=tag)>", re.IGNORECASE
)
# Formatting inside raised words must not hide them: 10<sup><b>6</b></sup>.
_FORMATTING = re.compile(
    r"</?(?:jats:)?(?:i|b|em|strong|sc|scp|u|italic|bold|underline)"
    r"(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*\s*/?>",
    re.IGNORECASE,
)
_CHILD = (
    r"(?:<(?:mml:)?mrow(?:\s[^<>]*)?>\s*(?:<(?:mml:)?m[ino](?:\s[^<>]*)?>[^<>]*</(?:mml:)?m[ino]>\s*)*"
    r"</(?:mml:)?mrow>|<(?:mml:)?m[ino](?:\s[^<>]*)?>[^<>]*</(?:mml:)?m[ino]>)"
)
_MATHML = re.compile(
    rf"<(?P<tag>(?:mml:)?m(?:su[bp]|frac))(?:\s[^<>]*)?>\s*"
    rf"(?P<base>{_CHILD})\s*(?P<words>{_CHILD})\s*</(?P=tag)>",
    re.IGNORECASE,
)
# Any other element of MathML between two figures keeps them apart.
_BETWEEN_FIGURES = re.compile(
    r"(?<=\d)(?:\s*</?(?:mml:)?m\w+(?:\s[^<>]*)?>)+\s*(?=\d)", re.IGNORECASE
)
_TAGS_AHEAD, _TAGS_BEHIND = re.compile(r"\A(?:<[^<>]*>)+"), re.compile(r"(?:<[^<>]*>)+\Z")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|[®™©]|tm|\s*)", re.IGNORECASE)
_DASH = re.compile(r"\s*(?:[-\u2010-\u2015\u2212]\s*){2,}|\s*[\u2010-\u2015\u2212]\s*", re.ASCII)
# 2012, 2012-08-11, and RIS's 2012/08/11/words, where any part may be empty.
_WRITTEN_DATE = re.compile(
    r"([0-9]{4})(?:[-/]([0-9]{0,2}))?(?:[-/]([0-9]{0,2}))?(?:/(.*))?", re.DOTALL
)
# Particles that are written close to the name: d'Alembert, al-Ghazali.
_JOINED_PARTICLE = re.compile(
    r"(?<!\w)((?:d|l|de l|dell|nell)['’]|(?:al|el|ad|as|ash|at)-)\s+(?=\w)", re.IGNORECASE
)
_RANK = re.compile(r"(?:Jr|Sr|I{1,3}|IV|V|2nd|3rd|4th)\.?", re.IGNORECASE)
_LANGUAGE_TAGS = {
    "english": "en", "eng": "en", "chinese": "zh", "chi": "zh", "zho": "zh", "french": "fr",
    "fre": "fr", "fra": "fr", "german": "de", "ger": "de", "deu": "de", "spanish": "es",
    "spa": "es", "italian": "it", "ita": "it", "japanese": "ja", "jpn": "ja", "korean": "ko",
    "kor": "ko", "portuguese": "pt", "por": "pt", "russian": "ru", "rus": "ru", "swedish": "sv",
    "swe": "sv", "norwegian": "no", "nor": "no", "danish": "da", "dan": "da", "dutch": "nl",
    "dut": "nl", "nld": "nl", "polish": "pl", "pol": "pl", "turkish": "tr", "tur": "tr",
    "persian": "fa", "per": "fa", "fas": "fa", "arabic": "ar", "ara": "ar",
}  # fmt: skip


def cleaned(raw: Any) -> Csl:
    """
    Return a record in the one shape we keep, or raise ``BadRecordError``.

    Fields we know are checked and brought to one spelling, other variables of CSL are kept when
    they are well formed, and the rest is dropped. Cleaning a clean record changes nothing.
    """
    if not isinstance(raw, Mapping):
        raise BadRecordError("it is not an object with fields.")
    fields: dict[str, Any] = {
        name: raw[key]
        for key in raw
        if (name := _SHORT_NAMES.get(str(key), str(key))) == key or name not in raw
    }
    csl: Csl = {"type": _type(fields.get("type"))}
    if identity := line_of_text(fields.get("id")):
        csl["id"] = identity
    for name in TEXT_FIELDS:
        if text := _text_field(name, fields.get(name)):
            csl[name] = text
    if "title" not in csl:
        raise BadRecordError("it has no title.")
    csl.update(_people(fields))
    for name in DATE_FIELDS:
        if date := _date(name, fields.get(name)):
            csl[name] = date
    csl.update(_identifiers(fields, csl.get("note", "")))
    csl.update(_others(fields))
    if updates := _updates(fields.get("updated-by")):
        csl["updated-by"] = updates
    return csl


def _updates(value: Any) -> list[dict[str, str]]:
    """What a registry names as having changed a work: kind and notice of each."""
    entries = (
        [entry for entry in value[:100] if isinstance(entry, Mapping)]
        if isinstance(value, list)
        else []
    )
    return [
        {"type": line_of_text(entry.get("type"))[:100], "DOI": line_of_text(entry.get("DOI"))[:300]}
        for entry in entries
    ]


def without_markup(text: str) -> str:
    """Return a title without CSL's inline markup; what is not well-formed markup stays as it is."""
    plain = _FORMATTING.sub("", text)
    text = text if _FORMATTING.search(plain) else plain
    text = _BREAK.sub(" ", _MATHML.sub(_base_and_height, text))
    text = _BETWEEN_FIGURES.sub(" ", _AT_HEIGHT.sub(_height, text))
    bare = _MARKUP.sub("", text)
    return text if _MARKUP.search(bare) else " ".join(bare.split())


def _base_and_height(match: re.Match[str]) -> str:
    """MathML's base and what stands above or below it, as HTML would have them; or a fraction."""
    tag = match["tag"].lower().removeprefix("mml:").removeprefix("m")
    base, words = (
        "".join(re.sub(r"<[^<>]*>", "", match[part]).split()) for part in ("base", "words")
    )
    return f"{base}/{words}" if tag == "frac" else f"{base}<{tag}>{words}</{tag}>"


def _height(match: re.Match[str]) -> str:
    is_raised = match["tag"].lower().endswith("sup")
    before = match.string[max(match.start() - 200, 0) : match.start()]
    after = match.string[match.end() : match.end() + 200]
    # What stands beside it may be at another height itself: a charge above, a count below.
    before = _TAGS_BEHIND.sub("", before)
    if after[:4].lower() == "<sup" or after[:9].lower() == "<jats:sup":
        after = "^"
    return at_height(match["words"], before, _TAGS_AHEAD.sub("", after), is_raised=is_raised)


def at_height(words: str, before: str, after: str, *, is_raised: bool) -> str:
    """
    Raised or lowered words in a line of text: ``10^6``, ``H2O``, ``x1_2``.

    A figure never joins the one beside it; ordinals and trade marks stay as they are.
    """
    if _ORDINAL.fullmatch(words):
        return words
    if is_raised:
        return f"^{words}^" if after[:1].isalnum() and words[-1:].isalnum() else f"^{words}"
    parted = before[-1:].isdigit() and words[:1].isdigit()
    joins = words[-1:].isdigit() and after[:1].isdigit()
    return f"{'_' if parted else ''}{words}{'_' if joins else ''}"


def unescaped(text: str) -> str:
    """Return the text with HTML entities resolved, also where they were escaped twice."""
    return html.unescape(html.unescape(text))


_SHOWN = 60


def left_out(parts: Iterable[str]) -> str:
    """What of a record its reference has no place for, each once; empty when there is nothing."""
    words = ", ".join(filter(None, dict.fromkeys(parts)))
    return f"Not taken over: {words}." if words else ""


def named_with_value(name: str, value: str) -> str:
    """What a record has and its reference has no place for: ``volume (“13”)``."""
    words = line_of_text(value)
    return f"{name} (“{words[:_SHOWN]}{'…' if len(words) > _SHOWN else ''}”)"


def line_of_text(value: Any) -> str:
    """Return text or a number as one line without control characters; anything else is empty."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, (int, float)):
        return str(value) if abs(value) < 10**15 else ""
    if not isinstance(value, str):
        return ""
    return " ".join(_NOT_TEXT.sub("", value).split())


def name_of(raw: Any) -> str:
    """Return what a person recognises a raw record by: its id or its title."""
    if not isinstance(raw, Mapping):
        return ""
    return line_of_text(raw.get("id")) or line_of_text(raw.get("title"))


def shortened(text: str, length: int = 60) -> str:
    """Return the beginning of a text, with an ellipsis when it was cut."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _type(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise BadRecordError("its type is not text.")
    name = line_of_text(value).lower()
    name = TYPE_ALIASES.get(name, name)
    return name if name in TYPES else "document"


def _text_field(name: str, value: Any) -> str:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = value[0] if value else None  # Crossref's own API gives titles as lists
    if value is None:
        return ""
    if isinstance(value, (bool, list, Mapping)):
        raise BadRecordError(f"its {name} is not text.")
    text = line_of_text(value)
    if len(text) > MAX_TEXT:
        raise BadRecordError(f"its {name} is longer than {MAX_TEXT:,} characters.")
    if name in {"title", "container-title", "container-title-short"}:
        text = without_markup(text)
    if name == "page":
        text = _page(_DASH.sub("-", text))
    if name == "language":
        text = _LANGUAGE_TAGS.get(text.lower(), text)
    return text


def _page(text: str) -> str:
    """Pages as they are; one page is no span, and ``n/a`` is none."""
    first, _, last = text.partition("-")
    if text.lower() in _NO_PAGES or {first.lower(), last.lower()} <= _NO_PAGES:
        return ""
    return first if first == last else text


_NO_PAGES = {"n/a", "na", "n.a.", "no pages", "no pagination", "-"}


def _identifiers(fields: Mapping[str, Any], note: str) -> Iterator[tuple[str, str]]:
    """Yield DOI, PubMed ids and address; an id that is none fails the record."""
    doi = line_of_text(fields.get("DOI"))
    if doi:
        bare = clean_doi(doi)
        if not bare:
            raise BadRecordError(f"“{shortened(doi)}” is not a DOI.")
        yield "DOI", bare.translate({ord("{"): "%7B", ord("}"): "%7D", ord("\\"): "%5C"})
    # Reference managers keep PubMed ids in the note for want of a field.
    for name, normalise in (("PMID", normalise_pmid), ("PMCID", normalise_pmcid)):
        written = line_of_text(fields.get(name))
        known = normalise(written)
        if written and not known:
            raise BadRecordError(f"“{shortened(written)}” is not a {name}.")
        if not known and (match := re.search(rf"\b{name}: ?((?:PMC)?\d{{1,9}})\b", note)):
            known = normalise(match[1])
        if known:
            yield name, known
    url = web_address(line_of_text(fields.get("URL")))
    if url:
        yield "URL", url


def web_address(url: str) -> str:
    """Return an http or https address with its unsafe characters escaped; empty for others."""
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
            return ""
    except ValueError:
        return ""
    return re.sub(r"[\s\"<>\\^`{|}]", lambda match: f"%{ord(match[0]):02X}", url)


def _people(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield authors and editors, and whether the authors are known to be incomplete."""
    custom = fields.get("custom")
    incomplete = fields.get("authors_complete") is False or (
        isinstance(custom, Mapping) and custom.get("authors_complete") is False
    )
    for role in NAME_FIELDS:
        value = fields.get(role)
        if value is None:
            continue
        if not isinstance(value, list):
            raise BadRecordError(f"its {role} is not a list of names.")
        if len(value) > MAX_NAMES:
            raise BadRecordError(f"it has more than {MAX_NAMES:,} names.")
        names = [_name(role, name) for name in value]
        kept = [name for name in names if name and not _is_et_al(name)]
        if role == "author" and any(map(_is_et_al, names)):
            incomplete = True
        if kept:
            yield role, kept
    if incomplete:
        yield "authors_complete", False


def _is_et_al(name: Mapping[str, str]) -> bool:
    return re.sub(r"\W", "", name.get("literal", "")).lower() in {"etal", "andothers", "others"}


def _name(role: str, value: Any) -> dict[str, str]:
    """
    Return a name as family, given and suffix, or as one literal; empty for an empty one.

    Particles join the family name, as NLM prints them. Commas separate the parts of a name in RIS
    and BibTeX, so none is left inside a part.
    """
    if isinstance(value, str):
        value = {"literal": value}
    if not isinstance(value, Mapping):
        raise BadRecordError(f"one {role} is not a name.")
    part = {key: line_of_text(text)[:1000] for key, text in value.items()}
    family, given, suffix = (part.get(key, "") for key in ("family", "given", "suffix"))
    if "," in given and not suffix:
        start, _, end = given.rpartition(",")
        if _RANK.fullmatch(end.strip()):
            given, suffix = start, end
    family, given, suffix = (" ".join(p.replace(",", " ").split()) for p in (family, given, suffix))
    particles = [part.get("dropping-particle", ""), part.get("non-dropping-particle", "")]
    family = " ".join(" ".join([*particles, family]).replace(",", " ").split())
    family = _JOINED_PARTICLE.sub(r"\1", family)
    if family and (given or suffix):
        person = {"family": family, "given": given, "suffix": suffix}
        return {key: text for key, text in person.items() if text}
    literal = part.get("literal", "") or part.get("name", "")
    literal = family or literal.rstrip(", ") or given
    return {"literal": literal} if literal else {}


def _date(name: str, value: Any) -> Csl | None:
    """Return a date as ``date-parts`` or ``literal``; raise when it is no date at all."""
    if value is None:
        return None
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        value = {"raw": str(value)[:200]}
    if not isinstance(value, Mapping):
        raise BadRecordError(f"its {name} date is not a date.")
    parts = value.get("date-parts")
    if parts is None:
        written = line_of_text(value.get("literal")) or line_of_text(value.get("raw"))
        match = _WRITTEN_DATE.fullmatch(written)
        if not match:
            return {"literal": written} if written else None
        parts = [[part or "0" for part in match.groups()[:3]]]
    if not isinstance(parts, list):
        raise BadRecordError(f"its {name} date is not a date.")
    dates = [date for date in (_date_parts(name, part) for part in parts[:2]) if date]
    if not dates:
        return None
    date: Csl = {"date-parts": dates[:1] if dates[0] == dates[-1] else dates}
    if value.get("circa"):
        date["circa"] = True
    return date


def _date_parts(name: str, parts: Any) -> list[int]:
    """Return year, month and day as numbers; nothing when even the year is missing."""
    if not isinstance(parts, list):
        raise BadRecordError(f"its {name} date is not a date.")
    numbers: list[int] = []
    for part in parts[:3]:
        text = line_of_text(part)
        if not text:
            break
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise BadRecordError(f"its {name} date has “{shortened(text)}” for a number.")
        numbers.append(int(text))
    written = "-".join(map(str, numbers))
    match numbers:
        case [] | [0, *_]:
            return []
        case [_] | [_, 0, *_]:
            return numbers[:1]
        case [_, month] if 1 <= month <= 12:
            return numbers
        case [_, month, *_] if month in {13, 14, 15, 16, 21, 22, 23, 24}:
            return numbers[:2]  # a season
        case [_, month, 0] if 1 <= month <= 12:
            return numbers[:2]
        case [year, month, day] if (
            1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
        ):
            return numbers
    raise BadRecordError(f"its {name} date {written} does not exist.")


def _others(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what else CSL knows, where it is well formed, and our own ``custom`` part."""
    for name in OTHER_TEXT:
        value = fields.get(name)
        if isinstance(value, list) and value and isinstance(value[0], str):
            value = value[0]
        text = line_of_text(value)[:MAX_TEXT]
        if text:
            yield name, text
    for names, clean in ((OTHER_NAMES, _names_or_nothing), (OTHER_DATES, _date_or_nothing)):
        for name in names:
            if kept := clean(name, fields.get(name)):
                yield name, kept
    custom = fields.get("custom")
    if custom is not None:
        if not isinstance(custom, Mapping):
            raise BadRecordError("its custom part is not an object.")
        if custom:
            yield "custom", plain_json(custom)


def _names_or_nothing(name: str, value: Any) -> Any:
    try:
        names = (
            [_name(name, entry) for entry in value[:MAX_NAMES]] if isinstance(value, list) else []
        )
    except BadRecordError:
        return None
    return [entry for entry in names if entry]


def _date_or_nothing(name: str, value: Any) -> Any:
    try:
        return _date(name, value)
    except BadRecordError:
        return None


def plain_json(value: Any, depth: int = 0) -> Any:
    """Return JSON data with its texts free of control characters; too deep a nest is refused."""
    if depth > 20:
        raise BadRecordError("its custom part is nested too deeply.")
    if isinstance(value, str):
        return _NOT_TEXT.sub("", value)
    if isinstance(value, Mapping):
        return {
            _NOT_TEXT.sub("", str(key)): plain_json(entry, depth + 1)
            for key, entry in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [plain_json(entry, depth + 1) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def iso_date(parts: Sequence[int]) -> str:
    """Return year, month and day as ``2012-08-11``, as far as they go."""
    return "-".join([f"{parts[0]:04}", *(f"{part:02}" for part in parts[1:])])


def people_of(csl: Mapping[str, Any], role: str) -> Iterable[Mapping[str, str]]:
    """Return the names in one role of a clean record."""
    names: Iterable[Mapping[str, str]] = csl.get(role, ())
    return names
