"""The library of drawings: uploaded by one person, approved by another, placed by name."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from education.articles.models import Drawing, Revision, RevisionQuerySet
from education.articles.rules import may_write
from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.mail import notify
from education.people.models import MailTopic, Role, User
from education.people.rules import unfit_in_role
from education.text.figures import LibraryDrawing, figure_names
from education.text.rendering import Draft, placed_names
from education.text.uploaded_drawings import UploadedDrawing

JUDGES = (Role.MEDICAL_REVIEWER, Role.EDITOR_IN_CHIEF)
# The fields of a text in which a drawing may stand (``text.tree.drawings``).
_FIELDS = (
    "body",
    "unknowns",
    "questions",
    "comparison_rows__cells__text",
    "claim_checks__answer",
    "findings_outcomes__note",
)


class DrawingError(EditorialError):
    """A drawing can't be taken into the library, or not be decided on by this person."""


def drawings_in(draft: Draft) -> list[Drawing]:
    """The drawings of the library that a text places."""
    names = placed_names(draft) - set(figure_names())
    return list(Drawing.objects.filter(name__in=names)) if names else []


def library_drawings(draft: Draft) -> dict[str, LibraryDrawing]:
    """The drawings of the library that a text places, by name, as the renderer needs them."""
    return {
        drawing.name: LibraryDrawing(drawing.svg, drawing.credit, _refusal(drawing))
        for drawing in drawings_in(draft)
    }


def _refusal(drawing: Drawing) -> str:
    if drawing.state == Drawing.State.APPROVED:
        return ""
    if drawing.state == Drawing.State.WAITING:
        return f"The drawing {drawing} waits until a second person approves it."
    return f"The drawing {drawing} was {drawing.get_state_display().lower()}: {drawing.reason}"


def revisions_placing(names: Iterable[str]) -> RevisionQuerySet:
    """The texts that place one of the drawings of these names."""
    places = Q(pk__in=[])
    for name in names:
        for field in _FIELDS:
            for end in (")", " ", "\n"):
                places |= Q(**{f"{field}__contains": f"(figure:{name}{end}"})
    return Revision.objects.filter(pk__in=Revision.objects.filter(places).order_by().values("pk"))


@operation
def upload_drawing(*, drawing: Drawing, uploaded: UploadedDrawing, by: User) -> Drawing:
    """
    Take a checked file into the library, where it waits for a second person.

    ``drawing`` holds its name, its alternative text, its source and its licence. Raises
    ``DrawingError``.
    """
    if not may_write(by):
        raise DrawingError(f"{by} does not have the role Writer.")
    if drawing.name in figure_names() or Drawing.objects.filter(name=drawing.name).exists():
        raise DrawingError(f"There is a drawing called {drawing} already. Give it another name.")
    drawing.svg, drawing.uploaded_by, drawing.uploaded_at = uploaded.svg, by, timezone.now()
    drawing.full_clean()
    drawing.save(force_insert=True)
    record("drawing.uploaded", drawing, by=by, name=drawing.name)
    notify(
        [person for person in _judges() if not reasons_against_judging(drawing, person)],
        subject=f"A drawing waits for approval: {drawing}",
        text=f"{by} uploaded it. Texts can show it once you, or somebody else, approve it.",
        path=f"/admin/education/drawing/{drawing.pk}/change/",
        about=f"drawing-{drawing.pk}",
        topic=MailTopic.REQUESTS,
    )
    return drawing


def _judges() -> Iterable[User]:
    labels = [role.label for role in JUDGES]
    return User.objects.filter(is_active=True, groups__name__in=labels).distinct()


def reasons_against_judging(drawing: Drawing, person: User) -> list[str]:
    """Why this person may not approve or refuse a drawing, as sentences."""
    reasons = _unfit(person)
    if drawing.uploaded_by_id == person.pk:
        reasons = [*reasons, "A second person decides, not the one who uploaded it."]
    return reasons


def reasons_against_retiring(drawing: Drawing, person: User) -> list[str]:
    """Why this person may not retire a drawing; who uploaded it may: taking away shows nothing."""
    return [] if drawing.uploaded_by_id == person.pk and may_write(person) else _unfit(person)


def _unfit(person: User) -> list[str]:
    unfit = [unfit_in_role(person, role) for role in JUDGES]
    return min(unfit, key=len)


@operation
def decide_drawing(*, drawing: Drawing, by: User, approved: bool, reason: str = "") -> Drawing:
    """
    Approve a drawing that waits, or refuse it with a reason.

    Raises ``DrawingError`` for a person who may not, and for one that was decided on before.
    """
    drawing = Drawing.objects.select_related("uploaded_by").get(pk=drawing.pk)
    if reasons := reasons_against_judging(drawing, by):
        raise DrawingError(" ".join(reasons))
    if drawing.state != Drawing.State.WAITING:
        raise DrawingError(f"{drawing} is decided on: {drawing.get_state_display().lower()}.")
    if not approved and not reason.strip():
        raise DrawingError("Say why it is refused.")
    drawing.state = Drawing.State.APPROVED if approved else Drawing.State.REFUSED
    drawing.decided_by, drawing.decided_at = by, timezone.now()
    drawing.reason = "" if approved else reason.strip()
    drawing.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    record(
        "drawing.approved" if approved else "drawing.refused",
        drawing,
        by=by,
        name=drawing.name,
        reason=drawing.reason,
    )
    _tell_uploader(drawing, by)
    return drawing


@operation
def retire_drawing(*, drawing: Drawing, by: User, reason: str) -> Drawing:
    """
    Show an approved drawing in no text any more; what is public keeps it until its next version.

    Raises ``DrawingError``.
    """
    drawing = Drawing.objects.select_related("uploaded_by").get(pk=drawing.pk)
    if reasons := reasons_against_retiring(drawing, by):
        raise DrawingError(" ".join(reasons))
    if drawing.state != Drawing.State.APPROVED:
        raise DrawingError(f"{drawing} is not approved: {drawing.get_state_display().lower()}.")
    if not reason.strip():
        raise DrawingError("Say why it is retired.")
    drawing.state, drawing.reason = Drawing.State.RETIRED, reason.strip()
    drawing.save(update_fields=["state", "reason"])
    record("drawing.retired", drawing, by=by, name=drawing.name, reason=drawing.reason)
    _tell_uploader(drawing, by)
    return drawing


def _tell_uploader(drawing: Drawing, by: User) -> None:
    if drawing.uploaded_by != by:
        notify(
            [drawing.uploaded_by],
            subject=f"Your drawing {drawing}: {drawing.get_state_display().lower()}",
            text=f"{by} decided on it. {drawing.reason}".strip(),
            path=f"/admin/education/drawing/{drawing.pk}/change/",
            about=f"drawing-{drawing.pk}-{drawing.state}",
            topic=MailTopic.TEXTS,
        )
