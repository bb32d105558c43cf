"""What search can find of a publication: its page, and its claims and words by themselves."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q

from education.audit.operations import operation
from education.evidence.indexing import index_item
from education.evidence.models import EvidenceItem
from education.publishing.models import MaskedPassage, Publication
from education.search.models import SearchEntry
from education.search.operations import SearchPart, SearchSection, empty, put, remove
from education.text.masking import mask_passages
from education.text.tree import Node, Tree, findings_of, plain

Kind = SearchEntry.Kind
SUBJECT = "publication"


def index_publication(publication: Publication) -> None:
    """Let a copy be found from its moment on, and the copies that it ends no more."""
    others = Publication.objects.filter(slug=publication.slug, language=publication.language)
    kept = {
        *others.current().values_list("pk", flat=True),
        *others.scheduled().values_list("pk", flat=True),
    }
    remove(
        SUBJECT, [number for number in others.values_list("pk", flat=True) if number not in kept]
    )
    put(SUBJECT, publication.pk, parts_of(_findable(publication)))


def _findable(publication: Publication) -> Tree:
    """The tree without passages that are masked."""
    masked = MaskedPassage.objects.in_force().filter(
        Q(slug=publication.slug) | Q(of_glossary=True), language=publication.language
    )
    words = list(masked.values_list("words", flat=True))
    return mask_passages(publication.content, words) if words else publication.content


def parts_of(content: Mapping[str, Any]) -> list[SearchPart]:
    """The parts of a tree, the frozen one or one with words masked."""
    messages = content["key_messages"]
    page = SearchPart(
        kind=Kind.PAGE,
        title=content["title"],
        lead=content["short_answer_text"],
        text="",
        sections=tuple(_sections(content)),
        certainty=_certainty(messages[0]) if messages else "",
    )
    claims = [
        SearchPart(
            kind=Kind.CLAIM,
            title=claim["said"],
            lead="",
            text=plain(claim["c"]),
            slug=claim["slug"],
            certainty=_certainty(claim),
        )
        for claim in content["claims"]
    ]
    terms = [
        SearchPart(
            kind=Kind.WORD,
            title=term["term"],
            also=tuple(term["also"]),
            lead="",
            text=plain(term["c"]),
            slug=term["slug"],
        )
        for term in content["terms"]
    ]
    return [page, *claims, *terms]


def _sections(content: Mapping[str, Any]) -> Iterator[SearchSection]:
    """The parts of a page between two headings, each with its place on the page."""
    messages = "\n".join(plain(message["c"]) for message in content["key_messages"])
    yield SearchSection("key-messages", "", messages)
    place, title, blocks = "", "", list[Node]()
    for block in content["body"]:
        if block["t"] == "heading":
            yield SearchSection(place, title, plain(blocks))
            place, title, blocks = block["id"], plain(block["c"]), []
        else:
            blocks.append(block)
    yield SearchSection(place, title, plain(blocks))
    for row in (content["comparison"] or {"rows": []})["rows"]:
        cells = "\n".join(plain(cell["c"]) for cell in row["cells"])
        yield SearchSection(f"row-{row['slug']}", row["question"], cells)
    for outcome in findings_of(content):
        lines = [plain(outcome["note"])]
        for row in outcome["rows"]:
            lines += [plain(row["c"]), row["people"], row["who"], row["comparator"], row["effect"]]
        text = "\n".join(line for line in lines if line)
        yield SearchSection(f"outcome-{outcome['slug']}", outcome["name"], text)
    yield SearchSection("unknowns", "", plain(content["unknowns"]))
    yield SearchSection("questions", "", plain(content["questions"]))


def _certainty(part: Mapping[str, Any]) -> str:
    """How sure a statement is; nothing of one that lost what it stood on."""
    return "" if part.get("masked") else str(part["certainty"])


@operation
def rebuild() -> tuple[int, int]:
    """Index everything that is or will be public again; how many publications and items."""
    empty()
    copies = (Publication.objects.current() | Publication.objects.scheduled()).order_by("pk")
    for publication in copies:
        put(SUBJECT, publication.pk, parts_of(_findable(publication)))
    items = EvidenceItem.objects.order_by("pk")
    for item in items:
        index_item(item)
    return len(copies), len(items)
