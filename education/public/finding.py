"""
Search over what is public: publications, claim checks, glossary words and verified evidence.

Words are cut to a stem ("rhizotomies" finds "rhizotomy") and looked for as beginnings of words.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_

from django.db.models import Q
from django.urls import reverse

from education.evidence.models import EvidenceItem
from education.public.parts import plain
from education.public.reading import Reading, current, readings

LONGEST_QUERY = 200
MOST_WORDS = 8
MOST_HITS = 40
_EXCERPT = 230
_ENDINGS = ("ically", "ation", "ies", "ing", "ed", "es", "y", "s")
_TITLE, _SUMMARY, _TEXT = 8, 3, 1


@dataclass(frozen=True)
class Hit:
    """Something found: where it is, two lines of it, and how far to trust it."""

    title: str
    url: str
    text: str
    kind: str
    score: int
    certainty: str = ""
    reviewed_on: date | None = None


@dataclass(frozen=True)
class Answer:
    """What a search found. ``loose``: nothing held every word, so these hold some."""

    words: list[str]
    hits: list[Hit]
    loose: bool = False


def find(query: str) -> Answer:
    """Look for a reader's words; any text whatever gives an answer."""
    words = stems(query)
    if not words:
        return Answer([], [])
    hits = _hits(words, every=True)
    loose = not hits and len(words) > 1
    if loose:
        hits = _hits(words, every=False)
    hits.sort(key=lambda hit: (-hit.score, hit.title))
    return Answer(words, hits[:MOST_HITS], loose=loose and bool(hits))


def cleaned(query: str) -> str:
    """A query without control characters, at most ``LONGEST_QUERY`` characters long."""
    text = unicodedata.normalize("NFC", query[: 4 * LONGEST_QUERY])
    kept = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)
    return " ".join(kept.split())[:LONGEST_QUERY]


def stems(query: str) -> list[str]:
    """The words of a query, each cut to the part its forms share."""
    found = re.findall(r"[^\W_]+", cleaned(query).casefold())
    return list(dict.fromkeys(_stem(word) for word in found))[:MOST_WORDS]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word


def _hits(words: list[str], *, every: bool) -> list[Hit]:
    return [*_publications(words, every=every), *_evidence(words, every=every)]


def _filter(words: list[str], fields: tuple[str, ...], *, every: bool) -> Q:
    asked = [
        reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields)) for word in words
    ]
    return reduce(and_ if every else or_, asked)


def _publications(words: list[str], *, every: bool) -> Iterator[Hit]:
    """Matches in the frozen words, then in the words as they may be shown now."""
    fields = ("title", "summary", "search_text")
    matching = current().filter(_filter(words, fields, every=every)).defer("html")
    for reading in readings(matching):
        if reading.is_open:
            yield from _page(reading, words, every=every)
            yield from _parts(reading, words, every=every)


def _page(reading: Reading, words: list[str], *, every: bool) -> Iterator[Hit]:
    publication = reading.publication
    summary = reading.content["short_answer_text"]
    text = _page_words(reading)
    score = _score(words, publication.title, summary, text, every=every)
    if score:
        messages = reading.content["key_messages"]
        yield Hit(
            title=publication.title,
            url=reverse("article-detail", args=[publication.slug]),
            text=_excerpt(words, summary, text),
            kind=publication.get_kind_display(),
            # A page that covers a subject stands before one claim or word of it.
            score=score + _SUMMARY,
            certainty=messages[0]["certainty"] if messages else "",
            reviewed_on=publication.reviewed_on,
        )


def _page_words(reading: Reading) -> str:
    """What a page says now; its claims and words are hits of their own."""
    content = reading.content
    if content["claims"] or content["terms"]:
        return plain(content["body"])
    if not reading.standing.masked:
        return reading.publication.search_text
    return plain([*content["body"], *content["unknowns"], *content["questions"]])


def _parts(reading: Reading, words: list[str], *, every: bool) -> Iterator[Hit]:
    """Claim checks and glossary words have places of their own."""
    reviewed_on = reading.publication.reviewed_on
    for claim in reading.content["claims"]:
        text = plain(claim["c"])
        score = _score(words, claim["said"], "", text, every=every)
        if score:
            yield Hit(
                title=claim["said"],
                url=reverse("claim-detail", args=[claim["slug"]]),
                text=_excerpt(words, text, text),
                kind="Claim check",
                score=score,
                certainty=claim["certainty"],
                reviewed_on=reviewed_on,
            )
    for term in reading.content["terms"]:
        text = plain(term["c"])
        score = _score(words, " ".join([term["term"], *term["also"]]), "", text, every=every)
        if score:
            yield Hit(
                title=term["term"],
                url=f"{reverse('glossary')}#term-{term['slug']}",
                text=text,
                kind="Word explained",
                score=score,
                reviewed_on=reviewed_on,
            )


def _evidence(words: list[str], *, every: bool) -> Iterator[Hit]:
    fields = ("title", "finding", "population", "intervention", "key")
    found = EvidenceItem.objects.verified().filter(_filter(words, fields, every=every))
    for item in found:
        text = f"{item.finding} {item.population} {item.intervention}"
        score = _score(words, f"{item.title} {item.key}", "", text, every=every)
        if score:
            yield Hit(
                title=item.title,
                url=reverse("evidence-detail", args=[item.key]),
                text=_excerpt(words, item.finding, text),
                kind=item.get_design_display(),
                score=score // 2,  # what we say of a subject stands before the works themselves
            )


def _score(words: list[str], title: str, summary: str, text: str, *, every: bool) -> int:
    """How well a text fits: nothing when a word that must be there is not."""
    scores = []
    for word in words:
        begins = re.compile(rf"\b{re.escape(word)}", re.IGNORECASE)
        scores.append(
            _TITLE * bool(begins.search(title))
            + _SUMMARY * bool(begins.search(summary))
            + _TEXT * min(3, len(begins.findall(text)))
        )
    return 0 if every and not all(scores) else sum(scores)


def _excerpt(words: list[str], first: str, text: str) -> str:
    """The first text when it holds a hit, else the piece of the other around its first hit."""
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})", re.IGNORECASE)
    if pattern.search(first) and len(first) <= _EXCERPT:
        return first
    hit = pattern.search(text)
    if not hit:
        return first[:_EXCERPT]
    start = max(0, hit.start() - _EXCERPT // 3)
    if start:
        start = text.find(" ", start) + 1
    piece = text[start : start + _EXCERPT]
    end = "" if start + _EXCERPT >= len(text) else " …"
    if end:
        piece = piece.rsplit(" ", 1)[0]
    return f"{'… ' if start else ''}{' '.join(piece.split())}{end}"
