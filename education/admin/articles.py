"""Articles and revisions at the desk: what is written, and where it stands."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Model, OuterRef, Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from education import languages
from education.admin.access import (
    WRITERS,
    EditorialAdmin,
    ExclusiveFormMixin,
    LanguageFilter,
    ReadingFilter,
    exclusive_post,
    number_of,
    person_of,
    roles_of,
)
from education.admin.checklist import checklist
from education.admin.event_words import in_words
from education.admin.findings import FindingsMixin, FindingsOptionInline, OutcomeInline
from education.admin.publication_states import scheduled_moments, scheduled_words
from education.admin.reviewers import ReviewersMixin
from education.admin.reviewing import comments_beside
from education.admin.saved_texts import SavedTextsMixin
from education.admin.shipped_texts import ShippedTextsMixin
from education.admin.tools import WritingToolsMixin
from education.admin.word_files import WordFilesMixin
from education.admin.workflow import StepsMixin, StepWithReasonForm
from education.admin.writing import (
    CONTRIBUTE,
    TEXT_FIELDS,
    ClaimInline,
    KeyMessageInline,
    OptionInline,
    PartInline,
    RevisionForm,
    RowInline,
    TermInline,
    draft_from,
)
from education.articles.details import (
    DETAILS,
    archive_article,
    confirm_class,
    correct_details,
)
from education.articles.inheritance import others_words
from education.articles.models import Article, Contribution, Drawing, Revision
from education.articles.number_sources import number_sources
from education.articles.operations import (
    draft_of,
    published_rows,
    render_draft,
    render_revision,
    save_text,
    saved_draft,
    start_article,
    start_revision,
)
from education.audit.models import Event
from education.errors import EditorialError
from education.handouts.letters import problems_on_paper
from education.people.models import Role
from education.publishing.models import Publication
from education.publishing.rules import reasons_against_publishing
from education.review.models import Assignment
from education.review.returning import (
    last_return,
    reasons_against_sending_back,
    reasons_against_taking_back,
)
from education.review.rules import barred_by_contributing, may_review, missing_approvals
from education.stale_forms import VersionedFormMixin, version_field
from education.text.draft_differences import side_by_side
from education.text.figures import figure_names
from education.text.lint import AIM_GRADE, FAILING_GRADE
from education.text.readability import reading_grade, word_count
from education.text.rendering import Draft, Rendered

# What an article that begins with the text of another has of it, until somebody says otherwise.
SHARED_DETAILS = ("topic", "kind", "risk_class", "review_every_months")
ARTICLE_HELP = {
    "topic": "Where readers find it in the list of topics. Who has a conflict of interest on the "
    "topic can’t review it.",
    "kind": "What its text is made of: paragraphs, a comparison of options, claims, explained "
    "words or a table of findings. It stays as chosen.",
    "risk_class": "What a wrong word could do. A needs most approvals, C fewest; a second person "
    "confirms it.",
}
JUDGES = {Role.MEDICAL_REVIEWER, Role.PLAIN_LANGUAGE_REVIEWER, Role.EDITOR_IN_CHIEF}


class ArticleForm(forms.ModelForm):
    """A new article, and the title of its first draft."""

    title = forms.CharField(
        max_length=200,
        help_text="The question this article answers, in words of families: “Can it be undone?” "
        "Readers see it as the heading and in lists.",
        widget=forms.TextInput(attrs={"size": 60}),
    )
    # Of the article whose text this one begins with.
    kind_of_source = ""

    class Meta:
        model = Article
        fields = ("title", "slug", "topic", "kind", "risk_class", "review_every_months")
        help_texts = ARTICLE_HELP

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = (
                "The end of the page’s address; made from the title when left empty. It never "
                "changes once published."
            )

    def clean(self) -> dict[str, Any]:
        """Make the address from the title when none was given."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("slug"):
            data["slug"] = slugify(data.get("title", ""))[:80].rstrip("-")
        if self.kind_of_source and data.get("kind") not in {None, self.kind_of_source}:
            kind = Article.Kind(self.kind_of_source).label.lower()
            self.add_error("kind", f"The text that it begins with is of another kind: {kind}.")
        return data


class ArticleDetailsForm(VersionedFormMixin, forms.ModelForm):
    """What an article is, and why that is corrected."""

    version_seen = version_field()
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="What was wrong, in a sentence. It stands in the record; readers don’t see it.",
    )

    class Meta:
        model = Article
        fields = DETAILS
        help_texts = ARTICLE_HELP

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        article = self.instance
        if not article.revisions.filter(state=Revision.State.PUBLISHED).exists():
            return
        for name in DETAILS:
            if name != "risk_class":
                del self.fields[name]
        field = self.fields["risk_class"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            choice for choice in Article.RiskClass.choices if choice[0] <= article.risk_class
        ]
        field.help_text = (
            "It was published: its class may only be stricter, which an editor-in-chief decides "
            "and a second person confirms. What is public stays; the next version needs more "
            "approvals."
        )


@admin.register(Article)
class ArticleAdmin(ShippedTextsMixin, EditorialAdmin):
    """What keeps its address; its text is in its revisions."""

    list_title = "Articles"
    add_title = "Begin an article"
    change_roles = WRITERS
    form = ArticleForm
    change_form_template = "admin/education/article/change_form.html"
    change_list_template = "admin/education/article/change_list.html"
    list_display = ("slug", "topic", "kind", "risk_class", "review_every_months")
    list_filter = ("kind", "risk_class", "topic")
    list_select_related = ("topic",)
    search_fields = ("slug", "revisions__title")
    search_help_text = "Address, or title of a version."

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """An article's address and risk class stay as they began; new text is a new revision."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The title belongs to the revisions."""
        fields = list(ArticleForm.Meta.fields)
        return fields[1:] if obj else fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the article has in common with the one whose text it begins with."""
        source = _begins_with(request)
        return {name: getattr(source, name) for name in SHARED_DETAILS} if source else {}

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The form; an article that begins with another's text is of its kind."""
        form_class = super().get_form(request, obj, *args, **kwargs)
        source = None if obj else _begins_with(request)
        form_class.kind_of_source = source.kind if source else ""  # type: ignore[attr-defined]
        return form_class

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form; where it begins with another text, with whom that bars from judging it."""
        if source := _begins_with(request):
            last = _newest(source)
            words = others_words(draft_of(last), source) if last else {}
            extra_context = {"source": source, "last": last, "writers": list(words)}
        return super().add_view(request, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make the article and its first draft: empty, or with the text of another article."""
        details = dict(form.cleaned_data)
        title = details.pop("title")
        by = person_of(request)
        article = start_article(by=by, **details)
        source = _begins_with(request)
        last = _newest(source) if source else None
        draft = draft_of(last) if last else Draft(kind=article.kind)
        draft = replace(draft, title=title, what_changed="", correction="")
        obj.pk = article.pk
        start_revision(article=article, draft=draft, by=by)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Go on to write."""
        self.message_user(request, "The article is made. Write its first draft.", messages.SUCCESS)
        return redirect(_revision_url("change", obj.revisions.get()))

    def get_urls(self) -> list[Any]:
        """Add the step that begins the next revision, its details, and the texts that ship."""
        wrap = self.admin_site.admin_view
        start = wrap(require_POST(self.start_revision_view))
        confirm = wrap(require_POST(self.confirm_class_view))
        return [
            path("<int:pk>/confirm-class/", confirm, name="education_article_confirm_class"),
            path("<int:pk>/details/", wrap(self.details_view), name="education_article_details"),
            path("<int:pk>/archive/", wrap(self.archive_view), name="education_article_archive"),
            path("<int:pk>/start-revision/", start, name="education_article_start_revision"),
            *self.shipped_urls(),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the article's revisions and its timeline."""
        article = self.get_object(request, object_id)
        revisions = article.revisions.order_by("language", "-number") if article else []
        moments = scheduled_moments(revisions)
        for revision in revisions:
            revision.goes_live_at = moments.get(revision.pk)
        extra = {
            "revisions": revisions,
            "timeline": [
                (event, in_words(event))
                for event in Event.objects.filter(
                    article_id=article.pk if article else None
                ).order_by("-sequence")[:100]
                if article
            ],
            "judges": bool(roles_of(request) & JUDGES),
            "startable": (
                _startable(article)
                if article and not article.archived_at and roles_of(request) & WRITERS
                else []
            ),
            "may_begin": self.has_add_permission(request) and bool(revisions),
            "may_correct": bool(article and roles_of(request) & WRITERS),
            "may_archive": bool(
                article and not article.archived_at and Role.EDITOR_IN_CHIEF in roles_of(request)
            ),
        }
        return super().change_view(request, object_id, form_url, extra)

    def start_revision_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """
        Begin the next revision in a language with the text of the last.

        The first text in a language begins with that of the newest in another, to be translated.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        article = get_object_or_404(Article, pk=pk)
        language = request.POST.get("language", languages.ENGLISH)
        if language not in languages.offered_languages():
            self.message_user(
                request, f"{language} is not a language of this site.", messages.ERROR
            )
            return redirect(reverse("admin:education_article_change", args=[pk]))
        newest = article.revisions.order_by("-number")
        last = newest.filter(language=language).first() or newest.first()
        draft = draft_of(last) if last else Draft(kind=article.kind, title=article.slug)
        draft = replace(draft, what_changed="", language=language)
        try:
            revision = start_revision(
                article=article, draft=draft, by=person_of(request), based_on=last
            )
        except EditorialError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect(reverse("admin:education_article_change", args=[pk]))
        return redirect(_revision_url("change", revision))

    def confirm_class_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirm the risk class as a second person."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        article = get_object_or_404(Article, pk=pk)
        seen = request.POST.get("risk_class_seen", "")
        try:
            confirm_class(article=article, by=person_of(request), risk_class_seen=seen)
        except EditorialError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            message = f"{article} is of class {article.risk_class}."
            self.message_user(request, message, messages.SUCCESS)
        number = number_of(request.POST.get("revision", ""))
        revision = article.revisions.filter(pk=number).first()
        if revision:
            return redirect(_revision_url("review", revision))
        return redirect(reverse("admin:education_article_change", args=[pk]))

    def details_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Correct what an article is; once it was published only to a stricter class."""
        article = get_object_or_404(Article, pk=pk)
        form = ArticleDetailsForm(request.POST or None, instance=article)

        def correct() -> None:
            details = dict(form.cleaned_data)
            reason = details.pop("reason")
            correct_details(article=article, details=details, by=person_of(request), reason=reason)

        return self._step(request, article, form, correct, f"Correct the details of {article}")

    @exclusive_post
    def archive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put an article away after saying why."""
        article = get_object_or_404(Article, pk=pk)
        form = StepWithReasonForm(request.POST or None, stands=_how_it_stands(article))

        def archive() -> None:
            archive_article(article=article, by=person_of(request), **form.cleaned_data)

        return self._step(request, article, form, archive, f"Archive {article}")

    def _step(
        self,
        request: HttpRequest,
        article: Article,
        form: forms.BaseForm,
        step: Callable[[], None],
        title: str,
    ) -> HttpResponse:
        if not self.has_view_permission(request, article):
            raise PermissionDenied
        if request.method == "POST" and form.is_valid():
            try:
                step()
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, "Recorded.", messages.SUCCESS)
                return redirect(reverse("admin:education_article_change", args=[article.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "article": article,
            "form": form,
        }
        return TemplateResponse(request, "admin/education/article/step.html", context)


def _how_it_stands(article: Article) -> list[str]:
    """What somebody who archives an article was shown of it."""
    archived = "Archived" if article.archived_at else "Not archived"
    texts = article.revisions.order_by("pk")
    return [archived, *(f"{text}: {text.get_state_display().lower()}" for text in texts)]


def _begins_with(request: HttpRequest) -> Article | None:
    """The article whose text a new one begins with, by the address of the form."""
    number = number_of(request.GET.get("begin_with", ""))
    return Article.objects.filter(pk=number).first() if number else None


def _newest(article: Article) -> Revision | None:
    """The newest text of an article: in the first language of the site, else in any."""
    texts = article.revisions.exclude(state=Revision.State.DISCARDED).order_by("-number")
    return texts.filter(language=languages.ENGLISH).first() or texts.first()


def _startable(article: Article) -> list[tuple[str, str]]:
    """The languages in which a text of the article may be begun now, with their names."""
    busy = set(article.revisions.open().values_list("language", flat=True))
    return [
        language for language in languages.offered_languages().items() if language[0] not in busy
    ]


def _revision_url(page: str, revision: Revision) -> str:
    return reverse(f"admin:education_revision_{page}", args=[revision.pk])


# What has to happen next for a text in each state; nothing once it is published or put aside.
NEXT = {
    Revision.State.DRAFT: "Its writers finish it and submit it",
    Revision.State.IN_REVIEW: "Somebody asks reviewers",
    Revision.State.CHANGES_REQUESTED: "Its writers change it and submit it again",
    Revision.State.APPROVED: "An editor-in-chief publishes it",
}


class MineFilter(admin.SimpleListFilter):
    """Texts that the person signed in wrote, or was asked to review."""

    title = "my part"
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The two parts one may have."""
        return [("wrote", "I wrote it"), ("asked", "I was asked to review it")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Texts of which that is so."""
        person = person_of(request)
        own = Contribution.objects.filter(revision=OuterRef("pk"), person=person, inherited=False)
        assignments = Assignment.objects.filter(revision=OuterRef("pk"), reviewer=person)
        parts = {"wrote": own, "asked": assignments}
        chosen = parts.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(Exists(chosen))


@admin.register(Revision)
class RevisionAdmin(
    ExclusiveFormMixin,
    StepsMixin,
    ReviewersMixin,
    WordFilesMixin,
    WritingToolsMixin,
    FindingsMixin,
    SavedTextsMixin,
    EditorialAdmin,
):
    """One text on its way: written, submitted, reviewed, published."""

    list_title = "Drafts and reviews"
    form_title = "Text of an article"
    change_roles = WRITERS
    form = RevisionForm
    change_form_template = "admin/education/revision/change_form.html"
    list_display = ("title", "standing", "who", "updated_at", "what_next", "number", "language")
    list_filter = ("state", MineFilter, "article__topic", LanguageFilter, ReadingFilter)
    list_select_related = ("article",)
    ordering = ("-updated_at", "-pk")
    search_fields = ("title", "article__slug")
    search_help_text = "Title or address; Search, above, finds the words of texts."

    class Media:
        js = (forms.Script("education/desk/writing.js", type="module"),)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list with the people of each text, in as many queries however long it is."""
        changes = super().get_changelist_instance(request)
        writers = Contribution.objects.filter(inherited=False).select_related("person")
        assignments = Assignment.objects.select_related("reviewer")
        rows = list(changes.result_list)
        prefetch_related_objects(
            rows,
            Prefetch("contributions", writers.order_by("pk"), "writers_of_list"),
            Prefetch("assignments", assignments.order_by("pk"), "asked_of_list"),
        )
        moments = scheduled_moments(rows)
        for row in rows:
            row.goes_live_at = moments.get(row.pk)
        changes.result_list = rows
        return changes

    @admin.display(description="state", ordering="state")
    def standing(self, revision: Any) -> str:
        """Its state; of a copy that waits for its moment, when that is."""
        if revision.goes_live_at:
            return scheduled_words(revision.goes_live_at)
        return str(revision.get_state_display())

    @admin.display(description="who")
    def who(self, revision: Any) -> str:
        """Who wrote it, and who was asked to review it while it is in review."""
        names = [str(contribution.person) for contribution in revision.writers_of_list]
        asked = [str(assignment.reviewer) for assignment in revision.asked_of_list]
        if revision.state == Revision.State.IN_REVIEW and asked:
            names.append(f"asked: {', '.join(dict.fromkeys(asked))}")
        return ", ".join(dict.fromkeys(names)) or "nobody yet"

    @admin.display(description="what next")
    def what_next(self, revision: Any) -> str:
        """What has to happen for the text to go on, and by when somebody was asked."""
        if revision.state == Revision.State.IN_REVIEW and revision.asked_of_list:
            day = min(assignment.due_on for assignment in revision.asked_of_list)
            return f"Reviewers decide, by {date_format(day)}"
        return NEXT.get(revision.state, "")

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """A revision begins from its article."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """
        Writers change a draft. A POST to a locked text reaches the form, which refuses it and
        shows what was typed; turning it away at the door would throw the text away.
        """
        if not super().has_change_permission(request, obj):
            return False
        return not isinstance(obj, Revision) or obj.is_editable or request.method == "POST"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The text; the version travels along while it may change."""
        fields = list(TEXT_FIELDS)
        return [*fields, "expected_version"] if self.has_change_permission(request, obj) else fields

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The form; somebody whom saving would bar from judging the text must say yes to it."""
        form_class = super().get_form(request, obj, *args, **kwargs)
        if obj and CONTRIBUTE not in request.POST:
            barred = barred_by_contributing(person_of(request), obj)
            form_class.barred_from = barred  # type: ignore[attr-defined]  # RevisionForm's
        return form_class

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Who said yes goes on writing."""
        if CONTRIBUTE in request.POST:
            self.message_user(request, "Saved. You are one of its writers now.", messages.SUCCESS)
            return redirect(_revision_url("change", obj))
        return super().response_change(request, obj)

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """The parts this kind of article has."""
        kind = obj.article.kind if obj else ""
        by_kind: dict[str, tuple[type[PartInline], ...]] = {
            Article.Kind.COMPARISON: (OptionInline, RowInline),
            Article.Kind.CLAIMS: (ClaimInline,),
            Article.Kind.GLOSSARY: (TermInline,),
            Article.Kind.FINDINGS: (FindingsOptionInline, OutcomeInline),
        }
        return [KeyMessageInline, *by_kind.get(kind, ())]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saved with its parts in ``save_related``."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the text and all its parts by one operation."""
        draft = draft_from(form, formsets)
        save_text(
            revision=form.instance,
            draft=draft,
            by=person_of(request),
            expected_version=form.cleaned_data["expected_version"],
        )

    def construct_change_message(self, *_args: Any, **_kwargs: Any) -> Any:
        """The record of events says what was done."""
        return []

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show beside the form where the revision stands and what may be done with it."""
        revision = self.get_object(request, object_id)
        extra = self._standing(request, revision) if revision else {}
        if revision:
            is_open = self.has_change_permission(request, revision)
            extra["title"] = f"Edit: {revision.title}" if is_open else revision.title
        return super().change_view(request, object_id, form_url, extra)

    def _standing(self, request: HttpRequest, revision: Revision) -> dict[str, Any]:
        person = person_of(request)
        rendered = render_revision(revision)
        reviewing = revision.state in {Revision.State.IN_REVIEW, Revision.State.APPROVED}
        return {
            "revision": revision,
            "rendered": rendered,
            "gates": checklist(revision, person, rendered),
            "measures": measures(rendered),
            "numbers": (numbers := number_sources(rendered.tree, revision.article.slug)),
            "untraced": sum(not number.is_traced for number in numbers),
            "figures": json.dumps(_figures()),
            "is_nav_sidebar_enabled": False,
            "rows_of_table": published_rows(revision.language) or {},
            "barred": others_words(draft_of(revision), revision.article, person),
            "others": self.seen(request, revision),
            **comments_beside(revision, person, rendered),
            "reviews": revision.reviews.select_related("reviewer"),
            "scheduled": Publication.objects.scheduled().filter(revision=revision).first(),
            "may_submit": revision.is_editable and bool(roles_of(request) & WRITERS),
            "may_review": may_review(person, revision) if reviewing else [],
            "may_publish": revision.state == Revision.State.APPROVED
            and not reasons_against_publishing(person, revision),
            "missing": missing_approvals(revision) if reviewing else [],
            "barred_from": barred_by_contributing(person, revision) if revision.is_editable else [],
            "may_take_back": reviewing and not reasons_against_taking_back(person, revision),
            "may_send_back": reviewing and not reasons_against_sending_back(person),
            "returned": last_return(revision)
            if revision.state == Revision.State.CHANGES_REQUESTED
            else None,
        }

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """
        After a refused save, draw what was typed; after one over somebody else's, show both texts
        side by side. Saving again is then deliberate.

        What it replaces is not lost: every saved text is kept (``SavedText``).
        """
        form = context["adminform"].form
        parts = [inline.formset for inline in context["inline_admin_formsets"]]
        if form.is_bound:
            draft = draft_from(form, parts)
            rendered = render_draft(draft)
            person = person_of(request)
            context |= {
                "rendered": rendered,
                "gates": checklist(form.instance, person, rendered, draft=draft),
                "measures": measures(rendered),
                "barred": others_words(draft, form.instance.article, person),
            }
        context["asked_to_contribute"] = form.is_bound and form.has_error(
            "__all__", code="contributing"
        )
        if form.is_bound and form.has_error("__all__", code="stale"):
            stored = Revision.objects.get(pk=form.instance.pk)
            seen = form.cleaned_data.get("expected_version")
            began = stored.saved_texts.filter(version=seen).first()
            context["clash"] = {
                "by": stored.saved_texts.last(),
                "parts": side_by_side(
                    began=saved_draft(began) if began else Draft(),
                    mine=draft_from(form, parts),
                    theirs=draft_of(stored),
                ),
            }
            form.data = form.data.copy()
            form.data["expected_version"] = stored.version
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[Any]:
        """Add the preview and the steps of the work."""
        preview = self.admin_site.admin_view(self.preview_view)
        return [
            path("<int:pk>/preview/", preview, name="education_revision_preview"),
            *self.step_urls(),
            *self.reviewer_urls(),
            *self.tool_urls(),
            *self.word_urls(),
            *self.findings_urls(),
            *self.saved_text_urls(),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Draw the text by the public renderer: as saved, or as it stands in the posted form."""
        revision = self.revision_of(request, pk)
        is_typed = request.method == "POST"
        draft = self._typed(request, revision) if is_typed else draft_of(revision)
        rendered = render_draft(draft)
        person = person_of(request)
        shown = {
            "rendered": rendered,
            "gates": checklist(revision, person, rendered, draft=draft),
            "measures": measures(rendered),
            "barred": others_words(draft, revision.article, person),
        }
        if request.get_preferred_type(["text/html", "application/json"]) != "application/json":
            title = f"Preview of {revision}"
            if is_typed:
                # The frame draws what the form holds: it is stored nowhere that it could ask for.
                page = self.admin_site.draw_for_readers(request, revision, rendered)  # type: ignore[attr-defined]
                shown["typed"] = page.content.decode()
            return self.page(request, "preview", revision, title=title, is_typed=is_typed, **shown)
        folder = "admin/education/revision"
        return JsonResponse(
            {
                "html": render_to_string(f"{folder}/preview_text.html", shown, request),
                "beside": render_to_string(f"{folder}/beside.html", shown, request),
            }
        )

    def _typed(self, request: HttpRequest, revision: Revision) -> Draft:
        """The text as it stands in a posted form, whether it could be saved or not."""
        form_class = self.get_form(request, revision, change=True)
        form = form_class(request.POST, instance=revision)
        formsets = [
            formset_class(
                **self.get_formset_kwargs(
                    request, revision, inline, formset_class.get_default_prefix()
                )
            )
            for formset_class, inline in self.get_formsets_with_inlines(request, revision)
        ]
        form.is_valid()
        for formset in formsets:
            formset.is_valid()
        return draft_from(form, formsets)


def _figures() -> list[dict[str, str]]:
    """What may be placed: drawings that ship, and approved ones of the library with their words."""
    library = Drawing.objects.filter(state=Drawing.State.APPROVED).order_by("-decided_at")
    return [
        *({"name": name, "alt": alt} for name, alt in library.values_list("name", "alternative")),
        *({"name": name, "alt": ""} for name in figure_names()),
    ]


def measures(rendered: Rendered) -> dict[str, Any]:
    """How long a text is, how hard to read in its language, and what of it paper can't show."""
    return {
        "words": word_count(rendered.tree),
        "grade": reading_grade(rendered.tree),
        "aim": AIM_GRADE,
        "failing": FAILING_GRADE,
        "on_paper": problems_on_paper(rendered.tree),
    }
