"""The page on which a reviewer reads a text beside its evidence, comments and decides."""

import datetime
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from education.admin.access import number_of, person_of, text_sent
from education.admin.checklist import checklist, way_to_the_text
from education.admin.revision_comparison import comparisons
from education.admin.revision_pages import RevisionPages
from education.articles.details import reasons_against_confirming
from education.articles.grading import grading
from education.articles.models import Article, Revision
from education.articles.operations import content_hash, render_revision
from education.articles.states import STEPS
from education.errors import EditorialError, StaleError
from education.evidence.details_in_words import details_in_words
from education.evidence.models import EvidenceItem
from education.handouts.letters import problems_on_paper
from education.people.models import User
from education.publishing.minor_changes import change_proposed
from education.publishing.people_behind import why_reviewing_bars
from education.review.checklists import ANSWERS, CHECKLISTS
from education.review.comments import (
    COMMENTING,
    add_comment,
    may_resolve,
    reply,
    resolve_comment,
    words_of,
)
from education.review.models import Comment, Review
from education.review.operations import decide
from education.review.rules import (
    counting_approvals,
    may_review,
    missing_approvals,
    reasons_against_deciding,
)
from education.text.rendering import Rendered


class DecisionForm(forms.Form):
    """A reviewer's decision."""

    content_hash_seen = forms.CharField(widget=forms.HiddenInput)
    reviewed_as = forms.ChoiceField(
        label="You decide as", help_text="Which of the approvals that the text needs this is."
    )
    decision = forms.ChoiceField(
        choices=Review.Decision.choices,
        widget=forms.RadioSelect,
        help_text="An approval is for this very text and its evidence; a request for changes "
        "gives the text back to its writers.",
    )
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

    def clean(self) -> dict[str, Any]:
        """An approval answers its whole checklist; who asks for changes may stop before."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        part = data.get("reviewed_as", "")
        if part and data.get("decision") == Review.Decision.APPROVED:
            for question in CHECKLISTS[part]:
                name = f"{part}-{question.name}"
                if name in self.fields and not data.get(name):
                    self.add_error(name, "Answer this before you approve.")
            if open_ := [name for name in self.errors if name.startswith(f"{part}-")]:
                many = "one question" if len(open_) == 1 else f"{len(open_)} questions"
                self.add_error(
                    None, f"Your checklist has {many} without an answer. Nothing was recorded."
                )
        return data

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

    def read_again(self, current: str) -> None:
        """Decide anew: the next press is about the text as it is now, with interests confirmed."""
        typed = {name: value for name, value in self.data.items() if name != "interests_confirmed"}
        self.data = typed | {"content_hash_seen": current}

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
    # What stands around the passage where it was marked: filled by the script that marks it.
    words_before = forms.CharField(required=False, widget=forms.HiddenInput)
    words_after = forms.CharField(required=False, widget=forms.HiddenInput)
    proposal = forms.CharField(
        label="Words you propose instead",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text="Only if you want to propose some. If a writer takes them over, you count as one "
        "of the writers of this text, and can no longer review or publish it.",
    )
    text = forms.CharField(
        label="Comment",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text="May be empty when you propose words.",
    )
    is_blocking = forms.BooleanField(
        required=False, label="This must be resolved before publication."
    )


@dataclass(frozen=True)
class Thread:
    """
    A comment with its answers, as one person meets it.

    ``stands`` and ``is_taken_over``: whether its passage, and the words proposed for it, are in the
    text; ``typed`` is an answer not yet taken.
    """

    comment: Comment
    stands: bool
    is_taken_over: bool
    may_resolve: bool
    typed: str = ""
    refusal: str = ""


class ReviewingMixin(RevisionPages):
    """Reading, commenting and deciding, as pages of a revision's admin."""

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show one revision beside its evidence and take the reviewer's decision."""
        revision = self.revision_of(request, pk)
        person = person_of(request)
        # Someone who may not decide is refused by the operation, not by an empty list of choices.
        parts = may_review(person, revision) or list(Review.As)
        form = DecisionForm(request.POST or None, parts=parts)
        if request.method == "POST" and form.is_valid():
            try:
                decide(revision=revision, by=person, **form.taken())
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
                if isinstance(refusal, StaleError):
                    form.read_again(content_hash(revision))
            else:
                self.message_user(request, f"Decision on {revision} recorded.", messages.SUCCESS)
                return redirect(_reading_page(revision))
        return self._reading(request, revision, form=form if form.is_bound else None)

    def comment_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """
        Make, answer or resolve a comment; after a refusal everything typed is still there.

        The writing surface asks for JSON: the comments beside the text, or why not.
        """
        revision = self.revision_of(request, pk)
        if request.method != "POST":  # after a sign-in that had ended
            return redirect(f"{_reading_page(revision)}#comments")
        if number := request.POST.get("comment", ""):
            return self._answer(request, revision, number_of(number))
        form = CommentForm(request.POST)
        if form.is_valid():
            by = person_of(request)
            try:
                comment = add_comment(revision=revision, by=by, **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                return self._recorded(request, comment)
        if _wants_json(request):
            return _refused(" ".join(str(why) for whys in form.errors.values() for why in whys))
        return self._reading(request, revision, comment_form=form)

    def _answer(self, request: HttpRequest, revision: Revision, number: int) -> HttpResponse:
        """Answer or resolve a comment."""
        thread = get_object_or_404(revision.comments.filter(parent=None), pk=number)
        typed = text_sent(request, "text")
        try:
            if "resolve" in request.POST:
                resolve_comment(comment=thread, by=person_of(request))
            else:
                reply(comment=thread, by=person_of(request), text=typed)
        except EditorialError as refusal:
            if _wants_json(request):
                return _refused(str(refusal))
            return self._reading(request, revision, refused=(thread, typed, str(refusal)))
        return self._recorded(request, thread)

    def _recorded(self, request: HttpRequest, comment: Comment) -> HttpResponse:
        if _wants_json(request):
            revision, template = comment.revision, "admin/education/revision/comments_beside.html"
            context = comments_beside(revision, person_of(request)) | {"revision": revision}
            html = render_to_string(template, context, request)
            return JsonResponse({"html": html, "number": comment.pk})
        self.message_user(request, "Recorded.", messages.SUCCESS)
        return redirect(f"{_reading_page(comment.revision)}#comment-{comment.pk}")

    def _reading(
        self,
        request: HttpRequest,
        revision: Revision,
        *,
        form: DecisionForm | None = None,
        comment_form: CommentForm | None = None,
        refused: tuple[Comment, str, str] | None = None,
    ) -> HttpResponse:
        """The page: what changed, the text beside its evidence, the comments, the decision."""
        revision.refresh_from_db(fields=["state", "round"])
        person = person_of(request)
        rendered = render_revision(revision)
        current = content_hash(revision, rendered)
        against = {
            part: reasons_against_deciding(person, revision, part, draft=rendered.draft)
            for part in Review.As
        }
        parts = [part for part, reasons in against.items() if not reasons]
        decidable = any(step.by == "decide" and step.before == revision.state for step in STEPS)
        return self.page(
            request,
            "review",
            revision,
            title=f"Review {revision}",
            rendered=rendered,
            on_paper=problems_on_paper(rendered.tree),
            gates=checklist(revision, person, rendered, current),
            proposal=change_proposed(revision, rendered.tree) if revision.minor else None,
            way=way_to_the_text(revision, person),
            evidence=[
                (citation, details_in_words(citation.item))
                for citation in revision.citations.prefetch_related(
                    Prefetch("item", EvidenceItem.objects.with_status().prefetch_related("found"))
                )
            ],
            comparisons=comparisons(revision, person),
            panel=grading().panel if revision.article.kind == Article.Kind.FINDINGS else (),
            threads=_threads(revision, person, rendered, refused),
            comment_form=comment_form or CommentForm(),
            may_comment=_may_comment(revision, person),
            form=form or DecisionForm(parts=parts, initial={"content_hash_seen": current}),
            # What was typed stays on the page, even when it can no longer be taken.
            shows_form=bool(form) or (decidable and bool(parts)),
            decidable=decidable,
            person=person,
            bars_publishing=why_reviewing_bars(person),
            against_class=reasons_against_confirming(person, revision.article),
            reasons={part.label: reasons for part, reasons in against.items()},
            **_who_approves(revision, current),
        )


def _reading_page(revision: Revision) -> str:
    return reverse("admin:education_revision_review", args=[revision.pk])


def _may_comment(revision: Revision, person: User) -> bool:
    return bool(person.roles & COMMENTING) and revision.state in Revision.OPEN_STATES


def comments_beside(
    revision: Revision, person: User, rendered: Rendered | None = None
) -> dict[str, Any]:
    """The comments on a text for the page on which it is written: open ones, then resolved ones."""
    threads = _threads(revision, person, rendered)
    return {
        "open_threads": [thread for thread in threads if not thread.comment.resolved_at],
        "resolved_threads": [thread for thread in threads if thread.comment.resolved_at],
        "may_comment": _may_comment(revision, person),
        "contributes": revision.contributions.filter(person=person).exists(),
    }


def _wants_json(request: HttpRequest) -> bool:
    kinds = ["text/html", "application/json"]
    return request.get_preferred_type(kinds) == "application/json"


def _refused(why: str) -> HttpResponse:
    return JsonResponse({"refusal": why}, status=HTTPStatus.CONFLICT)


def _threads(
    revision: Revision,
    person: User,
    rendered: Rendered | None,
    refused: tuple[Comment, str, str] | None = None,
) -> list[Thread]:
    comments = list(
        revision.comments.filter(parent=None)
        .select_related("by", "resolved_by", "revision")
        .prefetch_related("replies__by")
    )
    text = words_of(revision, rendered) if comments else ""
    about, typed, refusal = refused or (None, "", "")
    return [
        Thread(
            comment,
            comment.passage in text,
            bool(comment.proposal) and comment.proposal in text,
            may_resolve(comment, person),
            *((typed, refusal) if comment == about else ()),
        )
        for comment in comments
    ]


def _who_approves(revision: Revision, current: str) -> dict[str, Any]:
    """Who has approved this text and evidence, what is still missing, and who was asked."""
    approvals = counting_approvals(revision, current)
    done = {review.reviewer_id for review in approvals}
    today: datetime.date = timezone.localdate()
    return {
        "approvals": approvals,
        "missing": missing_approvals(revision, current),
        "asked": [
            (assignment, assignment.due_on < today)
            for assignment in revision.assignments.select_related("reviewer")
            if assignment.reviewer_id not in done
        ],
    }
