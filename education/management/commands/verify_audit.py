"""Prove that the record was not altered."""

import datetime
from typing import Any

from django.core.management.base import CommandError

from education.audit.models import Event
from education.audit.operations import broken_links
from education.management.timed import TimedCommand
from education.publishing.models import Publication
from education.publishing.operations import frozen_hash


class Command(TimedCommand):
    """Check the chain of events, and every published copy against the hash it was frozen with."""

    late_after = datetime.timedelta(days=2)
    help = "Find every event or published copy that was altered, removed or put out of order."

    def handle(self, *args: Any, **options: Any) -> None:
        """Name each one; exit 1 when there is any."""
        found = list(broken_links())
        frozen = {
            event.subject_id: event.data.get("frozen_hash")
            for event in Event.objects.filter(action="publication.published")
        }
        copies = 0
        for copy in Publication.objects.order_by("pk").iterator(chunk_size=50):
            copies += 1
            recorded = frozen.pop(str(copy.pk), None)
            if not frozen_hash(copy) == copy.frozen_hash == recorded:
                found.append(f"The published copy {copy} (number {copy.pk}) was altered.")
        found += [f"The published copy with number {number} is missing." for number in frozen]
        for problem in found:
            self.stderr.write(problem)
        if found:
            raise CommandError(f"{len(found)} found.")
        self.stdout.write(
            f"{Event.objects.count()} events and {copies} published copies are whole."
        )
