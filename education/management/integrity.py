"""What must be true of the data at any time, whoever did what behind the portal's back."""

from collections.abc import Iterator

from django.apps import apps
from django.db import IntegrityError, connection

from education.audit import triggers
from education.audit.models import Event
from education.audit.operations import broken_links
from education.canonical import digest_of_rows
from education.management.record_comparison import rows_unlike_record
from education.publishing.models import Publication
from education.publishing.operations import definitions_carried, frozen_hash


def audit_problems() -> Iterator[str]:
    """Say of every event and published copy what is wrong with it. Reads only."""
    yield from broken_links()
    frozen = {
        event.subject_id: event.data.get("frozen_hash")
        for event in Event.objects.filter(action="publication.published")
    }
    copies = Publication.objects.defer(None).prefetch_related(
        "published_citations__item", "definition_citations__item"
    )
    for copy in copies.order_by("pk").iterator(chunk_size=50):
        recorded = frozen.pop(str(copy.pk), None)
        if not frozen_hash(copy) == copy.frozen_hash == recorded:
            yield f"The published copy {copy} (number {copy.pk}) was altered."
        if {citation.item.key for citation in copy.published_citations.all()} != set(
            copy.cited_keys
        ):
            yield f"What is kept of the works that {copy} (number {copy.pk}) cites was altered."
        carried = definitions_carried(copy)
        kept = {
            (citation.slug, citation.statement, citation.item.key)
            for citation in copy.definition_citations.all()
        }
        # A copy that carries nothing may be of before copies did.
        if carried and kept != carried:
            yield f"What is kept of the definitions in {copy} (number {copy.pk}) was altered."
    yield from (f"The published copy with number {number} is missing." for number in frozen)
    yield from unlike_baseline()
    yield from rows_unlike_record()


def unlike_baseline() -> Iterator[str]:
    """
    Name every table whose rows are not what the record's baseline says they were. Reads only.

    The baseline was appended by the upgrade to numbered formats (migration 0023); it speaks of the
    rows and columns that were there then.
    """
    models = {model._meta.db_table: model for model in apps.get_models()}
    for event in Event.objects.filter(action="audit.baseline"):
        for table, was in event.data["tables"].items():
            model = models[table]
            attributes = {field.column: field.attname for field in model._meta.concrete_fields}
            columns = [attributes[column] for column in was["columns"]]
            rows = model._default_manager.filter(pk__lte=was["last"]).order_by("pk")
            now = digest_of_rows(rows.values_list(*columns).iterator(chunk_size=50))
            if now != (was["rows"], was["digest"]):
                yield (
                    f"Rows of {table} up to number {was['last']} were altered since event "
                    f"{event.sequence}: {was['rows']} then, {now[0]} now."
                )


def integrity_problems() -> Iterator[str]:
    """The same, and rows that point to nothing, and guards of the database that are gone."""
    yield from audit_problems()
    try:
        connection.check_constraints()
    except IntegrityError as error:
        yield f"A row points to one that is not there: {error}"
    for name in triggers.missing(connection):
        yield f"The database's trigger {name} is missing."
