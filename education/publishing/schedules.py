"""Which scheduled copies an operation may have touched. Reads, never writes."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from education.articles.drawings import revisions_placing
from education.articles.models import Article, Citation, Drawing
from education.audit.actions import Touches, are_known, touching
from education.audit.models import Event
from education.publishing.models import DefinitionCitation, Publication, PublicationQuerySet
from education.review.models import Review


def schedules_touched_by(events: Sequence[Event]) -> PublicationQuerySet:
    """
    The scheduled copies whose gates these events may have broken.

    All of them when there is no event, or one of which nobody said what it may touch: then what was
    done is unknown. Days that pass break no gate: approvals are asked for on the day the copy goes
    live (``readiness``), which is set when it is scheduled.
    """
    scheduled = Publication.objects.scheduled()
    if not are_known(events):
        return scheduled
    if not scheduled.exists():  # mostly nothing waits, and the question below is a long one
        return scheduled.none()
    published = _articles(events, Touches.PUBLICATION)
    items = {int(event.subject_id) for event in touching(events, Touches.EVIDENCE)}
    topics = {int(event.subject_id) for event in touching(events, Touches.TOPIC)}
    retired = Drawing.objects.filter(
        pk__in={int(event.subject_id) for event in touching(events, Touches.DRAWING)}
    )
    drawn = revisions_placing(retired.values_list("name", flat=True)).values("pk")
    # What other texts explain their words by, and name the rows of.
    shared = Article.objects.filter(
        pk__in=published, kind__in=[Article.Kind.GLOSSARY, Article.Kind.FINDINGS]
    )
    cited = Citation.objects.filter(item__in=items)
    defined = DefinitionCitation.objects.filter(publication=OuterRef("pk"), item__in=items)
    reviewed = Review.objects.filter(revision=OuterRef("revision"), reviewer__in=_people(events))
    return scheduled.filter(
        Q(revision__article__in=_articles(events, Touches.ARTICLE) | published)
        | Exists(shared)
        | Exists(cited.filter(revision=OuterRef("revision")))
        | Exists(defined)
        | Exists(reviewed)
        | Q(revision__in=drawn)
        | Q(revision__article__topic__in=topics)
        | Q(revision__article__topic__parent__in=topics)
    )


def _articles(events: Sequence[Event], touched: Touches) -> set[int]:
    return {event.article_id for event in touching(events, touched) if event.article_id}


def _people(events: Sequence[Event]) -> set[int]:
    """Whom the events are about: given rights name the person beside the proposal."""
    about = touching(events, Touches.PERSON)
    return {int(event.data.get("person", event.subject_id)) for event in about}
