"""Who may review a revision, and what is still missing; reads, never writes."""

import datetime
from dataclasses import dataclass

from education.articles.inheritance import inherited
from education.articles.models import Article, Revision
from education.articles.operations import on_current_content
from education.people.models import Role, User
from education.people.rules import specialties_among, unfit_to_review
from education.review.models import Review
from education.text.rendering import Draft


@dataclass(frozen=True)
class Requirement:
    """So many approvals of one kind; medical ones come from different specialties."""

    reviewed_as: Review.As
    count: int


# Rule 2 of review. One independent medical approval is the floor.
REQUIRED: dict[str, tuple[Requirement, ...]] = {
    Article.RiskClass.A: (
        Requirement(Review.As.MEDICAL, 2),
        Requirement(Review.As.PLAIN_LANGUAGE, 1),
    ),
    Article.RiskClass.B: (
        Requirement(Review.As.MEDICAL, 1),
        Requirement(Review.As.PLAIN_LANGUAGE, 1),
    ),
    Article.RiskClass.C: (Requirement(Review.As.MEDICAL, 1),),
}

ROLE_OF = {
    Review.As.MEDICAL: Role.MEDICAL_REVIEWER,
    Review.As.PLAIN_LANGUAGE: Role.PLAIN_LANGUAGE_REVIEWER,
}


def reasons_against_deciding(
    person: User,
    revision: Revision,
    reviewed_as: Review.As | str,
    on: datetime.date | None = None,
    *,
    draft: Draft | None = None,
) -> list[str]:
    """
    Every reason why this person may not decide on (approve or send back) this revision in this
    part, that day.

    Whose words stand in it is read from its contributions, which are kept since it was submitted.
    With ``draft``, its text, the words themselves are asked: a text that was in review before
    inherited words counted has no rows that say so. Approvals are counted without: those that
    people gave by the rules of an older release stay.
    """
    part = Review.As(reviewed_as)
    reasons = unfit_to_review(person, role=ROLE_OF[part], topic=revision.article.topic, on=on)
    contribution = revision.contributions.filter(person=person).first()
    if contribution and contribution.inherited:
        reasons.insert(0, _words_stand_in(person, revision))
    elif contribution:
        reasons.insert(
            0, f"{revision} needs a reviewer who did not write or submit it; {person} did."
        )
    other = revision.reviews.filter(reviewer=person, round=revision.round).exclude(reviewed_as=part)
    if other.exists():
        reasons.append(f"{person} has reviewed this revision in another part.")
    if draft and not reasons and person in inherited(revision, draft):
        reasons.append(_words_stand_in(person, revision))
    return reasons


def _words_stand_in(person: User, revision: Revision) -> str:
    return f"Words that {person} wrote stand in {revision}; someone else reviews it."


def may_review(person: User, revision: Revision) -> list[Review.As]:
    """The parts in which this person may decide on this revision; empty for most people."""
    return [part for part in Review.As if not reasons_against_deciding(person, revision, part)]


def barred_by_contributing(person: User, revision: Revision) -> list[str]:
    """
    What somebody who is no contributor of a revision yet could not do with it any more once they
    change or submit it, as verbs.
    """
    if revision.contributions.filter(person=person).exists():
        return []
    roles = person.roles
    steps = {"review": set(ROLE_OF.values()), "publish": {Role.EDITOR_IN_CHIEF}}
    return [step for step, needed in steps.items() if roles & needed]


def counting_approvals(
    revision: Revision, current_hash: str = "", on: datetime.date | None = None
) -> list[Review]:
    """
    The approvals that count on a day, today unless given: of this round, of exactly this text and
    evidence, and given by people who are still fit to review it that day.
    """
    approvals = revision.reviews.filter(
        round=revision.round, decision=Review.Decision.APPROVED
    ).select_related("reviewer")
    return [
        review
        for review in on_current_content(revision, approvals, current_hash)
        if not reasons_against_deciding(review.reviewer, revision, review.reviewed_as, on)
    ]


def missing_approvals(
    revision: Revision, current_hash: str = "", on: datetime.date | None = None
) -> list[str]:
    """
    What must still be approved, as phrases; empty when the revision is fully approved.

    Everything while the text may change: submitted again, it is approved anew.
    """
    if revision.is_editable:
        return _missing(revision, [])
    return _missing(revision, counting_approvals(revision, current_hash, on))


def wanted_parts(person: User, revision: Revision, current_hash: str = "") -> list[Review.As]:
    """The parts in which this person may decide and an approval by them is still missing."""
    given = counting_approvals(revision, current_hash)
    missing = _missing(revision, given)
    return [
        part
        for part in may_review(person, revision)
        if _missing(revision, [*given, Review(reviewed_as=part, specialty=person.specialty)])
        != missing
    ]


def _missing(revision: Revision, approvals: list[Review]) -> list[str]:
    missing = []
    for requirement in REQUIRED[revision.article.risk_class]:
        given = [review for review in approvals if review.reviewed_as == requirement.reviewed_as]
        if requirement.reviewed_as == Review.As.MEDICAL:
            different = specialties_among(review.specialty for review in given)
            lacking = requirement.count - min(len(given), len(different))
            if lacking > 0:
                wanted = "medical reviewer" if lacking == 1 else "medical reviewers"
                other = " of another specialty" if given else ""
                also = " of different specialties" if lacking > 1 else other
                missing.append(f"{lacking} {wanted}{also}")
        elif len(given) < requirement.count:
            missing.append("1 plain-language reviewer")
    return missing
