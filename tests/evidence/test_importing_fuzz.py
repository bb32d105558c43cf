"""Whatever a file holds, importing it never fails unhandled, and nothing of it becomes markup."""

import json
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from education.evidence.formats import WRITERS
from education.evidence.formats.record import MAX_BYTES, BadRecordError, cleaned
from education.evidence.import_preview import ProposalKind, plan
from education.evidence.importing import confirm_import, plan_of, read, start_import
from education.evidence.models import EvidenceItem
from education.evidence.operations import verify_item
from tests.examples import examples
from tests.factories import make_item, make_medical_reviewer, make_writer

pytestmark = pytest.mark.django_db

# Each example begins with the database the fixtures made: ``tried`` takes its changes back.
fuzz = settings(
    deadline=None,
    max_examples=examples(25),
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large
    ],
)  # fmt: skip

HOSTILE = st.sampled_from(
    ["<xss>", '"><xss onload=x>', "'><xss>", "</textarea><xss>", "</title><xss>", "&lt;xss&gt;",
     "<i><xss></i>", "{{ 7 }}", "{% include %}", "javascript:xss", "\x00", "\ud800", "\u202e",
     "\x1b[2J", "脑瘫", "é", "x" * 700, "{", "}", "\\", "\n", "ER  - ", " and ", ","]
)  # fmt: skip
TEXT = st.lists(st.text(max_size=8) | HOSTILE, max_size=4).map("".join)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.lists(
    st.fixed_dictionaries({"family": TEXT, "given": TEXT})
    | st.fixed_dictionaries({"literal": TEXT}),
    max_size=3,
)
CUSTOM = st.fixed_dictionaries(
    {},
    optional={
        "design": st.sampled_from([*EvidenceItem.Design.values, "none"]) | ANYTHING,
        "sample_size": st.integers() | ANYTHING,
        "finding": TEXT | ANYTHING,
        "population": TEXT,
        "follow_up": TEXT,
        "topic": TEXT | ANYTHING,
        "verified": st.fixed_dictionaries({}, optional={"note": TEXT, "level": TEXT}) | ANYTHING,
        "usable_as_citation": st.booleans() | ANYTHING,
        "usable_reason": TEXT,
    },
)
# The first three are works that are here already.
RECORDS = st.fixed_dictionaries(
    {"title": TEXT.filter(str.strip) | st.just("Here")},
    optional={
        "id": TEXT,
        "type": st.sampled_from(["book", "article-journal", "report"]),
        "DOI": st.sampled_from(["10.1000/here", '10.1000/<xss>"', "10.1000/new"]),
        "PMID": st.sampled_from(["17", "18"]),
        "URL": TEXT.map(lambda path: f"https://example.org/{path}"),
        "author": NAMES,
        "editor": NAMES,
        "issued": st.dates().map(lambda d: {"date-parts": [[d.year, d.month, d.day]]})
        | st.fixed_dictionaries({"literal": TEXT})
        | st.just({"date-parts": [[2011, 21]]}),
        **dict.fromkeys(["container-title", "volume", "page", "publisher", "note", "ISSN"], TEXT),
        "custom": CUSTOM,
    },
)
FIELDS = st.sampled_from(["id", "type", "title", "author", "issued", "DOI", "volume", "custom"])
WRONG = st.dictionaries(FIELDS, ANYTHING, max_size=4) | ANYTHING


def clean_or_none(raw):
    try:
        return cleaned(raw)
    except BadRecordError:
        return None


@contextmanager
def tried():
    """Try something, then take it back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def desk(client):
    make_item("here2020", title="Here", doi="10.1000/here", volume="1", verified=False)
    make_item("also2020", title="Also here", pmid="17", verified=False)
    client.force_login(make_writer())
    return client


def import_everything(client, data, name):
    """Upload a file, look at the preview, take all of it, look at the outcome."""
    with tried():
        response = client.post(
            reverse("admin:education_evidenceimport_add"),
            {"file": SimpleUploadedFile(name, data or b" ")},
            follow=True,
        )
        assert response.status_code == 200
        assert "<xss" not in response.content.decode()
        if not response.redirect_chain:
            return
        page = response.redirect_chain[0][0]
        found = response.context["found"]
        chosen = {
            "seen": found.seen,
            "enter": [one.number for one in found.of(ProposalKind.NEW)],
            "take": [
                f"{one.number}:{difference.field}"
                for one in found.of(ProposalKind.DIFFERENT)
                for difference in one.differences
            ],
        }
        for answer in (client.post(page, chosen, follow=True), client.get(page)):
            assert answer.status_code == 200
            assert "<xss" not in answer.content.decode()


@pytest.mark.parametrize("name", WRITERS)
@fuzz
@given(items=st.lists(RECORDS.map(clean_or_none).filter(bool), min_size=1, max_size=4))
def test_hostile_records_are_imported_or_refused_and_printed_escaped(desk, name, items):
    import_everything(desk, WRITERS[name](items).encode("utf-8", "ignore"), f"<xss>{name}")


@pytest.mark.parametrize("name", WRITERS)
@fuzz
@given(
    items=st.lists(RECORDS.map(clean_or_none).filter(bool), min_size=1, max_size=3),
    cut=st.floats(0, 1),
    noise=st.binary(max_size=9),
)
def test_files_cut_short_or_damaged_are_imported_as_far_as_they_go(desk, name, items, cut, noise):
    whole = WRITERS[name](items).encode("utf-8", "ignore")
    place = int(len(whole) * cut)

    import_everything(desk, whole[:place], name)
    import_everything(desk, whole[:place] + noise + whole[place:], name)


@fuzz
@given(st.lists(WRONG | RECORDS, max_size=4))
def test_records_of_wrong_types_are_refused_by_name(desk, items):
    import_everything(desk, json.dumps(items).encode(), "wrong.json")


@fuzz
@given(st.binary(max_size=200))
def test_any_bytes_are_answered(desk, data):
    import_everything(desk, data, "any")


@settings(fuzz, max_examples=examples(15))
@given(items=st.lists(RECORDS.map(clean_or_none).filter(bool), min_size=1, max_size=2))
def test_what_was_imported_reaches_readers_escaped_and_comes_back(client, items):
    people = [make_medical_reviewer(), make_medical_reviewer("Neurosurgery")]
    with tried():
        data = WRITERS["csl"](items).encode("utf-8", "ignore")
        batch = start_import(source="x", records=read(data), by=None)
        outcome = confirm_import(batch=batch, by=None)
        for item in EvidenceItem.objects.filter(key__in=outcome.entered, usable=True):
            for person in people:
                verify_item(item=item, by=person, level="abstract")
            page = client.get(reverse("evidence-detail", args=[item.key]))
            assert page.status_code == 200
            assert "<xss" not in page.content.decode()
            for ending in ("ris", "bib", "json"):
                file = client.get(reverse("evidence-export", args=[item.key, ending])).content
                [again] = plan(read(file)).proposals
                assert (again.kind, again.item) == (ProposalKind.SAME, item), again.differences


@pytest.mark.slow
@pytest.mark.parametrize(
    "one",
    [
        b'{"title": "<xss>", "volume": 1},',
        b'{"title": 1},',
        b"[",
        b"TY  - JOUR\nTI  - x\nER  - \n",
        b"@a{b,t={",
        b"@article{a, title={Title}, year={2020}}\n",
    ],
)
def test_ten_megabytes_are_answered(one):
    opening = b"[" if one[:1] in b"{[" else b""
    data = (opening + one * (MAX_BYTES // len(one)))[:MAX_BYTES]

    found = plan_of(start_import(source="large", records=read(data), by=None))

    kinds = {proposal.kind for proposal in found.proposals}
    assert kinds <= {ProposalKind.NEW, ProposalKind.REPEATED, ProposalKind.REFUSED}
    assert all(proposal.error for proposal in found.of(ProposalKind.REFUSED))
