"""Who may publish, and what waits to take a copy's place. Reads, never writes."""

from education.articles.models import Revision
from education.people.models import Role, User
from education.people.rules import conflicts_on
from education.publishing.models import Publication, PublicationQuerySet


def reasons_against_publishing(person: User, revision: Revision) -> list[str]:
    """
    Why this person may not publish this revision (rule 3).

    What takes a page off the site needs one person; what brings it back needs another. A conflict
    of interest on the topic bars from whatever lets readers see more of it, and never from what
    protects them.
    """
    reasons = []
    if not person.has_role(Role.EDITOR_IN_CHIEF):
        reasons.append(f"{person} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    if revision.contributions.filter(person=person).exists():
        reasons.append(f"{person} contributed to {revision}; someone else must publish it.")
    newest = (
        Publication.objects.newest()
        .filter(slug=revision.article.slug, language=revision.language)
        .first()
    )
    withdrawal = newest.withdrawal if newest else None
    if withdrawal and withdrawal.by_id == person.pk:
        reasons.append(f"{person} withdrew this page; someone else must publish it again.")
    return reasons + conflicts_on(person, revision.article.topic)


def scheduled_after(publication: Publication) -> PublicationQuerySet:
    """The copies that wait to take the place of this one, the first to come first."""
    waiting = Publication.objects.scheduled().filter(
        slug=publication.slug, language=publication.language
    )
    return waiting.order_by("goes_live_at", "pk")


def may_recall_paper(publication: Publication) -> bool:
    """Whether it is live and corrects an error, so that paper from before may be wrong."""
    same = Publication.objects.live().filter(pk=publication.pk, number__gt=1)
    return bool(publication.correction.strip()) and same.exists()
