"""
The states of a revision and every step between them: the one table.

Operations move a revision only through ``move``; ``docs/states.md`` is drawn from the table.
"""

from dataclasses import dataclass

from education.articles.models import Revision
from education.errors import EditorialError

State = Revision.State


class WrongStateError(EditorialError):
    """The step can't be taken from the state the revision is in."""

    def __init__(self, revision: Revision, operation: str) -> None:
        wanted = sorted({step.before.label.lower() for step in STEPS if step.by == operation})
        super().__init__(
            f"{revision} is {revision.get_state_display().lower()}; this needs one that is "
            f"{' or '.join(wanted)}. Nothing was changed."
        )


@dataclass(frozen=True)
class Transition:
    """An operation that moves a revision from one state to another, and when it does."""

    by: str
    before: State
    after: State
    when: str


STEPS = (
    Transition("submit_for_review", State.DRAFT, State.IN_REVIEW, "a writer submits"),
    Transition(
        "submit_for_review", State.CHANGES_REQUESTED, State.IN_REVIEW, "a writer submits again"
    ),
    Transition("decide", State.IN_REVIEW, State.IN_REVIEW, "approved, others still to approve"),
    Transition("decide", State.IN_REVIEW, State.APPROVED, "approved by everyone required"),
    Transition("decide", State.IN_REVIEW, State.CHANGES_REQUESTED, "a reviewer asks for changes"),
    Transition("decide", State.APPROVED, State.APPROVED, "approved once more"),
    Transition("decide", State.APPROVED, State.CHANGES_REQUESTED, "a reviewer asks for changes"),
    Transition("take_back", State.IN_REVIEW, State.CHANGES_REQUESTED, "a writer takes it back"),
    Transition("take_back", State.APPROVED, State.CHANGES_REQUESTED, "a writer takes it back"),
    Transition(
        "send_back", State.IN_REVIEW, State.CHANGES_REQUESTED, "an editor-in-chief sends it back"
    ),
    Transition(
        "send_back", State.APPROVED, State.CHANGES_REQUESTED, "an editor-in-chief sends it back"
    ),
    Transition("publish", State.APPROVED, State.PUBLISHED, "an editor-in-chief publishes"),
    Transition("cancel_schedule", State.PUBLISHED, State.APPROVED, "a scheduled copy is cancelled"),
    Transition(
        "cancel_schedule", State.PUBLISHED, State.DISCARDED, "the same, and a newer one is open"
    ),
    Transition(
        "approvals_lapse", State.APPROVED, State.IN_REVIEW, "cited evidence is not what it was"
    ),
    Transition("approvals_return", State.IN_REVIEW, State.APPROVED, "it is again what it was"),
    Transition("put_aside", State.DRAFT, State.DISCARDED, "a writer puts it aside"),
    Transition("put_aside", State.CHANGES_REQUESTED, State.DISCARDED, "a writer puts it aside"),
)


def require_state(revision: Revision, operation: str) -> None:
    """Refuse with ``WrongStateError`` when the operation has no step from the revision's state."""
    if not any(step.by == operation and step.before == revision.state for step in STEPS):
        raise WrongStateError(revision, operation)


def move(revision: Revision, operation: str, after: State) -> None:
    """Set the state the operation leads to; a step the table does not hold is refused."""
    if not any(
        (step.by, step.before, step.after) == (operation, revision.state, after) for step in STEPS
    ):
        raise WrongStateError(revision, operation)
    revision.state = after


def drawing() -> str:
    """The table as a Mermaid state diagram in Markdown, for ``docs/states.md``."""
    names = {state: state.value for state in State}
    lines = [f"    {names[state]}: {state.label}" for state in State]
    lines.append(f"    [*] --> {names[State.DRAFT]}: an article or its next revision begins")
    lines += [f"    {names[s.before]} --> {names[s.after]}: {s.when}" for s in STEPS]
    rows = [f"| {s.before.label} | `{s.by}` | {s.when} | {s.after.label} |" for s in STEPS]
    return "\n".join(
        [
            "# The states of a revision",
            "",
            "Drawn from the table in `education/articles/states.py` by `manage.py draw_states`;",
            "a test keeps the two the same.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *lines,
            "```",
            "",
            "| from | operation | when | to |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )
