"""What each recorded action may touch, so that post-operation hooks look at that and no more."""

from collections.abc import Iterable
from enum import StrEnum

from education.audit.models import Event


class Touches(StrEnum):
    """Something outside an event's own subject that the event may change."""

    # Scheduled copies of the event's article: its text, approvals, comments
    ARTICLE = "article"
    # The same; of a glossary, every copy that explains a word from it
    PUBLICATION = "publication"
    # Copies that cite the item, or explain a word whose definition cites it
    EVIDENCE = "evidence"
    # Copies that the person approved
    PERSON = "person"
    # Copies of the topic and those below it
    TOPIC = "topic"
    # Copies that place the drawing
    DRAWING = "drawing"
    # Paper that must not be used any more, or who there is to tell of it
    RECALL = "recall"


_ARTICLE = frozenset({Touches.ARTICLE})
_PUBLICATION = frozenset({Touches.PUBLICATION})
_EVIDENCE = frozenset({Touches.EVIDENCE})
_NOTHING = frozenset[Touches]()

# Every action that the code records. One that is missing here may touch everything; a test finds it
# (tests/audit/test_actions.py).
ACTIONS: dict[str, frozenset[Touches]] = {
    "absence.ended": _NOTHING,
    "absence.planned": _NOTHING,
    "account.brought_back": frozenset({Touches.PERSON, Touches.RECALL}),
    "account.kept_off": _NOTHING,
    "article.archived": _NOTHING,  # none of its texts is on its way
    "article.class_confirmed": _ARTICLE,
    "article.details_changed": _ARTICLE,
    "article.started": _ARTICLE,
    "backup.restored": _NOTHING,  # what it holds is shown nowhere
    "clinic.details_changed": _NOTHING,
    "clinic.drill_started": frozenset({Touches.RECALL}),
    "clinic.manager_changed": _NOTHING,
    "clinic.mailbox_agreed": frozenset({Touches.RECALL}),
    "clinic.mailbox_asked": _NOTHING,
    "clinic.mailbox_ended": _NOTHING,
    "clinic.opened": _NOTHING,
    "clinic.paper_called_back": _NOTHING,
    "clinic.recall_feed_renewed": _NOTHING,
    "clinic.receipt_key_ended": _NOTHING,
    "clinic.receipt_key_renewed": _NOTHING,
    "clinic.webhook_changed": _NOTHING,
    "clinic.webhook_ended": _NOTHING,
    "clinic.person_added": frozenset({Touches.RECALL}),
    "clinic.person_ended": _NOTHING,
    "comment.answered": _ARTICLE,
    "comment.made": _ARTICLE,
    "comment.resolved": _ARTICLE,
    "demonstration.loaded": _NOTHING,
    "drawing.approved": _NOTHING,  # until then no text could be submitted with it
    "drawing.refused": _NOTHING,
    "drawing.retired": frozenset({Touches.DRAWING}),
    "drawing.uploaded": _NOTHING,
    "evidence_candidate.accepted": _NOTHING,
    "evidence_candidate.dismissed": _NOTHING,
    "evidence_candidate.put_off": _NOTHING,
    "evidence_import.confirmed": _NOTHING,  # each item has an event of its own
    "evidence_item.changed": _EVIDENCE,
    "evidence_item.cleared": _EVIDENCE | {Touches.RECALL},
    "evidence_item.corrected": _EVIDENCE | {Touches.RECALL},
    "evidence_item.entered": _EVIDENCE,
    "evidence_item.put_under_concern": _EVIDENCE | {Touches.RECALL},
    "evidence_item.retracted": _EVIDENCE | {Touches.RECALL},
    "evidence_item.seen": _NOTHING,  # copies keep the day they were frozen with
    "evidence_item.status_lifted": _EVIDENCE | {Touches.RECALL},
    "evidence_item.superseded": _EVIDENCE | {Touches.RECALL},
    "evidence_item.verified": _EVIDENCE,
    "interests.declared": frozenset({Touches.PERSON}),
    "note.approved": _NOTHING,
    "note.ended": _NOTHING,
    "note.written": _NOTHING,
    "pack.put_away": _NOTHING,
    "pack.saved": _NOTHING,
    "passage.mask_confirmed": _NOTHING,
    "passage.mask_lifted": frozenset({Touches.RECALL}),
    "passage.masked": frozenset({Touches.RECALL}),
    "password.set": _NOTHING,
    "person.added": frozenset({Touches.PERSON, Touches.RECALL}),
    "person.changed": frozenset({Touches.PERSON, Touches.RECALL}),
    "person.invited": _NOTHING,
    "printed_copy.printed": _NOTHING,
    "profile.agreed": frozenset({Touches.PERSON}),
    "profile.changed": frozenset({Touches.PERSON}),
    "profile.proposed": _NOTHING,  # what was held back is as it was
    "profile.refused": _NOTHING,
    "publication.brought_back": _NOTHING,
    "publication.cancelled": _PUBLICATION,
    "publication.extended": _PUBLICATION,
    "publication.hidden": _NOTHING,
    "publication.hiding_proposed": _NOTHING,
    "publication.paper_recalled": frozenset({Touches.RECALL}),
    "publication.published": _PUBLICATION,
    "publication.withdrawn": _PUBLICATION | {Touches.RECALL},
    "recall.answered": _NOTHING,
    "recovery_codes.renewed": _NOTHING,
    "report.answered": _NOTHING,
    "report.blanked": _NOTHING,
    "report.dismissed": _NOTHING,
    "reviewer.assigned": _ARTICLE,
    "revision.approvals_lapsed": _ARTICLE,
    "revision.approvals_returned": _ARTICLE,
    "revision.approved": _ARTICLE,
    "revision.change_proposed": _ARTICLE,
    "revision.changes_requested": _ARTICLE,
    "revision.concern_explained": _ARTICLE,
    "revision.put_aside": _ARTICLE,
    "revision.saved": _ARTICLE,
    "revision.sent_back": _ARTICLE,
    "revision.started": _ARTICLE,
    "revision.submitted": _ARTICLE,
    "revision.taken_back": _ARTICLE,
    "rights.given": frozenset({Touches.PERSON, Touches.RECALL}),
    "rights.proposed": _NOTHING,  # what was held back was recorded as person.changed
    "rights.refused": _NOTHING,
    "second_step.reset": _NOTHING,
    "second_step.set_up": _NOTHING,
    "sign_ins.ended": _NOTHING,
    "synonyms.added": _NOTHING,
    "synonyms.changed": _NOTHING,
    "task.closed": _NOTHING,
    "task.opened": _NOTHING,
    "topic.added": frozenset({Touches.TOPIC}),
    "topic.changed": frozenset({Touches.TOPIC}),
    "topic.proposed": _NOTHING,
    "topic.refused": _NOTHING,
    "watch_question.changed": _NOTHING,
    "watch_question.saved": _NOTHING,
}


def are_known(events: Iterable[Event]) -> bool:
    """Whether there are events, and of each it is known what it may touch."""
    actions = {event.action for event in events}
    return bool(actions) and actions <= ACTIONS.keys()


def touching(events: Iterable[Event], touched: Touches) -> list[Event]:
    """Those of the events that may touch this."""
    return [event for event in events if touched in ACTIONS[event.action]]
