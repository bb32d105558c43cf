"""Importing by command: a preview first, then what was confirmed."""

import json
import socket
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from education.audit.models import Event
from education.evidence import importing
from education.evidence.formats.record import MAX_BYTES
from education.evidence.models import EvidenceImport, EvidenceItem
from tests.factories import make_item
from tests.services import crossref_work, local_services, pubmed_work
from tests.shipped import load_shipped_evidence

pytestmark = pytest.mark.django_db


@pytest.fixture
def services(settings, monkeypatch):
    monkeypatch.setattr(importing, "SECONDS_BETWEEN", 0)
    with local_services(settings) as running:
        yield running


@pytest.fixture
def file(tmp_path):
    def write(content, name="works.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return str(path)

    return write


def run(*arguments):
    """Run the command; what it printed, and how it failed."""
    said = StringIO()
    try:
        call_command("import_evidence", *arguments, stdout=said, stderr=said)
    except CommandError as error:
        return f"{said.getvalue()}CommandError: {error}"
    return said.getvalue()


WORK = {"id": "new2020", "type": "article-journal", "title": "New", "DOI": "10.1000/new"}


def test_import_evidence_shows_and_writes_nothing_unless_told(file):
    said = run(file([WORK]))

    assert said == (
        "new      new2020  New\n"
        "1 new, 0 differs, 0 here, 0 again, 0 refused.\n"
        "Nothing was written; --confirm writes it.\n"
    )
    assert not EvidenceItem.objects.exists()
    assert not EvidenceImport.objects.exists()


def test_import_evidence_writes_what_it_showed_when_confirmed(file):
    said = run(file([WORK]), "--confirm")

    assert said.endswith("1 entered, 0 changed.\n")
    assert EvidenceItem.objects.get().key == "new2020"
    assert EvidenceImport.objects.get().source == "works.json"
    assert Event.objects.get(action="evidence_import.confirmed").by_name == "command"


def test_import_evidence_writes_nothing_twice(file):
    path = file([WORK])
    run(path, "--confirm")

    assert "0 new, 0 differs, 1 here" in run(path, "--confirm")
    assert EvidenceItem.objects.count() == 1


def test_import_evidence_names_a_broken_record_and_imports_the_rest(file):
    said = run(file(b'\xef\xbb\xbf[{"id": "bad"}, ' + json.dumps(WORK).encode()), "--confirm")

    assert "refused  Record 1 (line 1, bad): it has no title." in said
    assert "the list of records does; it may be cut short." in said
    assert said.endswith("1 entered, 0 changed.\nCommandError: 2 could not be imported.")
    assert EvidenceItem.objects.get().key == "new2020"


@pytest.mark.parametrize(
    ("choices", "volume", "publisher"),
    [
        (["--keep", "all"], "6", ""),
        (["--take", "all"], "7", "Wiley"),
        (["--take", "volume"], "7", ""),
        (["--keep", "all", "--take", "here2020.volume"], "7", ""),
        (["--take", "all", "--keep", "here2020.volume"], "6", "Wiley"),
    ],
)
def test_import_evidence_takes_and_keeps_what_it_is_told_to(file, choices, volume, publisher):
    item = make_item("here2020", title="New", doi="10.1000/new", volume="6")

    said = run(file([WORK | {"volume": "7", "publisher": "Wiley"}]), "--confirm", *choices)

    assert "volume: here “6”, there “7” → " in said
    assert "CommandError" not in said
    item.refresh_from_db()
    assert (item.volume, item.publisher) == (volume, publisher)


def test_import_evidence_leaves_a_conflict_nobody_decided_and_says_so(file):
    item = make_item("here2020", title="New", doi="10.1000/new", volume="6")

    said = run(file([WORK | {"volume": "7"}]), "--confirm")

    assert said.endswith("CommandError: 1 differ and were left as they are; use --take or --keep.")
    item.refresh_from_db()
    assert item.volume == "6"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "Give a file, --doi or --pmid."),
        (["/nowhere/works.json"], "can't be read: No such file or directory."),
        (["FILE", "--take", "volum"], "Nothing differs in volum. Fields that differ: none."),
        (["FILE", "--take", "all", "--keep", "all"], "can't both be right."),
    ],
)
def test_import_evidence_refuses_a_slip(file, arguments, reason):
    path = file([WORK])

    said = run(*[path if argument == "FILE" else argument for argument in arguments])

    assert "CommandError" in said
    assert reason in said


def test_import_evidence_does_not_read_more_than_the_limit(file):
    said = run(file(b"[" + b" " * MAX_BYTES + b"]"))

    assert "at most 10 MB can be imported. Split it." in said


# By DOI and PubMed id, with the real client


def test_import_evidence_fetches_by_doi_and_pubmed_id(services):
    services.knows(crossref_work("10.1000/one"), pubmed_work("17", DOI="10.1000/two"))

    run("--doi", "https://doi.org/10.1000/one", "--pmid", "17", "--confirm")

    one, two = EvidenceItem.objects.order_by("doi")
    assert services.asked == ["10.1000/one", "17"]
    assert (one.key, one.title) == ("tester2022", "Prevalence of cerebral palsy & more")
    assert one.authors == [{"family": "Tester", "given": "Ada"}, {"literal": "The Test Group"}]
    assert (two.key, two.pmid, two.doi, two.issued_month) == ("tester2021", "17", "10.1000/two", 3)


def test_import_evidence_finds_one_work_under_both_identifiers(services):
    services.knows(crossref_work("10.1000/one"), pubmed_work("17", DOI="10.1000/ONE", volume="64"))

    said = run("--doi", "10.1000/one", "--pmid", "17")

    assert "The same work as record 1, by its DOI; that one counts." in said


def test_import_evidence_names_what_is_not_known_and_imports_the_rest(services):
    services.knows(pubmed_work("17"))

    said = run("--doi", "10.1000/none", "--pmid", "17", "--pmid", "x", "--confirm")

    assert "refused  Crossref does not know DOI 10.1000/none. Is it written correctly?" in said
    assert "refused  “x” is neither a DOI nor a PubMed id." in said
    assert said.endswith("1 entered, 0 changed.\nCommandError: 2 could not be imported.")


def test_import_evidence_stops_asking_when_it_is_told_to_wait(services):
    services.status, services.headers = 429, {"Retry-After": "30"}

    said = run("--doi", "10.1000/one", "--doi", "10.1000/two")

    assert services.asked == ["10.1000/one"]
    wait = "Crossref asks us to wait before DOI 10.1000/one is fetched: try again in 30 seconds."
    assert f"refused  {wait}\n" in said
    assert f"refused  10.1000/two was not asked for. {wait}\n" in said


def test_import_evidence_says_when_there_is_no_network(settings, monkeypatch):
    monkeypatch.setattr(importing, "SECONDS_BETWEEN", 0)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.CROSSREF_API_URL = f"http://127.0.0.1:{unused.getsockname()[1]}"

        said = run("--doi", "10.1000/one")

    assert "Crossref can't be reached for DOI 10.1000/one: no network" in said


@pytest.mark.parametrize("answer", [b"<html>", b"[" * 9000, b'{"title": 7}', b" " * 2_200_000])
def test_import_evidence_says_when_the_answer_is_wrong_or_huge(services, answer):
    services.works["10.1000/one"] = answer

    said = run("--doi", "10.1000/one", "--confirm")

    assert "refused  Crossref" in said
    assert "DOI 10.1000/one" in said
    assert not EvidenceItem.objects.exists()


# Out and in again


@pytest.mark.slow
def test_the_whole_dossier_exported_comes_in_again_without_an_error(file):
    load_shipped_evidence()
    out = StringIO()
    call_command("export_evidence", stdout=out, stderr=StringIO())
    path = file(out.getvalue().encode())
    here = EvidenceItem.objects.count()

    assert f"0 new, 0 differs, {here} here, 0 again, 0 refused." in run(path)
    EvidenceItem.objects.all().delete()
    assert run(path, "--confirm").endswith(f"{here} entered, 0 changed.\n")


def test_export_evidence_prints_some_and_names_what_is_not_here():
    make_item("one2020")
    make_item("two2020")
    out = StringIO()
    call_command("export_evidence", "two2020", "--format", "ris", stdout=out, stderr=StringIO())

    assert out.getvalue().count("TY  - JOUR") == 1
    assert "ID  - two2020" in out.getvalue()
    with pytest.raises(CommandError, match="Not here: three2020"):
        call_command("export_evidence", "one2020", "three2020", stdout=out, stderr=out)
