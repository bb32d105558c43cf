"""What an import would do, and what confirming it does."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from education.audit.models import Event
from education.errors import StaleError
from education.evidence import client, exporting, importing
from education.evidence.formats import FILES
from education.evidence.formats.record import BIBLIOGRAPHIC, Record
from education.evidence.import_preview import ProposalKind, plan
from education.evidence.importing import (
    AlreadyConfirmedError,
    confirm_import,
    fetched,
    identifiers_in,
    plan_of,
    read,
    start_import,
)
from education.evidence.models import EvidenceImport, EvidenceItem
from education.evidence.shipped_evidence import APPRAISAL, record_of
from education.evidence.web import NoAnswerError, TooManyRequestsError, UnknownWorkError
from tests.factories import make_item, make_topic, make_writer
from tests.shipped import load_shipped_evidence

pytestmark = pytest.mark.django_db

DOSSIER = Path(importing.__file__).parents[1] / "content" / "evidence.json"


def records(*works):
    return read(json.dumps(works).encode())


def work(**fields):
    return {"type": "article-journal", "title": "Cord blood for children"} | fields


def import_of(*works, by=None):
    return start_import(source="works.json", records=records(*works), by=by)


def only(*works):
    [proposal] = plan(records(*works)).proposals
    return proposal


# Is it here already?


@pytest.mark.parametrize(
    ("ours", "theirs", "how"),
    [
        ({"doi": "10.1002/SCTM.17"}, {"DOI": "https://doi.org/10.1002/sctm.17"}, "DOI"),
        ({"pmid": "29080265"}, {"PMID": "PMID: 29080265"}, "PubMed id"),
        ({"title": "Cord Blood – for children."}, {}, "title"),
        ({"title": "Cord blood for children", "doi": "10.1002/a"}, {"PMID": "7"}, "title"),
        ({"title": "?"}, {"title": "?"}, "title"),
    ],
)
def test_plan_finds_the_same_work_by_doi_pubmed_id_and_title(ours, theirs, how):
    item = make_item(issued_year=None, **{"title": "Another title"} | ours)

    proposal = only(work(**theirs))

    assert (proposal.item, proposal.matched_by) == (item, how)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"doi": "10.1002/a"}, {"DOI": "10.1002/b"}),
        ({"pmid": "1"}, {"PMID": "2"}),
        ({"issued_year": 2012}, {"issued": {"date-parts": [[2016]]}}),
    ],
)
def test_plan_takes_a_namesake_for_another_work_and_says_so(ours, theirs):
    make_item("here2012", title="Cord blood for children", **ours)

    proposal = only(work(**theirs))

    assert proposal.kind == ProposalKind.NEW
    assert proposal.note == "Another work with this title is here: here2012."


def test_plan_does_not_choose_between_two_works():
    make_item("one2020", doi="10.1002/a")
    make_item("two2020", pmid="22")

    proposal = only(work(id="mine", DOI="10.1002/a", PMID="22"))

    assert proposal.kind == ProposalKind.REFUSED
    assert proposal.error == (
        "Record 1 (mine): its DOI is that of one2020 and its PubMed id that of two2020; "
        "correct one of them."
    )


def test_plan_does_not_choose_between_two_namesakes():
    for key in ("one2020", "two2020"):
        make_item(key, title="Cord blood for children", issued_year=None)

    proposal = only(work(id="mine"))

    assert "one2020, two2020; give it a DOI" in proposal.error


def test_plan_enters_a_work_that_comes_twice_once():
    first, again, other = plan(
        records(work(DOI="10.1002/a"), work(DOI="10.1002/A", volume="3"), work(title="Another"))
    ).proposals

    assert [first.kind, again.kind, other.kind] == [
        ProposalKind.NEW,
        ProposalKind.REPEATED,
        ProposalKind.NEW,
    ]
    assert again.note == "The same work as record 1, by its DOI; that one counts."


def test_plan_compares_an_item_with_the_first_record_of_it_only():
    make_item(doi="10.1002/a")

    kinds = [one.kind for one in plan(records(*[work(DOI="10.1002/a")] * 2)).proposals]

    assert kinds == [ProposalKind.DIFFERENT, ProposalKind.REPEATED]


def test_plan_asks_the_same_number_of_questions_for_one_record_and_many(
    django_assert_num_queries,
):
    for n in range(5):
        make_item(doi=f"10.1002/{n}")
    with django_assert_num_queries(3):
        plan(records(work(DOI="10.1002/1")))
    with django_assert_num_queries(3):
        plan(records(*[work(DOI=f"10.1002/{n}", title=f"T{n}") for n in range(9)]))


# Under which key?


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"id": "sun2017"}, "sun2017"),
        ({"id": "taken2020"}, "taken2020a"),
        ({"id": "TAKEN2020"}, "TAKEN2020a"),
        ({"id": "http://zotero.org/users/1/items/X"}, "cord"),
        ({"id": "1", "author": [{"family": "Ørsted-Müller", "given": "Ö"}]}, "rstedmuller"),
        (
            {"author": [{"family": "李", "given": "明"}], "issued": {"date-parts": [[2020]]}},
            "cord2020",
        ),
        ({"title": "脑瘫"}, "item"),
    ],
)
def test_plan_gives_a_new_work_a_key_that_is_free(fields, key):
    make_item("taken2020")

    assert only(work(**fields)).key == key


def test_plan_finds_keys_for_many_works_of_one_name():
    found = plan(records(*[work(id="a", title=f"Title {n}") for n in range(40)])).proposals

    keys = [one.key for one in found]
    assert len(set(keys)) == 40
    assert keys[:3] == ["a", "aa", "ab"]


# Where does it differ?


def test_plan_lists_each_field_in_which_a_record_says_something_else():
    make_item(
        "sun2017",
        title="Cord blood",
        doi="10.1002/a",
        volume="6",
        page="1-9",
        issued_year=2017,
        authors=[{"family": "Sun", "given": "J"}],
    )

    proposal = only(
        work(
            title="Cord Blood.",
            DOI="10.1002/A",
            volume="7",
            page="1-9",
            issued={"date-parts": [[2017, 12]]},
            author=[{"family": "Sun", "given": "Jessica"}, {"literal": "et al."}],
            URL="https://doi.org/10.1002/a",
            publisher="Wiley",
        )
    )

    assert proposal.kind == ProposalKind.DIFFERENT
    assert {(one.label, one.ours, one.theirs, one.is_conflict) for one in proposal.differences} == {
        ("volume", "6", "7", True),
        ("date", "2017", "2017-12", True),
        ("authors", "Sun J", "Sun Jessica; et al.", True),
        ("publisher", "", "Wiley", False),
    }


def test_plan_finds_no_difference_where_a_record_knows_less():
    make_item(
        doi="10.1002/a", title="T", issued_year=2017, issued_month=3, csl_type="report", volume="9"
    )

    proposal = only({"title": "T", "DOI": "10.1002/a", "issued": {"date-parts": [[2017]]}})

    assert proposal.kind == ProposalKind.SAME


def test_plan_keeps_a_date_it_can_not_hold_as_a_note():
    proposal = only(work(issued={"date-parts": [[2011, 21]]}))

    details = proposal.details()
    assert (details["issued_year"], details["issued_month"]) == (2011, None)
    assert proposal.note == details["dossier_note"] == "The record gives the date as “2011-21”."


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"volume": "v" * 50}, "volume: Ensure this value has at most 40 characters"),
        ({"custom": {"design": "séance"}}, "study design: Value 'séance' is not a valid choice"),
        ({"custom": {"sample_size": "forty"}}, "sample_size is not a number of participants"),
        ({"custom": {"sample_size": True}}, "sample_size is not a number of participants"),
        ({"custom": {"finding": ["x"]}}, "its custom finding is not text"),
        ({"custom": {"topic": {}}}, "its custom topic is not text"),
        ({"custom": {"verified": "yes"}}, "its custom verified is not an object"),
        ({"custom": {"verified": {"seen_at": "x"}}}, "seen_at is not a list of addresses"),
        ({"custom": {"usable_as_citation": "no"}}, "is not true or false"),
    ],
)
def test_plan_names_the_record_that_can_not_become_an_item(fields, reason):
    good, bad = plan(records(work(), work(id="bad1", title="Bad", **fields))).proposals

    assert good.kind == ProposalKind.NEW
    assert bad.kind == ProposalKind.REFUSED
    assert bad.error.startswith("Record 2 (bad1): ")
    assert reason in bad.error


# Confirming


def test_confirm_import_enters_new_works_and_records_it():
    writer = make_writer()
    batch = import_of(work(id="new2020", author=[{"family": "New", "given": "A"}]), {"id": "bad"})

    outcome = confirm_import(batch=batch, by=writer)

    item = EvidenceItem.objects.get()
    assert (item.key, item.title, item.entered_by) == ("new2020", "Cord blood for children", writer)
    assert item.usable
    assert item.dossier_level == "bibliographic"
    assert not item.is_verified()
    assert outcome.entered == ["new2020"]
    assert outcome.refused == ["Record 2 (bad): it has no title."]
    event = Event.objects.get(action="evidence_import.confirmed")
    assert event.by == writer
    assert event.data == {"entered": ["new2020"], "changed": [], "refused": 1}
    batch.refresh_from_db()
    assert (batch.records, batch.confirmed_by) == ([], writer)


def test_confirm_import_leaves_items_as_they_are_unless_told_otherwise():
    item = make_item(doi="10.1002/a", volume="6")
    batch = import_of(work(DOI="10.1002/a", volume="7"))

    assert confirm_import(batch=batch, by=None).changed == []

    item.refresh_from_db()
    assert item.volume == "6"
    assert item.is_verified()


def test_confirm_import_takes_the_fields_that_were_chosen_and_no_other():
    item = make_item(doi="10.1002/a", title="Ours", volume="6", csl_extra={"edition": "2"})
    batch = import_of(
        work(
            DOI="10.1002/a", volume="7", ISSN="1234-5678", author=[{"literal": "Team"}],
            custom={"finding": "Better.", "sample_size": 63},
        )
    )  # fmt: skip
    take = {1: {"volume", "ISSN", "custom.finding", "custom.population"}}

    assert confirm_import(batch=batch, by=None, take=take).changed == [item.key]

    item.refresh_from_db()
    assert (item.title, item.volume, item.finding, item.sample_size) == ("Ours", "7", "Better.", 40)
    assert item.csl_extra == {"edition": "2", "ISSN": "1234-5678"}
    assert item.authors == [{"family": "Tester", "given": "A"}]
    assert not item.is_verified()


def test_confirm_import_takes_authors_with_whether_they_are_all():
    item = make_item(doi="10.1002/a", authors_complete=False)
    batch = import_of(work(DOI="10.1002/a", author=[{"family": "Sun", "given": "Jessica"}]))

    confirm_import(batch=batch, by=None, take={1: {"author"}})

    item.refresh_from_db()
    assert item.authors == [{"family": "Sun", "given": "Jessica"}]
    assert item.authors_complete


def test_confirm_import_leaves_out_what_it_is_told_to():
    batch = import_of(work(id="one"), work(id="two", title="Two"))

    assert confirm_import(batch=batch, by=None, leave_out={1}).entered == ["two"]


def test_confirm_import_happens_once():
    batch = import_of(work())
    confirm_import(batch=batch, by=None)

    with pytest.raises(AlreadyConfirmedError, match="was confirmed already"):
        confirm_import(batch=batch, by=None)
    assert EvidenceItem.objects.count() == 1


def test_confirm_import_refuses_what_is_no_longer_what_was_seen():
    batch = import_of(work(DOI="10.1002/a"))
    seen = plan_of(batch).seen
    make_item(doi="10.1002/a", volume="6")

    with pytest.raises(StaleError, match="changed since you looked"):
        confirm_import(batch=batch, by=None, seen=seen)
    batch.refresh_from_db()
    assert batch.confirmed_at is None
    assert EvidenceItem.objects.count() == 1


def test_confirm_import_leaves_nothing_of_a_record_that_is_refused(monkeypatch):
    enter_item = importing.enter_item

    def refuse_one(*, details, by):
        item = enter_item(details=details, by=by)
        if item.key == "bad":
            raise ValidationError("No room.")

    monkeypatch.setattr(importing, "enter_item", refuse_one)
    batch = import_of(work(id="good"), work(id="bad", title="B"), work(id="also", title="C"))

    outcome = confirm_import(batch=batch, by=None)

    assert outcome.entered == ["good", "also"]
    assert outcome.refused == ["Record 2 (bad): No room."]
    assert set(EvidenceItem.objects.values_list("key", flat=True)) == {"good", "also"}
    assert not Event.objects.filter(subject="bad").exists()


def test_confirm_import_does_all_or_nothing_when_the_database_fails(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("The disk is full.")

    batch = import_of(work())
    monkeypatch.setattr(importing, "record", fail)

    with pytest.raises(RuntimeError):
        confirm_import(batch=batch, by=None)
    batch.refresh_from_db()
    assert batch.confirmed_at is None
    assert not EvidenceItem.objects.exists()


def test_start_import_changes_no_item_and_drops_what_nobody_confirmed():
    old = import_of(work())
    EvidenceImport.objects.update(at=old.at - importing.KEPT_FOR * 2)

    new = import_of(work())

    assert list(EvidenceImport.objects.all()) == [new]
    assert not EvidenceItem.objects.exists()


# What comes in


def test_identifiers_in_takes_a_line_or_a_list_each():
    text = (
        "10.1002/a\n PMID: 29080265 \n\n10.1002/b, 10.1002/c; 17\nhttps://doi.org/10.1002/d\n17\nx"
    )

    assert identifiers_in(text) == [
        "10.1002/a", "PMID: 29080265", "10.1002/b", "10.1002/c", "17", "https://doi.org/10.1002/d",
        "x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "problem", [NoAnswerError("No network."), TooManyRequestsError("Wait.", 9)]
)
def test_fetched_asks_a_silent_service_once_and_names_each_work(monkeypatch, problem):
    asked = []

    def fetch(identifier):
        asked.append(identifier)
        if identifier.startswith("10."):
            raise problem
        if identifier == "404":
            raise UnknownWorkError("PubMed does not know PMID 404.")
        return work(PMID=identifier)

    monkeypatch.setattr(client, "fetch", fetch)
    monkeypatch.setattr(importing, "SECONDS_BETWEEN", 0)

    found = fetched(["10.1002/a", "10.1002/b", "404", "17"])

    assert asked == ["10.1002/a", "404", "17"]
    assert [one.error for one in found] == [
        str(problem),
        f"10.1002/b was not asked for. {problem}",
        "PubMed does not know PMID 404.",
        "",
    ]
    assert found[3] == Record(4, 0, work(PMID="17"))


def test_fetched_stops_when_it_takes_too_long(monkeypatch):
    monkeypatch.setattr(client, "fetch", lambda _: pytest.fail("asked"))

    [late] = fetched(["17"], within=-1)

    assert late.error == "17 was not asked for: it took too long already."


# There and back


def everything(item):
    return item.details() | {
        "topic": item.topic,
        "dossier_level": item.dossier_level,
        "dossier_note": item.dossier_note,
        "seen_at": item.seen_at,
    }


@pytest.fixture
def dossier(db):
    load_shipped_evidence()
    items = EvidenceItem.objects.select_related("topic").prefetch_related("found")
    return {item.key: item for item in items}


@pytest.mark.slow
def test_the_dossier_goes_out_and_comes_in_again_without_loss(dossier):
    data = exporting.exported(dossier.values(), "csl", for_editors=True).encode()
    EvidenceItem.objects.all().delete()
    batch = start_import(source="all", records=read(data), by=None)

    outcome = confirm_import(batch=batch, by=None)

    assert (len(outcome.entered), outcome.refused) == (len(dossier), [])
    for item in EvidenceItem.objects.select_related("topic"):
        assert everything(item) == everything(dossier[item.key])
        assert item.details_hash == dossier[item.key].details_hash


@pytest.mark.slow
@pytest.mark.parametrize("file_format", FILES)
def test_the_dossier_differs_in_nothing_from_its_own_export(dossier, file_format):
    data = exporting.exported(dossier.values(), file_format).encode()

    found = plan(read(data)).proposals

    assert {one.key for one in found} == set(dossier)
    assert [
        (one.key, one.error, one.differences) for one in found if one.kind != ProposalKind.SAME
    ] == []


@pytest.mark.slow
@pytest.mark.parametrize("file_format", ["ris", "bibtex"])
def test_the_dossiers_references_come_back_from_ris_and_bibtex(dossier, file_format):
    data = exporting.exported(dossier.values(), file_format).encode()
    EvidenceItem.objects.all().delete()

    confirm_import(batch=start_import(source="all", records=read(data), by=None), by=None)

    for item in EvidenceItem.objects.all():
        ours = exporting.exportable(dossier[item.key])
        theirs = exporting.exportable(item)
        for name in BIBLIOGRAPHIC:
            assert theirs.get(name) == ours.get(name), (item.key, name)
    assert EvidenceItem.objects.count() == len(dossier)


def test_exportable_keeps_the_notes_of_editors_at_the_desk():
    item = make_item(dossier_note="Doubtful.", seen_at=["https://example.org/"], topic=make_topic())

    assert set(exporting.exportable(item)["custom"]) <= set(APPRAISAL)
    assert exporting.exportable(item, for_editors=True)["custom"]["verified"]["note"] == "Doubtful."


def test_exportable_leaves_out_a_field_that_is_not_sound():
    item = make_item("odd2020")
    odd = {"doi": "not a DOI", "authors": "nobody", "issued_month": 2, "issued_day": 31}
    EvidenceItem.objects.filter(pk=item.pk).update(**odd)  # no form and no import would take these
    item.refresh_from_db()

    record = exporting.exportable(item)

    assert record["title"] == item.title
    assert not {"DOI", "author", "issued"} & record.keys()
    assert plan(read(exporting.exported([item], "ris").encode())).proposals[0].key == "odd2020"
    assert record_of(item)["DOI"] == "not a DOI"
