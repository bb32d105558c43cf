"""Masking a passage of a live page at once; a second person confirms or lifts it."""

import datetime

from django.utils import timezone

from education.articles.models import Article, Contribution
from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.mail import notify
from education.people.models import Role, User
from education.people.rules import conflicts_on
from education.publishing.indexing import index_publication
from education.publishing.models import MaskedPassage, Publication
from education.text.masking import holds_passage

# A second person looks within this; then they are asked again, every day.
CONFIRMED_WITHIN = datetime.timedelta(days=1)


class MayNotMaskError(EditorialError):
    """The passage can't be masked, confirmed or lifted by this person or now."""


@operation
def mask_passage(*, publication: Publication, words: str, reason: str, by: User) -> MaskedPassage:
    """
    Take a passage off a live page, off paper and out of every answer, from now on.

    By an editor-in-chief, whoever wrote the page. ``words`` is one of ``maskable_passages`` of the
    page. Readers are told the reason.
    """
    publication = Publication.objects.select_related("revision").get(pk=publication.pk)
    if not by.has_role(Role.EDITOR_IN_CHIEF):
        raise MayNotMaskError(f"{by} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    if not reason.strip():
        raise MayNotMaskError("Give a reason; readers will see it.")
    if not Publication.objects.current().filter(pk=publication.pk).exists():
        raise MayNotMaskError(f"{publication} is not what the public sees now.")
    if not holds_passage(publication.content, words):
        raise MayNotMaskError("The page does not hold these words. Nothing was recorded.")
    page = MaskedPassage.objects.in_force().filter(
        slug=publication.slug, language=publication.language
    )
    pressed_before = page.filter(words=words).first()
    if pressed_before:
        return pressed_before
    passage = MaskedPassage(
        slug=publication.slug,
        language=publication.language,
        of_glossary=publication.kind == Article.Kind.GLOSSARY,
        words=words,
        reason=reason.strip(),
        by=by,
        at=timezone.now(),
    )
    passage.full_clean()
    passage.save(force_insert=True)
    _index_again(passage)
    record(
        "passage.masked",
        passage,
        by=by,
        article_id=publication.revision.article_id,
        words=words,
        reason=passage.reason,
    )
    _ask(passage, days=0)
    return passage


@operation
def confirm_mask(*, passage: MaskedPassage, by: User) -> MaskedPassage:
    """Confirm that a passage stays masked; by another editor-in-chief or a medical reviewer."""
    passage = MaskedPassage.objects.get(pk=passage.pk)
    if passage.confirmed_at:
        return passage
    reasons = reasons_against_confirming(passage, by)
    if reasons:
        raise MayNotMaskError(" ".join(reasons))
    passage.confirmed_by, passage.confirmed_at = by, timezone.now()
    passage.save(update_fields=["confirmed_by", "confirmed_at"])
    record("passage.mask_confirmed", passage, by=by, words=passage.words)
    return passage


@operation
def lift_mask(*, passage: MaskedPassage, by: User, reason: str) -> MaskedPassage:
    """Show a masked passage again; by who neither masked it, wrote the page nor has a conflict."""
    passage = MaskedPassage.objects.get(pk=passage.pk)
    if passage.lifted_at:
        return passage
    reasons = reasons_against_lifting(passage, by)
    if not reason.strip():
        reasons.append("Say why it is shown again.")
    if reasons:
        raise MayNotMaskError(" ".join(reasons))
    passage.lifted_by, passage.lifted_at = by, timezone.now()
    passage.lifted_because = reason.strip()
    passage.save(update_fields=["lifted_by", "lifted_at", "lifted_because"])
    _index_again(passage)
    record(
        "passage.mask_lifted", passage, by=by, words=passage.words, reason=passage.lifted_because
    )
    return passage


def reasons_against_confirming(passage: MaskedPassage, by: User) -> list[str]:
    """Why this person may not confirm that the passage stays masked, as sentences."""
    if not (by.has_role(Role.EDITOR_IN_CHIEF) or by.has_role(Role.MEDICAL_REVIEWER)):
        return ["This needs an editor-in-chief or a medical reviewer."]
    if passage.lifted_at:
        return ["The passage is shown again."]
    if by.pk == passage.by_id:
        return [f"{by} masked it; a second person must look."]
    return []


def reasons_against_lifting(passage: MaskedPassage, by: User) -> list[str]:
    """Why this person may not show the passage again, as sentences."""
    reasons = reasons_against_confirming(passage, by)
    copies = Publication.objects.live().filter(slug=passage.slug, language=passage.language)
    if newest := copies.select_related("topic").order_by("number").last():
        reasons += conflicts_on(by, newest.topic)
    if Contribution.objects.filter(revision__in=copies.values("revision"), person=by).exists():
        reasons.append(f"{by} wrote the page; someone else must say that the words may stand.")
    return reasons


def ask_for_confirmation() -> int:
    """Ask again, daily, for each mask that nobody confirmed within a day; how many there are."""
    now = timezone.now()
    late = list(MaskedPassage.objects.unconfirmed().filter(at__lte=now - CONFIRMED_WITHIN))
    for passage in late:
        _ask(passage, days=(now - passage.at).days)
    return len(late)


def _ask(passage: MaskedPassage, *, days: int) -> None:
    people = User.objects.filter(is_active=True).exclude(pk=passage.by_id).order_by("pk")
    roles = [Role.EDITOR_IN_CHIEF.label, Role.MEDICAL_REVIEWER.label]
    notify(
        people.filter(groups__name__in=roles).distinct(),
        subject=f"{passage.slug}: a masked passage waits for a second person",
        text=f"{passage.by} masked “{passage.words}”: {passage.reason}\n\n"
        "Please confirm it within a day, or show the words again.",
        path=f"/admin/education/maskedpassage/{passage.pk}/change/",
        about=f"masked-{passage.pk}-{days}",
    )


def _index_again(passage: MaskedPassage) -> None:
    """Let search find what is shown now, of the page and of what waits to take its place."""
    copies = Publication.objects.filter(language=passage.language)
    if not passage.of_glossary:
        copies = copies.filter(slug=passage.slug)
    for publication in [*copies.current(), *copies.scheduled()]:
        index_publication(publication)
