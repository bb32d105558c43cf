"""
Numbers for Prometheus, read from the database when asked.

They are of the site, not of one process, so every process answers the same. How many requests come
and how long they take is the web server's to count.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from education.articles.models import Revision
from education.audit.models import EventHead, JobRun
from education.people.models import Message
from education.publishing.models import Publication
from education.publishing.status import due_status
from education.safety.models import Task
from portal.operating.health import run_health_checks


class _Site(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every number, as of now; without the database only how the site is."""
        today, looked_at = timezone.localdate(), run_health_checks()
        yield _gauge(
            "portal_healthy",
            "1 where what was looked at is as it should be.",
            "check",
            {finding.name: int(finding.ok) for finding in looked_at},
        )
        if not all(finding.ok for finding in looked_at if finding.name == "database"):
            return
        dues = Publication.objects.current().values_list("review_due_on", flat=True)
        yield _gauge(
            "portal_publications",
            "Pages that are public, by how their review stands, extensions aside.",
            "due",
            Counter(due_status(due_on, today).value for due_on in dues),
        )
        states = Revision.objects.order_by().values_list("state").annotate(number=Count("pk"))
        yield _gauge("portal_revisions", "Revisions by state.", "state", dict(states))
        tasks = Task.objects.open().values_list("due_on", flat=True)
        lateness = Counter("late" if due_on < today else "in_time" for due_on in tasks)
        yield _gauge("portal_tasks", "Open tasks about cited works.", "clock", lateness)
        yield _number(
            "portal_mails_waiting",
            "Mails that were not sent yet.",
            Message.objects.filter(sent_at=None, is_daily=False).count(),
        )
        head = EventHead.objects.filter(pk=1).first()
        yield _number("portal_events", "Events in the record.", head.sequence if head else 0)
        yield _gauge(
            "portal_job_last_ended_timestamp_seconds",
            "When a command of the timers last came to its end without failure.",
            "job",
            {
                run.name: run.ended_at.timestamp()
                for run in JobRun.objects.filter(failure="").order_by("name")
            },
        )


def _gauge(name: str, says: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family


def _number(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=value)


registry = CollectorRegistry()
registry.register(_Site())
