"""The library of drawings at the desk: uploaded, approved by another person, placed in texts."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from education.admin.access import (
    WRITERS,
    EditorialAdmin,
    ExclusiveFormMixin,
    number_of,
    person_of,
    text_sent,
)
from education.articles.drawings import (
    decide_drawing,
    reasons_against_judging,
    reasons_against_retiring,
    retire_drawing,
    revisions_placing,
    upload_drawing,
)
from education.articles.models import Drawing
from education.errors import EditorialError
from education.people.models import User
from education.publishing.models import Publication
from education.text.figures import NAME, FigureError, figure_names
from education.text.uploaded_drawings import UploadedDrawing, read_drawing
from education.text.uploads import LARGEST_UPLOAD
from education.widgets import Textarea

# A drawing opened by itself runs nothing and asks nobody for anything.
POLICY = "default-src 'none'; img-src data:; style-src 'none'; sandbox"


class DrawingForm(forms.ModelForm):
    """A file and what readers are told of it; the file is checked where it is stored."""

    file = forms.FileField(
        label="SVG, PNG or JPEG",
        help_text=f"At most {LARGEST_UPLOAD // 1_000_000} MB. An SVG keeps its shapes and words; "
        "scripts, links and filters are refused. A picture is made as small as a page needs.",
        widget=forms.FileInput(attrs={"accept": ".svg,.png,.jpg,.jpeg"}),
    )

    # The file as it will be stored, or why it can't be: read once, before the lock is held.
    checked: UploadedDrawing | FigureError | None = None

    class Meta:
        model = Drawing
        fields = ("name", "alternative", "source", "licence")
        widgets = {"alternative": Textarea(attrs={"rows": 3, "cols": 60})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            self.fields["name"].required = False
            self.fields["name"].help_text += " Made from the name of the file when left empty."

    def clean(self) -> dict[str, Any]:
        """Check the file, and take the name from it when none was given."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        file = data.get("file")
        if file is None:
            return data
        name = data.get("name") or slugify(file.name.rpartition(".")[0])[:60].strip("-_")
        name = data["name"] = name.lower().replace("_", "-")
        if file.size > LARGEST_UPLOAD:
            self.add_error("file", f"It may have {LARGEST_UPLOAD // 1_000_000} MB at most.")
            return data
        if not NAME.fullmatch(name):
            self.add_error("name", "Type a name of Latin letters, digits and single hyphens.")
            return data
        if name in figure_names():
            self.add_error("name", "A drawing that ships has this name.")
        words = data.get("alternative") or name
        if self.checked is None:
            try:
                self.checked = read_drawing(file.read(), title=name, description=words)
            except FigureError as refusal:
                self.checked = refusal
        if isinstance(self.checked, FigureError):
            self.add_error("file", str(self.checked))
        return data


@admin.register(Drawing)
class DrawingAdmin(ExclusiveFormMixin, EditorialAdmin):
    """Drawings that texts may place, and those that wait."""

    list_title = "Drawings"
    form_title = "Drawing"
    add_title = "Upload a drawing"
    change_roles = WRITERS
    form = DrawingForm
    change_form_template = "admin/education/drawing/change_form.html"
    list_display = ("picture", "name", "alternative", "state", "uploaded_by", "uploaded_at")
    list_display_links = ("name",)  # a link needs words
    list_filter = ("state",)
    list_select_related = ("uploaded_by",)
    search_fields = ("name", "alternative", "source")
    search_help_text = "Name, what it shows, or where it is from."

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Read the file before the lock is held: a large picture takes most of a second."""
        if request.method == "POST" and self.has_add_permission(request):
            form = self.get_form(request)(request.POST, request.FILES)
            form.is_valid()
            request.checked_drawing = form.checked  # type: ignore[attr-defined]  # ours
        return super().add_view(request, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The form, with the file that was read before the lock."""
        form_class = super().get_form(request, obj, *args, **kwargs)
        form_class.checked = getattr(request, "checked_drawing", None)  # type: ignore[attr-defined]
        return form_class

    def get_queryset(self, request: HttpRequest) -> QuerySet[Drawing]:
        """Without the pictures themselves, which may be large."""
        return super().get_queryset(request).defer("svg")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The file is asked for once; the page of a drawing shows it."""
        fields = ["name", "alternative", "source", "licence"]
        return fields if obj else ["file", *fields]

    @admin.display(description="drawing")
    def picture(self, drawing: Drawing) -> str:
        """The drawing, small."""
        return format_html(
            '<img class="desk-drawing-small" src="{}" alt="" loading="lazy">',
            reverse("admin:education_drawing_picture", args=[drawing.pk]),
        )

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """A drawing never changes; a better one is uploaded under another name."""
        return False

    def get_urls(self) -> list[Any]:
        """Add the picture and the steps."""
        wrap = self.admin_site.admin_view
        steps = {
            "picture": require_safe(self.picture_view),
            "decide": require_POST(self.decide_view),
            "retire": require_POST(self.retire_view),
        }
        return [
            *(
                path(f"<int:pk>/{name}/", wrap(view), name=f"education_drawing_{name}")
                for name, view in steps.items()
            ),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the drawing, where it is used, and what this person may do."""
        drawing = Drawing.objects.filter(pk=number_of(object_id)).first()
        extra: dict[str, Any] = {}
        if drawing:
            person = person_of(request)
            texts = list(
                revisions_placing([drawing.name]).select_related("article").order_by("-updated_at")
            )
            current = Publication.objects.current().filter(revision__in=texts)
            extra = {
                "texts": texts,
                "public": set(current.values_list("revision", flat=True)),
                "against_judging": reasons_against_judging(drawing, person),
                "may_retire": not reasons_against_retiring(drawing, person),
            }
        return super().change_view(request, object_id, form_url, extra | (extra_context or {}))

    def picture_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The drawing by itself, with a policy that lets nothing run."""
        drawing = get_object_or_404(Drawing, pk=pk)
        if not self.has_view_permission(request, drawing):
            raise PermissionDenied
        return HttpResponse(
            drawing.svg,
            content_type="image/svg+xml",
            headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"},
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Take it into the library by its operation."""
        upload_drawing(drawing=obj, uploaded=form.checked, by=person_of(request))
        if form.checked.left_out:
            message = f"Left out of the file: {', '.join(form.checked.left_out)}."
            self.message_user(request, message, messages.WARNING)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Show the drawing as it was stored."""
        message = "It waits until a second person approves it. Look at it: this is what texts show."
        self.message_user(request, message, messages.WARNING)
        return redirect("admin:education_drawing_change", obj.pk)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve the drawing, or refuse it."""
        approved = request.POST.get("decision") == "approve"

        def decide(drawing: Drawing, by: User, reason: str) -> Drawing:
            return decide_drawing(drawing=drawing, by=by, approved=approved, reason=reason)

        done = "Texts show it from now on." if approved else "Refused; who uploaded it is told why."
        return self._step(request, pk, decide, done)

    def retire_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it in no text any more."""

        def retire(drawing: Drawing, by: User, reason: str) -> Drawing:
            return retire_drawing(drawing=drawing, by=by, reason=reason)

        return self._step(request, pk, retire, "Retired. No text can be submitted with it.")

    def _step(
        self,
        request: HttpRequest,
        pk: int,
        step: Callable[[Drawing, User, str], Drawing],
        done: str,
    ) -> HttpResponse:
        drawing = get_object_or_404(Drawing, pk=pk)
        if not self.has_view_permission(request, drawing):
            raise PermissionDenied
        try:
            step(drawing, person_of(request), text_sent(request, "reason"))
        except EditorialError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, done, messages.SUCCESS)
        return redirect("admin:education_drawing_change", pk)
