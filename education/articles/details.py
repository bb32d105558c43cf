"""What an article is beside its text: its risk class, address, topic, kind and review cycle."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from education.articles.models import Article, Contribution, Revision
from education.articles.operations import MayNotWriteError
from education.articles.rules import may_write
from education.audit.operations import operation, record
from education.canonical import plain_value
from education.errors import EditorialError, StaleError
from education.people.models import Role, User
from education.people.rules import conflicts_on

DETAILS = ("slug", "topic", "kind", "risk_class", "review_every_months")


class MayNotConfirmError(EditorialError):
    """The person may not confirm the risk class of this article."""


def reasons_against_confirming(person: User, article: Article) -> list[str]:
    """Why this person may not confirm the risk class, as sentences."""
    reasons = []
    if not (person.has_role(Role.MEDICAL_REVIEWER) or person.has_role(Role.EDITOR_IN_CHIEF)):
        reasons.append("A medical reviewer or an editor-in-chief confirms the risk class.")
    if article.class_set_by_id == person.pk:
        reasons.append(f"{person} chose the risk class; a second person confirms it.")
    elif Contribution.objects.filter(
        revision__article=article, person=person, inherited=False
    ).exists():
        reasons.append(f"{person} wrote a text of {article}; somebody else confirms its class.")
    return reasons + conflicts_on(person, article.topic)


def may_confirm(article: Article) -> list[User]:
    """Those who may confirm the risk class of this article, by name."""
    holders = User.objects.filter(
        is_active=True, groups__name__in=[Role.MEDICAL_REVIEWER.label, Role.EDITOR_IN_CHIEF.label]
    ).distinct()
    return [
        person
        for person in holders.order_by("display_name", "username")
        if not reasons_against_confirming(person, article)
    ]


@operation
def confirm_class(*, article: Article, by: User, risk_class_seen: str) -> Article:
    """Say as a second person that a text of this article could harm as its risk class says."""
    article = Article.objects.get(pk=article.pk)
    reasons = reasons_against_confirming(by, article)
    if reasons:
        raise MayNotConfirmError(" ".join(reasons))
    if article.risk_class != risk_class_seen:
        raise StaleError(f"{article} is of class {article.risk_class} by now. Look again.")
    if article.class_waits:
        article.class_confirmed_by = by
        article.save(update_fields=["class_confirmed_by"])
        record(
            "article.class_confirmed",
            article,
            by=by,
            article_id=article.pk,
            risk_class=article.risk_class,
        )
    return article


@operation
def correct_details(
    *, article: Article, details: Mapping[str, Any], by: User, reason: str
) -> Article:
    """
    Correct what an article is, until any text of it was published; the record keeps what it was.

    From then on an editor-in-chief may make its risk class stricter, and nothing else: the next
    version then needs more who approve. Not while a text is in review or approved, whose approvals
    rest on it. A new risk class waits for a second person again. An invalid value raises
    ``ValidationError``.
    """
    article = Article.objects.get(pk=article.pk)
    if not may_write(by):
        raise MayNotWriteError(f"{by} does not have the role Writer.")
    if not reason.strip():
        raise MayNotWriteError("Say why.")
    states = set(article.revisions.values_list("state", flat=True))
    if Revision.State.PUBLISHED in states:
        details = {"risk_class": details.get("risk_class", article.risk_class)}
        if not by.has_role(Role.EDITOR_IN_CHIEF):
            raise MayNotWriteError(
                f"{article} was published; its details stay. An editor-in-chief may make its risk "
                "class stricter."
            )
        if details["risk_class"] > article.risk_class:  # A is the strictest
            raise MayNotWriteError(f"{article} was published; its class may only be stricter.")
    if states & {Revision.State.IN_REVIEW, Revision.State.APPROVED}:
        raise MayNotWriteError(f"A text of {article} is in review or approved.")
    before = {name: getattr(article, name) for name in DETAILS}
    for name in DETAILS:
        setattr(article, name, details.get(name, before[name]))
    moved = {
        name: [_said(before[name]), _said(getattr(article, name))]
        for name in DETAILS
        if before[name] != getattr(article, name)
    }
    if not moved:
        return article
    if "risk_class" in moved:
        article.class_set_by, article.class_confirmed_by = by, None
    article.full_clean()
    article.save()
    record(
        "article.details_changed",
        article,
        by=by,
        article_id=article.pk,
        moved=moved,
        reason=reason.strip(),
    )
    return article


@operation
def archive_article(*, article: Article, by: User, reason: str) -> Article:
    """
    Put an article away that is not written any more; nothing of it is deleted.

    By an editor-in-chief, with no text of it on its way and none public.
    """
    article = Article.objects.get(pk=article.pk)
    if not by.has_role(Role.EDITOR_IN_CHIEF):
        raise MayNotWriteError(f"{by} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    if not reason.strip():
        raise MayNotWriteError("Say why it is archived.")
    open_or_public = [*Revision.OPEN_STATES, Revision.State.PUBLISHED]
    if article.revisions.filter(state__in=open_or_public).exists():
        raise MayNotWriteError(f"A text of {article} is on its way or was published.")
    if article.archived_at is None:
        article.archived_at = timezone.now()
        article.save(update_fields=["archived_at"])
        record("article.archived", article, by=by, article_id=article.pk, reason=reason.strip())
    return article


def _said(value: Any) -> Any:
    return str(value) if not isinstance(value, int | str) else plain_value(value)
