"""Whose mail comes back: people with an account, and clinics by their shared mailbox."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.formats import date_format

from education.handouts.models import Clinic
from education.people.bounces import GIVES_UP
from education.people.models import BouncedAddress, User


@dataclass(frozen=True)
class Bounce:
    """An address from which mail comes back, with those who have it now."""

    address: BouncedAddress
    people: list[User] = field(default_factory=list)
    clinics: list[Clinic] = field(default_factory=list)

    @property
    def in_words(self) -> str:
        """What happened, as a sentence for whoever can correct the address."""
        address = self.address
        day = date_format(timezone.localdate(address.at))
        sentence = f"Mail to {address.address} came back on {day} (code {address.status})."
        if address.resent_at:
            again = date_format(timezone.localdate(address.resent_at))
            sentence += f" Another was sent on {again} and has not come back so far."
        return sentence


def bounces(addresses: Iterable[str] | None = None) -> list[Bounce]:
    """
    Every address that somebody has now and whose mail comes back, or those among some addresses.

    Accounts that are switched off get no mail and are left out.
    """
    rows = BouncedAddress.objects.order_by("at", "pk")
    if addresses is not None:
        rows = rows.filter(address__in={address.lower() for address in addresses if address})
    by_address = {row.address: Bounce(row) for row in rows}
    if not by_address:
        return []
    people = User.objects.filter(is_active=True).annotate(lower=Lower("email"))
    for person in people.filter(lower__in=list(by_address)).order_by("pk"):
        by_address[person.email.lower()].people.append(person)
    for name in ("mailbox", "mailbox_asked"):
        clinics = Clinic.objects.annotate(lower=Lower(name)).filter(lower__in=list(by_address))
        for clinic in clinics.order_by("pk"):
            by_address[getattr(clinic, name).lower()].clinics.append(clinic)
    return [row for row in by_address.values() if row.people or row.clinics]


def bounces_of(clinic: Clinic) -> list[Bounce]:
    """What concerns one clinic: its mailbox, the one it asked, and the people at its desk."""
    people = clinic.staff.values_list("person__email", flat=True)
    return bounces([clinic.mailbox, clinic.mailbox_asked, *people])


def forget_bounces() -> int:
    """
    Delete what nobody has as an address any more, and what was not heard of for as long as servers
    try; how many there were.
    """
    theirs = [bounce.address.pk for bounce in bounces()]
    over = Q(resent_at__lt=timezone.now() - GIVES_UP) | ~Q(pk__in=theirs)
    return BouncedAddress.objects.filter(over).delete()[0]
