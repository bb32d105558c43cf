"""What has become of the handouts of a pack. Reads, never writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Max

from education.handouts.models import Pack, PrintedCopy, PrintedPart
from education.handouts.rules import current_standings
from education.publishing.models import Publication
from education.publishing.status import PublicationStatus, shown_content

Address = tuple[str, str]  # slug and language


@dataclass(frozen=True)
class PackLine:
    """
    One handout of a pack today.

    ``why_not`` says why it can't be printed now; ``moved_on`` what is newer in it than in the
    clinic's last print of the pack, or than on the day the pack was made. ``standing`` is how what
    is public at its address stands, if anything is.
    """

    slug: str
    title: str
    standing: PublicationStatus | None = None
    why_not: str = ""
    moved_on: str = ""

    def questions(self, chosen: Iterable[str]) -> dict[str, str]:
        """
        The questions of its comparison in words, by slug; those chosen once that it has no more
        come last, and say so. Empty where it compares nothing.
        """
        there = comparison_questions(self.standing) if self.standing else {}
        gone = (slug for slug in chosen if slug not in there)
        return there | {slug: f"“{slug}”, which this version doesn’t have" for slug in gone}


def comparison_questions(standing: PublicationStatus) -> dict[str, str]:
    """The questions of a publication's comparison by slug, as they are shown; empty without one."""
    comparison = shown_content(standing.publication, standing)["comparison"]
    return {row["slug"]: row["question"] for row in comparison["rows"]} if comparison else {}


def lines_of(addresses: Sequence[Address], pack: Pack | None = None) -> list[PackLine]:
    """The handouts at these addresses today, as a pack of them would be printed."""
    return _lines([(pack, addresses)])[0]


def lines_of_packs(packs: Iterable[Pack]) -> list[tuple[Pack, list[PackLine]]]:
    """Packs with their handouts; the same number of queries for many as for one."""
    listed = list(packs)
    wanted = [(pack, addresses_of(pack)) for pack in listed]
    return list(zip(listed, _lines(wanted), strict=True))


def addresses_of(pack: Pack) -> list[Address]:
    """Where the handouts of a pack are, in its order."""
    return [(item.slug, item.language) for item in pack.items.all()]


def _lines(wanted: Sequence[tuple[Pack | None, Sequence[Address]]]) -> list[list[PackLine]]:
    every = list(dict.fromkeys(address for _, addresses in wanted for address in addresses))
    standing = dict(zip(every, current_standings(every), strict=True))
    titles = _last_titles({slug for slug, _ in every})
    printed = _last_printed([pack for pack, _ in wanted if pack])
    return [
        [
            _line(
                address, standing[address], titles, pack, printed.get(pack.pk, {}) if pack else {}
            )
            for address in addresses
        ]
        for pack, addresses in wanted
    ]


def _line(
    address: Address,
    standing: PublicationStatus | None,
    titles: Mapping[Address, str],
    pack: Pack | None,
    printed: Mapping[Address, int],
) -> PackLine:
    slug = address[0]
    if standing is None:
        return PackLine(slug, titles.get(address, slug), why_not="It is not public any more.")
    publication = standing.publication
    last = printed.get(address)
    if last is None:
        is_newer = bool(pack and pack.made_at < publication.goes_live_at)
    else:
        is_newer = publication.number > last
    return PackLine(
        slug,
        publication.title,
        standing,
        why_not=" ".join(standing.reasons_against_printing),
        moved_on=_moved_on(publication) if is_newer else "",
    )


def _last_printed(packs: Sequence[Pack]) -> dict[int, dict[Address, int]]:
    """The versions in the last print of each pack, by pack and address."""
    last = PrintedCopy.objects.filter(pack__in=packs).order_by().values("pack")
    copies = last.annotate(copy=Max("pk")).values("copy")
    numbers: dict[int, dict[Address, int]] = {}
    for pack, slug, language, number in PrintedPart.objects.filter(copy__in=copies).values_list(
        "copy__pack", "publication__slug", "publication__language", "publication__number"
    ):
        numbers.setdefault(pack, {})[slug, language] = number
    return numbers


def _last_titles(slugs: set[str]) -> dict[Address, str]:
    newest = Publication.objects.newest().filter(slug__in=slugs)
    titles = newest.values_list("slug", "language", "title")
    return {(slug, language): title for slug, language, title in titles}


def _moved_on(publication: Publication) -> str:
    return f"Version {publication.number}: {publication.what_changed}".rstrip(": ")
