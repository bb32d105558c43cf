"""
What is public now, as data: the same words, masks and notices as the pages, for other machines.

Every function reads publications only, so a draft has no way into an answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.urls import reverse

from education.evidence.models import FOUND, EvidenceItem, EvidenceItemQuerySet, StatusEvent
from education.evidence.shipped_evidence import APPRAISAL
from education.languages import language_override
from education.publishing.models import Publication, PublicationQuerySet
from education.publishing.status import (
    Notice,
    PublicationStatus,
    shown_content,
    statuses_of,
)
from education.safety.models import EmergencyNote
from education.safety.notes import notes_of
from education.text.html import Options, to_html
from education.topics.models import Topic

LANGUAGE = "en"
Data = dict[str, Any]


def current(language: str = LANGUAGE) -> PublicationQuerySet:
    """Everything the public sees now, by address."""
    publications = Publication.objects.current().filter(language=language)
    return publications.select_related("topic").order_by("slug")


def versions_of(slug: str, language: str = LANGUAGE) -> PublicationQuerySet:
    """Every version of a text that was ever public, the newest first."""
    versions = Publication.objects.live().filter(slug=slug, language=language)
    return versions.select_related("topic").order_by("-number")


def withdrawn(language: str = LANGUAGE) -> PublicationQuerySet:
    """What was taken off the site and has nothing in its place."""
    return Publication.objects.withdrawn().filter(language=language).select_related("topic")


def headings(
    publications: Iterable[Publication], past: Mapping[int, Notice] | None = None
) -> list[Data]:
    """
    Texts for a list: what each is, how it stands, where it is.

    ``past`` says of versions, by number, why they count no more (``why_not_current``).
    """
    texts, why = _texts(publications), past or {}
    return [_heading(text, why.get(text.publication.pk)) for text in texts]


def article(publication: Publication, past: Notice | None = None) -> Data:
    """
    One text, whole: its tree, its parts as HTML, its references and who stands behind it.

    ``past`` says why it counts no more, of a version that doesn't.
    """
    (text,) = _texts([publication])
    standing, content = text.standing, text.content
    data: Data = {
        **_heading(text, past),
        "what_changed": publication.what_changed,
        "correction": publication.correction,
        "writers": publication.writers,
        "reviewers": publication.reviewers,
        "publisher": publication.publisher_name,
        "key_messages": [],
        "references": [],
        "content": None,
        "html": None,
    }
    if standing.is_notice_only:
        return data
    return data | {
        "key_messages": [
            {"text": message["text"], "certainty": message["certainty"]}
            for message in content["key_messages"]
            if not message.get("masked")
        ],
        "references": [
            {name: reference[name] for name in ("n", "key", "text", "doi", "pmid", "url")}
            for reference in content["references"]
        ],
        "content": content,
        # It is shown elsewhere: addresses inside the site are whole.
        "html": to_html(content, Options(site=settings.SITE_URL.rstrip("/")))["article"],
    }


def comparisons(language: str = LANGUAGE) -> list[Data]:
    """Each comparison of options: its questions, and under each a cell for every option."""
    data = []
    for publication, content, notices in _open_of_kind("comparison", language):
        grid = content["comparison"]
        rows = [
            {
                "slug": row["slug"],
                "question": row["question"],
                "cells": [
                    {
                        "option": cell["option"],
                        "certainty": "" if cell.get("masked") else cell["certainty"],
                        "not_known": bool(cell["unknown"]),
                        "content": cell["c"],
                    }
                    for cell in row["cells"]
                ],
            }
            for row in grid["rows"]
        ]
        data.append(
            {
                **_name(publication),
                "options": grid["options"],
                "rows": rows,
                "notices": notices,
            }
        )
    return data


def claims(language: str = LANGUAGE) -> list[Data]:
    """Every claim that was checked, with its verdict and answer."""
    return [
        {
            "slug": claim["slug"],
            "said": claim["said"],
            "verdict": "" if claim.get("masked") else claim["verdict"],
            "certainty": "" if claim.get("masked") else claim["certainty"],
            "content": claim["c"],
            "article": _name(publication),
            "url": _address("claim-detail", claim["slug"], publication.language),
            "notices": notices,
        }
        for publication, content, notices in _open_of_kind("claims", language)
        for claim in content["claims"]
    ]


def glossary(language: str = LANGUAGE) -> list[Data]:
    """Every word that is explained, from A to Z."""
    words = [
        {
            "slug": term["slug"],
            "term": term["term"],
            "also": term["also"],
            "content": term["c"],
            "article": _name(publication),
            "notices": notices,
        }
        for publication, content, notices in _open_of_kind("glossary", language)
        for term in content["terms"]
    ]
    return sorted(words, key=lambda word: word["term"].casefold())


def topics() -> list[Data]:
    """The subjects, with the codes that health records use."""
    return [
        {
            "slug": topic.slug,
            "title": topic.title,
            "summary": topic.summary,
            "parent": topic.parent.slug if topic.parent else None,
            "codes": [
                {"system": code.system, "code": code.code, "display": code.display}
                for code in topic.codes.all()
            ],
            "url": _address("topic-detail", topic.slug),
        }
        for topic in Topic.objects.select_related("parent").prefetch_related("codes")
    ]


def evidence_items() -> EvidenceItemQuerySet:
    """Every work that two people verified and that may be cited, by key."""
    verified = EvidenceItem.objects.verified().filter(usable=True)
    return verified.with_status().select_related("topic").prefetch_related("found").order_by("key")


def evidence(item: Any) -> Data:
    """
    One of ``evidence_items``: its reference as CSL-JSON, what was studied and found, whether it
    still stands; of a retracted work nothing of what it found.
    """
    withheld = FOUND if item.standing == StatusEvent.Status.RETRACTED else ()
    nothing = EvidenceItem.LATER_DETAILS | {"finding": ""}
    return {
        "key": item.key,
        "csl": item.csl(),
        "topic": item.topic.slug if item.topic else None,
        **{name: nothing[name] if name in withheld else getattr(item, name) for name in APPRAISAL},
        "status": item.standing,
        "url": _address("evidence-detail", item.key),
    }


@dataclass(frozen=True)
class _Text:
    """A publication, how it stands now, and the emergency notes above its page."""

    publication: Publication
    standing: PublicationStatus
    notes: list[EmergencyNote]

    @cached_property
    def content(self) -> Data:
        """The tree as it may be shown now."""
        return shown_content(self.publication, self.standing)


def _texts(publications: Iterable[Publication]) -> list[_Text]:
    publications = list(publications)
    statuses, notes = statuses_of(publications), notes_of(publications)
    return [
        _Text(publication, statuses[publication.pk], notes[publication.pk])
        for publication in publications
    ]


def _open_of_kind(kind: str, language: str) -> list[tuple[Publication, Data, list[Data]]]:
    """The texts of a kind whose words may be shown: each with its content and its notices."""
    return [
        (text.publication, text.content, _notices(text))
        for text in _texts(current(language).filter(kind=kind))
        if not text.standing.is_notice_only
    ]


def _heading(text: _Text, past: Notice | None) -> Data:
    """What a text is and how it stands; ``past`` says why this version of it counts no more."""
    publication, standing = text.publication, text.standing
    return {
        **_name(publication),
        "kind": publication.kind,
        "topic": publication.topic.slug,
        "language": publication.language,
        "version": publication.number,
        "short_answer": "" if standing.is_notice_only else text.content["short_answer_text"],
        "published_at": publication.goes_live_at.isoformat(),
        "reviewed_on": publication.reviewed_on.isoformat(),
        "review_due_on": standing.due_on.isoformat(),
        "state": past.kind if past else standing.due.value,
        "notices": _notices(text, past),
        "may_be_printed": standing.may_print and not past,
        "clinically_reviewed": not (settings.DEMO or standing.of_demonstration),
    }


def _notices(text: _Text, past: Notice | None = None) -> list[Data]:
    """What must be shown with a text and with every part of it."""
    return [
        *({"kind": notice.kind, "text": notice.text} for notice in [past] if notice),
        *({"kind": "emergency", "text": note.text} for note in text.notes),
        *({"kind": notice.kind, "text": notice.text} for notice in text.standing.notices),
    ]


def _name(publication: Publication) -> Data:
    return {
        "slug": publication.slug,
        "title": publication.title,
        "url": _address("article-detail", publication.slug, publication.language),
    }


def _address(name: str, slug: str, language: str = LANGUAGE) -> str:
    with language_override(language):
        return f"{settings.SITE_URL.rstrip('/')}{reverse(name, args=[slug])}"
