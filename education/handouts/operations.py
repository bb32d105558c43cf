"""Clinics, their packs, printing, and calling paper back."""

import datetime
import hashlib
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import slug_re
from django.urls import reverse
from django.utils import timezone

from education.audit.actions import Touches, are_known, touching
from education.audit.models import Event
from education.audit.operations import exclusive_transaction, operation, record
from education.canonical import digest
from education.errors import EditorialError
from education.handouts.codes import format_code, new_code
from education.handouts.copy_check import verdicts_of
from education.handouts.logos import Logo, LogoError, check_logo
from education.handouts.models import (
    MOST_COPIES,
    Clinic,
    ClinicStaff,
    Pack,
    PackItem,
    PrintedCopy,
    PrintedPart,
    RecallAnswer,
    RecallDrill,
)
from education.handouts.packs import comparison_questions
from education.handouts.pdf import (
    ExtraNotices,
    MayNotPrintError,
    TypesettingInput,
    options_as_record,
    printable,
    typesetting_input,
)
from education.handouts.print_options import (
    CHOICES,
    OF_ONE_HANDOUT,
    SAVED_CHOICES,
    without_missing_questions,
)
from education.handouts.recall_lists import (
    DRILL_STATE,
    OpenRecall,
    RecallCause,
    by_clinic,
    causes,
    drill_of,
    drills,
    recall_of,
)
from education.handouts.rules import clinic_of
from education.handouts.typesetting import PrintOptions, in_words, unprintable
from education.handouts.webhooks import queue_deliveries
from education.languages import plain_date
from education.people.bounces import note_arrived
from education.people.mail import notify, notify_mailbox
from education.people.models import Message, Role, User
from education.publishing.models import Publication

LARGEST_PACK = 20
# Receipts about one print within a day: a shelf is emptied a few times, a program in a loop sends
# thousands, which nobody can take out of the record again.
MOST_RECEIPTS_A_DAY = 20
# Questions of a comparison that a pack may choose, and letters of the slug of each.
MOST_QUESTIONS, LONGEST_SLUG = 100, 80


class NotYourClinicError(EditorialError):
    """The person doesn't work at this clinic's desk."""


class BadPackError(EditorialError):
    """The pack can't be saved like this; the message says what to change."""


class NothingToAnswerError(EditorialError):
    """An answer to a recall can't be taken like this; the message says why."""


class InvalidReceiptError(NothingToAnswerError):
    """A receipt says nothing, more than it may, or is none; the message says what."""


class EndedLinkError(EditorialError):
    """The link in a mail answers no recall (any more); the message says why."""


class TooManyReceiptsError(EditorialError):
    """More receipts about one print than people send; ``wait`` says for how long none is taken."""

    def __init__(self, wait: datetime.timedelta) -> None:
        self.wait = wait
        super().__init__(
            f"{MOST_RECEIPTS_A_DAY} answers about this print came within a day. Try again later; "
            "what was answered counts."
        )


class DifferentReceiptError(EditorialError):
    """The idempotency key of one receipt came again with another."""


class BadMailboxError(EditorialError):
    """The mailbox can't be used, or the link to agree with is no good; the message says why."""


class BadProfileError(EditorialError):
    """The clinic's details can't be saved like this; the message says what to change."""


# Clinics


@operation
def open_clinic(*, name: str, by: User | None) -> Clinic:
    """Give a clinic a desk. By an editor-in-chief, or by a command (``by`` is None)."""
    _require_editor(by)
    if not name.strip():
        raise BadProfileError("A clinic has a name.")
    _require_printable("name", name, BadProfileError)
    if Clinic.objects.filter(name=name.strip()).exists():
        raise BadProfileError("There is a clinic of this name.")
    clinic = Clinic(name=name.strip())
    clinic.full_clean()
    clinic.save(force_insert=True)
    record("clinic.opened", clinic, by=by)
    return clinic


@operation
def add_to_clinic(*, person: User, clinic: Clinic, by: User | None) -> ClinicStaff:
    """Let a person with the role Clinic work at a clinic's desk, and at no other's."""
    _require_editor(by)
    if not person.has_role(Role.CLINIC):
        raise NotYourClinicError(f"{person} does not have the role {Role.CLINIC.label}.")
    # Who comes from another clinic manages no people here.
    ClinicStaff.objects.filter(person=person).exclude(clinic=clinic).delete()
    staff, _ = ClinicStaff.objects.get_or_create(person=person, clinic=clinic)
    record("clinic.person_added", clinic, by=by, person=person.pk)
    return staff


def save_profile(
    *,
    clinic: Clinic,
    by: User,
    name: str,
    telephone: str = "",
    opening_hours: str = "",
    address: str = "",
    logo: bytes | None = None,
    without_logo: bool = False,
    print_choices: Mapping[str, str] = MappingProxyType({}),
) -> Clinic:
    """
    Save what stands at the head of a clinic's handouts, and how it usually prints.

    ``logo`` is an uploaded file, checked here; None leaves the logo as it is. ``print_choices``
    holds ``SAVED_CHOICES``; what it lacks stays as it is.
    """
    _require_desk(clinic, by)
    for what, words in (("name", name), ("telephone", telephone), ("opening hours", opening_hours)):
        _require_printable(what, words, BadProfileError)
    checked = _checked_logo(logo) if logo is not None and not without_logo else None
    with exclusive_transaction():
        _require_desk(clinic, by)
        clinic = Clinic.objects.get(pk=clinic.pk)
        clinic.name = name.strip()
        clinic.telephone = telephone.strip()
        clinic.opening_hours = opening_hours.strip()
        clinic.address = address.strip()
        for option in SAVED_CHOICES:
            chosen = print_choices.get(option, getattr(clinic, option))
            if chosen not in CHOICES[option][1]:
                raise BadProfileError(f"Choose {option} from the list.")
            setattr(clinic, option, chosen)
        if not clinic.name:
            raise BadProfileError("A clinic has a name.")
        if Clinic.objects.filter(name=clinic.name).exclude(pk=clinic.pk).exists():
            raise BadProfileError("There is another clinic of this name.")
        if without_logo:
            clinic.logo, clinic.logo_type = b"", ""
        elif checked:
            clinic.logo, clinic.logo_type = checked.data, checked.content_type
        clinic.full_clean()
        clinic.save()
        record("clinic.details_changed", clinic, by=by, has_logo=bool(clinic.logo_type))
    return clinic


def _require_printable(what: str, words: str, refusal: type[EditorialError]) -> None:
    """What stands on paper is refused where it is typed if no font here has its letters."""
    if letters := unprintable(words):
        raise refusal(
            f"These letters or signs of the {what} can’t be printed here: {in_words(letters)}. "
            "Write it in other letters."
        )


def _checked_logo(logo: bytes) -> Logo:
    """Slow for a large picture, so it is done before the lock is held."""
    try:
        return check_logo(logo)
    except LogoError as error:
        raise BadProfileError(str(error)) from error


# Packs


@operation
def save_pack(
    *,
    clinic: Clinic,
    by: User,
    name: str,
    note: str,
    slugs: Sequence[str],
    pack: Pack | None = None,
    language: str = "en",
    options: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> Pack:
    """
    Make a pack, or change one: its name, its note, and its handouts in this order.

    ``options`` holds by slug what a handout has of its own (``OF_ONE_HANDOUT``, ``questions``).
    """
    _require_desk(clinic, by)
    wanted = list(dict.fromkeys(slugs))
    if not name.strip():
        raise BadPackError("Give the pack a name.")
    _require_printable("name", name, BadPackError)
    _require_printable("note", note, BadPackError)
    if not wanted:
        raise BadPackError("Choose at least one handout.")
    if len(wanted) > LARGEST_PACK:
        raise BadPackError(f"A pack has {LARGEST_PACK} handouts at most.")
    known = Publication.objects.live().filter(slug__in=wanted, language=language)
    unknown = set(wanted) - set(known.values_list("slug", flat=True))
    if unknown:
        raise BadPackError(f"There is no handout called {', '.join(sorted(unknown))}.")
    own = {slug: _checked_options(options.get(slug, {})) for slug in wanted}
    saved = _own_pack(clinic, pack) if pack else Pack(clinic=clinic)
    saved.name, saved.note = name.strip(), "\n".join(note.strip().splitlines())
    if len(saved.note) > (longest := Pack._meta.get_field("note").max_length or 0):
        raise BadPackError(f"The note has {len(saved.note):,} characters; {longest:,} fit.")
    others = Pack.objects.in_use().filter(clinic=clinic, name=saved.name)
    if any(other.pk != saved.pk for other in others):
        raise BadPackError("You have another pack of this name.")
    saved.full_clean()
    saved.save()
    saved.items.all().delete()
    PackItem.objects.bulk_create(
        PackItem(pack=saved, place=place, slug=slug, language=language, options=own[slug])
        for place, slug in enumerate(wanted, 1)
    )
    chosen = {slug: values for slug, values in own.items() if values}
    record(
        "pack.saved",
        saved,
        by=by,
        clinic=clinic.pk,
        handouts=wanted,
        options=chosen,
    )
    return saved


def _checked_options(own: Mapping[str, Any]) -> dict[str, Any]:
    """
    What a handout has of its own, each chosen question once.

    Which questions there are is asked when the pack is printed: it names addresses, not versions.
    """
    checked = dict(own)
    questions = list(dict.fromkeys(checked.pop("questions", ())))
    if len(questions) > MOST_QUESTIONS or not all(map(_is_slug, questions)):
        raise BadPackError("Choose questions of the comparison from the list.")
    for name, value in checked.items():
        if name not in OF_ONE_HANDOUT or value not in CHOICES[name][1]:
            raise BadPackError(f"A handout of a pack can’t be printed with {name}: {value}.")
    return checked | {"questions": questions} if questions else checked


def _is_slug(value: str) -> bool:
    return len(value) <= LONGEST_SLUG and slug_re.fullmatch(value) is not None


@operation
def put_pack_away(*, pack: Pack, by: User) -> Pack:
    """Take a pack off the desk; what was printed from it stays on the list."""
    _require_desk(pack.clinic, by)
    pack = Pack.objects.get(pk=pack.pk)
    if not pack.put_away_at:
        pack.put_away_at = timezone.now()
        pack.save(update_fields=["put_away_at"])
        record("pack.put_away", pack, by=by, clinic=pack.clinic_id)
    return pack


def _own_pack(clinic: Clinic, pack: Pack) -> Pack:
    pack = Pack.objects.get(pk=pack.pk)
    if pack.clinic_id != clinic.pk or pack.put_away_at:
        raise NotYourClinicError("This pack isn't on your desk.")
    return pack


# Printing


def print_copy(
    *,
    clinic: Clinic,
    by: User,
    slug: str,
    options: PrintOptions | None = None,
    language: str = "en",
    copies: int = 1,
    confirmed: bool = False,
    press: str = "",
    beside: ExtraNotices | None = None,
) -> PrintedCopy:
    """
    Print what is public at an address, for a clinic: a code of its own, and a line in the record.

    Only what can be typeset is recorded. ``press`` names the press of the button: the same press
    prints once. ``confirmed`` answers ``ConfirmFirstError`` (rule 5).
    """
    order = _Order(by, options or PrintOptions(), copies, confirmed, press, beside)
    return _print(order, lambda: (Clinic.objects.get(pk=clinic.pk), None, [(slug, language)]))


def print_pack(
    *,
    pack: Pack,
    by: User,
    options: PrintOptions | None = None,
    copies: int = 1,
    confirmed: bool = False,
    press: str = "",
    beside: ExtraNotices | None = None,
) -> PrintedCopy:
    """The same for a pack: what is public now at each of its addresses, under one code."""
    # Rows of a comparison are chosen for one text, by the pack itself.
    chosen = replace(options or PrintOptions(), questions=())
    order = _Order(by, chosen, copies, confirmed, press, beside)

    def asked_for() -> tuple[Clinic, Pack, list[tuple[str, str]]]:
        now = Pack.objects.select_related("clinic").get(pk=pack.pk)
        return now.clinic, now, [(item.slug, item.language) for item in now.items.all()]

    return _print(order, asked_for)


# How often a print is made again because what it prints changed meanwhile; then it is refused.
MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class _Order:
    """How somebody wants something printed; the names are those of ``print_copy``."""

    by: User
    options: PrintOptions
    copies: int
    confirmed: bool
    press: str
    beside: ExtraNotices | None


@dataclass(frozen=True)
class _Prepared:
    """What a print would be, as everything stands when it is read."""

    clinic: Clinic
    pack: Pack | None
    publications: tuple[Publication, ...]
    typesetting: TypesettingInput


def _print(
    order: _Order,
    asked_for: Callable[[], tuple[Clinic, Pack | None, list[tuple[str, str]]]],
) -> PrintedCopy:
    """
    Typeset without the lock, then record under it what was typeset, if nothing of it changed.

    ``asked_for`` reads the clinic, the pack and the addresses as they are now.
    """
    if not 1 <= order.copies <= MOST_COPIES:
        raise MayNotPrintError(f"Print 1 to {MOST_COPIES:,} copies.")
    code = new_code()
    for _ in range(MOST_ATTEMPTS):
        prepared = _prepare(order, code, *asked_for())
        if isinstance(prepared, PrintedCopy):
            return prepared
        prepared.typesetting.compile()
        with exclusive_transaction():
            now = _prepare(order, code, *asked_for())
            if isinstance(now, PrintedCopy):
                return now
            if now == prepared:
                return _record_print(order, now)
    raise MayNotPrintError(
        "What you print changed while it was being made. Nothing was recorded; please print again."
    )


def _prepare(
    order: _Order, code: str, clinic: Clinic, pack: Pack | None, addresses: list[tuple[str, str]]
) -> _Prepared | PrintedCopy:
    """What would be printed now, or what this press printed before; every reason against it."""
    _require_desk(clinic, order.by)
    if pack and pack.put_away_at:
        raise MayNotPrintError(f"{pack} was put away.")
    if not addresses:
        raise MayNotPrintError(f"{pack} is empty.")
    if pressed := _once(clinic, order.press):
        return pressed
    fit = printable(addresses, confirmed=order.confirmed)
    own = (
        [
            without_missing_questions(item.options, comparison_questions(standing))
            for item, standing in zip(pack.items.all(), fit, strict=True)
        ]
        if pack
        else []
    )
    typesetting = typesetting_input(
        fit,
        code=code,
        printed_on=timezone.localdate(),
        options=replace(order.options, of_parts=tuple(own)),
        clinic=clinic,
        title=pack.name if pack else "",
        note=pack.note if pack else "",
        beside=order.beside,
    )
    return _Prepared(clinic, pack, tuple(standing.publication for standing in fit), typesetting)


def _once(clinic: Clinic, press: str) -> PrintedCopy | None:
    pressed = PrintedCopy.objects.filter(clinic=clinic, press=press) if press else None
    return pressed.first() if pressed else None


def _record_print(order: _Order, prepared: _Prepared) -> PrintedCopy:
    """Write down what was typeset."""
    details = prepared.typesetting.copy
    copy = PrintedCopy(
        code=details.code,
        clinic=prepared.clinic,
        pack=prepared.pack,
        title=details.title,
        note=details.note,
        options=options_as_record(prepared.typesetting.options),
        copies=order.copies,
        printed_on=details.printed_on,
        do_not_use_after=details.do_not_use_after,
        press=order.press,
    )
    copy.full_clean()
    copy.save(force_insert=True)
    PrintedPart.objects.bulk_create(
        PrintedPart(copy=copy, place=place, publication=publication)
        for place, publication in enumerate(prepared.publications, 1)
    )
    record(
        "printed_copy.printed",
        copy,
        by=order.by,
        clinic=prepared.clinic.pk,
        texts=[str(publication) for publication in prepared.publications],
        options=copy.options,
        copies=copy.copies,
        do_not_use_after=copy.do_not_use_after.isoformat(),
    )
    return copy


def new_idempotency_key() -> str:
    """A name for one press of a button, to be sent along with it."""
    return str(uuid.uuid4())


# Calling paper back


def recall_after(events: Sequence[Event]) -> None:
    """
    Call back paper where one of the events may ask for it: a page was withdrawn, a passage masked,
    a correction recalls paper, what became of a work was recorded or lifted, or somebody is there
    to tell who was not.

    A post-operation hook: runs in the operation's transaction, so that no recall can be missed.
    """
    if not are_known(events) or touching(events, Touches.RECALL):
        tell_clinics()


def tell_clinics() -> None:
    """
    Mail each clinic whose paper must not be used any more, once for each cause: the people at its
    desk, and its mailbox.

    What is past its printed date is not called back again. A mailbox hears of nothing from before
    the clinic's ``recalls_from``.
    """
    notices = [
        _RecallNotice(f"recall:{cause.name}:{clinic.pk}", clinic, cause, own)
        for cause in causes()
        for clinic, own in by_clinic(cause.copies).items()
    ]
    messages = Message.objects.filter(about__in=[notice.about for notice in notices])
    known = set(messages.values_list("about", flat=True))
    for notice in notices:
        if notice.about not in known:
            _tell(notice)
    queue_deliveries([notice.cause for notice in notices])


@dataclass(frozen=True)
class _RecallNotice:
    """What one clinic is told of one cause; ``about`` names both."""

    about: str
    clinic: Clinic
    cause: RecallCause
    copies: Sequence[PrintedCopy]

    @property
    def subject(self) -> str:
        """The subject of the mail."""
        titles = list(dict.fromkeys(copy.title for copy in self.copies))
        more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
        request = f"Please bin printed copies of “{titles[0]}”{more}"
        return f"DRILL: {request}" if self.cause.is_drill else request

    @property
    def text(self) -> str:
        """Why, and which prints; nothing about anybody who was given one."""
        prints = (
            f"{copy.title}: printed on {plain_date(copy.printed_on)}, {copy.copies} "
            f"{'copy' if copy.copies == 1 else 'copies'}"
            for copy in self.copies
        )
        shelf = "Please take these from the shelf. The list with their codes is on your desk."
        if self.cause.is_drill:
            shelf = "In a recall these would have to go."
        return "\n".join([self.cause.why, "", shelf, "", *prints])

    def text_with_link(self, answered_by: str, mailbox: str = "") -> str:
        """The text, and the link by which this person or mailbox answers without signing in."""
        token = signing.dumps(
            [self.cause.name, self.clinic.pk, answered_by, mailbox and digest(mailbox)],
            salt=_ANSWER_SALT,
        )
        address = f"{settings.SITE_URL}{reverse('clinic-recall-link', args=[token])}"
        return (
            f"{self.text}\n\nSay what became of them, without signing in:\n\n{address}\n\n"
            f"This link answers for these prints alone, for {ANSWER_LINK_LASTS.days} days. Please "
            "do not pass it on. Or answer on your desk:"
        )


def _tell(notice: _RecallNotice) -> None:
    clinic = notice.clinic
    counts_as_told = notice.cause.at < clinic.recalls_from
    if _mail_to(notice, about=notice.about, mailbox="" if counts_as_told else clinic.mailbox):
        copies = len(notice.copies)
        record("clinic.paper_called_back", clinic, by=None, about=notice.about, copies=copies)


@operation
def remind_clinic(recall: OpenRecall) -> int:
    """Ask a clinic once more what became of paper that was called back; how many mails."""
    notice = _RecallNotice("", recall.clinic, recall.cause, recall.copies)
    return _mail_to(
        notice,
        about=f"recall-reminder:{recall.cause.name}:{recall.clinic.pk}",
        mailbox=recall.clinic.mailbox,
        before_subject="Not answered yet: ",
    )


def _mail_to(notice: _RecallNotice, *, about: str, mailbox: str, before_subject: str = "") -> int:
    """
    Mail the people at a clinic's desk and its mailbox, if any; how many mails.

    Each has a link of its own to answer with.
    """
    subject, path = f"{before_subject}{notice.subject}", "/clinic/bin/"
    written = 0
    for person in User.objects.filter(clinic_staff__clinic=notice.clinic).order_by("pk"):
        text = notice.text_with_link(f"{_PERSON}{person.pk}")
        written += len(notify([person], subject=subject, text=text, path=path, about=about))
    if mailbox:
        text = notice.text_with_link(_MAILBOX, mailbox)
        to_mailbox = notify_mailbox(mailbox, subject=subject, text=text, path=path, about=about)
        written += to_mailbox is not None
    return written


@dataclass(frozen=True)
class Receipt:
    """
    What became of paper that was called back, as somebody says it.

    ``press`` is an idempotency key: the same one about the same print counts once.
    """

    binned: int = 0
    given_out: int = 0
    none_left: bool = False
    words: str = ""
    press: str = ""


@operation
def answer_recall(
    *,
    copy: PrintedCopy,
    by: User,
    binned: int = 0,
    given_out: int = 0,
    none_left: bool = False,
    words: str = "",
    press: str = "",
) -> RecallAnswer:
    """
    Record what became of paper that is for the bin: a receipt that closes the recall.

    The same press counts once. Raises ``NotYourClinicError``, ``NothingToAnswerError`` where the
    paper may be used, ``InvalidReceiptError`` and ``TooManyReceiptsError``.
    """
    _require_desk(copy.clinic, by)
    words = " ".join(words.split())
    return _answer_recall(copy, Receipt(binned, given_out, none_left, words, press), by=by)


@operation
def answer_recall_by_key(*, key: str, code: str, receipt: Receipt) -> tuple[RecallAnswer, bool]:
    """
    Record a receipt that a clinic's own system sends; return it, and whether it is new.

    Without ``press`` the same receipt about the same print counts once for each cause, since a
    program that got no answer asks again. Raises ``NotYourClinicError`` where no clinic has this
    key or it printed no such code, ``NothingToAnswerError`` where the paper may be used,
    ``InvalidReceiptError``, ``TooManyReceiptsError``, and ``DifferentReceiptError`` where this
    ``press`` came before with other numbers.
    """
    copy = copy_of_key(key, code)
    receipt = replace(receipt, words=" ".join(receipt.words.split()))
    cause = _cause_to_answer(copy)[0]
    if not cause and (last := copy.recall_answers.exclude(by_key="").last()):
        cause = last.cause  # answered, as a drill is by its first receipt; a program may ask again
    named_by = [receipt.press] if receipt.press else [cause, asdict(receipt)]
    receipt = replace(receipt, press=digest(named_by)[:36])
    is_new = not copy.recall_answers.filter(press=receipt.press).exists()
    answer = _answer_recall(copy, receipt, by_key=_hash_of_key(key)[:12])
    if any(getattr(answer, name) != value for name, value in asdict(receipt).items()):
        raise DifferentReceiptError("This Idempotency-Key came before, with another receipt.")
    return answer, is_new


def copy_of_key(key: str, code: str) -> PrintedCopy:
    """The print of this code, by the clinic that has this key. Raises ``NotYourClinicError``."""
    code = code.replace("-", "").replace("\0", "").upper()
    copies = PrintedCopy.objects.select_related("clinic").filter(
        clinic__receipt_key_hash=_hash_of_key(key), code=code
    )
    copy = copies.first()
    if copy is None:
        raise NotYourClinicError("No clinic has this key, or it printed nothing with this code.")
    return copy


# For how long the link in a mail answers a recall; after it, people sign in at their desk.
ANSWER_LINK_LASTS = datetime.timedelta(days=30)
_ANSWER_SALT = "education.handouts.recall-answer"
# By whose link it was answered, as ``RecallAnswer.by_key`` says it.
_PERSON, _MAILBOX = "mail-", "mailbox"


@dataclass(frozen=True)
class LinkedRecall:
    """
    What the link in a mail about a recall answers for: prints of a clinic that were called back.

    ``answered_by`` says whose link it is where an answer is kept (``RecallAnswer.by_key``).
    """

    clinic: Clinic
    cause: RecallCause
    copies: Sequence[PrintedCopy]
    answered_by: str


def recall_of_link(token: str) -> LinkedRecall:
    """
    What a link answers for now. Reads, never writes.

    Raises ``EndedLinkError`` where it is too old or was changed, where whom it was mailed to is not
    of the clinic any more, and where nothing is called back for its cause any more.
    """
    try:
        cause_name, number, answered_by, sealed = signing.loads(
            token, salt=_ANSWER_SALT, max_age=ANSWER_LINK_LASTS
        )
    except signing.BadSignature as error:
        raise EndedLinkError(
            "It is too old, or not whole. Answer on your clinic’s desk."
        ) from error
    clinic = Clinic.objects.filter(pk=number).first()
    if clinic is None or not _is_told(clinic, answered_by, sealed):
        raise EndedLinkError("Whoever it was mailed to is not of the clinic any more.")
    cause = next((cause for cause in causes() if cause.name == cause_name), None)
    copies = by_clinic(cause.copies).get(clinic, []) if cause else []
    if cause is None or not copies:
        raise EndedLinkError("This recall is over. Nothing needs an answer.")
    return LinkedRecall(clinic, cause, copies, answered_by)


def _is_told(clinic: Clinic, answered_by: str, sealed: str) -> bool:
    """Whether the person or mailbox that a link was mailed to still hears of a clinic's recalls."""
    if answered_by == _MAILBOX:
        return bool(clinic.mailbox) and sealed == digest(clinic.mailbox)
    person = User.objects.filter(pk=answered_by.removeprefix(_PERSON), is_active=True).first()
    return clinic_of(person) == clinic


@operation
def answer_recall_by_link(*, token: str, receipts: Mapping[str, Receipt]) -> list[RecallAnswer]:
    """
    Record what became of prints, by their codes, as somebody says by the link in a mail.

    All of them or none. A print that was answered already is not answered again this way: several
    people get the same mail. Raises ``EndedLinkError``, ``NothingToAnswerError``,
    ``InvalidReceiptError`` and ``TooManyReceiptsError``.
    """
    linked = recall_of_link(token)
    copies = {copy.code: copy for copy in linked.copies}
    answers = []
    for code, receipt in receipts.items():
        if (copy := copies.get(code)) is None:
            raise NothingToAnswerError("This link does not answer for that print.")
        recall = recall_of(copy)
        if recall is not None and recall.is_answered:
            raise NothingToAnswerError(f"Somebody answered for {format_code(code)} meanwhile.")
        answer = replace(receipt, words=" ".join(receipt.words.split()))
        answers.append(_answer_recall(copy, answer, by_key=linked.answered_by))
    return answers


def _cause_to_answer(copy: PrintedCopy) -> tuple[str, str]:
    """Why a print is called back, or its drill, and as which state; empty where it may be used."""
    if recall := recall_of(copy):
        return recall.cause, recall.verdict.name
    drill = drill_of(copy)
    return (drill.name, DRILL_STATE) if drill else ("", "")


def _answer_recall(
    copy: PrintedCopy, receipt: Receipt, *, by: User | None = None, by_key: str = ""
) -> RecallAnswer:
    """
    Record a receipt of a person or of a system.

    Raises ``NothingToAnswerError``, ``InvalidReceiptError`` and ``TooManyReceiptsError``.
    """
    if receipt.press and (known := copy.recall_answers.filter(press=receipt.press).first()):
        return known
    cause, state = _cause_to_answer(copy)
    if not cause:
        raise NothingToAnswerError("This paper may be used: there is nothing to answer.")
    _refuse_too_many(copy)
    answer = RecallAnswer(
        copy=copy, cause=cause, state=state, by=by, by_key=by_key, **asdict(receipt)
    )
    try:
        answer.full_clean()
    except ValidationError as error:
        problems = (f"{name}: {' '.join(words)}" for name, words in error.message_dict.items())
        raise InvalidReceiptError(" ".join(problems)) from error
    answer.save(force_insert=True)
    record(
        "recall.answered",
        copy,
        by=by,
        clinic=copy.clinic_id,
        cause=answer.cause,
        binned=answer.binned,
        given_out=answer.given_out,
        none_left=answer.none_left,
        by_key=by_key,
    )
    return answer


def _refuse_too_many(copy: PrintedCopy) -> None:
    day = datetime.timedelta(days=1)
    recent = copy.recall_answers.filter(answered_at__gt=timezone.now() - day).order_by(
        "answered_at"
    )
    moments = list(recent.values_list("answered_at", flat=True))
    if len(moments) >= MOST_RECEIPTS_A_DAY:
        raise TooManyReceiptsError(moments[-MOST_RECEIPTS_A_DAY] + day - timezone.now())


@operation
def renew_receipt_key(*, clinic: Clinic, by: User) -> str:
    """
    Give a clinic's own system a key to answer recalls with, and end the one before.

    It is told here and never again: only its hash is kept. Not the key of the feed: who reads a
    feed must be able to change nothing. Raises ``NotYourClinicError``.
    """
    _require_desk(clinic, by)
    key = secrets.token_hex(16)  # 128 bits
    Clinic.objects.filter(pk=clinic.pk).update(receipt_key_hash=_hash_of_key(key))
    record("clinic.receipt_key_renewed", clinic, by=by)
    return key


@operation
def end_receipt_key(*, clinic: Clinic, by: User) -> None:
    """Let no system answer recalls for a clinic any more. Raises ``NotYourClinicError``."""
    _require_desk(clinic, by)
    if Clinic.objects.filter(pk=clinic.pk).exclude(receipt_key_hash="").update(receipt_key_hash=""):
        record("clinic.receipt_key_ended", clinic, by=by)


def _hash_of_key(key: str) -> str:
    """A key of 128 random bits needs no salt and no slow hash."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


@operation
def start_drill(*, clinic: Clinic, by: User) -> RecallDrill:
    """
    Try whether recalls reach a clinic, with the newest of its prints that may be used.

    By an editor-in-chief. Everything that tells of it says DRILL, and how the print stands never
    changes. Raises ``NotYourClinicError`` and ``NothingToAnswerError``.
    """
    _require_editor(by)
    if drills(clinic):
        raise NothingToAnswerError(f"A drill of {clinic} goes on.")
    copies = clinic.printed_copies.filter(do_not_use_after__gte=timezone.localdate())
    good = (each for each in verdicts_of(copies.order_by("-pk")[:20]) if each.may_be_used)
    newest = next(good, None)
    if newest is None or newest.copy is None:
        raise NothingToAnswerError(f"{clinic} has printed nothing that may be used.")
    drill = RecallDrill.objects.create(copy=newest.copy, by=by)
    record("clinic.drill_started", clinic, by=by, copy=newest.copy.pk)
    return drill


@operation
def renew_recall_key(*, clinic: Clinic, by: User) -> Clinic:
    """Give a clinic's feed of recalls a new address nobody can guess; the old one ends."""
    _require_desk(clinic, by)
    clinic = Clinic.objects.get(pk=clinic.pk)
    clinic.recall_key = secrets.token_hex(16)  # 128 bits
    clinic.save(update_fields=["recall_key"])
    record("clinic.recall_feed_renewed", clinic, by=by)
    return clinic


# How long somebody who reads a mailbox may take to open the link that was sent to it.
MAILBOX_LINK_LASTS = datetime.timedelta(days=7)
# Strangers get no more mail than this because somebody at a desk typed their addresses.
MOST_LINKS_A_DAY = 5
_MAILBOX_SALT = "education.handouts.mailbox"


@operation
def ask_mailbox(*, clinic: Clinic, by: User, address: str) -> Clinic:
    """
    Mail a link to a clinic's shared mailbox; recalls go there once somebody opened it and agreed.

    An empty address ends mail to the mailbox there is. Until the new address agrees, the old one
    goes on. Raises ``NotYourClinicError`` and ``BadMailboxError``.
    """
    _require_desk(clinic, by)
    clinic = Clinic.objects.get(pk=clinic.pk)
    address = address.strip()
    if address == clinic.mailbox:
        clinic.mailbox_asked = ""
        clinic.save(update_fields=["mailbox_asked"])
        return clinic
    try:
        Clinic._meta.get_field("mailbox_asked").clean(address, clinic)
    except ValidationError as error:
        raise BadMailboxError(" ".join(error.messages)) from error
    if not address:
        clinic.mailbox = clinic.mailbox_asked = ""
        clinic.save(update_fields=["mailbox", "mailbox_asked"])
        record("clinic.mailbox_ended", clinic, by=by)
        return clinic
    about = f"mailbox:{clinic.pk}:{timezone.localdate()}"
    if Message.objects.filter(about=about).count() >= MOST_LINKS_A_DAY:
        raise BadMailboxError(f"{MOST_LINKS_A_DAY} links were sent today; try again tomorrow.")
    clinic.mailbox_asked = address
    clinic.save(update_fields=["mailbox_asked"])
    token = signing.dumps([clinic.pk, digest(address)], salt=_MAILBOX_SALT)
    sent = notify_mailbox(
        address,
        subject=f"Mail to you when {clinic.name} must bin printed handouts?",
        text=(
            f"{by} asks that this mailbox be told when handouts that {clinic.name} printed must "
            "not be used any more. Such mail names handouts and codes, never a patient.\n\n"
            f"If that is right, open this page within {MAILBOX_LINK_LASTS.days} days and agree. "
            "If not, do nothing: no other mail will come."
        ),
        path=reverse("clinic-mailbox", args=[token]),
        about=about,
    )
    if sent is None:
        raise BadMailboxError("A link was sent to this address today already.")
    record("clinic.mailbox_asked", clinic, by=by)
    return clinic


def clinic_of_link(token: str) -> Clinic:
    """
    The clinic whose mailbox was sent a link.

    Raises ``BadMailboxError`` where it is too old, or another address or link took its place.
    """
    gone = "This link has ended. Somebody at the clinic’s desk can have a new one sent."
    try:
        number, sealed = signing.loads(token, salt=_MAILBOX_SALT, max_age=MAILBOX_LINK_LASTS)
    except signing.BadSignature as error:
        raise BadMailboxError(gone) from error
    clinic = Clinic.objects.filter(pk=number).first()
    addresses = {digest(each) for each in (clinic.mailbox_asked, clinic.mailbox)} if clinic else ()
    if clinic is None or sealed not in addresses:
        raise BadMailboxError(gone)
    return clinic


@operation
def agree_to_mailbox(*, token: str) -> Clinic:
    """Send recalls of a clinic to its mailbox from now on: somebody who reads it agreed."""
    clinic = clinic_of_link(token)
    # The link of the mailbox there is says nothing for another that was asked since.
    if clinic.mailbox_asked and _is_link_of(token, clinic.mailbox_asked):
        clinic.mailbox, clinic.mailbox_asked = clinic.mailbox_asked, ""
        clinic.save(update_fields=["mailbox", "mailbox_asked"])
        note_arrived(clinic.mailbox)
        record("clinic.mailbox_agreed", clinic, by=None)
    return clinic


def _is_link_of(token: str, address: str) -> bool:
    sealed: str = signing.loads(token, salt=_MAILBOX_SALT)[1]
    return sealed == digest(address)


def _require_desk(clinic: Clinic, by: User) -> None:
    own = clinic_of(by)
    if own is None or own.pk != clinic.pk:
        raise NotYourClinicError(f"{by} does not work at this clinic’s desk.")


def _require_editor(by: User | None) -> None:
    if by is not None and not by.has_role(Role.EDITOR_IN_CHIEF):
        raise NotYourClinicError(f"{by} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
