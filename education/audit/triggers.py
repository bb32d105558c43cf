"""
Database triggers: what no code, and no one at a database prompt, may do by mistake.

Installed by ``manage.py migrate`` on both engines. ``remove`` exists for tests (which empty tables
between them) and for a restore.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Trigger:
    """A refusal: when ``event`` happens to ``table`` and ``when`` holds, say ``message``."""

    name: str
    table: str
    event: str
    message: str
    when: str = ""

    def create(self, vendor: str) -> list[str]:
        """The statements that install it."""
        if vendor == "sqlite":
            when = f"WHEN {self.when} " if self.when else ""
            return [
                (
                    f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} {when}"
                    f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
                )
            ]
        # A WHEN clause of PostgreSQL can't hold a query, so the function asks.
        raise_it = (
            f"RAISE EXCEPTION '{self.message}' USING ERRCODE = 'integrity_constraint_violation';"
        )
        body = f"IF {self.when} THEN {raise_it} END IF;" if self.when else raise_it
        result = "OLD" if self.event == "DELETE" else "NEW"
        return [
            (
                f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {body} RETURN {result}; END $$"
            ),
            (
                f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
                f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
            ),
        ]

    def drop(self, vendor: str) -> list[str]:
        """The statements that remove it, if it is there."""
        if vendor == "sqlite":
            return [f"DROP TRIGGER IF EXISTS {self.name}"]
        return [
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            f"DROP FUNCTION IF EXISTS {self.name}()",
        ]


def never_changed(table: str, what: str) -> list[Trigger]:
    """Triggers that refuse UPDATE and DELETE of every row of ``table``."""
    return [
        Trigger(f"{table}_never_updated", table, "UPDATE", f"{what} are never changed."),
        Trigger(f"{table}_never_deleted", table, "DELETE", f"{what} are never deleted."),
    ]


TRIGGERS: list[Trigger] = [
    *never_changed("education_event", "Events"),
    *never_changed("education_publication", "Published copies"),
    *never_changed("education_publishedcitation", "What published copies cite"),
    *never_changed("education_publicationevent", "Events of a publication"),
    *never_changed("education_printedcopy", "Printed copies"),
    *never_changed("education_printedpart", "The texts of printed copies"),
    *never_changed("education_review", "Decisions of reviewers"),
    *never_changed("education_statusevent", "Status events of evidence"),
    *never_changed("education_concernnote", "Reasons for relying on a work under concern"),
    *never_changed("education_answer", "Answers to readers"),
    Trigger(
        "education_review_is_independent",
        "education_review",
        "INSERT",
        "Nobody reviews a revision they contributed to.",
        "EXISTS (SELECT 1 FROM education_contribution c"
        " WHERE c.revision_id = NEW.revision_id AND c.person_id = NEW.reviewer_id)",
    ),
    Trigger(
        "education_statusevent_is_lifted_by_another",
        "education_statusevent",
        "INSERT",
        "A second person lifts a status, not the one who recorded it.",
        "EXISTS (SELECT 1 FROM education_statusevent e"
        " WHERE e.id = NEW.lifts_id AND e.by_id = NEW.by_id)",
    ),
    Trigger(
        "education_publication_is_independent",
        "education_publication",
        "INSERT",
        "Nobody publishes a revision they contributed to.",
        "EXISTS (SELECT 1 FROM education_contribution c"
        " WHERE c.revision_id = NEW.revision_id AND c.person_id = NEW.published_by_id)",
    ),
]


def install(connection: BaseDatabaseWrapper) -> None:
    """Install every trigger, replacing those that are there, all or none."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        remove(connection)
        for trigger in TRIGGERS:
            for statement in trigger.create(connection.vendor):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Remove every trigger."""
    with connection.cursor() as cursor:
        for trigger in TRIGGERS:
            for statement in trigger.drop(connection.vendor):
                cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that should be there and are not."""
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        there = {name for (name,) in cursor.fetchall()}
    return [trigger.name for trigger in TRIGGERS if trigger.name not in there]
