"""What happened to public pages, as readers are told of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext

from education import languages
from education.public.publications import TEXTS
from education.publishing.models import Publication, PublicationEvent
from education.publishing.status import versions_as_told


class PublicChangeKind(StrEnum):
    """What happened."""

    CORRECTED = "corrected"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class PageChange:
    """Something that happened to a public page, in words for readers."""

    at: datetime
    kind: PublicChangeKind
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
            PublicChangeKind.CORRECTED: gettext("Correction"),
            PublicChangeKind.CHANGED: gettext("Version {}").format(self.publication.number),
            PublicChangeKind.WITHDRAWN: gettext("Withdrawn"),
        }
        return words[self.kind]


@dataclass(frozen=True)
class PublicChanges:
    """Changes and withdrawals that readers should know of, newest first; all, or what was wrong."""

    only_corrections: bool = False

    def __getitem__(self, part: slice) -> list[PageChange]:
        """Those of a part with an end; what lies behind it is not asked for."""
        newer, gone = _newer_versions(), _withdrawals()
        if self.only_corrections:
            newer = newer.exclude(correction="")
        changes = [
            *map(_as_change, versions_as_told(newer[: part.stop])),
            *map(_as_withdrawal, gone[: part.stop]),
        ]
        return sorted(changes, key=lambda change: change.at, reverse=True)[part]


def _newer_versions() -> QuerySet[Any]:
    """Copies that came after another, with its number as ``before``, newest first."""
    live = Publication.objects.live().filter(language=languages.current())
    earlier = live.filter(slug=OuterRef("slug"), number__lt=OuterRef("number")).order_by("-number")
    versions: QuerySet[Any] = (
        live.filter(number__gt=1)
        .annotate(before=Subquery(earlier.values("number")[:1]))
        .filter(before__isnull=False)
        .defer(*TEXTS)
        .order_by("-goes_live_at", "-pk")
    )
    return versions


def _as_change(version: Any) -> PageChange:
    numbers = [version.slug, version.before, version.number]
    return PageChange(
        at=version.goes_live_at,
        kind=PublicChangeKind.CORRECTED if version.correction else PublicChangeKind.CHANGED,
        publication=version,
        words=version.correction or version.what_changed,
        url=reverse("version-detail", args=[version.slug, version.number]),
        compared_url=reverse("version-changes", args=numbers),
    )


def _withdrawals() -> QuerySet[PublicationEvent]:
    events = PublicationEvent.objects.filter(
        kind=PublicationEvent.Kind.WITHDRAWN, publication__language=languages.current()
    )
    without_texts = events.defer(*(f"publication__{text}" for text in TEXTS))
    return without_texts.select_related("publication").order_by("-at", "-pk")


def _as_withdrawal(event: PublicationEvent) -> PageChange:
    return PageChange(
        at=event.at,
        kind=PublicChangeKind.WITHDRAWN,
        publication=event.publication,
        words=event.reason,
        url=reverse("version-list", args=[event.publication.slug]),
    )
