"""Writing: starting a revision, saving its text, rendering and hashing it."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any, NamedTuple, Protocol, TypeVar

from django.db.models import Model

from education.articles.drawings import library_drawings
from education.articles.inheritance import note_sentences, sentences_of, settle_contributions
from education.articles.models import (
    Article,
    Citation,
    ClaimCheck,
    ComparisonCell,
    ComparisonOption,
    ComparisonRow,
    Contribution,
    FindingsOutcome,
    FindingsRow,
    GlossaryTerm,
    KeyMessage,
    Revision,
    SavedText,
    StatementOfRow,
    WrittenSentence,
)
from education.articles.rules import may_write
from education.articles.states import move
from education.audit.operations import operation, record
from education.canonical import digest
from education.errors import EditorialError, StaleError
from education.evidence.models import EvidenceItem, EvidenceItemQuerySet
from education.evidence.references import reference_html, reference_text
from education.evidence.web_sources import last_seen
from education.languages import language_override
from education.people.models import User
from education.text.figures import canonical_svg
from education.text.glossary import Term, explained_terms
from education.text.markdown import DIALECT
from education.text.named_rows import Row
from education.text.rendering import NAMES_ROW, Draft, Rendered, Source, cited_keys, render
from education.text.tree import Tree, drawings
from education.text.wording import wording
from education.topics.models import Topic

M = TypeVar("M", bound=Model)
S = TypeVar("S", bound="Sealed")


# What a row of a table of findings says, beside where it stands.
FINDING_FIELDS = (
    "about", "people", "who", "comparator", "time", "effect", "frame", "with_option",
    "without_option", "direction", "direction_words", "certainty", "grading", "source_grade",
    "words", "evidence", "findings",
)  # fmt: skip


class MayNotWriteError(EditorialError):
    """The person may not write here."""


class LockedTextError(EditorialError):
    """The text is in review, approved or published, and can't be changed."""

    def __init__(self, revision: Revision) -> None:
        super().__init__(
            f"The text of {revision} is {revision.get_state_display().lower()} and can't be "
            "changed. Nothing was saved."
        )


def draft_of(revision: Revision) -> Draft:
    """The whole text of a revision as one value: what is rendered, hashed and compared."""
    options = list(revision.comparison_options.all())
    return Draft(
        language=revision.language,
        kind=revision.article.kind,
        title=revision.title,
        short_answer=revision.short_answer,
        key_messages=[
            {"text": part.text, "certainty": part.certainty, **_named_row(part)}
            for part in revision.key_messages.all()
        ],
        body=revision.body,
        unknowns=revision.unknowns,
        questions=revision.questions,
        funding=revision.funding,
        what_changed=revision.what_changed,
        correction=revision.correction,
        options=[{"slug": option.slug, "name": option.name} for option in options],
        rows=[
            {
                "slug": row.slug,
                "question": row.question,
                "cells": {
                    cell.option.slug: {
                        "text": cell.text,
                        "certainty": cell.certainty,
                        "unknown": cell.unknown,
                        **_named_row(cell),
                    }
                    for cell in row.cells.all()
                },
            }
            for row in revision.comparison_rows.prefetch_related("cells__option")
        ],
        claims=[
            {
                "slug": part.slug,
                "said": part.said,
                "verdict": part.verdict,
                "certainty": part.certainty,
                "answer": part.answer,
                "claim": part.claim,
                **_named_row(part),
            }
            for part in revision.claim_checks.all()
        ],
        terms=[
            {
                "slug": part.slug,
                "term": part.term,
                "also": part.also,
                "definition": part.definition,
            }
            for part in revision.glossary_terms.all()
        ],
        outcomes=[
            {"slug": part.slug, "name": part.name, "note": part.note}
            for part in revision.findings_outcomes.all()
        ],
        findings=[
            {"slug": row.slug, "outcome": row.outcome.slug, "option": row.option.slug}
            | {name: getattr(row, name) for name in FINDING_FIELDS}
            for row in revision.findings_rows.select_related("outcome", "option")
        ],
        dialect=revision.dialect,
    )


def _named_row(part: StatementOfRow) -> dict[str, str]:
    """The row that a statement names, if it does: hashes of texts that name none stay."""
    return {name: value for name in NAMES_ROW if (value := getattr(part, name))}


def saved_draft(saved: SavedText) -> Draft:
    """The whole text as it was saved then."""
    known = {field.name for field in fields(Draft)}
    kept = {name: value for name, value in saved.draft.items() if name in known}
    return Draft(**{"dialect": 1, **kept})  # texts of the first dialect were saved without a name


def source_of(item: EvidenceItem, seen_on: datetime.date | None = None) -> Source:
    """
    What the renderer needs to know of an evidence item to print its reference; ``seen_on`` is when
    somebody last saw it, of a web source.
    """
    csl = item.csl()
    return Source(
        key=item.key,
        text=reference_text(csl),
        html=reference_html(csl),
        doi=item.doi,
        pmid=item.pmid,
        url=item.url,
        design=item.get_design_display(),
        sample_size=item.sample_size,
        follow_up=item.follow_up,
        funding=item.funding_or_conflicts,
        finding=item.finding,
        limitations=item.limitations,
        seen_on=seen_on.isoformat() if seen_on else "",
        usable=item.usable,
        status=item.status,
    )


def render_draft(draft: Draft) -> Rendered:
    """Render a text with the evidence it cites; the one way from words to page and paper."""
    return render(
        draft,
        _sources(draft),
        terms=glossary(draft.language),
        rows=published_rows(draft.language),
        drawings=library_drawings(draft),
    )


# What gives the words of a language that texts explain: ``publishing.glossary``, which is told
# here when the app starts, since publishing comes after articles.
glossaries: list[Callable[[str], Mapping[str, Term]]] = []


def glossary(language: str) -> dict[str, Term]:
    """The words that texts explain where they first use them: those of the live glossary."""
    return {slug: term for words_of in glossaries for slug, term in words_of(language).items()}


# What gives the rows of the published table of findings in a language, or None where there is none:
# ``publishing.findings``, which is told here when the app starts.
findings_tables: list[Callable[[str], Mapping[str, Row] | None]] = []


def published_rows(language: str) -> Mapping[str, Row] | None:
    """The rows that statements may name; None where no table of findings is public."""
    return next((rows for rows_of in findings_tables if (rows := rows_of(language))), None)


def _sources(draft: Draft) -> dict[str, Source]:
    items = EvidenceItem.objects.filter(key__in=cited_keys(draft)).with_status()
    seen = last_seen(items)
    with language_override(draft.language):
        return {item.key: source_of(item, seen.get(item.pk)) for item in items}


def render_revision(revision: Revision) -> Rendered:
    """Render a revision's text as it is now."""
    return render_draft(draft_of(revision))


def cited_items(revision: Revision) -> EvidenceItemQuerySet:
    """The evidence that a revision cites, in the order of its references, whole."""
    cited = EvidenceItem.objects.filter(citations__revision=revision).with_status()
    return cited.order_by("citations__number").prefetch_related("found")


class ContentPart(NamedTuple):
    """A part of the content hash: the first format that covers it, and what it says of a text."""

    since: int
    of: Callable[[Revision, Tree], Any]


def _definitions(_: Revision, tree: Tree) -> dict[str, Any]:
    """What the definitions of explained words rest on; nothing where none cites."""
    terms = {node["slug"]: node["evidence"] for node in explained_terms(tree) if "evidence" in node}
    keys = {key for statements in terms.values() for statement in statements for key in statement}
    if not keys:
        return {}
    items = EvidenceItem.objects.filter(key__in=keys).with_status().prefetch_related("found")
    return {"terms": terms, "evidence": {item.key: item.fingerprint() for item in items}}


# The format of new content hashes. Approvals and published copies keep the format of theirs and are
# checked by it for ever: a format that was released is never changed.
CONTENT_FORMAT = 2
# What later formats add to the first; a part that says nothing of a text leaves its hash as it is.
# A new part belongs to a format that no release has, unless it says nothing of any text so far.
CONTENT_PARTS: dict[str, ContentPart] = {
    # Beside the Markdown, so that a change of our dialect can't change what was approved.
    "words": ContentPart(2, lambda _, tree: wording(tree)),
    # A drawing is a file beside the text: what was approved is what it showed that day.
    "figures": ContentPart(
        2,
        lambda _, tree: [
            [node["name"], digest(canonical_svg(node["svg"]))] for node in drawings(tree)
        ],
    ),
    "definitions": ContentPart(2, _definitions),
    # How often each cited item changed, so that going back revives no approval that lapsed.
    "changes": ContentPart(
        2,
        lambda revision, _: dict(
            EvidenceItem.objects.filter(
                citations__revision=revision, details_sequence__gt=0
            ).values_list("key", "details_sequence")
        ),
    ),
    # Who approves a text that is proposed as a minor change confirms that with it.
    "change": ContentPart(2, lambda revision, _: "minor" if revision.minor else ""),
}


def content_hash(
    revision: Revision, rendered: Rendered | None = None, content_format: int = CONTENT_FORMAT
) -> str:
    """
    One hash of all a reviewer judges: the text, its drawings, its risk class, the words it explains
    from the glossary, and every cited item's details and status. When any of it changes, the hash
    changes, and approvals of the old one lapse.

    ``rendered`` is the revision as it is now, where it is at hand; ``content_format`` is the format
    of the hash it will be compared with.
    """
    rendered = rendered or render_revision(revision)
    tree = rendered.tree
    content = {
        "draft": rendered.draft.text(),
        "article": [
            revision.article.slug,
            revision.article.risk_class,
            revision.article.review_every_months,
        ],
        "terms": {node["slug"]: node["definition"] for node in explained_terms(tree)},
        "evidence": {item.key: item.fingerprint() for item in cited_items(revision)},
    }
    for name, part in CONTENT_PARTS.items():
        if part.since <= content_format and (said := part.of(revision, tree)):
            content[name] = said
    return digest(content)


class Sealed(Protocol):
    """What was bound to a revision's content: an approval, a published copy."""

    content_hash: Any
    content_format: Any


def on_current_content(revision: Revision, sealed: Iterable[S], current_hash: str = "") -> list[S]:
    """
    Those that are bound to the revision's text and evidence as they are now, each compared in the
    format of its own hash. ``current_hash`` is that of the current format, where it is at hand.
    """
    hashes = {CONTENT_FORMAT: current_hash} if current_hash else {}
    current = []
    for each in sealed:
        if each.content_format not in hashes:
            hashes[each.content_format] = content_hash(revision, None, each.content_format)
        if each.content_hash == hashes[each.content_format]:
            current.append(each)
    return current


@operation
def start_article(*, by: User | None, slug: str, topic: Topic, **fields: Any) -> Article:
    """Make an article; its text comes with its first revision."""
    if by is not None and not may_write(by):
        raise MayNotWriteError(f"{by} does not have the role Writer.")
    article = Article(slug=slug, topic=topic, class_set_by=by, **fields)
    article.full_clean()
    article.save(force_insert=True)
    record("article.started", article, by=by, article_id=article.pk)
    return article


@operation
def start_revision(
    *, article: Article, draft: Draft, by: User | None, based_on: Revision | None = None
) -> Revision:
    """
    Begin the next numbered text of an article; only one may be open in each language.

    ``by`` is None when a command loads shipped content; then nobody counts as its contributor.
    """
    if by is not None and not may_write(by):
        raise MayNotWriteError(f"{by} does not have the role Writer.")
    if article.archived_at:
        raise MayNotWriteError(f"{article} is archived.")
    same_line = Revision.objects.filter(article=article, language=draft.language)
    if same_line.open().exists():
        raise MayNotWriteError(f"Another revision of {article} is still open.")
    last = same_line.order_by("-number").first()
    revision = Revision(
        article=article,
        language=draft.language,
        number=last.number + 1 if last else 1,
        title=draft.title,
        created_by=by,
    )
    revision.full_clean()
    revision.save(force_insert=True)
    _write(revision, draft, by)
    record(
        "revision.started",
        revision,
        by=by,
        article_id=article.pk,
        based_on=based_on.number if based_on else None,
    )
    return revision


@operation
def save_text(*, revision: Revision, draft: Draft, by: User, expected_version: int) -> Revision:
    """
    Replace the text of a draft and derive its citations anew; who saves is a contributor.

    ``expected_version`` is the version the person began from: when somebody else saved since,
    nothing is saved and ``StaleError`` says so.
    """
    revision = Revision.objects.select_related("article__topic").get(pk=revision.pk)
    if not may_write(by):
        raise MayNotWriteError(f"{by} does not have the role Writer.")
    if not revision.is_editable:
        raise LockedTextError(revision)
    if revision.version != expected_version:
        raise StaleError(
            f"Somebody saved {revision} while you were writing. Nothing of yours was saved yet; "
            "your text is below, and theirs beside it."
        )
    if draft.text() == draft_of(revision).text():
        return revision
    revision.version += 1
    _write(revision, draft, by)
    record("revision.saved", revision, by=by, article_id=revision.article_id)
    return revision


@operation
def propose_minor(*, revision: Revision, minor: bool, by: User) -> Revision:
    """
    Propose a draft as a change of wording alone, or take that back. By somebody who may write it,
    who becomes one of its writers.

    Whether it is one is decided when it is published: by ``text.major_changes`` and by those who
    approve it as such. Raises ``MayNotWriteError`` and ``LockedTextError``.
    """
    if not may_write(by):
        raise MayNotWriteError(f"{by} does not have the role Writer.")
    revision = Revision.objects.select_related("article").get(pk=revision.pk)
    if not revision.is_editable:
        raise LockedTextError(revision)
    if revision.minor != minor:
        revision.minor = minor
        revision.save(update_fields=["minor", "updated_at"])
        contribute(revision, by)
        record(
            "revision.change_proposed",
            revision,
            by=by,
            article_id=revision.article_id,
            change="minor" if minor else "major",
        )
    return revision


@operation
def put_aside(*, revision: Revision, by: User, reason: str) -> Revision:
    """Give up a draft, with a reason; its text stays in the record, its number stays taken."""
    revision = Revision.objects.select_related("article").get(pk=revision.pk)
    if not may_write(by):
        raise MayNotWriteError(f"{by} does not have the role Writer.")
    if not reason.strip():
        raise MayNotWriteError("Say why it is put aside.")
    if revision.state != Revision.State.DISCARDED:
        move(revision, "put_aside", Revision.State.DISCARDED)
        revision.save(update_fields=["state", "updated_at"])
        record(
            "revision.put_aside",
            revision,
            by=by,
            article_id=revision.article_id,
            reason=reason.strip(),
        )
    return revision


def _write(revision: Revision, draft: Draft, by: User | None) -> None:
    """Store every part of a draft as the revision's text, from now on in today's dialect."""
    draft = replace(draft, dialect=DIALECT)
    revision.dialect = draft.dialect
    for name in ("title", "short_answer", "body", "unknowns", "questions", "funding"):
        setattr(revision, name, getattr(draft, name))
    revision.what_changed, revision.correction = draft.what_changed, draft.correction
    revision.full_clean()
    revision.save()
    for parts in ("key_messages", "comparison_rows", "comparison_options", "claim_checks"):
        getattr(revision, parts).all().delete()
    for parts in ("glossary_terms", "findings_rows", "findings_outcomes"):
        getattr(revision, parts).all().delete()
    for position, message in enumerate(draft.key_messages):
        _insert(KeyMessage(revision=revision, position=position, **message))
    options = {
        option["slug"]: _insert(ComparisonOption(revision=revision, position=position, **option))
        for position, option in enumerate(draft.options)
    }
    for position, row in enumerate(draft.rows):
        stored = _insert(
            ComparisonRow(
                revision=revision, position=position, slug=row["slug"], question=row["question"]
            )
        )
        for slug, cell in row["cells"].items():
            _insert(ComparisonCell(row=stored, option=options[slug], **cell))
    for position, claim in enumerate(draft.claims):
        _insert(ClaimCheck(revision=revision, position=position, **claim))
    for position, term in enumerate(draft.terms):
        _insert(GlossaryTerm(revision=revision, position=position, **term))
    _write_findings(revision, draft, options)
    _derive_citations(revision, draft)
    SavedText.objects.create(
        revision=revision, version=revision.version, by=by, draft=asdict(draft)
    )
    if by is not None:
        contribute(revision, by)
    note_sentences(WrittenSentence, revision.article_id, sentences_of(draft), by.pk if by else None)
    settle_contributions(revision, draft)


def _write_findings(
    revision: Revision, draft: Draft, options: Mapping[str, ComparisonOption]
) -> None:
    outcomes = {
        outcome["slug"]: _insert(FindingsOutcome(revision=revision, position=position, **outcome))
        for position, outcome in enumerate(draft.outcomes)
    }
    rows = [
        FindingsRow(
            revision=revision,
            position=position,
            **row | {"outcome": outcomes[row["outcome"]], "option": options[row["option"]]},
        )
        for position, row in enumerate(draft.findings)
    ]
    for row in rows:
        # Hundreds of rows: one statement stores them, and the database holds what is unique.
        row.full_clean(
            exclude=["revision", "outcome", "option"],
            validate_unique=False,
            validate_constraints=False,
        )
    FindingsRow.objects.bulk_create(rows)


def contribute(revision: Revision, by: User) -> None:
    """Count a person among those who are at work on a revision."""
    Contribution.objects.update_or_create(
        revision=revision, person=by, defaults={"inherited": False}
    )


def _insert(part: M) -> M:
    part.full_clean()
    part.save(force_insert=True)
    return part


def _derive_citations(revision: Revision, draft: Draft) -> None:
    """Citations follow from the text; keys that name no item are problems of the text."""
    revision.citations.all().delete()
    items = {item.key: item for item in EvidenceItem.objects.filter(key__in=cited_keys(draft))}
    known = [items[key] for key in cited_keys(draft) if key in items]
    Citation.objects.bulk_create(
        Citation(revision=revision, item=item, number=number)
        for number, item in enumerate(known, 1)
    )
