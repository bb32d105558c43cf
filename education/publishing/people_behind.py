"""What readers are told of the people behind a text, before and when it is published."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from education.articles.models import Revision
from education.canonical import digest
from education.people.models import Role, User
from education.people.public_words import problems_of
from education.publishing.models import Publication
from education.review.models import Review

Words = dict[str, Any]
_FIELDS = {
    "name": "display_name",
    "specialty": "specialty",
    "credentials": "credentials",
    "interests": "interests",
}


@dataclass(frozen=True)
class PeopleBehind:
    """Writers and reviewers of a text, in the words that a published copy freezes."""

    writers: list[Words]
    reviewers: list[Words]

    def digest(self) -> str:
        """A hash of the words, so that a publisher is asked again when they change."""
        return digest([self.writers, self.reviewers])

    def everyone(self) -> list[Words]:
        """Each of them."""
        return [*self.writers, *self.reviewers]


def people_behind(revision: Revision, approvals: Iterable[Review]) -> PeopleBehind:
    """
    Writers as they are today; reviewers as they were when they approved.

    Decisions of before names and credentials were kept with them have today's.
    """
    return PeopleBehind(
        writers=[
            {
                "name": str(person),
                "credentials": person.credentials,
                "interests": person.interests,
            }
            for person in revision.contributors()
        ],
        reviewers=[
            {
                "name": review.reviewer_name or str(review.reviewer),
                "credentials": (
                    review.credentials if review.reviewer_name else review.reviewer.credentials
                ),
                "interests": review.interests,
                "role": review.get_reviewed_as_display(),
                "specialty": review.specialty,
                "decided_on": timezone.localdate(review.decided_at).isoformat(),
            }
            for review in approvals
        ],
    )


def reasons_against_people(people: PeopleBehind, by: User) -> list[str]:
    """
    Why these words about people may not become public by this person, as sentences.

    Publishing approves them. So nobody publishes new words about themselves, and words that may not
    stand there (``problems_of``) are not published at all.
    """
    reasons = [
        f"{person['name']}: {problem}"
        for person in people.everyone()
        for name, field in _FIELDS.items()
        for problem in problems_of(field, person.get(name, ""))
    ]
    own = [person for person in people.everyone() if person["name"] == str(by)]
    if any(not _was_public(person) for person in own):
        reasons.append(
            f"What readers will be told of {by} is new; another editor-in-chief must publish it."
        )
    return list(dict.fromkeys(reasons))


def why_reviewing_bars(person: User) -> str:
    """
    Why an editor-in-chief who reviews a text now can't publish it then, for whoever asks reviewers;
    empty where they can.
    """
    words = {
        "name": str(person),
        "credentials": person.credentials,
        "interests": person.interests,
    }
    if not person.has_role(Role.EDITOR_IN_CHIEF) or _was_public(words):
        return ""
    return (
        f"What readers would be told of {person} is new: another editor-in-chief must publish what "
        f"{person} reviews now"
    )


def is_new(person: Words) -> bool:
    """Whether no page has told readers these words of somebody yet."""
    return not _was_public(person)


def _was_public(person: Words) -> bool:
    words = [person["name"], person["credentials"], person["interests"]]
    naming = Publication.objects.naming(person["name"])
    copies = naming.order_by("-pk").values_list("writers", "reviewers")
    return any(
        words == [each["name"], each["credentials"], each["interests"]]
        for writers, reviewers in copies.iterator(chunk_size=200)
        for each in [*writers, *reviewers]
    )
