"""A site with something of everything, and every address it has."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import Group
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from education.articles.models import Article, Revision
from education.articles.operations import draft_of, start_revision
from education.evidence.importing import read, start_import
from education.feedback.operations import count_clarity
from education.handouts.copy_check import public_code
from education.handouts.models import ClinicStaff
from education.handouts.operations import print_copy, save_pack
from education.people.absences import plan_absence
from education.people.models import Message, Role
from education.people.operations import settle_rights
from education.people.profile_changes import profile_of, settle_profile
from education.people.topic_changes import propose_topic
from education.publishing.passages import mask_passage
from education.safety.notes import write_note
from education.safety.operations import record_status
from education.search.models import SynonymGroup
from education.watch.models import EvidenceCandidate, WatchQuestion
from education.watch.operations import take_in
from education.watch.registers import RegisterAnswer, RegisterHit
from tests.factories import (
    make_article,
    make_draft,
    make_drawing,
    make_editor,
    make_item,
    make_next_publication,
    make_person,
    make_publication,
    make_revision_in_review,
    make_topic,
    make_writer,
)
from tests.feedback.reports import make_report
from tests.findings_table import make_findings_table
from tests.handouts.clinics import make_clinic_person
from tests.made_once import made_once
from tests.public.reading import make_claims, make_comparison, make_glossary

FLAGS_ON = {"is_active", "is_staff"}
PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
TEXTS_OF_ITEMS = (
    "title", "container_title", "population", "intervention", "comparator", "follow_up", "finding",
    "limitations", "funding_or_conflicts", "registration",
)  # fmt: skip


def a_draft(key: str, words: str) -> Any:
    """A text with the words in each of its parts."""
    return make_draft(
        key,
        title=f"Does it help?{words}",
        short_answer=f"It may help a little{words} [@{key}].",
        key_messages=[{"text": f"It may help{words} [@{key}].", "certainty": "low"}],
        body=f"## What was found{words}\n\nIt helped{words} [@{key}].\n",
        unknowns=f"- Whether it lasts.{words}",
        questions=f"- How do you know?{words}",
        funding=f"Nobody paid.{words}",
    )


class World:
    """
    A site with something of everything, and what its addresses need to name it.

    ``words`` stand in every text that somebody typed.
    """

    def __init__(self, words: str = "") -> None:
        make_topic("rhizotomy", title=f"Rhizotomy{words}", summary=f"About it.{words}")
        item = make_item("stands2020", **dict.fromkeys(TEXTS_OF_ITEMS, f"Words{words}"))
        fallen = make_item("falls2020")
        first = make_publication(article=make_article(slug="page"), draft=a_draft(item.key, words))
        publication = make_next_publication(first, what_changed=f"It is better.{words}")
        make_comparison(), make_claims(), make_glossary(), make_findings_table()
        resting = make_publication(
            article=make_article(slug="resting"),
            draft=make_draft(fallen.key, item.key, title="Resting"),
        )
        revision = make_revision_in_review(draft=a_draft(item.key, words))
        event = record_status(
            item=fallen,
            status="concern",
            occurred_on=publication.reviewed_on,
            reason=f"Questions were asked.{words}",
            by=make_editor(),
        )
        self.own, self.other = make_clinic_person(), make_clinic_person()
        clinic = self.own.clinic_staff.clinic
        ClinicStaff.objects.filter(person=self.own).update(manages_people=True)
        colleague = make_clinic_person(clinic).clinic_staff
        pack = save_pack(
            clinic=clinic, by=self.own, name="A pack", note=f"Ours.{words}", slugs=["page"],
        )  # fmt: skip
        copy = print_copy(clinic=clinic, by=self.own, slug="page")
        note = write_note(slug="page", text=f"Read this first.{words}", by=make_editor())
        masked = mask_passage(
            publication=resting, words="What was found", reason=f"Not so.{words}", by=make_editor()
        )
        message = Message.objects.create(
            to=self.own, subject=f"A mail{words}"[:200], body=f"Words{words}"
        )
        report = make_report(publication, words=f"Not so.{words}", section_title=f"Part{words}")
        count_clarity(publication=publication, is_clear=True, sender="192.0.2.1")
        administrator, newcomer = make_person(is_superuser=True), make_person()
        newcomer.groups.add(Group.objects.get(name=Role.WRITER.label))
        proposal = settle_rights(person=newcomer, before=FLAGS_ON, by=administrator)
        words = {"title": f"New{words}", "summary": f"New.{words}", "parent": None}
        topic_proposal = propose_topic(
            slug="new", after=words | {"position": 0, "codes": []}, by=make_editor()
        )
        profile = profile_of(newcomer)
        newcomer.credentials = "Fellow"
        newcomer.save(update_fields=["credentials"])
        profile_proposal = settle_profile(person=newcomer, before=profile, by=administrator)
        absence = plan_absence(
            person=newcomer,
            first_day=publication.reviewed_on,
            last_day=publication.reviewed_on + datetime.timedelta(days=9),
            by=administrator,
            substitute=self.own,
        )
        batch = start_import(
            source="w.json", records=read(b'[{"title": "New", "id": "new2020"}]'), by=None
        )
        question = WatchQuestion.objects.create(
            topic=publication.topic, register="pubmed", query=f"rhizotomy{words}",
            since=publication.reviewed_on,
        )  # fmt: skip
        work = {"title": f"Another study{words}", "PMID": "11", "type": "article-journal"}
        take_in(question, RegisterAnswer(hits=[RegisterHit(work, ())]))
        candidate = EvidenceCandidate.objects.get()
        drawing = make_drawing("waiting", alternative=f"A leg.{words}", source=f"Ours{words}")
        self.rows = {
            "drawing": drawing,
            "article": publication.revision.article, "revision": revision, "clinic": clinic,
            "evidenceitem": item, "evidenceimport": batch, "emergencynote": note,
            "user": self.own, "message": message, "publication": publication,
            "statusevent": event, "task": resting.tasks.get(), "group": Group.objects.first(),
            "rightsproposal": proposal, "topic": publication.topic, "report": report,
            "clarity": publication.clarity, "maskedpassage": masked,
            "topicproposal": topic_proposal, "profileproposal": profile_proposal,
            "watchquestion": question, "evidencecandidate": candidate, "absence": absence,
            "synonymgroup": SynonymGroup.objects.create(words="FSPR, rhizotomy"),
        }  # fmt: skip
        self.named = {
            "slug": "page", "number": 1, "old": 1, "new": 2, "key": item.key, "ending": "ris",
            "kind": "csv", "code": copy.code, "outcome": "movement", "item": item.pk,
            "revision": revision.pk, "app_label": "education", "content_type_id": 1, "url": "x",
        }  # fmt: skip
        self.special = {
            "topics/": {"slug": "rhizotomy"},
            "claims/": {"slug": "claim-1"},
            "clinic/people/": {"number": colleague.pk},
            "clinic/packs/": {"number": pack.pk},
            "reports/<str": {"number": report.number},
            "check/": {"code": public_code(publication)},
        }

    def address(self, pattern: str) -> str:
        """A pattern with its parameters filled in by things that are there."""
        model = re.match(r"admin/\w+/(\w+)/", pattern)
        special = next((values for place, values in self.special.items() if place in pattern), {})

        def fill(parameter: re.Match[str]) -> str:
            name = parameter["name"]
            if name in {"pk", "object_id", "id"} and model:
                row = self.rows.get(model[1])
                return str(row.pk if row else 1)
            return str(special.get(name, self.named.get(name, 1)))

        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern).replace(r"[\s\S]+", "nowhere")
        return "/" + PARAMETER.sub(fill, path.replace("^", "").replace("$", ""))


@made_once
def make_world(words: str = "") -> World:
    """The same site, made once for all tests that begin with it."""
    return World(words)


def patterns(found: list, before: str = "") -> Iterator[str]:
    for one in found:
        here = f"{before}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, here)
        else:
            assert isinstance(one, URLPattern)
            yield here


def addresses(found: list[Any] | None = None, before: str = "") -> Iterator[str]:
    """The pattern of every address of the site."""
    for one in get_resolver().url_patterns if found is None else found:
        here = f"{before}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, here)
        else:
            assert isinstance(one, URLPattern)
            yield here


# Beside a draft of each kind of text, what a table of findings has of its own.
STEPS_OF_A_DRAFT = ("change", "preview", "submit", "assign", "put_aside", "word", "saves")
STEPS_OF_A_TABLE = ("findings", "finding_add", "finding", "finding_delete")


def desk_pages(world: World) -> list[str]:
    """Every address of the desk, with those of a new draft of each kind of text that is public."""
    pages = [world.address(pattern) for pattern in addresses() if pattern.startswith("admin/")]
    for kind in Article.Kind:
        published = Revision.objects.filter(
            article__kind=kind, state=Revision.State.PUBLISHED
        ).exclude(article__revisions__state__in=Revision.OPEN_STATES)
        if (last := published.order_by("-pk").first()) is None:
            continue
        draft = start_revision(
            article=last.article, draft=draft_of(last), by=make_writer(), based_on=last
        )
        steps = STEPS_OF_A_DRAFT + (STEPS_OF_A_TABLE if kind == Article.Kind.FINDINGS else ())
        for step in steps:
            row = [draft.findings_rows.first().slug] if step in STEPS_OF_A_TABLE[2:] else []
            pages.append(reverse(f"admin:education_revision_{step}", args=[draft.pk, *row]))
    return list(dict.fromkeys(pages))
