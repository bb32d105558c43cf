"""Of every action that the code records it is said what it may touch."""

import ast
from pathlib import Path

import pytest

import education
from education.audit.actions import ACTIONS, Touches, are_known, touching
from education.audit.models import Event
from education.audit.operations import exclusive_transaction, holds_lock, record
from education.review.models import Review
from education.safety.operations import DONE
from tests.factories import make_person

# What a name is put together from, by the beginning that stands in the code and where it ends.
PUT_TOGETHER = {
    ("safety/operations.py", "evidence_item."): set(DONE.values()),
    ("safety/operations.py", "revision."): {"approvals_lapsed", "approvals_returned"},
    ("review/operations.py", "revision."): set(Review.Decision.values),
}


def recorded_actions() -> set[str]:
    """Every action that a call of ``record`` in the code can name."""
    root = Path(education.__file__).parent
    actions = set()
    for path in sorted(root.rglob("*.py")):
        where = path.relative_to(root).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
                actions |= actions_of(node.args[0], where)
    return actions


def actions_of(argument: ast.expr, where: str) -> set[str]:
    match argument:
        case ast.Constant(value=str(action)):
            return {action}
        case ast.IfExp(body=one, orelse=other):
            return actions_of(one, where) | actions_of(other, where)
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue()]):
            return {f"{start}{end}" for end in PUT_TOGETHER[where, start]}
    raise AssertionError(f"{where}: say in this test which actions {ast.unparse(argument)} names.")


def test_every_recorded_action_is_classified_and_no_other():
    assert recorded_actions() == set(ACTIONS)


def test_an_action_nobody_classified_and_no_event_at_all_are_not_known():
    known, unknown = Event(action="comment.made"), Event(action="drawing.replaced")

    assert are_known([known])
    assert not are_known([known, unknown])
    assert not are_known([])


def test_touching_picks_the_events_by_what_they_may_touch():
    events = [Event(action="comment.made"), Event(action="evidence_item.retracted")]

    assert touching(events, Touches.EVIDENCE) == touching(events, Touches.RECALL) == [events[1]]


@pytest.fixture
def seen(monkeypatch):
    """The batches of actions that hooks were called with."""
    batches: list[list[str]] = []
    hook = lambda events: batches.append([event.action for event in events])  # noqa: E731
    monkeypatch.setattr("education.audit.operations.post_operation_hooks", [hook])
    return batches


@pytest.mark.django_db
def test_hooks_run_once_with_the_events_of_nested_operations(seen):
    person = make_person()
    with exclusive_transaction():
        record("password.set", person, by=person)
        with exclusive_transaction():
            record("person.invited", person, by=person)
        assert seen == []

    assert seen == [["password.set", "person.invited"]]
    assert not holds_lock()


@pytest.mark.django_db
def test_hooks_run_again_with_what_they_recorded_themselves(seen, monkeypatch):
    person = make_person()

    def follows(events):
        if any(event.action == "person.invited" for event in events):
            record("password.set", person, by=person)

    hooks = "education.audit.operations.post_operation_hooks"
    monkeypatch.setattr(hooks, [follows, *_hooks_now()])
    with exclusive_transaction():
        record("person.invited", person, by=person)

    assert seen == [["person.invited"], ["password.set"]]


def _hooks_now():
    from education.audit import operations

    return operations.post_operation_hooks


@pytest.mark.django_db
def test_an_operation_that_fails_runs_no_hook_and_lets_the_lock_go(seen):
    with pytest.raises(RuntimeError), exclusive_transaction():
        raise RuntimeError

    assert seen == []
    assert not holds_lock()
