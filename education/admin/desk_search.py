"""Full-text search at the desk: drafts, public versions, evidence, drawings, remarks on texts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from education.admin.publication_states import states_of
from education.articles.models import Drawing, Revision
from education.evidence.models import EvidenceItem
from education.publishing.models import Publication, PublicationEvent
from education.review.models import Comment, Review
from education.search import desk
from education.search.excerpts import excerpt_of
from education.search.models import DeskEntry
from education.topics.models import Topic

PER_PAGE = 20
REMARKS = ("comment", "review")


@dataclass(frozen=True)
class DeskHit:
    """Something found at the desk: what it is, where it is, and its words around the first hit."""

    kind: str
    title: str
    url: str
    text: str
    about: str


@dataclass(frozen=True)
class _Source:
    """
    One kind of what is found.

    ``model`` says who may see it, ``topic`` leads to its topic, if it has one, ``described``
    says where a row is and what to tell of it.
    """

    label: str
    model: type[Model]
    topic: str
    described: Callable[[Any], tuple[str, str]]
    related: tuple[str, ...] = ()
    deferred: tuple[str, ...] = field(default=())

    def rows(self, numbers: Iterable[int]) -> dict[int, Any]:
        """The rows of some numbers, with what is told of them."""
        rows = self.model._default_manager.select_related(*self.related).defer(*self.deferred)
        return rows.in_bulk(list(numbers))


def _revision(revision: Revision) -> tuple[str, str]:
    is_draft = revision.state == Revision.State.DRAFT
    state = "Being written" if is_draft else revision.get_state_display()
    about = f"{state}, changed {_day(revision.updated_at)}"
    return reverse("admin:education_revision_change", args=[revision.pk]), about


def _publication(copy: Any) -> tuple[str, str]:
    url = reverse("admin:education_publication_change", args=[copy.pk])
    return url, f"Version {copy.number}, {copy.state_in_words.lower()}"


def _item(item: EvidenceItem) -> tuple[str, str]:
    url = reverse("admin:education_evidenceitem_change", args=[item.pk])
    return url, f"{item.key}, {item.get_design_display().lower()}"


def _drawing(drawing: Drawing) -> tuple[str, str]:
    url = reverse("admin:education_drawing_change", args=[drawing.pk])
    return url, f"{drawing.get_state_display()}, uploaded {_day(drawing.uploaded_at)}"


def _comment(comment: Comment) -> tuple[str, str]:
    thread = comment.parent or comment
    about = "Resolved" if thread.resolved_at else "Open"
    page = reverse("admin:education_revision_review", args=[comment.revision_id])
    return f"{page}#comment-{comment.pk}", f"{about}, {_day(comment.at)}"


def _review(review: Review) -> tuple[str, str]:
    about = f"{review.get_decision_display()}, {_day(review.decided_at)}"
    return reverse("admin:education_revision_review", args=[review.revision_id]), about


_SOURCES = {
    "revision": _Source("Draft", Revision, "article__topic", _revision, ("article",)),
    "publication": _Source(
        "Public version", Publication, "topic", _publication,
        deferred=("content", "html", "search_text"),
    ),
    "evidenceitem": _Source("Evidence", EvidenceItem, "topic", _item),
    "drawing": _Source("Drawing", Drawing, "", _drawing, deferred=("svg",)),
    "comment": _Source("Comment", Comment, "revision__article__topic", _comment, ("parent",)),
    "review": _Source("Decision", Review, "revision__article__topic", _review),
}  # fmt: skip


class DeskSearchForm(forms.Form):
    """What to look for, and where; all of it stands in the address."""

    q = forms.CharField(
        label="Words",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "size": 50}),
        help_text="Every word must be there. A star finds whatever begins so: rhizot*",
    )
    where = forms.ChoiceField(
        required=False,
        help_text="What you may read at the desk.",
        choices=[
            ("", "Everywhere"),
            ("revision", "Drafts"),
            ("publication", "Public versions"),
            ("evidenceitem", "Evidence"),
            ("drawing", "Drawings"),
            ("comment", "Comments and decisions"),
        ],
    )
    state = forms.ChoiceField(
        label="State of a draft",
        required=False,
        choices=[("", "Any"), *Revision.State.choices],
        help_text="Finds drafts alone.",
    )
    topic = forms.ModelChoiceField(
        Topic.objects.order_by("title"),
        required=False,
        to_field_name="slug",
        empty_label="Any",
        help_text="Of the article or work.",
    )


def search_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Find texts, works and remarks by their words, among what the person may see."""
    visible = {
        name
        for name, source in _SOURCES.items()
        if source.model in site._registry
        and site._registry[source.model].has_view_permission(request)
    }
    # Who may read drafts may read what was said of them; decisions have no page of their own.
    visible |= set(REMARKS) if "revision" in visible else set()
    if not visible:
        raise PermissionDenied
    form = DeskSearchForm(request.GET or None)
    chosen = form.cleaned_data if form.is_bound and form.is_valid() else {}
    query = desk.parse_query(chosen.get("q", ""))
    entries = _matching_entries(query, chosen, visible)
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    address = request.GET.copy()
    address.pop("page", None)
    context = {
        **site.each_context(request),
        "title": "Search",
        "form": form,
        "marks": query.marks,
        "page": page,
        "hits": _hits(page.object_list, query.marks),
        "address": address.urlencode(),
        "has_no_index": not DeskEntry.objects.exists() and Revision.objects.exists(),
    }
    return TemplateResponse(request, "admin/education/search.html", context)


def _matching_entries(
    query: desk.DeskQuery, chosen: dict[str, Any], visible: set[str]
) -> QuerySet[DeskEntry]:
    where = chosen.get("where")
    subjects = visible & set(REMARKS if where == "comment" else (where,) if where else _SOURCES)
    entries = desk.matching(query).filter(subject__in=subjects)
    # What a draft became is found as its public version.
    published = Revision.objects.filter(state=Revision.State.PUBLISHED)
    # A text whose copy is hidden is not found either, nor what quotes it.
    copies = PublicationEvent.objects.filter(kind=PublicationEvent.Kind.HIDDEN)
    texts = Revision.objects.filter(pk__in=copies.values("publication__revision"))
    entries = entries.exclude(subject="revision", subject_id__in=texts.values("pk"))
    comments = Comment.objects.filter(revision__in=texts).values("pk")
    entries = entries.exclude(subject="comment", subject_id__in=comments)
    decisions = Review.objects.filter(revision__in=texts).values("pk")
    entries = entries.exclude(subject="review", subject_id__in=decisions)
    if state := chosen.get("state"):
        of_state = Revision.objects.filter(state=state).values("pk")
        entries = entries.filter(subject="revision", subject_id__in=of_state)
    else:
        entries = entries.exclude(subject="revision", subject_id__in=published.values("pk"))
    if topic := chosen.get("topic"):
        within = Q(pk__in=[])
        for name in subjects:
            source = _SOURCES[name]
            if not source.topic:
                continue
            rows = source.model._default_manager.filter(
                Q(**{source.topic: topic}) | Q(**{f"{source.topic}__parent": topic})
            )
            within |= Q(subject=name, subject_id__in=rows.values("pk"))
        entries = entries.filter(within)
    return entries


def _hits(entries: Iterable[DeskEntry], marks: tuple[str, ...]) -> list[DeskHit]:
    entries = list(entries)
    rows = {
        name: _SOURCES[name].rows(entry.subject_id for entry in entries if entry.subject == name)
        for name in {entry.subject for entry in entries}
    }
    copies = rows.get("publication", {})
    for number, state in states_of(copies.values()).items() if copies else ():
        copies[number].state_in_words = state
    hits = []
    for entry in entries:
        row = rows[entry.subject].get(entry.subject_id)
        if row is None:
            continue
        source = _SOURCES[entry.subject]
        url, about = source.described(row)
        text = " ".join(excerpt_of(marks, "", entry.text).split())
        hits.append(DeskHit(source.label, entry.title, url, text or entry.text[:200], about))
    return hits


def _day(moment: Any) -> str:
    return date_format(timezone.localtime(moment))
