"""Who can still review a text, and whether they are enough; reads, never writes."""

from dataclasses import dataclass

from django.utils import timezone

from education.articles.inheritance import inherited
from education.articles.models import Article, Revision
from education.articles.operations import draft_of
from education.people.absences import absence_in_words, away_until
from education.people.models import Absence, User
from education.people.rules import specialties_among
from education.review.assignments import TIME_TO_REVIEW
from education.review.models import Review
from education.review.rules import REQUIRED, ROLE_OF, counting_approvals, reasons_against_deciding

# With fewer who may review a page of class A, one absence or one sentence more stops it.
FEW = 3


@dataclass(frozen=True)
class Pool:
    """
    Those who hold the role of a part: who may review, and why the others may not.

    ``away`` are absences of those who may, and are away for all the time that a review takes.
    """

    part: Review.As
    able: list[User]
    away: list[Absence]
    barred: list[tuple[User, list[str]]]


def pools(revision: Revision) -> list[Pool]:
    """Who can still review a text, part by part."""
    candidates = []
    absences = away_until(timezone.localdate() + TIME_TO_REVIEW)
    for part in Review.As:
        holders = User.objects.filter(is_active=True, groups__name=ROLE_OF[part].label)
        reasons = {
            person: reasons_against_deciding(person, revision, part)
            for person in holders.order_by("display_name", "username")
        }
        may = [person for person, against in reasons.items() if not against]
        able = [person for person in may if person.pk not in absences]
        away = [absences[person.pk] for person in may if person.pk in absences]
        barred = [(person, against) for person, against in reasons.items() if against]
        candidates.append(Pool(part, able, away, barred))
    return candidates


def shortages(revision: Revision, found: list[Pool] | None = None) -> list[str]:
    """Why a text has, or may soon have, too few who can review it, as sentences."""
    by_part = {pool.part: pool for pool in found or pools(revision)}
    reasons = []
    for requirement in REQUIRED[revision.article.risk_class]:
        able = by_part[requirement.reviewed_as].able
        enough = len(specialties_among(person.specialty for person in able))
        if requirement.reviewed_as != Review.As.MEDICAL:
            enough = len(able)
        if enough < requirement.count:
            kind = requirement.reviewed_as.label.lower()
            reasons.append(
                f"It needs {requirement.count} {kind}{'s' if requirement.count > 1 else ''}"
                f"{' of different specialties' if requirement.count > 1 else ''}; "
                f"{enough} can still review it."
            )
    people = {person.pk for pool in by_part.values() for person in pool.able}
    if revision.article.risk_class == Article.RiskClass.A and len(people) < FEW:
        reasons.append("Fewer than three people can still review this page of class A.")
    away = {absence.pk: absence for pool in by_part.values() for absence in pool.away}
    return reasons + [absence_in_words(absence) for absence in away.values() if reasons]


def given_before(revision: Revision) -> list[Review]:
    """
    Approvals that count and would not be taken today: their reviewers wrote words of the text.

    They were given before inherited words counted, and count until the text is next changed.
    """
    approvals = counting_approvals(revision)
    writers = inherited(revision, draft_of(revision)) if approvals else {}
    return [review for review in approvals if review.reviewer in writers]
