"""Which publications answer a question: by code, by the code above it, by what it is called."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet

from education.connect.infobutton_request import Concept, InfobuttonRequest
from education.connect.topic_names import LEAST, NAMED, TopicNames
from education.languages import ENGLISH
from education.publishing.indexing import SUBJECT
from education.publishing.models import Publication
from education.publishing.status import PublicationStatus, shown_content, statuses_of
from education.safety.models import EmergencyNote
from education.safety.notes import notes_of
from education.search.analysis import stems
from education.search.models import SearchEntry
from education.search.ranking import padded
from education.search.synonyms import synonyms
from education.topics.models import Topic, TopicCode

System = TopicCode.System

# How well a publication fits, from 0 to 1.
EXACT, ABOVE = 1.0, 0.9
WITHOUT_SYSTEM = 0.7  # a code that can be of ICD-10 alone
BELOW_THE_TOPIC = 0.9  # one topic down: still about it, less directly
ASIDE = 0.8  # not about the aspect that was asked for

# The same codes mean the same in both; the American edition adds digits at the end.
_SAME = {System.ICD10CM: System.ICD10}
_ICD10_CODE = re.compile(r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?")
# Record systems write G801 and G80.- too.
_ICD10_WITHOUT_POINT = re.compile(r"^([A-Z]\d[0-9A-Z])([0-9A-Z]{1,4})$")
_ICD11_STEM = re.compile(r"[0-9A-Z][A-Z][0-9][0-9A-Z]")
_ICD11_WITHOUT_POINT = re.compile(rf"({_ICD11_STEM.pattern})([0-9A-Z]+)")
_MOST_NAMED = 200
_ANSWERS = ("article", "comparison", "claims")
_LONG = ("content", "html", "search_text")


@dataclass(frozen=True)
class MatchedText:
    """A publication that answers, with its notes, how well it fits, and how it stands today."""

    publication: Any
    standing: PublicationStatus
    score: float
    notes: list[EmergencyNote] = field(default_factory=list)

    @cached_property
    def content(self) -> dict[str, Any]:
        """Its answer in one sentence and its key messages, as they may be shown now."""
        if self.standing.changes_words:
            return shown_content(self.publication, self.standing)
        return {
            "short_answer_text": self.publication.summary,
            "key_messages": self.publication.key_messages,
        }

    @property
    def certainty(self) -> str:
        """The lowest certainty among its key messages that has one, or nothing."""
        order = ("very_low", "low", "moderate", "high")
        given = {message["certainty"] for message in self.content["key_messages"]}
        return next((certainty for certainty in order if certainty in given), "")


def answers(question: InfobuttonRequest) -> list[MatchedText]:
    """What is public now and answers the question, the best first; none is a good answer too."""
    phrases = _phrases(question.criteria)
    topics = _topics(question.criteria, phrases)
    named = _titles_with(phrases)
    texts = _in_best_language(
        _texts().filter(Q(topic__in=topics) | Q(pk__in=named)), question.languages
    )
    statuses, notes = statuses_of(texts), notes_of(texts)
    _load_content(
        [text for text in texts if statuses[text.pk].events or statuses[text.pk].passages]
    )
    fit = []
    for text in texts:
        nearest = max(topics.get(text.topic_id, 0), NAMED if text.pk in named else 0)
        score = round(nearest * _aspect(text, question), 2)
        fit.append(MatchedText(text, statuses[text.pk], score, notes[text.pk]))
    open_texts = [answer for answer in fit if not answer.standing.is_notice_only]
    # Of two that fit as well, one of the topic that was named comes before one that speaks of it.
    return sorted(
        open_texts,
        key=lambda answer: (-answer.score, -topics.get(answer.publication.topic_id, 0)),
    )


def _in_best_language(texts: QuerySet[Any], languages: Sequence[str]) -> list[Any]:
    """
    Each text once: in the language asked for, a variety of it, or else in English.

    The feed marks what is in another language than was asked for.
    """
    base = languages[-1]
    offered = texts.filter(
        Q(language__in=[*languages, ENGLISH]) | Q(language__startswith=f"{base}-")
    )

    def rank(text: Any) -> int:
        if text.language in languages:
            return list(languages).index(text.language)
        return 3 if text.language == ENGLISH else 2

    best: dict[str, Any] = {}
    for text in offered:
        if text.slug not in best or rank(text) < rank(best[text.slug]):
            best[text.slug] = text
    return list(best.values())


def topics_with_code(code: str) -> list[int]:
    """The topics of a code, by number: ``G80.1``, or ``system|code``; and those below them."""
    system, bar, plain = code.rpartition("|")
    return list(_topics([Concept(code=plain, system=system if bar else "")], []))


def _texts() -> QuerySet[Any]:
    """Every text that may answer."""
    texts = Publication.objects.current().filter(kind__in=_ANSWERS).select_related("topic")
    return (
        texts.annotate(key_messages=F("content__key_messages"))
        .defer(*_LONG)
        .order_by("title", "slug")
    )


def _load_content(texts: Iterable[Any]) -> None:
    """The whole of those texts of which a work fell: it may be masked, and names its references."""
    fallen = {text.pk: text for text in texts}
    if fallen:
        whole = Publication.objects.filter(pk__in=fallen).values_list("pk", "content")
        for number, content in whole:
            fallen[number].content = content


def _phrases(criteria: Iterable[Concept]) -> list[str]:
    """What a question calls its subjects, and each other name of the same, as search cuts it."""
    phrases = [tuple(stems(words)) for concept in criteria for words in concept.words]
    if not any(phrases):
        return []
    known = synonyms()
    return [
        padded(name) for phrase in phrases if phrase for name in (phrase, *known.same_as(phrase))
    ]


def _titles_with(phrases: Sequence[str]) -> set[int]:
    """The publications whose titles hold one of the phrases."""
    if not phrases:
        return set()
    holding = Q()
    for phrase in phrases:
        holding |= Q(title_terms__contains=phrase)
    pages = SearchEntry.objects.filter(holding, subject=SUBJECT, kind=SearchEntry.Kind.PAGE)
    return set(pages.values_list("subject_id", flat=True)[:_MOST_NAMED])


def _topics(criteria: Iterable[Concept], phrases: Sequence[str]) -> dict[int, float]:
    """How well each topic fits the concepts, by number; topics below one that fits come along."""
    scores: dict[int, float] = {}
    codes = list(TopicCode.objects.all())
    topics = list(Topic.objects.all())
    names = TopicNames(topics, codes)
    for concept in criteria:
        for topic in topics:
            of_topic = [code for code in codes if code.topic_id == topic.pk]
            score = max(
                _score_of_codes(concept, of_topic),
                names.score(concept.words, topic, of_topic),
            )
            if score:
                scores[topic.pk] = max(score, scores.get(topic.pk, 0))
    for topic in topics:
        if any(phrase in padded(stems(topic.title)) for phrase in phrases):
            scores[topic.pk] = max(NAMED, scores.get(topic.pk, 0))
    for topic in topics:
        above = scores.get(topic.parent_id or 0, 0) * BELOW_THE_TOPIC
        if above > scores.get(topic.pk, 0) and above >= LEAST:
            scores[topic.pk] = above
    return scores


def _score_of_codes(concept: Concept, codes: Iterable[TopicCode]) -> float:
    system, share = concept.known_system, 1.0
    if concept.code and not concept.system and _ICD10_CODE.fullmatch(_with_point(concept.code)):
        system, share = System.ICD10, WITHOUT_SYSTEM
    if not (concept.code and system):
        return 0
    family = _family(system)
    asked = _written(concept.code, family)
    of_system = [code.code.upper() for code in codes if _family(System(code.system)) == family]
    if asked in of_system:
        return EXACT * share
    # G80 names all of G80.0 to G80.9; G80.11 is part of G80.1. G8 is no code and names nothing.
    above = _ABOVE_IN.get(family)
    related = above and any(code in above(asked) or asked in above(code) for code in of_system)
    return ABOVE * share if related else 0


def _written(code: str, family: TopicCode.System) -> str:
    """A code as its system writes it; of a cluster of ICD-11 the stem that it begins with."""
    if family == System.ICD10:
        return _with_point(code)
    if family != System.ICD11:
        return code.upper()
    stem = re.split("[&/]", code.upper())[0].strip()
    # A stem has four characters before its point, so 8D201 can only be 8D20.1.
    undotted = _ICD11_WITHOUT_POINT.fullmatch(stem)
    return ".".join(undotted.groups()) if undotted else stem


def _with_point(code: str) -> str:
    return _ICD10_WITHOUT_POINT.sub(r"\1.\2", code.strip().upper().rstrip("-").rstrip("."))


def _family(system: TopicCode.System) -> TopicCode.System:
    return _SAME.get(system, system)


def _above(code: str) -> list[str]:
    """The codes that an ICD-10 code is part of: G80.1 and G80 for G80.11."""
    if not _ICD10_CODE.fullmatch(code):
        return []
    shorter = [code[:length].rstrip(".") for length in range(len(code) - 1, 2, -1)]
    return list(dict.fromkeys(shorter))


def _above_in_icd11(code: str) -> list[str]:
    """The codes that an ICD-11 code is part of: 8D20.1 and 8D20 for 8D20.10."""
    stem, point, rest = code.partition(".")
    if not (point and _ICD11_STEM.fullmatch(stem)):
        return []
    return [*(f"{stem}.{rest[:length]}" for length in range(len(rest) - 1, 0, -1)), stem]


_ABOVE_IN = {System.ICD10: _above, System.ICD11: _above_in_icd11}


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _aspect(publication: Publication, question: InfobuttonRequest) -> float:
    """Less for a text that doesn't name the aspect asked for: surgery, for example."""
    wanted = {word for topic in question.topics for said in topic.words for word in _words(said)}
    named = set(_words(f"{publication.title} {publication.topic.title}"))
    return ASIDE if wanted and not wanted & named else 1
