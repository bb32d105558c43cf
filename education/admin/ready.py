"""What a person still needs before they can work, with the page where it is done."""

from typing import Any

from django.urls import reverse

from education.accounts.ready import ReadyStep, ready_steps
from education.people.models import ProfileProposal, RightsProposal, User


def with_pages(person: User, *, by: User) -> list[tuple[ReadyStep, str]]:
    """
    Each step of a person and the address where ``by`` does it; empty where it is done or done by
    somebody else.
    """
    return [(step, "" if step.done else _address(step, person, by)) for step in ready_steps(person)]


def _address(step: ReadyStep, person: User, by: User) -> str:
    address = ""
    if step.mended_at == "declaration" and by == person:
        address = reverse("admin:education_user_declaration")
    elif step.mended_at == "account" and step.name == "Credentials" and by == person:
        address = reverse("admin:education_user_profile")
    elif step.mended_at == "account" and by.is_superuser:
        page = "invite" if step.name == "Password" else "change"
        address = reverse(f"admin:education_user_{page}", args=[person.pk])
    elif by.is_superuser and by != person:
        address = _address_of_proposal(step, person, by)
    return address


def _address_of_proposal(step: ReadyStep, person: User, by: User) -> str:
    mine = {"person": person, "decided_at": None}
    waiting: dict[str, Any] = {
        "rights": RightsProposal.objects.filter(**mine),
        "profile": ProfileProposal.objects.filter(**mine),
    }
    if step.mended_at not in waiting:
        return ""
    proposal = waiting[step.mended_at].exclude(by=by).first()
    name = f"admin:education_{step.mended_at}proposal_change"
    return reverse(name, args=[proposal.pk]) if proposal else ""
