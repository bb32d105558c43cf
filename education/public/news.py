"""What happened to public pages, as readers are told of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby, pairwise

from django.urls import reverse
from django.utils.translation import gettext

from education import languages
from education.public.reading import TEXTS
from education.publishing.models import Publication, PublicationEvent


class Kind(StrEnum):
    """What happened."""

    CORRECTED = "corrected"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Change:
    """Something that happened to a public page, in words for readers."""

    at: datetime
    kind: Kind
    publication: Publication
    words: str
    url: str
    compared_url: str = ""

    @property
    def title(self) -> str:
        """The page's title in that version."""
        return self.publication.title

    @property
    def said(self) -> str:
        """What happened, in a word or two."""
        words = {
            Kind.CORRECTED: gettext("Correction"),
            Kind.CHANGED: gettext("Version {}").format(self.publication.number),
            Kind.WITHDRAWN: gettext("Withdrawn"),
        }
        return words[self.kind]


def what_changed() -> list[Change]:
    """Every change and withdrawal that readers should know of, newest first."""
    return sorted([*_newer_versions(), *_withdrawals()], key=lambda one: one.at, reverse=True)


def _newer_versions() -> list[Change]:
    live = Publication.objects.live().filter(language=languages.current()).defer(*TEXTS)
    changed = live.filter(number__gt=1).values("slug")
    changes = []
    for slug, versions in groupby(
        live.filter(slug__in=changed).order_by("slug", "number"), lambda one: one.slug
    ):
        for before, version in pairwise(versions):
            numbers = [slug, before.number, version.number]
            changes.append(
                Change(
                    at=version.goes_live_at,
                    kind=Kind.CORRECTED if version.correction else Kind.CHANGED,
                    publication=version,
                    words=version.correction or version.what_changed,
                    url=reverse("version-detail", args=[slug, version.number]),
                    compared_url=reverse("version-changes", args=numbers),
                )
            )
    return changes


def _withdrawals() -> list[Change]:
    events = PublicationEvent.objects.filter(
        kind=PublicationEvent.Kind.WITHDRAWN, publication__language=languages.current()
    )
    without_texts = events.defer(*(f"publication__{text}" for text in TEXTS))
    return [
        Change(
            at=event.at,
            kind=Kind.WITHDRAWN,
            publication=event.publication,
            words=event.reason,
            url=reverse("version-list", args=[event.publication.slug]),
        )
        for event in without_texts.select_related("publication")
    ]
