"""The steps of the work on a revision, each on a page of its own: submit, review, publish."""

import datetime
import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from education.admin.access import person_of
from education.articles.differences import Change, changes
from education.articles.models import Revision
from education.articles.operations import content_hash, draft_of, put_aside, render_revision
from education.articles.text import Draft
from education.audit.models import Event
from education.errors import EditorialError
from education.evidence.models import EvidenceItem, Finding
from education.evidence.rules import problems_as_citation
from education.people.models import User
from education.publishing.operations import publish
from education.publishing.rules import (
    Gate,
    publish_gates,
    reasons_against_publishing,
    unexplained_concerns,
)
from education.review.assignments import assign_reviewer, candidates
from education.review.checklists import ANSWERS, CHECKLISTS
from education.review.comments import add_comment, passage_stands, reply, resolve_comment
from education.review.models import Review
from education.review.operations import decide, problems_before_review, submit_for_review
from education.review.rules import (
    counting_approvals,
    may_review,
    missing_approvals,
    reasons_against_reviewing,
)


class DecisionForm(forms.Form):
    """A reviewer's decision."""

    content_hash_seen = forms.CharField(widget=forms.HiddenInput)
    reviewed_as = forms.ChoiceField(label="You decide as")
    decision = forms.ChoiceField(choices=Review.Decision.choices, widget=forms.RadioSelect)
    comments = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 60}),
        help_text="Required when you ask for changes. The writers see this.",
    )
    interests_confirmed = forms.BooleanField(
        required=False, label="My declaration of interests, shown above, is complete and current."
    )

    def __init__(self, *args: Any, parts: list[Review.As], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reviewed_as"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(part.value, part.label) for part in parts]
        for part in parts:
            for question in CHECKLISTS[part]:
                self.fields[f"{part}-{question.name}"] = forms.ChoiceField(
                    label=question.text, choices=ANSWERS, required=False, widget=forms.RadioSelect
                )

    def taken(self) -> dict[str, Any]:
        """What ``decide`` takes, with the answers to the checklist of the part that was chosen."""
        names = ("content_hash_seen", "reviewed_as", "decision", "comments", "interests_confirmed")
        part = self.cleaned_data["reviewed_as"]
        answers = {
            question.name: self.cleaned_data.get(f"{part}-{question.name}", "")
            for question in CHECKLISTS[part]
        }
        given = {name: answer for name, answer in answers.items() if answer}
        return {name: self.cleaned_data[name] for name in names} | {"checklist": given}

    def checklists(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The checklist of each part that the person may take, for the page."""
        return [
            (
                Review.As(part).label,
                [
                    self[f"{part}-{question.name}"]
                    for question in questions
                    if f"{part}-{question.name}" in self.fields
                ],
            )
            for part, questions in CHECKLISTS.items()
        ]

    def rest(self) -> list[forms.BoundField]:
        """The fields of the decision itself."""
        return [self[name] for name in ("reviewed_as", "decision", "comments")]


class CommentForm(forms.Form):
    """A remark on the text or on a passage of it."""

    passage = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text="Copy the words it is about from the text; empty for the whole text.",
    )
    text = forms.CharField(label="Comment", widget=forms.Textarea(attrs={"rows": 4, "cols": 60}))
    is_blocking = forms.BooleanField(
        required=False, label="This must be resolved before publication."
    )


class AssignForm(forms.Form):
    """Whom to ask, as what, by when."""

    reviewer = forms.ChoiceField()
    due_on = forms.DateField(
        label="By",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        initial=timezone.localdate,
    )

    def __init__(self, *args: Any, revision: Revision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {
            f"{part.value}:{person.pk}": (part, person)
            for part in Review.As
            for person in candidates(revision, part)
        }
        field = self.fields["reviewer"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (value, f"{person}, {part.label.lower()} {person.specialty}".strip())
            for value, (part, person) in self.people.items()
        ]


class PublishForm(forms.Form):
    """When the public is to see it."""

    goes_live_at = forms.DateTimeField(
        label="Goes live at",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Empty: now. Times are in the site's time zone.",
    )

    def clean_goes_live_at(self) -> datetime.datetime | None:
        """A moment that has passed is refused rather than read as now."""
        moment: datetime.datetime | None = self.cleaned_data["goes_live_at"]
        if moment and moment < timezone.now():
            raise forms.ValidationError("This moment has passed. Leave it empty to publish now.")
        return moment


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3, "cols": 60}))


def _comparisons(revision: Revision, person: User) -> list[tuple[str, list[Change]]]:
    """
    What changed since this person last approved this article, and since it was last published.

    The text of an approval is the last one saved before it.
    """
    now = draft_of(revision)
    line = Revision.objects.filter(article=revision.article, language=revision.language)
    found = []
    approval = Review.objects.filter(
        reviewer=person, decision=Review.Decision.APPROVED, revision__in=line
    ).last()
    if approval:
        seen = approval.revision.saved_texts.filter(at__lte=approval.decided_at).last()
        if seen:
            title = f"Since you approved it on {date_format(approval.decided_at)}"
            found.append((title, changes(Draft(**seen.draft), now)))
    published = line.filter(state=Revision.State.PUBLISHED, number__lt=revision.number).first()
    if published:
        found.append(("Since the published version", changes(draft_of(published), now)))
    return found


@dataclass(frozen=True)
class Moved:
    """What became of a cited work since a reviewer approved: each part, before and after."""

    item: EvidenceItem
    parts: list[tuple[str, str, str]]


def _moved_evidence(revision: Revision, person: User) -> list[Moved]:
    """
    What moved in the evidence since this person last approved this revision.

    The record keeps it with each lapse of approvals; a part that moved back is left out.
    """
    approval = revision.reviews.filter(reviewer=person, decision=Review.Decision.APPROVED).last()
    if not approval:
        return []
    lapses = Event.objects.filter(
        article_id=revision.article_id,
        subject_id=str(revision.pk),
        action__in=["revision.approvals_lapsed", "revision.approvals_returned"],
        at__gte=approval.decided_at,
    )
    before: dict[str, dict[str, Any]] = {}
    for lapse in lapses.order_by("sequence"):
        for name, (value, _) in lapse.data["moved"].items():
            before.setdefault(lapse.data["item"], {}).setdefault(name, value)
    moved = [
        Moved(
            item,
            [
                (_name_of(name), _shown(value), _shown(getattr(item, name)))
                for name, value in before[item.key].items()
                if value != getattr(item, name)
            ],
        )
        for item in EvidenceItem.objects.filter(key__in=before).order_by("key")
    ]
    return [each for each in moved if each.parts]


def _name_of(part: str) -> str:
    if part == "status":
        return "Status"
    names = {field.name: field for field in EvidenceItem._meta.get_fields()}
    field = names.get(part)
    return str(getattr(field, "verbose_name", part)).capitalize()


def _shown(value: Any) -> str:
    if value in (None, "", [], {}):
        return "nothing"
    if isinstance(value, list) and all(isinstance(one, dict) and "outcome" in one for one in value):
        return "; ".join(Finding(**one).in_words() for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _mended_at(gate: Gate, revision: Revision) -> list[tuple[str, str]]:
    """Where what stands in the way at a gate is put right: (what the link says, address)."""
    if gate.passed:
        return []
    page = [revision.pk]
    review = reverse("admin:education_revision_review", args=page)
    locked = ("Ask for changes, so that the text can be mended", f"{review}#your-decision")
    links = {
        "approvals": [("Ask reviewers", reverse("admin:education_revision_assign", args=page))],
        "comments": [("Read and resolve the comments", f"{review}#comments")],
        "text": [("Mend the text", back_to(revision)) if revision.is_editable else locked],
        "concerns": [
            (
                f"Write why the text may rest on {event.item.key}",
                reverse("admin:education_statusevent_explain", args=[event.pk, revision.pk]),
            )
            for event in unexplained_concerns(revision)
        ],
        "evidence": [
            (f"Open {item.key}", reverse("admin:education_evidenceitem_change", args=[item.pk]))
            for item in (each.item for each in revision.citations.select_related("item"))
            if problems_as_citation(item)
        ],
    }
    return links[gate.mended_at]


def back_to(revision: Revision) -> str:
    """The page of a revision."""
    return reverse("admin:education_revision_change", args=[revision.pk])


class StepsMixin(admin.ModelAdmin):
    """The steps of the work on a revision, as pages of its admin."""

    def step_urls(self) -> list[URLPattern]:
        """The address of every step."""
        wrap = self.admin_site.admin_view
        steps = {
            "submit": self.submit_view,
            "review": self.review_view,
            "comment": require_POST(self.comment_view),
            "assign": self.assign_view,
            "publish": self.publish_view,
            "put-aside": self.put_aside_view,
        }
        return [
            path(
                f"<int:pk>/{name}/",
                wrap(view),
                name=f"education_revision_{name.replace('-', '_')}",
            )
            for name, view in steps.items()
        ]

    def revision_of(self, request: HttpRequest, pk: int) -> Revision:
        """The revision a step is about, for those who may read it."""
        revision = get_object_or_404(Revision.objects.select_related("article__topic"), pk=pk)
        if not self.has_view_permission(request, revision):
            raise PermissionDenied
        return revision

    def page(
        self, request: HttpRequest, template: str, revision: Revision, **context: Any
    ) -> HttpResponse:
        """A page of the desk about a revision."""
        return TemplateResponse(
            request,
            f"admin/education/revision/{template}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "revision": revision,
                "reviews": revision.reviews.select_related("reviewer"),
                **context,
            },
        )

    def submit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a draft to its reviewers, or say what stands in the way."""
        revision = self.revision_of(request, pk)
        refusal = ""
        if request.method == "POST":
            try:
                submit_for_review(revision=revision, by=person_of(request))
            except EditorialError as error:
                refusal = str(error)
            else:
                self.message_user(request, f"{revision} is in review.", messages.SUCCESS)
                return redirect(back_to(revision))
        return self.page(
            request,
            "submit",
            revision,
            title=f"Submit {revision} for review",
            problems=problems_before_review(revision),
            missing=missing_approvals(revision),
            refusal=refusal,
        )

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show one revision beside its evidence and take the reviewer's decision."""
        revision = self.revision_of(request, pk)
        person = person_of(request)
        parts = may_review(person, revision)
        current = content_hash(revision)
        # Someone who may not decide is refused by the operation, not by an empty list of choices.
        form = DecisionForm(
            request.POST or None,
            parts=parts or list(Review.As),
            initial={"content_hash_seen": current},
        )
        if request.method == "POST" and form.is_valid():
            try:
                decide(revision=revision, by=person, **form.taken())
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, f"Decision on {revision} recorded.", messages.SUCCESS)
                return redirect(back_to(revision))
        reasons = {
            part.label: reasons_against_reviewing(person, revision, part) for part in Review.As
        }
        return self.page(
            request,
            "review",
            revision,
            title=f"Review {revision}",
            rendered=render_revision(revision),
            citations=revision.citations.select_related("item"),
            form=form,
            person=person,
            parts=parts,
            reasons=reasons,
            approvals=counting_approvals(revision, current),
            missing=missing_approvals(revision, current),
            threads=[
                {"comment": comment, "stands": passage_stands(revision, comment.passage)}
                for comment in revision.comments.filter(parent=None)
                .select_related("by", "resolved_by")
                .prefetch_related("replies__by")
            ],
            comment_form=CommentForm(),
            comparisons=_comparisons(revision, person),
            moved=_moved_evidence(revision, person),
        )

    def comment_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make, answer or resolve a comment; a refusal is shown and the words are kept."""
        revision = self.revision_of(request, pk)
        person = person_of(request)
        thread = None
        if request.POST.get("comment"):
            thread = get_object_or_404(revision.comments, pk=request.POST["comment"])
        form = CommentForm(request.POST)
        try:
            if thread and "resolve" in request.POST:
                comment = resolve_comment(comment=thread, by=person)
            elif thread:
                comment = reply(comment=thread, by=person, text=request.POST.get("text", ""))
            elif form.is_valid():
                comment = add_comment(revision=revision, by=person, **form.cleaned_data)
            else:
                comment = add_comment(revision=revision, by=person, text="")
        except EditorialError as refusal:
            text = request.POST.get("text", "")
            kept = f" You wrote: {text}" if text else ""
            self.message_user(request, f"{refusal}{kept}", messages.ERROR)
            return redirect(reverse("admin:education_revision_review", args=[pk]) + "#comments")
        self.message_user(request, "Recorded.", messages.SUCCESS)
        anchor = f"#comment-{comment.parent_id or comment.pk}"
        return redirect(reverse("admin:education_revision_review", args=[pk]) + anchor)

    def assign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask a reviewer by a day, from those who may review this revision."""
        revision = self.revision_of(request, pk)
        form = AssignForm(request.POST or None, revision=revision)
        if request.method == "POST" and form.is_valid():
            part, reviewer = form.people[form.cleaned_data["reviewer"]]
            try:
                assign_reviewer(
                    revision=revision,
                    reviewer=reviewer,
                    reviewed_as=part,
                    due_on=form.cleaned_data["due_on"],
                    by=person_of(request),
                )
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, f"{reviewer} is asked.", messages.SUCCESS)
                return redirect(reverse("admin:education_revision_assign", args=[pk]))
        return self.page(
            request,
            "assign",
            revision,
            title=f"Ask reviewers for {revision}",
            form=form,
            assignments=revision.assignments.select_related("reviewer", "assigned_by"),
            missing=missing_approvals(revision),
        )

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List the gates, and publish, now or at a moment, when all are passed."""
        revision = self.revision_of(request, pk)
        form = PublishForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                publication = publish(revision=revision, by=person_of(request), **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                live = publication.goes_live_at <= timezone.now()
                when = "is public" if live else "is scheduled"
                self.message_user(request, f"{publication} {when}.", messages.SUCCESS)
                return redirect(back_to(revision))
        return self.page(
            request,
            "publish",
            revision,
            title=f"Publish {revision}",
            gates=[
                (gate, _mended_at(gate, revision))
                for gate in publish_gates(revision, content_hash(revision))
            ],
            reasons=reasons_against_publishing(person_of(request), revision),
            form=form,
        )

    def put_aside_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give up a draft after saying why."""
        revision = self.revision_of(request, pk)
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                put_aside(revision=revision, by=person_of(request), **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, f"{revision} is put aside.", messages.SUCCESS)
                return redirect(back_to(revision))
        return self.page(request, "put_aside", revision, title=f"Put {revision} aside", form=form)
