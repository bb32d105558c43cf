"""
Database triggers: what no code, and no one at a database prompt, may do by mistake.

``install_after_migrating`` installs them after every ``manage.py migrate``, on both engines, and
not one migration, because SQLite loses a table's triggers whenever a later migration rebuilds the
table. ``remove`` exists for tests (which empty tables between them) and for a restore.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Trigger:
    """
    A refusal: when ``event`` happens to ``table`` and ``when`` holds, say ``message``.

    ``reads`` names the columns, by table, that ``when`` needs.
    """

    name: str
    table: str
    event: str
    message: str
    when: str = ""
    reads: Mapping[str, Iterable[str]] = field(default_factory=dict)

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
                f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
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


_OF_A_DRAWING = ("name", "svg", "alternative", "source", "licence", "uploaded_by_id")

TRIGGERS: list[Trigger] = [
    *never_changed("education_event", "Events"),
    *never_changed("education_publication", "Published copies"),
    *never_changed("education_publishedcitation", "What published copies cite"),
    *never_changed("education_definitioncitation", "What definitions in published copies cite"),
    *never_changed("education_publicationevent", "Events of a publication"),
    *never_changed("education_printedcopy", "Printed copies"),
    *never_changed("education_printedpart", "The texts of printed copies"),
    *never_changed("education_recallanswer", "Answers to recalls"),
    *never_changed("education_recalldrill", "Drills of recalls"),
    *never_changed("education_review", "Decisions of reviewers"),
    *never_changed("education_statusevent", "Status events of evidence"),
    *never_changed("education_concernnote", "Reasons for relying on a work under concern"),
    *never_changed("education_answer", "Answers to readers"),
    Trigger(
        "education_drawing_never_redrawn",
        "education_drawing",
        "UPDATE",
        "What a drawing shows and says never changes.",
        " OR ".join(f"NEW.{column} <> OLD.{column}" for column in _OF_A_DRAWING),
        {"education_drawing": _OF_A_DRAWING},
    ),
    Trigger(
        "education_drawing_never_deleted",
        "education_drawing",
        "DELETE",
        "Drawings are never deleted.",
    ),
    Trigger(
        "education_review_is_independent",
        "education_review",
        "INSERT",
        "Nobody reviews a revision they contributed to.",
        "EXISTS (SELECT 1 FROM education_contribution c"
        " WHERE c.revision_id = NEW.revision_id AND c.person_id = NEW.reviewer_id)",
        {
            "education_review": ("revision_id", "reviewer_id"),
            "education_contribution": ("revision_id", "person_id"),
        },
    ),
    Trigger(
        "education_statusevent_is_lifted_by_another",
        "education_statusevent",
        "INSERT",
        "A second person lifts a status, not the one who recorded it.",
        "EXISTS (SELECT 1 FROM education_statusevent e"
        " WHERE e.id = NEW.lifts_id AND e.by_id = NEW.by_id)",
        {"education_statusevent": ("id", "lifts_id", "by_id")},
    ),
    Trigger(
        "education_publication_is_independent",
        "education_publication",
        "INSERT",
        "Nobody publishes a revision they contributed to.",
        "EXISTS (SELECT 1 FROM education_contribution c"
        " WHERE c.revision_id = NEW.revision_id AND c.person_id = NEW.published_by_id)",
        {
            "education_publication": ("revision_id", "published_by_id"),
            "education_contribution": ("revision_id", "person_id"),
        },
    ),
]


def remove_before_migrating(*, using: str, plan: list[Any], **_kwargs: Any) -> None:
    """
    Receive ``pre_migrate``: remove the triggers that read tables, when there is something to do.

    SQLite refuses to rebuild a table that a trigger of another one reads.
    """
    if plan:
        remove(connections[using], [trigger for trigger in TRIGGERS if trigger.reads])


def install_after_migrating(*, using: str, **_kwargs: Any) -> None:
    """Receive ``post_migrate``, which ``flush`` sends too."""
    install(connections[using])


def install(connection: BaseDatabaseWrapper) -> None:
    """Install every trigger that fits the tables, replacing those that are there, all or none."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        remove(connection)
        for trigger in installable(connection):
            for statement in trigger.create(connection.vendor):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger] = TRIGGERS) -> None:
    """Remove these triggers, or every one."""
    with connection.cursor() as cursor:
        for trigger in triggers:
            for statement in trigger.drop(connection.vendor):
                cursor.execute(statement)


def installable(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """The triggers whose tables and columns exist; after a migration backwards, not all of them."""
    with connection.cursor() as cursor:
        columns: dict[str, set[str]] = {}
        there = set(connection.introspection.table_names(cursor))
        for table in {table for trigger in TRIGGERS for table in trigger.reads} & there:
            described = connection.introspection.get_table_description(cursor, table)
            columns[table] = {column.name for column in described}
    return [
        trigger
        for trigger in TRIGGERS
        if trigger.table in there
        and all(set(needed) <= columns.get(table, set()) for table, needed in trigger.reads.items())
    ]


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
