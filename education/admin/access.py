"""Who sees and changes what at the desk: by role, in one place."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import DataError, models
from django.db.models import Field, Q, QuerySet, URLField
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst

from education import languages
from education.audit.operations import exclusive_transaction
from education.people.models import Role, User
from education.stale_forms import VersionedFormMixin, version_field
from education.text.markdown import DIALECT

if TYPE_CHECKING:
    from django.db.models import Model

P = ParamSpec("P")
R = TypeVar("R")

EDITORIAL = frozenset(
    {
        Role.WRITER,
        Role.MEDICAL_REVIEWER,
        Role.PLAIN_LANGUAGE_REVIEWER,
        Role.EDITOR_IN_CHIEF,
        Role.AUDITOR,
    }
)
WRITERS = EDITORIAL - {Role.AUDITOR}


# Digits of the largest number that both databases take as a key (BIGINT).
_LONGEST_NUMBER = 18


def person_of(request: HttpRequest) -> User:
    """The person signed in at the desk."""
    assert isinstance(request.user, User)
    return request.user


def roles_of(request: HttpRequest) -> set[Role]:
    """The roles of the person signed in, looked up once per request."""
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return set()
    if not hasattr(user, "_roles_of_request"):
        setattr(user, "_roles_of_request", user.roles)  # noqa: B010 - a person lives as long as a request
    roles: set[Role] = getattr(user, "_roles_of_request")  # noqa: B009
    return roles


def may_read_accounts(request: HttpRequest) -> bool:
    """Whether somebody reads what concerns the accounts and mail of everybody."""
    overseers = {Role.EDITOR_IN_CHIEF, Role.AUDITOR}
    return bool(request.user.is_superuser) or bool(roles_of(request) & overseers)


def number_of(object_id: str) -> int:
    """The number in the address of an admin page; 0, which nothing has, when it holds none."""
    is_number = object_id.isascii() and object_id.isdigit() and len(object_id) <= _LONGEST_NUMBER
    return int(object_id) if is_number else 0


def text_sent(request: HttpRequest, name: str) -> str:
    """What was typed in a field that no form checks, without the NUL that PostgreSQL refuses."""
    return str(request.POST.get(name, "")).replace("\x00", "")


class FirstThousand(Paginator):
    """A long list's first ``MOST`` rows: the rest is found by searching and never counted."""

    MOST = 1_000

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most ``MOST``."""
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        return rows.order_by()[: self.MOST].count()


class DeskChangeList(ChangeList):
    """A list that is shown whole where an address asks for a year or number that can't be."""

    def get_results(self, request: HttpRequest) -> None:
        """Django checks the form of a value, and finds its range wrong only while it asks."""
        try:
            super().get_results(request)
        except (ValueError, OverflowError, DataError) as problem:
            raise IncorrectLookupParameters(problem) from problem


class EditorialAdmin(admin.ModelAdmin):
    """
    A page of the desk. Everyone with an editorial role reads; ``change_roles`` may change.

    Nothing is ever deleted here. Being a superuser lets one read, not change: a superuser has no
    way round the rules of review.
    """

    change_roles: ClassVar[frozenset[Role]] = frozenset()
    # What its pages are called; without, the model's name.
    list_title = ""
    form_title = ""
    add_title = ""
    actions = None
    list_per_page = 50
    paginator = FirstThousand
    show_full_result_count = False
    formfield_overrides: ClassVar[dict[type[Field], dict[str, Any]]] = {
        URLField: {"assume_scheme": "https"}
    }

    def get_changelist(self, request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:
        """A list that answers whatever its address asks."""
        return DeskChangeList

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the app to everyone with an editorial role."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: "Model | None" = None) -> bool:
        """Everyone with an editorial role reads everything."""
        user = request.user
        return bool(user.is_active and user.is_superuser) or bool(roles_of(request) & EDITORIAL)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Those who may change may add."""
        return bool(roles_of(request) & self.change_roles)

    def has_change_permission(self, request: HttpRequest, obj: "Model | None" = None) -> bool:
        """By role; subclasses look at the object too."""
        return bool(roles_of(request) & self.change_roles)

    def has_delete_permission(self, request: HttpRequest, obj: "Model | None" = None) -> bool:
        """Nothing is deleted at the desk."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, by the name that its section has for it."""
        title = self.list_title or capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form, called what it is about; what that is called stands below."""
        if context.get("original") is None:
            title = self.add_title or f"New {self.opts.verbose_name}"
        else:
            title = self.form_title or capfirst(str(self.opts.verbose_name))
        return super().render_change_form(request, {**context, "title": title}, *args, **kwargs)


class ExclusiveFormMixin:
    """Holds the lock from a form's checks to its saving, so that what it checked stays true."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Save the form as one operation."""
        view = super().changeform_view  # type: ignore[misc]
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with exclusive_transaction():
            return view(request, *args, **kwargs)


def exclusive_post(view: Callable[P, R]) -> Callable[P, R]:
    """Hold the lock through a POST to a step's page, so that what its form checked stays true."""

    @functools.wraps(view)
    def exclusively(*args: P.args, **kwargs: P.kwargs) -> R:
        request = next(each for each in args if isinstance(each, HttpRequest))
        if request.method != "POST":
            return view(*args, **kwargs)
        with exclusive_transaction():
            return view(*args, **kwargs)

    return exclusively


class ReadingFilter(admin.SimpleListFilter):
    """Texts on their way that may read otherwise when they are saved next."""

    title = "reading"
    parameter_name = "reading"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """One choice beside all."""
        return [("changes", "Signs ^ or ~ from before they raised or lowered words")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Open texts of an earlier dialect with a sign that the present one reads."""
        if not self.value():
            return queryset
        fields = (
            "short_answer", "body", "unknowns", "questions", "key_messages__text",
            "comparison_rows__cells__text", "claim_checks__answer", "glossary_terms__definition",
        )  # fmt: skip
        holds = Q()
        for name in fields:
            holds |= Q(**{f"{name}__contains": "^"}) | Q(**{f"{name}__contains": "~"})
        numbers = queryset.model.objects.open().filter(holds, dialect__lt=DIALECT).values("pk")
        return queryset.filter(pk__in=numbers)


class VersionedAdminMixin:
    """
    Its form carries the version it was made from; a stale one is refused (``stale_forms``).

    ``versioned_rows`` are the models of the inlines that are saved with it.
    """

    versioned_rows: ClassVar[tuple[type[models.Model], ...]] = ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the version, where the form can be saved."""
        sets = list(super().get_fieldsets(request, obj))  # type: ignore[misc]
        if not self._is_versioned(request, obj) or "version_seen" in flatten_fieldsets(sets):
            return sets
        name, options = sets[0]
        return [(name, options | {"fields": (*options["fields"], "version_seen")}), *sets[1:]]

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The form, with the version of what is stored."""
        if self._is_versioned(request, obj):
            kwargs["form"] = type(
                "VersionedForm",
                (VersionedFormMixin, self.form),  # type: ignore[attr-defined]
                {"version_seen": version_field(), "stored_beside": lambda _form: self._rows(obj)},
            )
        return super().get_form(request, obj, *args, **kwargs)  # type: ignore[misc]

    def _is_versioned(self, request: HttpRequest, obj: Any) -> bool:
        return obj is not None and self.has_change_permission(request, obj)  # type: ignore[attr-defined]

    def _rows(self, obj: models.Model) -> list[str]:
        return [
            f"{model._meta.verbose_name}: {_row_in_words(row)}"
            for model in self.versioned_rows
            for row in model._default_manager.filter(**{_key_to(model, type(obj)): obj})
        ]


def _key_to(model: type[models.Model], parent: type[models.Model]) -> str:
    return next(
        field.name
        for field in model._meta.concrete_fields
        if field.remote_field and issubclass(parent, field.remote_field.model)
    )


def _row_in_words(row: models.Model) -> str:
    values = [
        str(getattr(row, field.name) if field.remote_field else field.value_from_object(row))
        for field in row._meta.concrete_fields
        if not field.primary_key
    ]
    return ", ".join(value for value in values if value not in {"", "None"})


class LanguageFilter(admin.SimpleListFilter):
    """Texts in one of the languages that are offered."""

    title = "language"
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The languages of the site; nothing is looked up."""
        return list(languages.offered_languages().items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Texts in the language that was chosen."""
        return queryset.filter(language=self.value()) if self.value() else queryset
