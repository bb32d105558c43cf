"""
Search over what is public now: pages, claim checks, glossary words and verified evidence.

The index says what fits (``education.search``); whether and in which words readers may see it
follows from the standing rules, at the moment of asking.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from education.evidence.indexing import SUBJECT as WORK
from education.evidence.indexing import part_of
from education.evidence.models import EvidenceItem, StatusEvent
from education.evidence.rules import works_in_doubt
from education.public.publications import PageLink, current, is_closed, nearest, publication_views
from education.public.site_pages import SitePage, site_pages
from education.publishing.indexing import SUBJECT, parts_of
from education.publishing.models import Publication
from education.publishing.status import SAID, SERIOUSNESS
from education.search.analysis import WORD, folded, is_chinese, is_marked
from education.search.excerpts import cut, excerpt_of
from education.search.models import SearchEntry
from education.search.operations import SearchPart, SearchSection
from education.search.ranking import Score, score
from education.search.retrieval import Candidate, SearchAnswer
from education.search.retrieval import find as find_entries
from education.text.lint import GRADES_WITH_A_VERB, certainty_wording
from education.text.tree import walk
from education.topics.models import Topic

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

MOST_HITS = 30
# So many texts with all of the words are enough: then those with fewer follow if they fit well.
ENOUGH = 5
SITE = "site"
MOST_ASKED = 40
# What a hit shows of a publication.
SHOWN = ("slug", "kind", "reviewed_on", "review_due_on")
CLAIM_CHECK = _("Claim check")
# Asking each copy for the word makes all words anew each time.
_KINDS = dict(Publication._meta.get_field("kind").flatchoices)

Kind = SearchEntry.Kind


@dataclass(frozen=True)
class Hit:
    """
    Something found: where it is, two lines of it, and how far to trust it.

    ``section``: the part of the page that answers best, with its own address. ``notice``: what
    became of a study behind it, or of the study itself, where that must be said. ``limits``: what a
    study can't tell. ``verdict``: of a claim check, in place of a certainty, which beside a quoted
    claim would read as how sure we are of the claim.
    """

    title: str
    url: str
    text: str
    kind: str
    certainty: str = ""
    verdict: str = ""
    reviewed_on: date | None = None
    notice: str = ""
    limits: str = ""
    section: PageLink | None = None


@dataclass(frozen=True)
class SearchResult:
    """
    What a search found.

    ``loose``: nothing held every word, so these hold some. ``meant``: what a mistyped word was
    taken for. ``missing``: words that no hit is about, as they were typed. ``instead``: pages to
    offer when nothing was found.
    """

    marks: tuple[str, ...]
    hits: list[Hit]
    loose: bool = False
    meant: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    instead: list[PageLink] = field(default_factory=list)


@dataclass(frozen=True)
class _Seen:
    """A candidate that readers may see, with the words they may see of it."""

    candidate: Candidate
    about: "Publication | EvidenceItem | SitePage"
    shown: SearchPart | None = None  # where a work is in doubt
    notice: str = ""

    @property
    def total(self) -> float:
        """How well it fits."""
        return self.candidate.score.total


def find(query: str, *, kind: str = "", topic: str = "") -> SearchResult:
    """
    Look for a reader's words, in one kind of text and one topic if asked.

    Any text whatever gives an answer, and what names no kind or topic counts as not asked.
    """
    answer = find_entries(query)
    chosen = kind if kind in Kind.values else ""
    seen = _best(answer, chosen, topic)
    if not (chosen or topic):
        seen = _sorted([*seen, *_site_pages(answer)])
    missing = _missing(answer, seen)
    seen = _without_the_far(seen, answer.question.required)[:MOST_HITS]
    entries = SearchEntry.objects.defer("title_terms", "lead_terms", "terms").in_bulk(
        [match.candidate.number for match in seen]
    )
    verdicts = _verdicts(seen)
    hits = [
        _hit(match, entries.get(match.candidate.number), answer.marks, verdicts) for match in seen
    ]
    shown = " ".join(f"{hit.title} {hit.text}" for hit in hits) if answer.meant else ""
    words = {folded(word) for word in WORD.findall(shown)}
    return SearchResult(
        marks=answer.marks,
        hits=hits,
        loose=bool(hits)
        and not any(answer.question.required <= match.candidate.score.held for match in seen),
        # A word that no hit shows is not told: it may stand in a text that nobody may see.
        meant={typed: word for typed, word in answer.meant.items() if word in words},
        missing=missing,
        instead=[] if hits else nearest(query),
    )


def _best(answer: SearchAnswer, kind: str, topic: str) -> list[_Seen]:
    """
    The best of the candidates that the public may see now, in order.

    Whether they may is asked of the first few, which are nearly always enough, and of the rest only
    where one of those could still come before.
    """
    candidates = [
        candidate for candidate in answer.candidates if not kind or candidate.kind == kind
    ]
    seen = _visible(answer, candidates[:MOST_ASKED], topic)
    rest = candidates[MOST_ASKED:]
    if rest and (
        len(seen) < MOST_HITS
        or seen[MOST_HITS - 1].total < rest[0].score.total
        or not answer.question.required <= _spoken_of(seen)
    ):
        seen = _sorted([*seen, *_visible(answer, rest, topic)])
    return seen


def _sorted(seen: list[_Seen]) -> list[_Seen]:
    return sorted(seen, key=lambda match: -match.total)


def _without_the_far(seen: list[_Seen], required: frozenset[int]) -> list[_Seen]:
    """Without those that hold fewer of the words, where enough hold all or fit better by far."""
    full = [match for match in seen if required <= match.candidate.score.held]
    if len(full) < ENOUGH:
        return seen
    least = min(match.total for match in full[:ENOUGH])
    return [
        match for match in seen if required <= match.candidate.score.held or match.total >= least
    ]


def _missing(answer: SearchAnswer, seen: list[_Seen]) -> list[str]:
    """What a reader asked about and no text of ours speaks of; a study's words don't count."""
    spoken = _spoken_of(seen)
    return [
        group.typed
        for place, group in enumerate(answer.question.groups)
        if group.required and place not in spoken and not is_chinese(group.typed)
    ]


def _spoken_of(seen: Sequence[_Seen]) -> frozenset[int]:
    """The groups that a text of ours holds among what readers may see."""
    texts = [match.candidate for match in seen if match.candidate.kind != Kind.STUDY]
    return frozenset[int]().union(*(candidate.score.held for candidate in texts))


def _site_pages(answer: SearchAnswer) -> list[_Seen]:
    """Pages about the site itself that hold every word that any text holds."""
    fits = [(page, score(text, answer.question, kind=SITE)) for page, text in site_pages()]
    known = frozenset[int]().union(
        *(candidate.score.held for candidate in answer.candidates), *(fit.held for _, fit in fits)
    )
    required = answer.question.required & known
    return [
        _Seen(Candidate(0, SITE, 0, page.url, SITE, str(page.title), fit), page)
        for page, fit in fits
        if fit.total and fit.held >= required
    ]


def _visible(answer: SearchAnswer, candidates: Sequence[Candidate], topic: str) -> list[_Seen]:
    """Those of some candidates that the public may see now, best first."""
    pages = [candidate.subject_id for candidate in candidates if candidate.subject == SUBJECT]
    works = [candidate.subject_id for candidate in candidates if candidate.subject != SUBJECT]
    copies = current().filter(pk__in=pages).only(*SHOWN)
    items = EvidenceItem.objects.verified() if works else EvidenceItem.objects.none()
    items = items.filter(pk__in=works)
    topics, today = _with_subtopics(topic), timezone.localdate()
    if topics:
        copies, items = copies.filter(topic__in=topics), items.filter(topic__in=topics)
    publications = {copy.pk: copy for copy in copies if not is_closed(copy, today)}
    studies = {item.pk: item for item in items}
    doubt = works_in_doubt()
    doubtful = {
        **{(SUBJECT, number): parts for number, parts in _doubtful(publications, doubt).items()},
        **{
            (WORK, one.pk): {(Kind.STUDY.value, ""): _study_in_doubt(one, doubt[one.key])}
            for one in items
            if one.key in doubt
        },
    }
    seen = []
    for candidate in candidates:
        about: Publication | EvidenceItem | None
        about = (publications if candidate.subject == SUBJECT else studies).get(
            candidate.subject_id
        )
        if about is None:
            continue
        if parts := doubtful.get((candidate.subject, candidate.subject_id)):
            shown, notice = parts.get((candidate.kind, candidate.part), (None, ""))
            if shown is None:
                continue
            fit = score(shown.indexed(), answer.question, kind=candidate.kind)
            if fit.total:
                seen.append(_Seen(replace(candidate, score=fit), about, shown, notice))
        else:
            seen.append(_Seen(candidate, about))
    return _sorted(seen)


def _with_subtopics(slug: str) -> list[int]:
    """The topic and those below it; empty when there is none of that name."""
    topics = list(Topic.objects.values_list("pk", "parent", "slug")) if slug else []
    named = [number for number, _, name in topics if name == slug]
    return [number for number, parent, _ in topics if number in named or parent in named]


def _doubtful(
    publications: Mapping[int, Publication], doubt: Mapping[str, str]
) -> dict[int, dict[tuple[str, str], tuple[SearchPart, str]]]:
    """
    The parts, as they may be read now, of those publications that rest on a work in doubt; with
    what must be said of each.
    """
    if not doubt:
        return {}
    affected = Publication.objects.filter(pk__in=list(publications)).resting_on(doubt)
    parts_in_doubt = {}
    for reading in publication_views(affected):
        behind = _behind_parts(reading.publication.content)
        parts = {}
        for part in parts_of(reading.content):
            place = (str(part.kind), part.slug)
            keys = behind.get(place, reading.standing.events.keys())
            parts[place] = (part, _notice(_("A study behind this {}."), keys, doubt))
        parts_in_doubt[reading.publication.pk] = parts
    return parts_in_doubt


def _behind_parts(content: Mapping[str, Any]) -> dict[tuple[str, str], set[str]]:
    """What each claim check and word of a text rests on; of a page, all it rests on counts."""
    parts = [
        *((Kind.CLAIM.value, claim) for claim in content["claims"]),
        *((Kind.WORD.value, term) for term in content["terms"]),
    ]
    return {
        (kind, part["slug"]): {
            key for node in walk(part["c"]) if node["t"] == "supported" for key in node["evidence"]
        }
        for kind, part in parts
    }


def _study_in_doubt(item: EvidenceItem, status: str) -> tuple[SearchPart, str]:
    """A work by what may be told of it: not what it found, once that was retracted."""
    fallen = status == StatusEvent.Status.RETRACTED
    part = part_of(item, "" if fallen else item.finding)
    return part, _notice(_("This study {}."), [item.key], {item.key: status})


def _notice(sentence: "StrPromise", keys: Iterable[str], doubt: Mapping[str, str]) -> str:
    """What became of the worst of some works, in a sentence; empty where none is in doubt."""
    statuses = {doubt[key] for key in keys if key in doubt}
    worst = next((status for status in SERIOUSNESS if status in statuses), None)
    return str(sentence).format(SAID[worst]) if worst else ""


def hits_of(publication: Publication, content: Mapping[str, Any]) -> list[Hit]:
    """Every part of a publication as a hit of a search for its title, before it is indexed."""
    hits = []
    verdicts = {claim["slug"]: claim["verdict"] for claim in content["claims"]}
    for part in parts_of(content):
        url, kind = _place(part.kind, part.slug, publication)
        hits.append(
            Hit(
                title=f"“{part.title}”" if part.kind == Kind.CLAIM else part.title,
                url=url,
                text=cut(part.lead or part.text, 0),
                kind=kind,
                certainty=_certainty_of(part.lead, part),
                verdict=verdicts.get(part.slug, "") if part.kind == Kind.CLAIM else "",
                reviewed_on=publication.reviewed_on,
            )
        )
    return hits


def _verdicts(seen: Iterable[_Seen]) -> dict[tuple[int, str], str]:
    """
    The verdict of each claim check among some texts, by publication and slug; none of those whose
    evidence is in doubt.
    """
    copies = {
        match.candidate.subject_id
        for match in seen
        if match.candidate.kind == Kind.CLAIM and not match.shown
    }
    if not copies:
        return {}
    claims = Publication.objects.filter(pk__in=copies).values_list("pk", "content__claims")
    return {(copy, claim["slug"]): claim["verdict"] for copy, own in claims for claim in own}


def _hit(
    seen: _Seen,
    entry: SearchEntry | None,
    marks: tuple[str, ...],
    verdicts: Mapping[tuple[int, str], str],
) -> Hit:
    about = seen.about
    if isinstance(about, SitePage):
        return Hit(
            title=str(about.title),
            url=about.url,
            text=str(about.summary),
            kind=gettext("This site"),
        )
    assert entry is not None
    part = seen.shown or SearchPart(
        kind=entry.kind, title=entry.title, lead=entry.lead, text=entry.text,
        certainty=entry.certainty, sections=tuple(SearchSection(*one) for one in entry.sections),
    )  # fmt: skip
    section = _section(part, seen.candidate.score, marks)
    # Where the title holds a hit, the answer in one sentence says more than a piece of the text.
    is_in_title = any(is_marked(word, marks) for word in WORD.findall(part.title))
    if section:
        text = excerpt_of(marks, "", section.text)
    elif part.lead and is_in_title:
        text = part.lead
    else:
        whole = "\n".join([part.text, *(one.text for one in part.sections)]).strip()
        text = excerpt_of(marks, part.lead or whole, whole)
    text = " ".join(text.split())
    if isinstance(about, EvidenceItem):
        return Hit(
            title=entry.title,
            url=reverse("evidence-detail", args=[about.key]),
            text=text,
            kind=about.get_design_display(),
            notice=seen.notice,
            # Of a work in doubt its status says enough.
            limits="" if seen.notice else about.limitations,
        )
    url, kind = _place(entry.kind, entry.part, about)
    return Hit(
        # What somebody claims never stands by itself as if it were so.
        title=f"“{part.title}”" if entry.kind == Kind.CLAIM else part.title,
        url=url,
        text=text,
        kind=kind,
        certainty=_certainty_of(text, part),
        verdict=""
        if seen.shown or entry.kind != Kind.CLAIM
        else verdicts.get((about.pk, entry.part), ""),
        reviewed_on=about.reviewed_on,
        notice=seen.notice,
        section=PageLink(section.title, f"{url}#{section.place}") if section else None,
    )


def _certainty_of(words: str, part: SearchPart) -> str:
    """
    How sure the quoted words are: a page's certainty, where these are its short answer and have the
    verb of that grade and of no other.

    A page is graded by its first key message. A piece from further down may be less sure, or be no
    statement about an effect.
    """
    grades = [grade for grade in GRADES_WITH_A_VERB if not certainty_wording(words, grade)]
    is_short_answer = part.kind == Kind.PAGE and words == " ".join(part.lead.split())
    return part.certainty if is_short_answer and grades == [part.certainty] else ""


def _section(part: SearchPart, fit: Score, marks: tuple[str, ...]) -> SearchSection | None:
    """
    The section to lead to: the best one, where its heading says what was asked, or its text what
    the page's title and short answer don't.
    """
    if not 0 < fit.section <= len(part.sections):
        return None
    section = part.sections[fit.section - 1]
    says = fit.adds or any(is_marked(word, marks) for word in WORD.findall(section.title))
    return section if section.title and section.place and says else None


def _place(part_kind: str, part: str, publication: Publication) -> tuple[str, str]:
    """Where a part of a publication is read, and what readers call it."""
    if part_kind == Kind.CLAIM:
        return reverse("claim-detail", args=[part]), str(CLAIM_CHECK)
    if part_kind == Kind.WORD:
        return f"{reverse('glossary')}#term-{part}", gettext("Word explained")
    return reverse("article-detail", args=[publication.slug]), str(_KINDS[publication.kind])
