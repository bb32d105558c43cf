"""How the state machines of Hypothesis are run here: a few short walks, or many long ones."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def run_briefly(machine: type[RuleBasedStateMachine], *, walks: int) -> None:
    """Some walks of 20 steps; one that fails is not shortened."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=walks,
            stateful_step_count=20,
            phases=[Phase.generate],  # a walk is slow; finding the shortest one is work by hand
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def run_for_long(machine: type[RuleBasedStateMachine]) -> None:
    """Three hundred walks of 60 steps; one that fails is shortened."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=300,
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
