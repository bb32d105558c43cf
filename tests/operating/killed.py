"""
Run a step of the work again and again, killed at its first write, its second, and so on.

    python -m tests.operating.killed STEP [MORE]

Says in JSON, for each kill, what was found wrong afterwards; the last run is let through. Before
that it is killed at so many more writes, by chance. Each run is a child of its own, so that nothing
can tidy up after it.
"""

import json
import os
import random
import signal
import sys
from collections.abc import Callable

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from education.articles.models import Revision  # noqa: E402
from education.audit.models import EventHead  # noqa: E402
from education.evidence.importing import confirm_import, plan_of  # noqa: E402
from education.evidence.models import EvidenceImport, EvidenceItem  # noqa: E402
from education.handouts.models import Clinic  # noqa: E402
from education.handouts.operations import print_copy  # noqa: E402
from education.management.integrity import integrity_problems  # noqa: E402
from education.people.models import User  # noqa: E402
from education.publishing.operations import publish  # noqa: E402
from education.safety.operations import record_status  # noqa: E402

WRITES = ("INSERT", "UPDATE", "DELETE")


def publish_step() -> None:
    editor = User.objects.get(username="editor")
    publish(revision=Revision.objects.get(state="approved"), by=editor)


def retract_step() -> None:
    record_status(
        item=EvidenceItem.objects.get(key="stands2020"),
        status="retracted",
        occurred_on=Revision.objects.first().created_at.date(),
        reason="It was counted twice.",
        source_url="https://example.org/notice",
        by=User.objects.get(username="editor"),
    )


def print_step() -> None:
    clinic = Clinic.objects.order_by("pk").first()
    print_copy(clinic=clinic, by=clinic.staff.first().person, slug="page")


def import_step() -> None:
    batch = EvidenceImport.objects.get()
    confirm_import(batch=batch, by=User.objects.get(username="editor"), seen=plan_of(batch).seen)


def state() -> list[object]:
    """How many rows each table has, and where the record ends."""
    head = EventHead.objects.get()
    counts = [model._base_manager.count() for model in apps.get_models()]
    return [head.sequence, head.hash, *counts]


def killed_at(write: int, step: Callable[[], None]) -> bool:
    """Run the step in a child that dies just before a write; whether it died."""
    return os.WIFSIGNALED(_run(write, step))


def writes_of(step: Callable[[], None]) -> int:
    """How often a step writes: run to its end, and dead before anything of it is there."""

    def never_there() -> None:
        with transaction.atomic():
            done = 0

            def count(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
                nonlocal done
                done += sql.lstrip().upper().startswith(WRITES)
                return execute(sql, params, many, context)

            with connection.execute_wrapper(count):
                step()
            os._exit(100 + min(done, 150))

    status = _run(0, never_there)
    return os.WEXITSTATUS(status) - 100


def _run(write: int, step: Callable[[], None]) -> int:
    """Run the step in a child that dies just before a write; how it ended."""
    connection.close()
    child = os.fork()
    if not child:
        done = 0

        def die(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            nonlocal done
            # What follows the step, such as sending its mail, is tried again another day.
            if connection.in_atomic_block and sql.lstrip().upper().startswith(WRITES):
                done += 1
                if done == write:
                    os.kill(os.getpid(), signal.SIGKILL)
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(die):
                step()
        except BaseException as error:  # noqa: BLE001 - a child must never go on as its parent
            sys.stderr.write(repr(error))
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 1:
        sys.exit("The step failed by itself.")
    return status


def main() -> None:
    step = {
        "publish": publish_step,
        "retract": retract_step,
        "print": print_step,
        "import": import_step,
    }[sys.argv[1]]
    before, found, write = state(), [], 1

    def look() -> None:
        problems = list(integrity_problems())
        if state() != before:
            problems.append("Something of it was done.")
        found.append(problems)

    more = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    most = writes_of(step) if more else 0
    for _ in range(more):
        killed_at(random.randint(1, most), step)
        look()
    while killed_at(write, step):
        look()
        write += 1
    problems = list(integrity_problems())
    if state() == before:
        problems.append("Nothing of it was done.")
    sys.stdout.write(json.dumps({"kills": found, "whole": problems}) + "\n")


if __name__ == "__main__":
    main()
