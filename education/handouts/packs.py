"""What has become of the handouts of a pack. Reads, never writes."""

from collections.abc import Sequence
from dataclasses import dataclass

from education.handouts.models import Pack, PrintedPart
from education.handouts.rules import current_standings, reasons_against_printing
from education.publishing.models import Publication


@dataclass(frozen=True)
class PackLine:
    """
    One handout of a pack today.

    ``why_not`` says why it can't be printed now; ``moved_on`` what is newer in it than in the
    clinic's last print of the pack, or than on the day the pack was made.
    """

    slug: str
    title: str
    publication: Publication | None = None
    why_not: str = ""
    moved_on: str = ""


def lines_of(addresses: Sequence[tuple[str, str]], pack: Pack | None = None) -> list[PackLine]:
    """The handouts at these (slug, language) today, as a pack of them would be printed."""
    printed = _last_printed(pack) if pack else {}
    titles = _last_titles({slug for slug, _ in addresses})
    lines = []
    for (slug, language), standing in zip(addresses, current_standings(addresses), strict=True):
        if standing is None:
            title = titles.get((slug, language), slug)
            lines.append(PackLine(slug, title, why_not="It is not public any more."))
            continue
        publication = standing.publication
        last = printed.get((slug, language))
        is_newer = publication.number > last if last else _is_newer(publication, pack)
        lines.append(
            PackLine(
                slug,
                publication.title,
                publication,
                why_not=" ".join(reasons_against_printing(standing)),
                moved_on=_moved_on(publication) if is_newer else "",
            )
        )
    return lines


def addresses_of(pack: Pack) -> list[tuple[str, str]]:
    """Where the handouts of a pack are, in its order."""
    return [(item.slug, item.language) for item in pack.items.all()]


def _last_printed(pack: Pack) -> dict[tuple[str, str], int]:
    copy = pack.printed_copies.order_by("-pk").first()
    parts = PrintedPart.objects.filter(copy=copy) if copy else PrintedPart.objects.none()
    numbers = parts.values_list("publication__slug", "publication__language", "publication__number")
    return {(slug, language): number for slug, language, number in numbers}


def _last_titles(slugs: set[str]) -> dict[tuple[str, str], str]:
    newest = Publication.objects.newest().filter(slug__in=slugs)
    found = newest.values_list("slug", "language", "title")
    return {(slug, language): title for slug, language, title in found}


def _is_newer(publication: Publication, pack: Pack | None) -> bool:
    return bool(pack and pack.made_at < publication.goes_live_at)


def _moved_on(publication: Publication) -> str:
    return f"Version {publication.number}: {publication.what_changed}".rstrip(": ")
