"""Versions that change wording alone: what was proposed as one, and what code allows."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from education.articles.models import Revision
from education.evidence.models import StatusEvent
from education.publishing.models import Publication
from education.text.major_changes import reasons_for_major
from education.text.tree import Tree


def version_before(revision: Revision) -> Publication | None:
    """The version that a revision would follow: the last, live or scheduled, in its language."""
    copies = Publication.objects.not_cancelled().filter(
        slug=revision.article.slug, language=revision.language
    )
    return copies.exclude(revision=revision).order_by("-number").first()


def reasons_against_minor(before: Publication | None, tree: Tree) -> list[str]:
    """Why a text is no minor change of the version before it, as sentences."""
    if before is None:
        return ["It is the first version."]
    if before.withdrawal:
        return ["The version before it was withdrawn."]
    keys = [reference["key"] for reference in tree["references"]]
    fallen = StatusEvent.objects.filter(item__key__in=keys, at__gt=before.published_at)
    reasons = reasons_for_major(before.content, tree)
    if fallen.exists():
        reasons.append("What became of a work that it cites was recorded since.")
    return reasons


@dataclass(frozen=True)
class ChangeProposed:
    """What a writer says a revision changes in the version before it, and what code says."""

    before: Publication | None
    proposed: bool
    against: tuple[str, ...]

    @property
    def is_minor(self) -> bool:
        """Whether it will be a minor version, unless who publishes it says otherwise."""
        return self.proposed and not self.against


def change_proposed(revision: Revision, tree: Tree) -> ChangeProposed:
    """The same for people at the desk; ``tree`` is the revision as it is now."""
    before = version_before(revision)
    return ChangeProposed(before, revision.minor, tuple(reasons_against_minor(before, tree)))


def as_minor(publication: Publication) -> None:
    """
    Make an unsaved copy a minor version, if code allows it: then no date of review moves.

    Whoever reads what was reviewed when reads of the last time the whole was read.
    """
    before = version_before(publication.revision)
    if before is None or reasons_against_minor(before, publication.content):
        return
    publication.change = Publication.Change.MINOR
    publication.reviewed_on, publication.review_due_on = before.reviewed_on, before.due_on


def only_wording_changed(printed: Publication, later: Sequence[Publication]) -> bool:
    """
    Whether all versions after a printed one are minor, and the last still is beside the printed
    one: so that many small steps don't add up to a large one. ``later`` are the oldest first.
    """
    if not later or any(version.change != Publication.Change.MINOR for version in later):
        return False
    newest = later[-1]
    return _alike(printed.pk, newest.pk, printed.frozen_hash, newest.frozen_hash)


@functools.lru_cache(maxsize=256)
def _alike(old: int, new: int, old_hash: str, new_hash: str) -> bool:
    """Copies never change, so the answer about two of them, named by their hashes, is kept."""
    content = dict(Publication.objects.filter(pk__in=[old, new]).values_list("pk", "content"))
    return not reasons_for_major(content[old], content[new])
