"""What readers are told of a topic changes when a second person agrees."""

from typing import Any

from django.utils import timezone

from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.mail import notify
from education.people.models import ConflictOfInterest, Role, TopicProposal, User
from education.topics.models import Topic, TopicCode

Words = dict[str, Any]


class MayNotChangeTopicError(EditorialError):
    """The topic can't be changed, or not by this person or now."""


def words_of(topic: Topic) -> Words:
    """What readers and record systems are told of a topic, and where it belongs, as JSON."""
    return {
        "title": topic.title,
        "summary": topic.summary,
        "parent": topic.parent.slug if topic.parent else None,
        "position": topic.position,
        "codes": sorted(
            [code.system, code.code, code.display] for code in TopicCode.objects.filter(topic=topic)
        ),
    }


@operation
def propose_topic(*, slug: str, after: Words, by: User) -> TopicProposal | None:
    """
    Propose words, place and codes of a topic, new or not; readers see them once another agrees.

    Returns None where nothing changes, or where nobody else is there who could agree: then it is
    done, unless by who has a conflict on it, and the record says that one person did it alone.
    """
    if not by.has_role(Role.EDITOR_IN_CHIEF):
        raise MayNotChangeTopicError(f"{by} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    topic = Topic.objects.select_related("parent").filter(slug=slug).first()
    before = words_of(topic) if topic else {}
    if before == after:
        return None
    if TopicProposal.objects.filter(slug=slug, decided_at=None).exists():
        raise MayNotChangeTopicError("A change of this topic waits for a second person already.")
    others = [person for person in _able(by) if not _conflicts(person, slug, before, after)]
    if not others:
        if _conflicts(by, slug, before, after):
            raise MayNotChangeTopicError(
                f"{by} has declared a conflict of interest on this topic or where it belongs, and "
                "nobody else is there who could agree."
            )
        _apply(slug, before, after, by=by, proposed_by=None)
        return None
    proposal = TopicProposal.objects.create(
        topic=topic, slug=slug, before=before, after=after, by=by, at=timezone.now()
    )
    record("topic.proposed", proposal, by=by, before=before, after=after)
    notify(
        others,
        subject=f"{by} wants to change what readers are told of {after['title']}",
        text="\n".join(f"{name}: {old} -> {new}" for name, old, new in proposal.differences),
        path=f"/admin/education/topicproposal/{proposal.pk}/change/",
        about=f"topic-{proposal.pk}",
    )
    return proposal


@operation
def decide_topic(*, proposal: TopicProposal, by: User, accepted: bool) -> TopicProposal:
    """Agree to what is proposed of a topic, or refuse it; who proposed it doesn't decide."""
    proposal = TopicProposal.objects.select_related("by").get(pk=proposal.pk)
    reasons = reasons_against_deciding(proposal, by)
    if reasons:
        raise MayNotChangeTopicError(" ".join(reasons))
    proposal.decided_by, proposal.decided_at, proposal.accepted = by, timezone.now(), accepted
    if accepted:
        topic = Topic.objects.select_related("parent").filter(slug=proposal.slug).first()
        if (words_of(topic) if topic else {}) != proposal.before:
            raise MayNotChangeTopicError("The topic changed meanwhile; refuse this and propose it.")
        proposal.topic = _apply(
            proposal.slug, proposal.before, proposal.after, by=by, proposed_by=proposal.by
        )
    else:
        record("topic.refused", proposal, by=by, before=proposal.before, after=proposal.after)
    proposal.save(update_fields=["topic", "decided_by", "decided_at", "accepted"])
    return proposal


def reasons_against_deciding(proposal: TopicProposal, by: User) -> list[str]:
    """Why this person may not agree to or refuse what is proposed of a topic, as sentences."""
    if proposal.decided_at:
        return ["This is decided already."]
    if by not in _able(proposal.by):
        return ["Another editor-in-chief or a medical reviewer must agree."]
    if _conflicts(by, proposal.slug, proposal.before, proposal.after):
        return [f"{by} has declared a conflict of interest on this topic or where it belongs."]
    return []


def _able(by: User) -> list[User]:
    roles = [Role.EDITOR_IN_CHIEF.label, Role.MEDICAL_REVIEWER.label]
    people = User.objects.filter(is_active=True, groups__name__in=roles)
    return list(people.exclude(pk=by.pk).distinct().order_by("pk"))


def _conflicts(person: User, slug: str, before: Words, after: Words) -> bool:
    """Whether a person has a stake in the topic, or in where it belongs, now or then."""
    slugs = {slug} | {words["parent"] for words in (before, after) if words.get("parent")}
    return ConflictOfInterest.objects.filter(person=person, topic__slug__in=slugs).exists()


def _apply(slug: str, before: Words, after: Words, *, by: User, proposed_by: User | None) -> Topic:
    """Change or add the topic; who has a conflict on where it belonged keeps it on the topic."""
    topic = Topic.objects.filter(slug=slug).first() or Topic(slug=slug)
    old_parent = topic.parent
    topic.title, topic.summary = after["title"], after["summary"]
    topic.position = after["position"]
    topic.parent = Topic.objects.get(slug=after["parent"]) if after["parent"] else None
    topic.full_clean()
    topic.save()
    if before.get("codes") != after["codes"]:
        topic.codes.all().delete()
        for system, code, display in after["codes"]:
            TopicCode.objects.create(topic=topic, system=system, code=code, display=display)
    if old_parent and topic.parent != old_parent:
        for conflict in ConflictOfInterest.objects.filter(topic=old_parent):
            ConflictOfInterest.objects.get_or_create(
                person_id=conflict.person_id,
                topic=topic,
                defaults={
                    "description": conflict.description,
                    "declared_on": conflict.declared_on,
                },
            )
    record(
        "topic.changed" if before else "topic.added",
        topic,
        by=by,
        before=before,
        after=after,
        proposed_by=str(proposed_by) if proposed_by else "",
        alone=proposed_by is None,
    )
    return topic
