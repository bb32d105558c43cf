"""Asking registries what became of cited works: only reported, never recorded."""

import json
from io import StringIO
from urllib.parse import unquote

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from education.evidence.models import StatusEvent
from education.safety import registry
from education.safety.models import RegistryCheck, Task
from education.safety.operations import close_task, lift_status, record_status
from education.safety.registry import BadRegistryFileError, Update, retraction_watch, updates_in
from tests.factories import (
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_publication,
    make_revision,
)
from tests.local_server import local_server

HEADING = (
    "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,"
    "RetractionDate,RetractionDOI,RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,"
    "OriginalPaperPubMedID,RetractionNature,Reason,Paywalled,Notes,\n"
)


def row(
    *,
    doi="10.1000/cited",
    nature="Retraction",
    date="8/16/2023 0:00",
    notice="10.1000/notice",
    pmid="0",
    reason="+Concerns/Issues About Data;+Unreliable Results;",
):
    """A row as the file has it: months first, semicolons in lists, 0 where there is no number."""
    return (
        f'1,"A study, of something",(HSC) Medicine;,"A hospital, A city;",A journal,A publisher,'
        f"Nowhere,A Tester;,,Clinical Study;,{date},{notice},0,1/2/2020 0:00,{doi},{pmid},{nature},"
        f'"{reason}",No,,\n'
    )


@pytest.fixture
def csv_file(tmp_path):
    def write(*rows, heading=HEADING, encoding="utf-8"):
        path = tmp_path / "retraction_watch.csv"
        path.write_bytes((heading + "".join(rows)).encode(encoding))
        return path

    return write


def work(doi, *updated_by, **fields):
    """Crossref's answer about a work, as its ``/works`` gives it."""
    return {
        "status": "ok",
        "message-type": "work",
        "message-version": "1.0.0",
        "message": {
            "DOI": doi,
            "type": "journal-article",
            "title": ["A study of something"],
            **({"updated-by": list(updated_by)} if updated_by else {}),
            **fields,
        },
    }


def update(kind="retraction", doi="10.1000/notice", date=(2021, 3, 4), source="publisher"):
    return {
        "updated": {
            "date-parts": [list(date)],
            "date-time": "2021-03-04T00:00:00Z",
            "timestamp": 1614816000000,
        },
        "DOI": doi,
        "type": kind,
        "label": kind.replace("_", " ").capitalize(),
        "source": source,
    }


class Crossref:
    """A server on this machine that knows some works."""

    def __init__(self):
        self.works, self.refusals, self.asked, self.agents = {}, [], [], []

    def knows(self, doi, *updated_by, **fields):
        self.works[doi] = work(doi, *updated_by, **fields)

    def answer(self, request):
        doi = unquote(request.path.removeprefix("/v1/works/"))
        self.asked.append(doi)
        self.agents.append(request.headers["User-Agent"])
        status, headers = 200 if doi in self.works else 404, {}
        if self.refusals:
            status, headers = self.refusals.pop(0)
        body = json.dumps(self.works.get(doi, {})).encode()
        return status, {"Content-Type": "application/json"} | headers, body


@pytest.fixture
def crossref(settings):
    known = Crossref()
    with local_server(known.answer) as address:
        settings.CROSSREF_API_URL = address
        settings.CONTACT_EMAIL = "editors@example.org"
        yield known


def cited(*dois):
    """Items with these DOIs, cited by a draft."""
    items = [make_item(doi=doi, verified=False) for doi in dois]
    make_revision(draft=make_draft(*(item.key for item in items)))
    return items


def check(*arguments):
    """Run the command; what it printed."""
    out, err = StringIO(), StringIO()
    try:
        call_command("check_evidence", *arguments, "--pause", "0", stdout=out, stderr=err)
    except CommandError as error:
        return f"{out.getvalue()}{err.getvalue()}CommandError: {error}"
    return f"{out.getvalue()}{err.getvalue()}"


# Crossref


@pytest.mark.django_db
def test_check_evidence_reports_what_crossref_lists_and_records_nothing(crossref):
    fallen, sound = cited("10.1000/fallen", "10.1000/sound")
    crossref.knows("10.1000/fallen", update())
    crossref.knows("10.1000/sound")

    said = check()

    task = Task.objects.get()
    assert (task.item, task.status, task.kind) == (fallen, "retracted", "check")
    assert "2021-03-04" in task.report
    assert "https://doi.org/10.1000/notice" in task.report
    assert "2 works asked about, 0 asked about lately: 1 new reports." in said
    assert fallen.key in said
    assert fallen.status == sound.status == "current"
    assert not StatusEvent.objects.exists()


@pytest.mark.django_db
def test_check_evidence_asks_politely_and_only_about_cited_works(crossref):
    cited("10.1000/cited")
    make_item(doi="10.1000/uncited", verified=False)
    crossref.knows("10.1000/cited")
    crossref.knows("10.1000/uncited")

    check()
    assert crossref.asked == ["10.1000/cited"]
    assert "mailto:editors@example.org" in crossref.agents[0]

    check("--all")
    assert crossref.asked == ["10.1000/cited", "10.1000/uncited"]


@pytest.mark.django_db
def test_check_evidence_run_twice_reports_once(crossref):
    cited("10.1000/fallen")
    crossref.knows("10.1000/fallen", update())

    check()
    said = check("--again-after", "0")

    assert Task.objects.count() == 1
    assert "0 new reports" in said


@pytest.mark.django_db
def test_check_evidence_goes_on_where_it_stopped(crossref):
    cited("10.1000/a", "10.1000/b", "10.1000/c")
    for doi in ("10.1000/a", "10.1000/b", "10.1000/c"):
        crossref.knows(doi)
    crossref.refusals = [(200, {}), (429, {"Retry-After": "3600"})]

    said = check()
    assert "CommandError: 2 works are still to be asked about" in said
    assert RegistryCheck.objects.count() == 1

    said = check()
    assert "2 works asked about, 1 asked about lately" in said
    assert crossref.asked == ["10.1000/a", "10.1000/b", "10.1000/b", "10.1000/c"]


@pytest.mark.django_db
def test_check_evidence_waits_when_asked_to(crossref):
    cited("10.1000/a")
    crossref.knows("10.1000/a")
    crossref.refusals = [(429, {"Retry-After": "0"})]

    said = check()

    assert "asks us to wait" in said
    assert "1 works asked about" in said


@pytest.mark.django_db
def test_check_evidence_gives_up_on_a_service_that_is_down(crossref):
    cited("10.1000/a", "10.1000/b", "10.1000/c", "10.1000/d")
    crossref.refusals = [(500, {})] * 10

    said = check()

    assert len(crossref.asked) == 3
    assert "4 works are still to be asked about" in said
    assert not RegistryCheck.objects.exists()


@pytest.mark.django_db
def test_check_evidence_passes_over_a_work_registered_elsewhere(crossref):
    cited("10.1000/elsewhere", "10.1000/known")
    crossref.knows("10.1000/known")

    said = check()

    assert "Crossref does not know DOI 10.1000/elsewhere" in said
    assert "CommandError" not in said


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [{}, [], {"message": 3}, work("10.9999/another")])
def test_check_evidence_names_the_work_whose_answer_makes_no_sense(crossref, answer):
    cited("10.1000/a")
    crossref.works["10.1000/a"] = answer

    said = check()

    assert "DOI 10.1000/a" in said
    assert "1 works are still to be asked about" in said


@pytest.mark.django_db
def test_what_was_recorded_or_judged_is_not_reported_again(crossref):
    recorded, lifted, dismissed = cited("10.1000/a", "10.1000/b", "10.1000/c")
    for doi in ("10.1000/a", "10.1000/b", "10.1000/c"):
        crossref.knows(doi, update(doi=f"{doi}-notice"))
    for item in (recorded, lifted):
        event = record_status(
            item=item,
            status="retracted",
            occurred_on=timezone.localdate(),
            reason="The data could not be trusted.",
            by=make_medical_reviewer(),
        )
    lift_status(event=event, by=make_editor(), reason="It was another study.")

    check()
    task = Task.objects.get()
    assert task.item == dismissed
    close_task(task=task, by=make_editor(), outcome="dismissed", note="It is another paper.")

    check("--again-after", "0")
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("retraction", "retracted"),
        ("withdrawal", "retracted"),
        ("partial_retraction", "retracted"),
        ("expression_of_concern", "concern"),
        ("expression-of-concern", "concern"),
        ("erratum", "corrected"),
        ("Corrigendum", "corrected"),
        ("new_version", "superseded"),
    ],
)
def test_updates_in_understands_the_kinds_of_update(kind, status):
    (found,) = updates_in(work("10.1000/a", update(kind=kind))["message"])

    assert found.status == status


def test_updates_in_counts_one_notice_once_and_leaves_out_what_changes_nothing():
    message = work(
        "10.1000/a", update(), update(source="retraction-watch"), update(kind="addendum")
    )["message"]

    assert [found.kind for found in updates_in(message)] == ["retraction"]


def test_updates_in_reads_update_to_as_being_about_another_work():
    notice = work("10.1000/notice", **{"update-to": [update(doi="10.1000/a")]})["message"]

    assert updates_in(notice) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["DOI", "type", "updated", "date-parts", "source", "x"]), inner
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_updates_in_takes_whatever_comes(value):
    found = updates_in({"DOI": value, "updated-by": value})
    assert all(isinstance(update, Update) for update in found)

    found = updates_in({"updated-by": [{"type": "retraction", "DOI": value, "updated": value}]})
    assert [update.status for update in found] == ["retracted"]
    assert len(found[0].reference) <= 300


# Retraction Watch


@pytest.mark.django_db
def test_check_evidence_reads_a_file_without_asking_anybody(crossref, csv_file):
    by_doi, by_pmid, sound = (
        make_item(doi="10.1000/CITED", verified=False),
        make_item(pmid="12345678", verified=False),
        make_item(doi="10.1000/sound", verified=False),
    )
    make_publication(draft=make_draft())
    make_revision(draft=make_draft(by_doi.key, by_pmid.key, sound.key))
    path = csv_file(
        row(doi="10.1000/cited"),
        row(doi="unavailable", pmid="12345678", nature="Expression of concern", notice="n/a"),
        row(doi="10.1000/somebody-elses"),
        row(doi="10.1000/sound", nature="Reinstatement"),
    )

    said = check("--retraction-watch", str(path))

    tasks = {task.item: task for task in Task.objects.all()}
    assert set(tasks) == {by_doi, by_pmid}
    assert tasks[by_doi].status == "retracted"
    assert "Concerns/Issues About Data; Unreliable Results" in tasks[by_doi].report
    assert tasks[by_pmid].status == "concern"
    assert "3 entries read and compared with 4 works: 2 listed, 2 new." in said
    assert crossref.asked == []
    assert not StatusEvent.objects.exists()


@pytest.mark.django_db
def test_the_same_notice_from_both_registries_is_reported_once(crossref, csv_file):
    cited("10.1000/cited")
    crossref.knows("10.1000/cited", update(doi="10.1000/NOTICE"))

    check()
    check("--retraction-watch", str(csv_file(row())))

    assert Task.objects.count() == 1


def test_retraction_watch_reads_months_first_and_broken_letters(csv_file):
    path = csv_file(row(date="12/1/2023 0:00"), row(date="31/12/2023"), encoding="utf-16-le")
    with pytest.raises(BadRegistryFileError, match="no Retraction Watch file"):
        list(retraction_watch(path))

    path = csv_file(row(date="12/1/2023 0:00", reason="Universität"), encoding="latin-1")
    (found,) = retraction_watch(path)
    assert found.on.isoformat() == "2023-12-01"


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "OriginalPaperDOI\n10.1000/a\n", "\x00\x00"])
def test_retraction_watch_refuses_another_file(tmp_path, text):
    path = tmp_path / "other.csv"
    path.write_text(text)

    with pytest.raises(BadRegistryFileError, match=r"other\.csv"):
        list(retraction_watch(path))


@pytest.mark.django_db
def test_check_evidence_names_a_file_that_is_not_there(tmp_path):
    assert "missing.csv: No such file" in check("--retraction-watch", str(tmp_path / "missing.csv"))


def test_a_report_without_date_or_notice_still_has_a_name():
    update = Update(status=registry.Status.CORRECTED, kind="erratum", source="Crossref")

    assert update.reference == "corrected erratum"
    assert update.report == "Crossref reports: erratum."
