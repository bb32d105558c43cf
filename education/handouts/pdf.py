"""What goes on paper: publications as they may be printed, under a code, as a PDF."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from education.errors import EditorialError
from education.handouts import typesetting
from education.handouts.copy_check import month_query
from education.handouts.models import Clinic, PrintedCopy
from education.handouts.personal import PersonalDetails, like_yours
from education.handouts.rules import current_standings, do_not_use_after, reasons_against_printing
from education.handouts.typesetting import CopyDetails, PrintedText, PrintOptions
from education.languages import language_override, plain_date
from education.publishing.findings import regraded_rows
from education.publishing.models import Publication
from education.publishing.status import PublicationStatus, shown_content, statuses_of

DEMONSTRATION_NOTICE = _(
    "Demonstration: this text has not been reviewed by a clinician. "
    "Do not use it to make decisions."
)

# Notices of a text by what others say of it, by the text's address: emergency notes, for example.
ExtraNotices = Mapping[tuple[str, str], Sequence[str]]


class MayNotPrintError(EditorialError):
    """A text may not be printed, or not without a word more; the message says why."""


class ConfirmFirstError(MayNotPrintError):
    """The review of a text is overdue: a person must say that they print it all the same."""


def printable(
    addresses: Sequence[tuple[str, str]], *, confirmed: bool = False
) -> list[PublicationStatus]:
    """
    How what is public now at each (slug, language) stands, all of it fit to print.

    Raises ``MayNotPrintError`` naming the text that stands in the way, ``ConfirmFirstError`` where
    only a confirmation is missing (rule 5).
    """
    fit: list[PublicationStatus] = []
    for (slug, _language), standing in zip(addresses, current_standings(addresses), strict=True):
        if standing is None:
            raise MayNotPrintError(gettext("“{}” is not public now.").format(_last_title(slug)))
        reasons = reasons_against_printing(standing)
        if reasons:
            raise _may_not_print(standing, reasons)
        fit.append(standing)
    late = [standing for standing in fit if standing.print_needs_confirmation]
    if late and not confirmed:
        raise ConfirmFirstError(
            " ".join(
                gettext(
                    "The review of “{}” was due on {} and has not been done. Please confirm that "
                    "you print it all the same."
                ).format(standing.publication.title, plain_date(standing.due_on))
                for standing in late
            )
        )
    return fit


@dataclass(frozen=True)
class TypesettingInput:
    """Everything the typesetter is handed for one PDF; equal inputs make equal PDFs."""

    parts: Sequence[PrintedText]
    copy: CopyDetails
    options: PrintOptions

    def compile(self) -> bytes:
        """The PDF. Slow: never under the editorial lock. Raises ``TypesettingError``."""
        return typesetting.typeset(self.parts, copy=self.copy, options=self.options)


def make_pdf(
    fit: Sequence[PublicationStatus],
    *,
    code: str,
    printed_on: datetime.date,
    options: PrintOptions,
    clinic: Clinic | None = None,
    title: str = "",
    note: str = "",
    beside: ExtraNotices | None = None,
    personal: PersonalDetails | None = None,
) -> bytes:
    """
    One text, or several as a pack called ``title`` with a cover, as an accessible PDF.

    ``beside`` are notices that stand above a text beside its own; ``personal`` makes a copy for one
    family. Raises ``TypesettingError``.
    """
    return typesetting_input(
        fit,
        code=code,
        printed_on=printed_on,
        options=options,
        clinic=clinic,
        title=title,
        note=note,
        beside=beside,
        personal=personal,
    ).compile()


def typesetting_input(
    fit: Sequence[PublicationStatus],
    *,
    code: str,
    printed_on: datetime.date,
    options: PrintOptions,
    clinic: Clinic | None = None,
    title: str = "",
    note: str = "",
    beside: ExtraNotices | None = None,
    personal: PersonalDetails | None = None,
) -> TypesettingInput:
    """What ``make_pdf`` hands to the typesetter, in the language of the first text."""
    personal = personal or PersonalDetails()
    with language_override(fit[0].publication.language):
        trees = [shown_content(standing.publication, standing) for standing in fit]
        parts = [
            PrintedText(
                tree=tree,
                version=str(standing.publication.number),
                reviewed_on=standing.publication.reviewed_on,
                notices=notices_of(standing, beside),
                like_yours=like_yours(tree, personal.child),
            )
            for standing, tree in zip(fit, trees, strict=True)
        ]
        is_pack = len(parts) > 1 or bool(note)
        own = [] if is_pack else parts[0].notices
        copy = CopyDetails(
            code=code,
            check_url=check_url(code),
            scan_url=check_url(code) if clinic else public_check_url(code, printed_on),
            title=typesetting.without_unprintable(title) or fit[0].publication.title,
            version="" if is_pack else parts[0].version,
            # A pack is as old as its oldest part.
            reviewed_on=min(standing.publication.reviewed_on for standing in fit),
            do_not_use_after=do_not_use_after(printed_on, [standing.due_on for standing in fit]),
            printed_on=printed_on,
            site_name=settings.SITE_NAME,
            clinic=_block(clinic) if clinic else None,
            notices=[*_demonstration(), *own],
            note="\n".join(map(typesetting.without_unprintable, note.splitlines())),
            # Only a signed-in clinic's words stand on paper; all others write by hand.
            note_for_you=personal.note if clinic else "",
            pen_lines=bool(personal) and not (clinic and personal.note),
        )
    if not is_pack:
        parts = [PrintedText(parts[0].tree, like_yours=parts[0].like_yours)]
    return TypesettingInput(parts, copy, options)


def copy_pdf(
    copy: PrintedCopy,
    *,
    beside: ExtraNotices | None = None,
    personal: PersonalDetails | None = None,
) -> bytes:
    """
    The PDF of a recorded copy, on the day it was printed.

    The record says nothing of a family: ``personal`` is what was typed just now, if anything.

    Raises ``MayNotPrintError`` when a text of it may no longer be printed.
    """
    texts = [part.publication for part in copy.parts.select_related("publication")]
    how = statuses_of(texts)
    fit = [how[text.pk] for text in texts]
    for standing in fit:
        if reasons := reasons_against_printing(standing):
            raise _may_not_print(standing, reasons)
    return make_pdf(
        fit,
        code=copy.code,
        printed_on=copy.printed_on,
        options=options_from_record(copy.options),
        clinic=copy.clinic,
        title=copy.title,
        note=copy.note,
        beside=beside,
        personal=personal,
    )


def left_out_of_print(clinic: Clinic) -> str:
    """The letters of a clinic's block that are left out of its paper, or nothing."""
    words = f"{clinic.name} {clinic.telephone} {clinic.opening_hours}"
    return typesetting.in_words(typesetting.unprintable(words))


def notices_of(standing: PublicationStatus, beside: ExtraNotices | None = None) -> list[str]:
    """
    What must be printed above a text: what others say of it, what follows from itself, and which of
    its statements the table of findings grades otherwise by now.
    """
    publication = standing.publication
    others = (beside or {}).get((publication.slug, publication.language), ())
    return [*others, *(notice.text for notice in standing.notices), *_regraded(standing)]


def _regraded(standing: PublicationStatus) -> list[str]:
    """The same as the page says, in the words of its templates."""
    shown = shown_content(standing.publication, standing)
    rows = regraded_rows(shown, standing.publication.language)
    if not rows:
        return []
    return [
        " ".join(
            (
                gettext(
                    "How sure we are of statements on this page was graded anew. We are writing a "
                    "new version."
                ),
                *(
                    gettext("Graded anew on %(day)s: “%(words)s”")
                    % {"day": plain_date(changed.since), "words": changed.row["words"]}
                    for changed in rows
                ),
            )
        )
    ]


def notices_with_demonstration(
    standing: PublicationStatus, beside: ExtraNotices | None = None
) -> list[str]:
    """The same where one text alone is printed; a demonstration says what it is."""
    return [*_demonstration(), *notices_of(standing, beside)]


def _demonstration() -> list[str]:
    return [str(DEMONSTRATION_NOTICE)] if settings.DEMO else []


def check_url(code: str) -> str:
    """Where a copy is checked: what its QR code leads to."""
    return f"{settings.SITE_URL.rstrip('/')}/check/{code}/"


def public_check_url(code: str, printed_on: datetime.date) -> str:
    """The same for a public copy, which no record says the day of: its address says the month."""
    return check_url(code) + month_query(printed_on)


def options_as_record(options: PrintOptions) -> dict[str, Any]:
    """Options as JSON; ``options_from_record`` reads them back."""
    given = asdict(options) | {"questions": list(options.questions)}
    of_parts = [dict(own) for own in given.pop("of_parts")]
    return given | {"of_parts": of_parts} if any(of_parts) else given


def options_from_record(record: Mapping[str, Any]) -> PrintOptions:
    """The options a copy was printed with."""
    several = {name: tuple(record.get(name, ())) for name in ("questions", "of_parts")}
    return PrintOptions(**{**record, **several})


def _block(clinic: Clinic) -> typesetting.ClinicHeader:
    return typesetting.ClinicHeader(
        typesetting.without_unprintable(clinic.name),
        telephone=typesetting.without_unprintable(clinic.telephone),
        opening_hours=typesetting.without_unprintable(clinic.opening_hours),
        logo=clinic.checked_logo(),
    )


def _last_title(slug: str) -> str:
    newest = Publication.objects.newest().filter(slug=slug).values_list("title", flat=True).first()
    return newest or slug


def _may_not_print(standing: PublicationStatus, reasons: Iterable[str]) -> MayNotPrintError:
    sentence = gettext("“{}” may not be printed. {}")
    return MayNotPrintError(sentence.format(standing.publication.title, " ".join(reasons)))
