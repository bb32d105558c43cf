"""What a person still needs before they can work, with the page where it is done."""

from django.urls import reverse

from education.accounts.ready import ReadyStep, ready_steps
from education.people.models import RightsProposal, User


def with_pages(person: User, *, by: User) -> list[tuple[ReadyStep, str]]:
    """
    Each step of a person and the address where ``by`` does it; empty where it is done or done by
    somebody else.
    """
    return [(step, "" if step.done else _address(step, person, by)) for step in ready_steps(person)]


def _address(step: ReadyStep, person: User, by: User) -> str:
    if step.mended_at == "declaration" and by == person:
        return reverse("admin:education_user_declaration")
    if step.name == "Credentials" and by == person:
        return reverse("admin:education_user_profile")
    if step.mended_at == "account" and by.is_superuser:
        page = "invite" if step.name == "Password" else "change"
        return reverse(f"admin:education_user_{page}", args=[person.pk])
    waiting = RightsProposal.objects.filter(person=person, decided_at=None).exclude(by=by).first()
    if step.mended_at == "rights" and waiting and by.is_superuser and by != person:
        return reverse("admin:education_rightsproposal_change", args=[waiting.pk])
    return ""
