"""
How well words of a health record name a topic.

A handout for a wrong disease is worse than none: whatever else the words tell must occur in the
topic's own texts, so "stem cell therapy for leukaemia" names no topic of ours.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from django.db.models import Q

from education.publishing.indexing import SUBJECT
from education.publishing.models import Publication
from education.search.analysis import SMALL_STEMS, is_weak, stem, stems, words
from education.search.models import SearchEntry, SearchWord
from education.search.ranking import padded
from education.search.retrieval import slips_between
from education.search.synonyms import synonyms
from education.topics.models import Topic, TopicCode

# From 0 to 1: the name itself, the name inside longer words, two thirds of its words or one slip
# of the keyboard. What fits less names nothing.
NAMED, PARTLY_NAMED, LEAST = 0.8, 0.6, 0.5
MOST_OF_A_NAME = 2 / 3
_SHORTEST_MISTAKE = 6  # letters; shorter words are too much alike
_MOST_OTHERS = 20  # words beside a name, each of which is looked for; more are a story
# What classifications and record systems add to a name, such as "affecting right dominant side",
# and what tells nothing of which disease it is.
_QUALIFIERS = frozenset(
    stem(word)
    for word in (
        "acquired", "adult", "affecting", "baby", "bilateral", "boy", "child", "children",
        "chronic", "condition", "congenital", "diagnosis", "disease", "disorder", "dominant",
        "due", "encounter", "family", "girl", "history", "infant", "infantile", "left", "mild",
        "moderate", "nondominant", "parent", "patient", "pediatric", "paediatric", "problem",
        "right", "severe", "side", "sided", "specified", "syndrome", "type", "unilateral",
        "unspecified",
    )
)  # fmt: skip

Phrase = tuple[str, ...]


class TopicNames:
    """What topics are called, by their titles and by their codes, for the words of one question."""

    def __init__(self, topics: Sequence[Topic], codes: Sequence[TopicCode]) -> None:
        self._above = {topic.pk: topic.parent_id for topic in topics}
        self._names = [topic.title for topic in topics] + [code.display for code in codes]
        self._synonyms = synonyms()
        self._read: dict[str, tuple[list[Phrase], list[Phrase]]] = {}

    def score(self, asked: Iterable[str], topic: Topic, codes: Iterable[TopicCode]) -> float:
        """How well one of some words names a topic that has these codes."""
        names = [
            name
            for words_of_name in (topic.title, *(code.display for code in codes))
            if (name := self._telling(stems(words_of_name)))
        ]
        return max((self._score(said, topic, names) for said in asked), default=0)

    def _score(self, said: str, topic: Topic, names: Sequence[list[Phrase]]) -> float:
        written, mended = self._readings(said)
        if score := self._fit(written, topic, names):
            return score
        return LEAST if mended != written and self._fit(mended, topic, names) else 0

    def _readings(self, said: str) -> tuple[list[Phrase], list[Phrase]]:
        """What words tell as they are written and without slips; read once for all topics."""
        if said not in self._read:
            mended = [self._mended(word) for word in words(said)]
            self._read[said] = self._telling(stems(said)), self._telling(mended)
        return self._read[said]

    def _fit(self, asked: list[Phrase], topic: Topic, names: Sequence[list[Phrase]]) -> float:
        if any(set(asked) == set(name) for name in names):
            return NAMED
        best = 0.0
        for name in names:
            share = len(set(name) & set(asked)) / len(set(name))
            score = PARTLY_NAMED if share == 1 else LEAST if share >= MOST_OF_A_NAME else 0
            if score > best and self._hold(topic, set(asked) - set(name)):
                best = score
        return best

    def _telling(self, cut: Sequence[str]) -> list[Phrase]:
        """The words that tell what is meant: a run with synonyms as the first of them."""
        telling, at = [], 0
        while at < len(cut):
            run = self._synonyms.at_start_of(cut[at:]) or (cut[at],)
            at += len(run)
            if len(run) > 1 or not _tells_nothing(run[0]):
                telling.append(self._synonyms.same.get(run, [run])[0])
        return telling

    def _hold(self, topic: Topic, others: Collection[Phrase]) -> bool:
        """Whether texts of a topic, or of one below it, have each of some other words."""
        if not others:
            return True
        if len(others) > _MOST_OTHERS:
            return False
        topics = [number for number, above in self._above.items() if topic.pk in (number, above)]
        texts = Publication.objects.current().filter(topic__in=topics).values("pk")
        pages = SearchEntry.objects.filter(
            subject=SUBJECT, kind=SearchEntry.Kind.PAGE, subject_id__in=texts
        )
        return all(pages.filter(self._holding(phrase)).exists() for phrase in others)

    def _holding(self, phrase: Phrase) -> Q:
        holding = Q()
        for same in (phrase, *self._synonyms.same_as(phrase)):
            holding |= Q(title_terms__contains=padded(same)) | Q(terms__contains=padded(same))
        return holding

    def _mended(self, word: str) -> str:
        """The stem of a word, or the word of a name from which it differs by a slip."""
        cut = stem(word)
        if len(word) < _SHORTEST_MISTAKE or cut in self._words_of_names:
            return cut
        near = (name for name in self._words_of_names if abs(len(name) - len(cut)) <= 1)
        mended = min((name for name in near if slips_between(cut, name) == 1), default=cut)
        if mended != cut and SearchWord.objects.filter(stem=cut).exists():
            return cut  # a word of its own
        return mended

    @cached_property
    def _words_of_names(self) -> frozenset[str]:
        """The long words by which topics are called, with those of the same meaning."""
        named = {word for name in self._names for word in stems(name)}
        same = {
            other[0]
            for word in named
            for other in self._synonyms.same_as((word,))
            if len(other) == 1
        }
        return frozenset(word for word in named | same if len(word) >= _SHORTEST_MISTAKE - 1)


def _tells_nothing(word: str) -> bool:
    return word in SMALL_STEMS or is_weak(word) or word in _QUALIFIERS
