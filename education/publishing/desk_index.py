"""What the desk's search finds: drafts, published copies, works, drawings, remarks on texts."""

from collections.abc import Collection, Iterator, Sequence

from django.db.models import CharField, TextField

from education.articles.models import Drawing, Revision
from education.articles.operations import draft_of
from education.audit.models import Event
from education.audit.operations import operation
from education.evidence.models import EvidenceItem
from education.publishing.indexing import parts_of
from education.publishing.models import Publication, PublicationEvent
from education.review.models import Comment, Review
from education.search import desk
from education.search.models import DeskEntry
from education.text.tree import strings

# Values of a draft's parts that are names or choices, not words.
_NO_WORDS = frozenset(
    {
        "slug", "language", "kind", "dialect", "certainty", "verdict", "direction", "finding",
        "outcome", "option", "unknown", "title",
    }
)  # fmt: skip

# Details of a work that are words; its title stands apart.
_TEXTS_OF_ITEMS = [
    field.name
    for field in EvidenceItem._meta.fields
    if field.name in {*EvidenceItem.DETAILS, *EvidenceItem.LATER_DETAILS}
    and field.name not in {"title", "csl_type", "language"}
    and isinstance(field, CharField | TextField)
    and not field.choices
]


def index_after(events: Sequence[Event]) -> None:
    """
    Let the desk find what an operation's events are about as it is now.

    A hook after every operation, so that no step can forget it.
    """
    touched: dict[str, set[int]] = {}
    for event in events:
        if event.subject_type in _ENTRIES and event.subject_id.isdigit():
            touched.setdefault(event.subject_type, set()).add(int(event.subject_id))
    desk.put(entry for subject, numbers in touched.items() for entry in _ENTRIES[subject](numbers))


@operation
def rebuild_desk() -> int:
    """Index everything at the desk anew; how many texts, works and remarks."""
    desk.empty()
    for entries in _ENTRIES.values():
        desk.put(entries(None))
    return DeskEntry.objects.count()


def _revisions(numbers: Collection[int] | None) -> Iterator[DeskEntry]:
    """Texts as they are written, and what reviewers said when they decided on them."""
    rows = Revision.objects.select_related("article")
    for revision in rows if numbers is None else rows.filter(pk__in=numbers):
        texts = [text for _, text in strings(draft_of(revision).text(), _NO_WORDS) if text]
        yield DeskEntry(
            subject="revision",
            subject_id=revision.pk,
            title=revision.title,
            text="\n".join([*texts, revision.article.slug]),
            changed_at=revision.updated_at,
        )
    reviews = Review.objects.exclude(comments="").select_related("revision", "reviewer")
    for review in reviews if numbers is None else reviews.filter(revision__in=numbers):
        yield DeskEntry(
            subject="review",
            subject_id=review.pk,
            title=f"{review.reviewer_name or review.reviewer} on {review.revision.title}",
            text=review.comments,
            changed_at=review.decided_at,
        )


def _publications(numbers: Collection[int] | None) -> Iterator[DeskEntry]:
    """Every published copy, without the words of those whose text is hidden."""
    rows = Publication.objects.defer("html")
    hidden = set(
        PublicationEvent.objects.filter(kind=PublicationEvent.Kind.HIDDEN).values_list(
            "publication", flat=True
        )
    )
    for copy in (rows if numbers is None else rows.filter(pk__in=numbers)).iterator(100):
        yield DeskEntry(
            subject="publication",
            subject_id=copy.pk,
            title=copy.title,
            text="" if copy.pk in hidden else _words_of_copy(copy),
            changed_at=copy.published_at,
        )


def _words_of_copy(copy: Publication) -> str:
    lines = list[str]()
    for part in parts_of(copy.content):
        lines += [part.title, *part.also, part.lead, part.text]
        lines += [words for section in part.sections for words in (section.title, section.text)]
    lines += [copy.what_changed, copy.correction, copy.slug]
    return "\n".join(line for line in lines if line)


def _items(numbers: Collection[int] | None) -> Iterator[DeskEntry]:
    """Works, verified or not, with their notes of appraisal."""
    rows = EvidenceItem.objects.all()
    for item in (rows if numbers is None else rows.filter(pk__in=numbers)).iterator(500):
        authors = [str(author.get("family", "")) for author in item.authors]
        details = (
            item.key, ", ".join(authors), str(item.issued_year or ""), item.dossier_note,
            *(getattr(item, name) for name in _TEXTS_OF_ITEMS),
        )  # fmt: skip
        yield DeskEntry(
            subject="evidenceitem",
            subject_id=item.pk,
            title=item.title,
            text="\n".join(detail for detail in details if detail),
            changed_at=item.updated_at,
        )


def _drawings(numbers: Collection[int] | None) -> Iterator[DeskEntry]:
    """Drawings of the library, by their names and what is said of them."""
    rows = Drawing.objects.defer("svg")
    for drawing in rows if numbers is None else rows.filter(pk__in=numbers):
        yield DeskEntry(
            subject="drawing",
            subject_id=drawing.pk,
            title=drawing.name,
            text=f"{drawing.alternative}\n{drawing.source}\n{drawing.licence}",
            changed_at=drawing.uploaded_at,
        )


def _comments(numbers: Collection[int] | None) -> Iterator[DeskEntry]:
    """Remarks and answers to them."""
    rows = Comment.objects.select_related("revision", "by")
    for comment in rows if numbers is None else rows.filter(pk__in=numbers):
        yield DeskEntry(
            subject="comment",
            subject_id=comment.pk,
            title=f"{comment.by} on {comment.revision.title}",
            text="\n".join(words for words in (comment.text, comment.passage) if words),
            changed_at=comment.at,
        )


_ENTRIES = {
    "revision": _revisions,
    "publication": _publications,
    "evidenceitem": _items,
    "drawing": _drawings,
    "comment": _comments,
}
