"""Remarks on a revision: made, answered, resolved."""

from collections.abc import Iterable

from django.utils import timezone

from education.articles.inheritance import note_sentences
from education.articles.models import Revision, WrittenSentence
from education.articles.operations import draft_of, render_revision
from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.mail import notify
from education.people.models import MailTopic, Role, User
from education.people.rules import conflicts_on
from education.review.models import Comment
from education.text.copied_words import sentences_when_replaced
from education.text.rendering import Rendered, unsourced_tree

COMMENTING = {
    Role.WRITER,
    Role.MEDICAL_REVIEWER,
    Role.PLAIN_LANGUAGE_REVIEWER,
    Role.EDITOR_IN_CHIEF,
}

# So much of what stands around a passage is kept.
MOST_AROUND = 80
# What a proposal says that comes without a word.
PROPOSES = "I propose these words."


class MayNotCommentError(EditorialError):
    """The comment can't be made, answered or resolved by this person or now."""


@operation
def add_comment(
    *,
    revision: Revision,
    by: User,
    text: str,
    passage: str = "",
    words_before: str = "",
    words_after: str = "",
    proposal: str = "",
    is_blocking: bool = False,
) -> Comment:
    """
    Remark on a revision or on a passage of it; ``words_before`` and ``words_after`` say on which of
    several that read the same.

    A blocking comment stops publication until it is resolved. Contributors may remark, but not
    block: they hold the pen. With a ``proposal``, other words for the passage, the comment needs no
    text. Whoever proposes words wrote them: once they stand in the text, they count as one of its
    writers, however they came there (``articles.inheritance``).
    """
    revision = Revision.objects.select_related("article").get(pk=revision.pk)
    proposal = _single_blanks(proposal)
    text = text.strip() or (PROPOSES if proposal else "")
    _require_open(revision, by, text)
    if is_blocking and revision.contributions.filter(person=by).exists():
        raise MayNotCommentError("Who wrote the text can change it instead of blocking it.")
    passage = _single_blanks(passage)
    if passage and not passage_stands(revision, passage):
        raise MayNotCommentError("The text does not hold these words. Nothing was recorded.")
    if proposal and not passage:
        raise MayNotCommentError("Say which words of the text yours are for.")
    if proposal and proposal == passage:
        raise MayNotCommentError("These are the words that stand there already.")
    comment = Comment.objects.create(
        revision=revision,
        by=by,
        at=timezone.now(),
        text=text,
        passage=passage,
        words_before=_single_blanks(words_before)[-MOST_AROUND:] if passage else "",
        words_after=_single_blanks(words_after)[:MOST_AROUND] if passage else "",
        proposal=proposal,
        is_blocking=is_blocking,
    )
    if proposal:
        tree = unsourced_tree(draft_of(revision))
        words = sentences_when_replaced(tree, passage, proposal)
        note_sentences(WrittenSentence, revision.article_id, words, by.pk)
    record("comment.made", comment, by=by, article_id=revision.article_id, blocking=is_blocking)
    _tell(comment, revision.at_work().exclude(pk=by.pk), f"{by} commented on {revision}")
    return comment


@operation
def reply(*, comment: Comment, by: User, text: str) -> Comment:
    """Answer a comment; the thread stays open until someone resolves it."""
    comment = Comment.objects.select_related("revision__article", "parent").get(pk=comment.pk)
    _require_open(comment.revision, by, text)
    thread = comment.parent or comment
    answer = Comment.objects.create(
        revision=comment.revision, parent=thread, by=by, at=timezone.now(), text=text.strip()
    )
    record("comment.answered", answer, by=by, article_id=comment.revision.article_id)
    people = User.objects.filter(comments__in=[thread, *thread.replies.all()]).exclude(pk=by.pk)
    _tell(answer, people.distinct(), f"{by} answered a comment on {comment.revision}")
    return answer


@operation
def resolve_comment(*, comment: Comment, by: User) -> Comment:
    """
    Close a thread. A blocking one is closed by who opened it or by an editor-in-chief who did not
    contribute to the revision and has no conflict on its topic; any other also by its contributors.
    """
    comment = Comment.objects.select_related("revision__article").get(pk=comment.pk)
    if comment.parent_id:
        raise MayNotCommentError("Resolve the first comment of the thread.")
    if comment.resolved_at:
        return comment
    if not may_resolve(comment, by):
        raise MayNotCommentError(
            f"Only {comment.by} or an editor-in-chief who did not write here and has no conflict "
            "of interest on the topic resolves this."
        )
    comment.resolved_by, comment.resolved_at = by, timezone.now()
    comment.save(update_fields=["resolved_by", "resolved_at"])
    record("comment.resolved", comment, by=by, article_id=comment.revision.article_id)
    return comment


def may_resolve(comment: Comment, person: User) -> bool:
    """Whether this person may close this thread (see ``resolve_comment``)."""
    contributed = comment.revision.contributions.filter(person=person).exists()
    may = comment.by_id == person.pk or (
        person.has_role(Role.EDITOR_IN_CHIEF)
        and not contributed
        and not conflicts_on(person, comment.revision.article.topic)
    )
    return person.is_active and (may or (contributed and not comment.is_blocking))


def passage_stands(revision: Revision, passage: str) -> bool:
    """Whether the words a comment is about are still in the text, blanks aside."""
    return passage in words_of(revision)


def words_of(revision: Revision, rendered: Rendered | None = None) -> str:
    """The words of a text in which passages are looked for, with single blanks."""
    return _single_blanks((rendered or render_revision(revision)).text)


def _single_blanks(words: str) -> str:
    return " ".join(words.split())


def _require_open(revision: Revision, by: User, text: str) -> None:
    if not (by.is_active and by.roles & COMMENTING):
        raise MayNotCommentError("Commenting needs an editorial role.")
    if not text.strip():
        raise MayNotCommentError("Write a comment first.")
    if revision.state not in Revision.OPEN_STATES:
        raise MayNotCommentError(
            f"{revision} is {revision.get_state_display().lower()}; comment on its next revision."
        )


def _tell(comment: Comment, people: Iterable[User], subject: str) -> None:
    path = f"/admin/education/revision/{comment.revision_id}/review/#comment-{comment.pk}"
    notify(people, subject=subject, text=comment.text, path=path, topic=MailTopic.COMMENTS)
