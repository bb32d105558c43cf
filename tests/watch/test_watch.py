"""The evidence watch: what registers name becomes a candidate, and people decide on it."""

import datetime
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from education.admin.dashboard_other import candidates, to_look_through, to_verify
from education.articles.operations import draft_of
from education.audit.models import Event, JobRun
from education.evidence.importing import start_import
from education.evidence.models import EvidenceImport, EvidenceItem
from education.management.commands.load_evidence import CONTENT
from education.people.models import ConflictOfInterest
from education.publishing.operations import publish
from education.review.operations import NotReadyError, submit_for_review
from education.topics.files import load_topics
from education.watch import registers as asking
from education.watch.files import load_questions
from education.watch.models import EvidenceCandidate, Register, WatchQuestion
from education.watch.rules import relevance
from tests.factories import (
    approve_fully,
    make_article,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_publication,
    make_revision,
    make_topic,
    make_writer,
)
from tests.watch.registers import crossref_item, local_registers, pubmed_summary, trial

pytestmark = pytest.mark.django_db

LIST = "admin:education_evidencecandidate_changelist"
State = EvidenceCandidate.State


@pytest.fixture
def registers(settings, monkeypatch):
    monkeypatch.setattr(asking, "SECONDS_BETWEEN", 0)
    with local_registers(settings) as running:
        yield running


def question(register=Register.PUBMED, **fields):
    return WatchQuestion.objects.create(
        topic=fields.pop("topic", None) or make_topic(),
        register=register,
        query="rhizotomy",
        words="rhizotomy, cerebral palsy",
        since=datetime.date(2025, 1, 1),
        **fields,
    )


def run():
    """Ask every question; what was printed, and how it failed."""
    said = StringIO()
    try:
        call_command("watch_evidence", pause=0, stdout=said, stderr=said)
    except CommandError as error:
        return f"{said.getvalue()}CommandError: {error}"
    return said.getvalue()


def page(candidate):
    return reverse("admin:education_evidencecandidate_change", args=[candidate.pk])


@pytest.fixture
def candidate(registers):
    question()
    registers.pubmed = [pubmed_summary("11", "Rhizotomy in children with cerebral palsy.")]
    run()
    return EvidenceCandidate.objects.get()


@pytest.fixture
def writer(client):
    person = make_writer()
    client.force_login(person)
    return person


def test_each_register_is_asked_as_it_documents_for_what_is_new(registers, settings):
    settings.CONTACT_EMAIL = "editors@example.org"
    for register in Register:
        question(register)
    registers.pubmed = [pubmed_summary("11", "A rhizotomy trial.", pubtype=["Clinical Trial"])]

    assert "1 new" in run()

    asked = dict(registers.asked)
    today = f"{timezone.localdate():%Y/%m/%d}"
    search = asked["/entrez/eutils/esearch.fcgi"]
    assert search["term"] == "rhizotomy"
    assert (search["datetype"], search["mindate"], search["maxdate"]) == (
        "edat",
        "2025/01/01",
        today,
    )
    assert (search["tool"], search["email"]) == ("patient_education_portal", "editors@example.org")
    assert asked["/entrez/eutils/esummary.fcgi"]["id"] == "11"
    assert asked["/v1/works"]["filter"] == "from-created-date:2025-01-01"
    studies = asked["/api/v2/studies"]
    assert studies["filter.advanced"] == "AREA[LastUpdatePostDate]RANGE[2025-01-01,MAX]"
    assert JobRun.objects.get(name="watch_evidence").failure == ""


def test_a_question_asks_on_from_its_last_answer_and_looks_back_a_month(registers):
    question(answered_at=timezone.now() - datetime.timedelta(days=7))
    run()

    since = timezone.localdate() - datetime.timedelta(days=37)
    assert registers.asked[0][1]["mindate"] == f"{since:%Y/%m/%d}"


def test_a_question_that_is_switched_off_asks_nobody(registers):
    question(active=False)
    run()

    assert registers.asked == []


def test_one_work_that_two_registers_name_is_listed_once_with_both(registers):
    question(), question(Register.CROSSREF)
    doi = {"idtype": "doi", "idtypen": 3, "value": "10.1000/ONE"}
    registers.pubmed = [pubmed_summary("11", "One work.", articleids=[doi])]
    registers.crossref = [
        crossref_item("10.1000/one", "One work"),
        crossref_item("10.1000/two", "Two"),
    ]
    run(), run()

    one = EvidenceCandidate.objects.get(doi="10.1000/one")
    assert (one.pmid, sorted(one.registers)) == ("11", ["Crossref", "PubMed"])
    assert EvidenceCandidate.objects.count() == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"doi": "10.1000/HELD"},
        {"pmid": "11"},
        {"title": "A work that is held", "issued_year": 2026},
    ],
    ids=["doi", "pmid", "title"],
)
def test_what_is_held_is_no_candidate(registers, fields):
    make_item("held2026", verified=False, **fields)
    question()
    doi = [{"idtype": "doi", "value": "10.1000/held"}] if "doi" in fields else []
    registers.pubmed = [pubmed_summary("11", "A work that is held.", articleids=doi)]

    assert "0 new, 0 listed before, 1 held already." in run()
    assert not EvidenceCandidate.objects.exists()


def test_a_trial_whose_results_are_held_is_no_candidate_and_another_is(registers):
    make_item("held2026", verified=False, registration="NCT00000001, and another")
    question(Register.CLINICAL_TRIALS)
    registers.trials = [
        trial("NCT00000001", "The trial that is held"),
        trial("NCT00000002", "Another trial", results=True),
    ]
    run()

    candidate = EvidenceCandidate.objects.get()
    assert candidate.registration == "NCT00000002"
    assert candidate.kind == (
        "interventional, phase2, active not recruiting, 90 people, results in the register"
    )
    assert candidate.address == "https://clinicaltrials.gov/study/NCT00000002"


def test_a_candidate_that_came_here_by_another_way_is_no_longer_asked_about(candidate, registers):
    make_item("held2026", verified=False, pmid="11")
    run()

    candidate.refresh_from_db()
    assert candidate.state == State.HELD
    assert not EvidenceCandidate.objects.waiting().exists()


def test_odd_records_are_counted_and_the_rest_is_taken(registers):
    for register in Register:
        question(register)
    registers.pubmed = [
        pubmed_summary("1", ""),
        {"uid": "2", "error": "cannot get document summary"},
        pubmed_summary(
            "3", "Fine &amp; <i>well</i>.", authors=None, sortpubdate="", articleids=None
        ),
        pubmed_summary("4", "x" * 50_000, authors="nobody"),
    ]
    registers.crossref = [None, [], {"title": ["No DOI"]}, crossref_item("10.1000/a", "Also fine")]
    registers.trials = [
        {},
        trial("no number", "T"),
        {"protocolSection": []},
        trial("NCT00000002", "T2"),
    ]

    said = run()

    assert "CommandError" not in said
    assert said.count("3 that can’t be used") == 3
    assert set(EvidenceCandidate.objects.values_list("title", flat=True)) == {
        "Fine & well",
        "Also fine",
        "T2",
    }


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/entrez/eutils/esearch.fcgi", b"<html>maintenance</html>"),
        ("/entrez/eutils/esearch.fcgi", b"[]"),
        ("/entrez/eutils/esearch.fcgi", b'{"esearchresult": {"ERROR": "Invalid", "idlist": []}}'),
        ("/entrez/eutils/esummary.fcgi", b'{"result": []}'),
    ],
)
def test_an_answer_that_is_none_is_told_and_the_other_registers_are_asked(registers, path, body):
    asked, _ = question(), question(Register.CROSSREF)
    registers.pubmed = [pubmed_summary("1", "Fine.")]
    registers.crossref = [crossref_item("10.1000/a", "Also fine")]
    registers.bodies[path] = body

    said = run()

    assert said.endswith("CommandError: No answer to 1: Rhizotomy: PubMed.")
    asked.refresh_from_db()
    assert "PubMed" in asked.failure
    assert asked.answered_at is None
    assert EvidenceCandidate.objects.get().title == "Also fine"


def test_a_register_that_is_down_or_slow_is_asked_again_next_time(registers, settings):
    asked = question()
    registers.status["/entrez/eutils/esearch.fcgi"] = 500
    assert "answered with error 500" in run()
    registers.status.clear()
    settings.EVIDENCE_FETCH_SECONDS, registers.slow = 0.05, 0.3
    assert "did not answer in time" in run()
    registers.slow = 0

    assert "0 new" in run()
    asked.refresh_from_db()
    assert (asked.failure, asked.answered_at is not None) == ("", True)


def test_trials_and_reviews_of_children_stand_before_rats_and_comments():
    words = ["rhizotomy", "cerebral palsy"]

    def points(title, *kinds):
        return relevance(title, kinds, words)[0]

    trial_of_it = points("Rhizotomy in children with cerebral palsy", "Randomized Controlled Trial")
    assert trial_of_it > points("Rhizotomy in children with cerebral palsy", "Letter")
    assert points("Rhizotomy in children") > points("Rhizotomy in rats") > points("Rats")
    assert relevance("Rhizotomy in rats", (), words)[1] == [
        "+3 “rhizotomy” in the title",
        "-4 animals or cells in a dish",
    ]


def test_the_list_says_what_is_asked_what_failed_and_shows_what_waits(client, writer, candidate):
    WatchQuestion.objects.update(failure="PubMed was away.")
    make_item("like2020", verified=False, title="Rhizotomy for cerebral palsy, ten years on")

    shown = client.get(reverse(LIST)).content.decode()
    assert "1 question asked every week" in shown
    assert "PubMed was away." in shown
    assert "Rhizotomy in children with cerebral palsy" in shown
    shown = client.get(page(candidate)).content.decode()
    assert "Tester AB" in shown
    assert "like2020" in shown
    assert "+3 “rhizotomy” in the title" in shown


def test_an_empty_list_says_that_nobody_is_asked(client, writer):
    assert "Nobody is asked yet" in client.get(reverse(LIST)).content.decode()


def test_accepting_starts_an_import_that_people_confirm(client, writer, candidate):
    response = client.post(page(candidate), {"step": "accept"}, follow=True)

    batch = EvidenceImport.objects.get()
    assert response.redirect_chain[-1][0].endswith(f"/evidenceimport/{batch.pk}/change/")
    assert "1 new, 0 here but different" in response.content.decode()
    assert not EvidenceItem.objects.exists()
    assert [row.what for row in to_look_through(writer)] == [
        "Evidence watch: Rhizotomy in children with cerebral palsy"
    ]

    seen = response.context["found"].seen
    client.post(response.redirect_chain[-1][0], {"seen": seen, "enter": "1"}, follow=True)

    item = EvidenceItem.objects.get()
    assert (item.pmid, item.topic.slug, item.entered_by) == ("11", "rhizotomy", writer)
    assert item.dossier_note.startswith("Named by PubMed, ")
    assert not item.is_verified()
    assert Event.objects.filter(action="evidence_candidate.accepted", by=writer).exists()


def test_an_accepted_candidate_is_not_lost_when_nobody_confirms_for_weeks(
    client, writer, candidate
):
    client.post(page(candidate), {"step": "accept"})
    EvidenceImport.objects.update(at=timezone.now() - datetime.timedelta(days=60))
    start_import(source="another.json", records=[], by=writer)

    assert EvidenceImport.objects.count() == 2


def test_dismissing_needs_a_reason_and_keeps_it(client, writer, candidate, registers):
    response = client.post(page(candidate), {"step": "dismiss", "reason": " "})
    assert "This field is required" in response.content.decode()
    candidate.refresh_from_db()
    assert candidate.state == State.WAITING

    client.post(page(candidate), {"step": "dismiss", "reason": "Animals only."})
    run()

    candidate.refresh_from_db()
    assert (candidate.state, candidate.reason) == (State.DISMISSED, "Animals only.")
    assert (
        Event.objects.get(action="evidence_candidate.dismissed").data["reason"] == "Animals only."
    )
    assert "Animals only." in client.get(page(candidate)).content.decode()
    assert not list(candidates(writer))


def test_a_candidate_put_off_comes_back_on_its_day(client, writer, candidate):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    today = {"step": "later", "look_again_on": str(timezone.localdate()), "reason": "typed"}
    response = client.post(page(candidate), today)
    assert "Choose a day after today." in response.content.decode()
    assert "typed" in response.content.decode()

    client.post(page(candidate), {"step": "later", "look_again_on": str(tomorrow)})
    assert not EvidenceCandidate.objects.waiting().exists()

    EvidenceCandidate.objects.update(look_again_on=timezone.localdate())
    assert EvidenceCandidate.objects.waiting().get() == candidate
    assert "Rhizotomy in children" in client.get(reverse(LIST)).content.decode()


def test_who_has_a_stake_in_the_topic_does_not_decide(client, candidate):
    person = make_medical_reviewer()
    assert [row.what for row in candidates(person)] == ["Rhizotomy: 1 to decide on"]
    ConflictOfInterest.objects.create(person=person, topic=candidate.topic)
    client.force_login(person)

    assert not list(candidates(person))
    assert "So somebody else decides." in client.get(page(candidate)).content.decode()
    client.post(page(candidate), {"step": "dismiss", "reason": "I say so."})
    candidate.refresh_from_db()
    assert candidate.state == State.WAITING


def test_two_people_who_decide_at_once_make_one_import(client, writer, candidate):
    client.post(page(candidate), {"step": "accept"})
    response = client.post(page(candidate), {"step": "dismiss", "reason": "Too late."})

    assert "It is settled already: accepted." in response.content.decode()
    assert EvidenceImport.objects.count() == 1


def test_a_question_is_saved_and_changed_at_the_desk_on_record(client, writer):
    topic = make_topic()
    data = {
        "topic": topic.pk,
        "register": "pubmed",
        "query": "rhizotomy AND children",
        "words": "rhizotomy",
        "since": "2025-01-01",
        "active": "on",
    }
    client.post(reverse("admin:education_watchquestion_add"), data)
    client.post(reverse("admin:education_watchquestion_add"), data)

    saved = WatchQuestion.objects.get()
    assert saved.query == "rhizotomy AND children"
    assert Event.objects.get(action="watch_question.saved").by == writer


def test_the_questions_that_ship_are_loaded_once_and_leave_what_editors_made():
    load_topics(CONTENT / "topics.yaml")
    made = load_questions(CONTENT / "watch.yaml")
    assert {one.register for one in made} == set(Register.values)
    WatchQuestion.objects.filter(pk=made[0].pk).update(active=False, query="ours")

    assert load_questions(CONTENT / "watch.yaml") == []
    assert WatchQuestion.objects.get(pk=made[0].pk).query == "ours"


def test_who_has_a_stake_in_the_topic_does_not_switch_its_question_off(client):
    saved, writer = question(), make_writer()
    ConflictOfInterest.objects.create(person=writer, topic=saved.topic)
    client.force_login(writer)
    address = reverse("admin:education_watchquestion_change", args=[saved.pk])
    fields = {name: getattr(saved, name) for name in ("register", "query", "words", "since")}

    assert client.get(address).status_code == 200
    assert client.post(address, fields | {"topic": saved.topic.pk}).status_code == 403
    saved.refresh_from_db()
    assert saved.active


def test_who_has_a_stake_in_any_topic_files_no_question_under_another(client):
    saved, writer = question(), make_writer()
    ConflictOfInterest.objects.create(person=writer, topic=make_topic("stem-cells"))
    client.force_login(writer)
    fields = {name: getattr(saved, name) for name in ("register", "query", "words", "since")}
    own = fields | {"topic": saved.topic.pk, "query": "stem cells", "active": "on"}

    assert client.post(reverse("admin:education_watchquestion_add"), own).status_code == 403
    address = reverse("admin:education_watchquestion_change", args=[saved.pk])
    assert client.post(address, own).status_code == 403
    assert WatchQuestion.objects.get().query == saved.query


def test_a_candidate_is_walked_from_the_watch_to_a_changed_page(client, registers):
    """Named by a registry, accepted, confirmed, verified by two, cited, reviewed, published."""
    published = make_publication(article=make_article(slug="rhizotomy-page"))
    address = reverse("article-detail", args=[published.slug])
    writer, medical = make_writer(), [make_medical_reviewer() for _ in range(2)]
    question(topic=published.topic)
    registers.pubmed = [pubmed_summary("11", "Rhizotomy in children with cerebral palsy.")]
    run()

    client.force_login(writer)
    (row,) = candidates(writer)
    assert "Rhizotomy in children with cerebral palsy" in client.get(row.url).content.decode()
    answer = client.post(page(EvidenceCandidate.objects.get()), {"step": "accept"}, follow=True)
    seen = answer.context["found"].seen
    client.post(answer.redirect_chain[-1][0], {"seen": seen, "enter": "1"})
    item = EvidenceItem.objects.get(pmid="11")

    draft = replace(
        draft_of(published.revision),
        body=f"## What is new\n\nA new study was published [@{item.key}].\n",
        what_changed="We read a new study.",
    )
    text = make_revision(article=published.revision.article, draft=draft, by=writer)
    with pytest.raises(NotReadyError, match="is not verified by two people"):
        submit_for_review(revision=text, by=writer)

    for person in medical:
        (row,) = to_verify(person)
        client.force_login(person)
        client.post(row.url, {"level": "abstract", "note": ""})
        client.logout()
    assert "A new study" not in client.get(address).content.decode()

    publish(revision=approve_fully(submit_for_review(revision=text, by=writer)), by=make_editor())

    shown = client.get(address).content.decode()
    assert "A new study was published" in shown
    assert "Rhizotomy in children with cerebral palsy" in shown
    assert "We read a new study." in shown
    client.force_login(writer)
    assert not list(candidates(writer))
