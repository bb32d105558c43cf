"""The steps of the work on a revision, each on a page of its own: submit, ask, publish."""

import datetime
from collections.abc import Callable, Collection
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format

from education.accounts.operations import DAY_AND_TIME
from education.admin.access import exclusive_post, person_of
from education.admin.checklist import checklist
from education.admin.reviewing import ReviewingMixin
from education.admin.revision_pages import back_to
from education.admin.sign_in import require_reauthentication
from education.articles.inheritance import inherited
from education.articles.models import Revision
from education.articles.operations import (
    content_hash,
    draft_of,
    propose_minor,
    put_aside,
    render_revision,
)
from education.audit.operations import exclusive_transaction
from education.errors import EditorialError
from education.people.absences import absence_in_words, absences_on, away_until
from education.publishing.minor_changes import change_proposed
from education.publishing.operations import publish
from education.publishing.people_behind import (
    is_new,
    people_behind,
    reasons_against_people,
    why_reviewing_bars,
)
from education.publishing.rules import reasons_against_publishing
from education.review.assignments import TIME_TO_REVIEW, assign_reviewer, candidates
from education.review.models import Review
from education.review.operations import submit_for_review
from education.review.pool import shortages
from education.review.returning import send_back, take_back
from education.review.rules import REQUIRED, counting_approvals, missing_approvals
from education.stale_forms import StepForm


def day_to_answer_by() -> datetime.date:
    """Two weeks from today, on a day on which people work."""
    day = timezone.localdate() + TIME_TO_REVIEW
    return day + datetime.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


class AssignForm(forms.Form):
    """Whom to ask, each as what, by when."""

    reviewers = forms.MultipleChoiceField(
        label="Whom to ask",
        widget=forms.CheckboxSelectMultiple,
        help_text="One or several; each gets a mail.",
    )
    due_on = forms.DateField(
        label="By",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        initial=day_to_answer_by,
        help_text="Who does not answer by then is reminded; three days later you are told.",
    )

    def __init__(self, *args: Any, revision: Revision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {
            f"{part.value}:{person.pk}": (part, person)
            for part in Review.As
            for person in candidates(revision, part)
        }
        field = self.fields["reviewers"]
        assert isinstance(field, forms.MultipleChoiceField)
        today = timezone.localdate()
        away = {absence.person_id: absence for absence in absences_on(today)}
        # Who leaves tomorrow, or is away again before they are back, is away as the pool says it.
        away |= away_until(today + TIME_TO_REVIEW)
        field.choices = [
            (
                value,
                f"{person}, {part.label.lower()} {person.specialty}".strip()
                + (f". {absence_in_words(away[person.pk])}" if person.pk in away else "")
                + (f". {bars}" if (bars := why_reviewing_bars(person)) else ""),
            )
            for value, (part, person) in self.people.items()
        ]
        if not revision.assignments.exists():
            field.initial = self._only_ones(revision, away)

    def _only_ones(self, revision: Revision, away: Collection[int]) -> list[str]:
        """
        Those without whom the text can't be approved, as nobody else is able.

        Nobody where one of them is away or would take two parts: then somebody has to choose.
        """
        only = [
            value
            for requirement in REQUIRED[revision.article.risk_class]
            if len(able := self._able(requirement.reviewed_as)) == requirement.count
            for value in able
        ]
        people = {self.people[value][1].pk for value in only}
        return only if len(people) == len(only) and people.isdisjoint(away) else []

    def _able(self, part: str) -> list[str]:
        return [value for value, (reviewed_as, _) in self.people.items() if reviewed_as == part]

    def clean_reviewers(self) -> list[str]:
        """One person takes one part."""
        chosen: list[str] = self.cleaned_data["reviewers"]
        people = [self.people[value][1] for value in chosen]
        twice = sorted({str(person) for person in people if people.count(person) > 1})
        if twice:
            raise forms.ValidationError(f"In one part only: {', '.join(twice)}.")
        return chosen


class PublishForm(forms.Form):
    """When the public is to see it, and what was read of the people behind it."""

    people_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    goes_live_at = forms.DateTimeField(
        label="Goes live at",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Empty: now. Times are in the site's time zone.",
    )

    as_major = forms.BooleanField(
        label="More than wording changes: publish as a major change",
        required=False,
        help_text="Paper of the version before is outdated then. It can’t be made minor again.",
    )

    def __init__(self, *args: Any, may_be_minor: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_be_minor:
            del self.fields["as_major"]

    def clean_goes_live_at(self) -> datetime.datetime | None:
        """A moment that has passed is refused rather than read as now."""
        moment: datetime.datetime | None = self.cleaned_data["goes_live_at"]
        if moment and moment < timezone.now():
            raise forms.ValidationError("This moment has passed. Leave it empty to publish now.")
        return moment


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="In a sentence or two, for your colleagues; it stands in the record.",
    )


class StepWithReasonForm(StepForm, ReasonForm):
    """Why a step is taken, on what the person saw."""


def how_it_stands(revision: Revision) -> list[str]:
    """Where a text is on its way, and its text: what a step on it was decided on."""
    decided = revision.reviews.filter(round=revision.round).count()
    stands = f"{revision.get_state_display()}, round {revision.round}"
    decisions = f", decisions of reviewers in this round: {decided}" if decided else ""
    return [f"{stands}, save {revision.version} of its text{decisions}"]


def _posted(request: HttpRequest) -> QueryDict | None:
    """What was posted, also where it is nothing."""
    return request.POST if request.method == "POST" else None


class StepsMixin(ReviewingMixin):
    """The steps of the work on a revision, as pages of its admin."""

    def step_urls(self) -> list[URLPattern]:
        """The address of every step."""
        wrap = self.admin_site.admin_view
        steps = {
            "submit": self.submit_view,
            "minor": self.minor_view,
            "review": self.review_view,
            "comment": self.comment_view,
            "assign": self.assign_view,
            "take-back": self.take_back_view,
            "send-back": self.send_back_view,
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

    @exclusive_post
    def submit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a draft to its reviewers, or say what stands in the way."""
        revision = self.revision_of(request, pk)
        form = StepForm(_posted(request), stands=how_it_stands(revision))
        if request.method == "POST" and form.is_valid():
            try:
                submit_for_review(revision=revision, by=person_of(request))
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, f"{revision} is in review.", messages.SUCCESS)
                return redirect(back_to(revision))
        rendered = render_revision(revision)
        gates = checklist(revision, person_of(request), rendered)
        return self.page(
            request,
            "submit",
            revision,
            title=f"Submit {revision} for review",
            gates=gates,
            ready=all(gate.passed for gate, _ in gates if gate.before_review),
            missing=missing_approvals(revision),
            proposal=change_proposed(revision, rendered.tree),
            shortages=shortages(revision),
            barred=inherited(revision, draft_of(revision)),
            form=form,
        )

    @exclusive_post
    def minor_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose a draft as a change of wording alone, or take that back; say what code says."""
        revision = self.revision_of(request, pk)
        form = StepForm(_posted(request), stands=how_it_stands(revision))
        if request.method == "POST" and form.is_valid():
            minor = request.POST.get("change") == "minor"
            try:
                propose_minor(revision=revision, minor=minor, by=person_of(request))
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                done = "proposed as a minor change" if minor else "a major change"
                self.message_user(request, f"{revision} is {done}.", messages.SUCCESS)
                return redirect(back_to(revision))
        return self.page(
            request,
            "minor",
            revision,
            title=f"Minor or major: {revision}",
            proposal=change_proposed(revision, render_revision(revision).tree),
            form=form,
        )

    def assign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask a reviewer by a day, from those who may review this revision."""
        revision = self.revision_of(request, pk)
        form = AssignForm(request.POST or None, revision=revision)
        if request.method == "POST" and form.is_valid():
            reviewers = [form.people[value] for value in form.cleaned_data["reviewers"]]
            try:
                with exclusive_transaction():  # all are asked, or nobody
                    for part, reviewer in reviewers:
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
                names = ", ".join(str(reviewer) for _, reviewer in reviewers)
                verb = "is" if len(reviewers) == 1 else "are"
                self.message_user(request, f"{names} {verb} asked.", messages.SUCCESS)
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
        if page := require_reauthentication(request, self.admin_site.each_context(request)):
            return page
        revision = self.revision_of(request, pk)
        people = people_behind(revision, counting_approvals(revision))
        rendered = render_revision(revision)
        proposal = change_proposed(revision, rendered.tree)
        form = PublishForm(
            request.POST or None,
            initial={"people_seen": people.digest()},
            may_be_minor=proposal.is_minor,
        )
        if request.method == "POST" and form.is_valid():
            try:
                publication = publish(revision=revision, by=person_of(request), **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                moment = date_format(timezone.localtime(publication.goes_live_at), DAY_AND_TIME)
                when = f"goes live on {moment}" if publication.is_scheduled else "is public"
                self.message_user(request, f"{publication} {when}.", messages.SUCCESS)
                return redirect(back_to(revision))
        return self.page(
            request,
            "publish",
            revision,
            title=f"Publish {revision}",
            gates=checklist(
                revision, person_of(request), rendered, content_hash(revision, rendered)
            ),
            reasons=[
                *reasons_against_publishing(person_of(request), revision),
                *reasons_against_people(people, person_of(request)),
            ],
            people=[(person, is_new(person)) for person in people.everyone()],
            proposal=proposal,
            form=form,
        )

    def put_aside_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give up a draft after saying why."""
        return self._with_reason(request, pk, "put_aside", put_aside, "Put {} aside", "put aside")

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take one's own text back from review after saying why."""
        return self._with_reason(
            request, pk, "take_back", take_back, "Take {} back from review", "open again"
        )

    def send_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a text in review back to its writers after saying why."""
        return self._with_reason(
            request, pk, "send_back", send_back, "Send {} back to its writers", "sent back"
        )

    @exclusive_post
    def _with_reason(
        self,
        request: HttpRequest,
        pk: int,
        template: str,
        step: Callable[..., Revision],
        title: str,
        done: str,
    ) -> HttpResponse:
        """Take a step that needs a reason and nothing else."""
        revision = self.revision_of(request, pk)
        form = StepWithReasonForm(request.POST or None, stands=how_it_stands(revision))
        if request.method == "POST" and form.is_valid():
            try:
                step(revision=revision, by=person_of(request), **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, f"{revision} is {done}.", messages.SUCCESS)
                return redirect(back_to(revision))
        return self.page(request, template, revision, title=title.format(revision), form=form)
