"""
After a restore: what a backup brings back though it had ended since is held until it is settled.

``before_restore`` reads the site that a backup is about to replace, ``hold_after_restore`` compares
what came back with it and holds the rest, ``settle`` ends a hold. What can stay ended without a
decision does (``education.safety.carried_over``). Where the site of before can't be read, or went
another way than the backup, everything that could do harm is held.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_otp.plugins.otp_totp.models import TOTPDevice

from education.accounts.invitations import tokens
from education.accounts.models import RecoveryCode
from education.articles.models import Contribution
from education.audit.models import Event, EventHead
from education.audit.operations import lock_event_head, operation, record
from education.errors import EditorialError
from education.evidence.models import StatusEvent
from education.handouts.models import Clinic, ClinicStaff
from education.people.mail import notify
from education.people.models import Role, User
from education.people.rules import conflicts_on, rights_of
from education.publishing.models import MaskedPassage, Publication, PublicationEvent, RestoreHold
from education.publishing.operations import cancel_schedule, withdraw
from education.safety.carried_over import Endings, carry_over, endings
from education.safety.models import EmergencyNote
from education.text.masking import holds_passage

Kind = PublicationEvent.Kind
# The slug, the language and the number of a copy.
Copy = tuple[str, str, int]
# Where holds are settled.
DESK = "/admin/education/restorehold/"
POWERFUL = Q(is_superuser=True) | Q(groups__name=Role.EDITOR_IN_CHIEF.label)


class MayNotSettleError(EditorialError):
    """The hold can't be settled by this person or in this way."""


@dataclass(frozen=True)
class AccountBefore:
    """
    An account: what it may do, and what lets somebody into it.

    ``desks`` says in words what it may do at which clinic: the clinic may have another name since.
    ``credentials`` are what lets it review, and until when; ``password`` is a hash, ``devices`` are
    keys of telephones, ``codes`` recovery codes left.
    """

    rights: frozenset[str]
    desks: dict[tuple[int, str], str]
    credentials: tuple[str, str]
    credentials_until: datetime.date
    email: str
    password: str
    devices: frozenset[str]
    codes: frozenset[str]


@dataclass(frozen=True)
class SiteBefore:
    """What a site said, before a backup took its place, of what must not come back unseen."""

    end: tuple[int, str]
    chain: frozenset[tuple[int, str]]
    newest: dict[tuple[str, str], int]
    ended: dict[Copy, dict[str, str]]
    held: dict[Copy, list[str]]
    passages: frozenset[tuple[str, str, str, bool]]
    statuses: dict[str, str]
    notes: frozenset[tuple[str, str, str]]
    accounts: dict[int, AccountBefore]
    endings: Endings


@dataclass
class Returned:
    """
    What a backup brings back, and why it is held: reasons by copy and by account.

    ``carried_over`` is what had ended since and stays so.
    """

    pages: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    accounts: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    carried_over: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """One line each, for whoever restores."""
        copies = Publication.objects.in_bulk(self.pages)
        people = User.objects.in_bulk(self.accounts)
        return [
            *(f"Page {copies[pk]}: {' '.join(why)}" for pk, why in self.pages.items()),
            *(
                f"Account {people[pk].username}: {' '.join(why)}"
                for pk, why in self.accounts.items()
            ),
        ]


def before_restore() -> SiteBefore | None:
    """
    What the site here says; None where it holds no event.

    Raises ``DatabaseError`` where the database can't be read.
    """
    chain = frozenset(Event.objects.values_list("sequence", "hash"))
    if not chain:
        return None
    return SiteBefore(
        end=max(chain),
        chain=chain,
        newest={
            (slug, language): number
            for slug, language, number in Publication.objects.newest().values_list(
                "slug", "language", "number"
            )
        },
        ended=_ended(),
        held={
            _copy(hold.publication): hold.reasons
            for hold in RestoreHold.objects.waiting().select_related("publication")
            if hold.publication
        },
        passages=_passages(),
        statuses=_statuses(),
        notes=_notes(),
        accounts=_accounts(),
        endings=endings(),
    )


def hold_after_restore(
    before: SiteBefore | None, *, nothing_lost: bool, backup: dict[str, Any], strangers: set[str]
) -> Returned:
    """
    Hold what came back; append the event ``backup.restored``; tell administrators and editors.

    In the transaction of the restore. ``nothing_lost``: the backup ends where the record is known
    to end. ``backup`` is its end and moment, for the event. ``strangers`` are names of accounts
    that nothing vouches for: who has powers by a backup without a valid signature.
    """
    head = lock_event_head()
    restored = dict(Event.objects.values_list("sequence", "hash"))
    returned = Returned()
    # What was replaced is the backup's own past: a step back that is taken back loses nothing.
    ahead = before is not None and restored.get(before.end[0]) == before.end[1] != head.hash
    compared = before is not None and (head.sequence, head.hash) in before.chain
    if before is not None and compared:
        _compare(before, returned)
    elif not (nothing_lost or ahead):
        _hold_all(returned)
    for person in User.objects.filter(username__in=strangers, is_active=True):
        returned.accounts[person.pk].append(
            "Its powers are those of a backup whose signature says nothing."
        )
    now = timezone.now()
    event = record(
        "backup.restored",
        EventHead.objects.get(pk=1),
        by=None,
        backup=backup,
        replaced={"sequence": before.end[0], "hash": before.end[1]} if before else None,
        compared=compared,
        pages=[str(copy) for copy in Publication.objects.filter(pk__in=returned.pages)],
        accounts=[person.username for person in User.objects.filter(pk__in=returned.accounts)],
        carried_over=returned.carried_over,
    )
    people = list(User.objects.filter(POWERFUL, is_active=True).distinct())
    RestoreHold.objects.waiting().filter(
        Q(publication__in=returned.pages) | Q(person__in=returned.accounts)
    ).delete()  # it is held anew, with what is known now
    RestoreHold.objects.bulk_create(
        [
            *(
                RestoreHold(restored=event, publication_id=pk, reasons=why, held_at=now)
                for pk, why in returned.pages.items()
            ),
            *(
                RestoreHold(restored=event, person_id=pk, reasons=why, held_at=now)
                for pk, why in returned.accounts.items()
            ),
        ]
    )
    User.objects.filter(pk__in=returned.accounts).update(is_active=False)
    held = len(returned.pages) + len(returned.accounts)
    notify(
        people,
        subject="The site was restored from a backup",
        text=f"The backup is of {backup['made_at']}. What was done since is lost. "
        + (
            f"{held} pages and accounts are held until an editor-in-chief confirms each one:\n\n"
            + "\n".join(returned.lines)
            if held
            else "Nothing came back that had ended since."
        )
        + (
            "\n\nThis stays as it was before the restore:\n\n" + "\n".join(returned.carried_over)
            if returned.carried_over
            else ""
        ),
        path=DESK,
        also_if_off=True,
    )
    return returned


def _compare(before: SiteBefore, returned: Returned) -> None:
    """Note what had ended on the site of before and has not in the backup."""
    for pk, why in _pages_back(before):
        if why not in returned.pages[pk]:
            returned.pages[pk].append(why)
    for pk, account in _accounts().items():
        was = before.accounts.get(pk)
        if "is_active" in account.rights and (reasons := _account_back(was, account)):
            returned.accounts[pk] = reasons
    returned.carried_over = carry_over(before.endings)


def _pages_back(before: SiteBefore) -> "list[tuple[int, str]]":
    """Each copy that would be shown again, with why it was not."""
    public = list(Publication.objects.not_withdrawn())
    waiting = list(Publication.objects.scheduled())
    keys = {_copy(copy): copy.pk for copy in Publication.objects.all()}
    return [
        *_ended_pages(before, public, keys),
        *(
            (page.pk, f"Version {newest} had taken its place.")
            for page in public
            if (newest := before.newest.get((page.slug, page.language), page.number)) > page.number
        ),
        *(
            (keys[copy], why)
            for copy, reasons in before.held.items()
            if copy in keys
            for why in reasons
        ),
        *_unmasked_pages(before, [*public, *waiting]),
        *_pages_on_fallen_evidence(before, [*public, *waiting]),
        *(
            (page.pk, f"An emergency note stood above it: {text[:120]}")
            for slug, language, text in before.notes - _notes()
            for page in public
            if (page.slug, page.language) == (slug, language)
        ),
    ]


def _ended_pages(
    before: SiteBefore, public: Sequence[Publication], keys: Mapping[Copy, int]
) -> Iterator[tuple[int, str]]:
    """Copies that had ended, and those public of the same page: the newest judges its paper."""
    ended = _ended()
    for copy, events in before.ended.items():
        for kind, reason in events.items():
            if copy in keys and kind not in ended.get(copy, {}):
                why = f"{Kind(kind).label.capitalize()} since: {reason}"
                yield keys[copy], why
                yield from ((page.pk, why) for page in public if _copy(page)[:2] == copy[:2])


def _unmasked_pages(before: SiteBefore, shown: Sequence[Publication]) -> Iterator[tuple[int, str]]:
    """Copies with a passage that was masked; words of the glossary are masked on every page."""
    for slug, language, words, of_glossary in before.passages - _passages():
        for page in shown:
            if page.language == language and (
                page.slug == slug or (of_glossary and holds_passage(page.content, words))
            ):
                yield page.pk, f"A passage of it was masked: {words[:120]}"


def _pages_on_fallen_evidence(
    before: SiteBefore, shown: Sequence[Publication]
) -> Iterator[tuple[int, str]]:
    """Copies that rest on a work whose status was another one."""
    statuses, numbers = _statuses(), {page.pk for page in shown}
    for key, status in before.statuses.items():
        if status not in {StatusEvent.Status.CURRENT.value, statuses.get(key)}:
            label = StatusEvent.Status(status).label.lower()
            resting = Publication.objects.resting_on([key]).values_list("pk", flat=True)
            yield from (
                (pk, f"{key}, on which it rests: {label}.") for pk in resting if pk in numbers
            )


def _account_back(was: AccountBefore | None, now: AccountBefore) -> list[str]:
    """Why an account that is on in the backup may not be: sentences."""
    if was is None:
        return ["The site that was replaced had no such account."]
    if "is_active" not in was.rights:
        return ["It was switched off."]
    reasons = []
    desks = (now.desks[desk] for desk in sorted(now.desks.keys() - was.desks.keys()))
    if gained := [*sorted(now.rights - was.rights), *desks]:
        reasons.append(f"It had lost: {', '.join(gained)}.")
    if now.credentials != was.credentials or now.credentials_until > was.credentials_until:
        reasons.append("Its specialty or its credentials were changed.")
    if was.email != now.email:  # links for new passwords would go to the one of before
        reasons.append("Its mail address was changed.")
    if was.password != now.password:
        reasons.append("Its password was changed.")
    if was.devices != now.devices or was.codes != now.codes:
        reasons.append("Its second step or its recovery codes were changed.")
    return reasons


def _hold_all(returned: Returned) -> None:
    """Hold every page, and every account that could show one again or give out rights."""
    why = "Nobody can say what became of it since the backup was made."
    for copy in (*Publication.objects.not_withdrawn(), *Publication.objects.scheduled()):
        returned.pages[copy.pk] = [why]
    for person in User.objects.filter(POWERFUL, is_active=True).distinct():
        returned.accounts[person.pk] = [why]
    Clinic.objects.exclude(receipt_key_hash="").update(receipt_key_hash="")


@operation
def settle(
    *, hold: RestoreHold, by: User | None, outcome: RestoreHold.Outcome, reason: str = ""
) -> str:
    """
    Bring back what is held, or keep it off; returns the address at which its owner chooses a new
    password, where an account was brought back, else nothing.

    By an editor-in-chief, or by a command (``by`` is None), which is told to everybody who looks
    after rights. A page is not brought back by who wrote it or has a conflict on its topic. It is
    kept off by withdrawing it, which needs a person and a reason for readers. An account that is
    brought back has no password and no second step: what it had in the backup may be known to
    others.
    Raises ``MayNotSettleError``.
    """
    hold = RestoreHold.objects.select_related("publication__revision", "person").get(pk=hold.pk)
    if by is not None and not by.has_role(Role.EDITOR_IN_CHIEF):
        raise MayNotSettleError(f"{by} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    if hold.settled_at:
        raise MayNotSettleError(f"{hold} was settled already.")
    back = outcome == RestoreHold.Outcome.BROUGHT_BACK
    link = ""
    if hold.publication:
        _settle_page(hold.publication, by, back=back, reason=reason.strip())
    else:
        assert hold.person is not None
        link = _settle_account(hold.person, by, back=back, reasons=hold.reasons)
    hold.settled_at, hold.settled_by, hold.outcome = timezone.now(), by, outcome
    hold.save(update_fields=["settled_at", "settled_by", "outcome"])
    if by is None:
        notify(
            User.objects.filter(POWERFUL, is_active=True).distinct(),
            subject=f"{hold}: {outcome.label.lower()} on the server",
            text="Whoever runs the site settled with a command what was held after the restore.",
            path=DESK,
            about=f"restore-hold-{hold.pk}",
        )
    return link


def _settle_page(copy: Publication, by: User | None, *, back: bool, reason: str) -> None:
    if back:
        if by and (reasons := _reasons_against_showing(copy, by)):
            raise MayNotSettleError(" ".join(reasons))
        article = copy.revision.article_id
        record("publication.brought_back", copy, by=by, article_id=article)
        return
    if by is None or not reason:
        raise MayNotSettleError("A page is kept off by an editor-in-chief, with a reason.")
    if copy.is_scheduled:
        cancel_schedule(publication=copy, by=by, reason=reason)
    elif Publication.objects.not_withdrawn().filter(pk=copy.pk).exists():
        withdraw(publication=copy, by=by, reason=reason)
    else:  # an old version whose text two people had hidden
        PublicationEvent.objects.create(
            publication=copy, kind=Kind.HIDDEN, at=timezone.now(), by=by, reason=reason
        )
        record(
            "publication.hidden", copy, by=by, article_id=copy.revision.article_id, reason=reason
        )


def _reasons_against_showing(copy: Publication, by: User) -> list[str]:
    """Why this person may not say that a page may be shown again: a stake in it, or its words."""
    reasons = conflicts_on(by, copy.topic)
    if Contribution.objects.filter(revision=copy.revision_id, person=by).exists():
        reasons.append(f"{by} wrote the page; somebody else must bring it back.")
    return reasons


def _settle_account(person: User, by: User | None, *, back: bool, reasons: list[str]) -> str:
    if not back:
        record("account.kept_off", person, by=by, reasons=reasons)
        return ""
    person.is_active = True
    person.set_unusable_password()
    person.save(update_fields=["is_active", "password"])
    TOTPDevice.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(person=person).delete()
    record("account.brought_back", person, by=by, reasons=reasons, rights=sorted(rights_of(person)))
    name = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("admin:set-password", args=[name, tokens.make_token(person)])


def _copy(publication: Publication) -> Copy:
    return publication.slug, publication.language, publication.number


def _ended() -> dict[Copy, dict[str, str]]:
    """What took copies, or their paper, from readers: reasons by kind of event."""
    kinds = (Kind.WITHDRAWN, Kind.CANCELLED, Kind.RECALLED, Kind.HIDDEN)
    events = PublicationEvent.objects.filter(kind__in=kinds).select_related("publication")
    ended: dict[Copy, dict[str, str]] = defaultdict(dict)
    for event in events:
        ended[_copy(event.publication)][event.kind] = event.reason
    return ended


def _passages() -> frozenset[tuple[str, str, str, bool]]:
    columns = ("slug", "language", "words", "of_glossary")
    return frozenset(MaskedPassage.objects.in_force().values_list(*columns))


def _statuses() -> dict[str, str]:
    """The last status of each work that has one."""
    standing = StatusEvent.objects.standing().order_by("pk")
    return dict(standing.values_list("item__key", "status"))


def _notes() -> frozenset[tuple[str, str, str]]:
    return frozenset(EmergencyNote.objects.shown().values_list("slug", "language", "text"))


def _accounts() -> dict[int, AccountBefore]:
    devices: dict[int, set[str]] = defaultdict(set)
    for person, key in TOTPDevice.objects.filter(confirmed=True).values_list("user_id", "key"):
        devices[person].add(key)
    codes: dict[int, set[str]] = defaultdict(set)
    for person, mark in RecoveryCode.objects.filter(used_at=None).values_list("person_id", "mark"):
        codes[person].add(mark)
    roles: dict[int, set[str]] = defaultdict(set)
    for name, person in Group.objects.values_list("name", "user"):
        if person:
            roles[person].add(name)
    desks: dict[int, dict[tuple[int, str], str]] = defaultdict(dict)
    for staff in ClinicStaff.objects.select_related("clinic"):
        desks[staff.person_id][staff.clinic_id, "desk"] = f"the desk of {staff.clinic}"
        if staff.manages_people:
            desks[staff.person_id][staff.clinic_id, "people"] = f"the people of {staff.clinic}"
    return {
        person.pk: AccountBefore(
            rights=frozenset(
                roles[person.pk]
                | {
                    name
                    for name in ("is_active", "is_staff", "is_superuser")
                    if getattr(person, name)
                }
            ),
            desks=desks[person.pk],
            credentials=(person.specialty, person.credentials),
            credentials_until=person.credentials_expire_on or datetime.date.min,
            email=person.email,
            password=person.password,
            devices=frozenset(devices[person.pk]),
            codes=frozenset(codes[person.pk]),
        )
        for person in User.objects.all()
    }
