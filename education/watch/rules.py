"""How likely a candidate matters, what is held beside it, and who may decide on it."""

import re
from collections.abc import Iterable, Sequence

from education.evidence.identifiers import normalised_title
from education.evidence.models import EvidenceItem
from education.people.models import User
from education.people.rules import conflicts_on
from education.watch.models import EvidenceCandidate

# What a work is, in the words of PubMed's publication types and of registers, and how much that
# counts: the order of our rules for the table of findings, trials and reviews of trials first.
_KINDS = (
    (4, ("meta-analysis", "systematic review")),
    (4, ("practice guideline", "guideline")),
    (4, ("randomized controlled trial",)),
    (3, ("retracted publication", "retraction of publication", "expression of concern")),
    (3, ("results in the register",)),
    (2, ("clinical trial", "controlled clinical trial", "observational study", "cohort")),
    (1, ("interventional", "recruiting", "review")),
    (-2, ("comment", "editorial", "letter", "news", "biography", "component")),
)
_IN_TITLES = (
    (3, "systematic review or meta-analysis", r"systematic review|meta-?analys[ie]s"),
    (3, "randomised", r"\brandomi[sz]ed\b"),
    (3, "retraction or concern", r"\bretract(ed|ion)\b|expression of concern"),
    (1, "children", r"\bchild(ren)?\b|p(a)?ediatric|infants?\b|\badolescents?\b"),
    (-4, "animals or cells in a dish", r"\b(rats?|mice|mouse|murine|rabbits?|piglets?|in vitro)\b"),
)
# Words that say nothing of what a title is about.
_STOP_WORDS = frozenset({"with", "from", "that", "this", "after", "among", "study", "children"})


def relevance(title: str, kinds: Iterable[str], words: Sequence[str]) -> tuple[int, list[str]]:
    """
    How likely a work matters, as points, and each reason with its points.

    ``words`` are those of the question that matter. Points order a list that people read; nothing
    is left out by them.
    """
    small = title.lower()
    points = [(3, f"“{word}” in the title") for word in words if word in small][:4]
    named = {kind.lower() for kind in kinds}
    for worth, names in _KINDS:
        if kind := next((name for name in names if name in named), ""):
            points.append((worth, kind))
            break
    points += [
        (worth, reason) for worth, reason, pattern in _IN_TITLES if re.search(pattern, small)
    ]
    return sum(worth for worth, _ in points), [f"{worth:+d} {reason}" for worth, reason in points]


def similar_items(candidate: EvidenceCandidate, most: int = 5) -> list[EvidenceItem]:
    """What is held that is like a candidate: of one trial first, then with most words in common."""
    items = EvidenceItem.objects.only("key", "title", "issued_year", "registration", "topic")
    if candidate.registration:
        same = items.filter(registration__icontains=candidate.registration)
        if same:
            return list(same[:most])
    wanted = _content_words(candidate.title)
    shared = [(len(wanted & _content_words(item.title)), item) for item in items]
    best = sorted(
        (row for row in shared if row[0] > 1),
        key=lambda row: (-row[0], row[1].topic_id != candidate.topic_id, row[1].key),
    )
    return [item for _, item in best[:most]]


def reasons_against_deciding(candidate: EvidenceCandidate, person: User) -> list[str]:
    """Why this person may not decide on a candidate: who has a stake in the topic does not."""
    return conflicts_on(person, candidate.topic)


def title_key(title: str, year: int | None) -> str:
    """A title to find one candidate by when two registers share no identifier of it."""
    return f"{normalised_title(title)} {year or ''}"


def _content_words(title: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]{4,}", title.lower()) if word not in _STOP_WORDS}
