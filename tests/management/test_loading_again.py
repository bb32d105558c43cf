"""Loading what ships on a site in use: what people made stays, what shipped before makes room."""

import json
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from education.articles import shipped_texts
from education.articles.files import read_article
from education.articles.models import Revision
from education.articles.operations import draft_of, put_aside, start_revision
from education.articles.shipped_texts import text_digest, with_keys
from education.evidence import shipped_changes
from education.evidence.importing import confirm_import, plan_of, start_import
from education.evidence.models import EvidenceImport, EvidenceItem
from education.evidence.operations import change_item, enter_item
from education.publishing import operations
from education.publishing.models import Publication
from education.review.operations import submit_for_review
from education.safety.operations import record_status
from education.text.rendering import Draft
from tests.factories import (
    approve_fully,
    edit,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_writer,
)
from tests.releases.format_one import rows
from tests.releases.restore import read

pytestmark = pytest.mark.django_db

KEPT = sorted((Path(__file__).resolve().parents[1] / "releases").glob("*.json.xz"))

ARTICLE = """---
slug: a-page
title: A page?
kind: article
topic: rhizotomy
risk_class: C
review_every_months: 12
short_answer: Yes [@known2020].
key_messages:
  - {text: "It is so [@known2020].", certainty: low}
unknowns: "- Much."
funding: Nobody.
---
## Why

It is so [@known2020; @new2021, p. 3].
"""
NEW = ARTICLE.replace("## Why", "## Why, mended")


@pytest.fixture
def release(tmp_path, monkeypatch):
    """Ship a text: load it; what was shipped before is known as the text of 0.9.0."""
    shipped: list[str] = []

    def ship(text: str = ARTICLE) -> list[str]:
        path = tmp_path / "articles" / "a-page.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        known = {"a-page": dict.fromkeys(shipped, "0.9.0")}
        monkeypatch.setattr(shipped_texts, "released", lambda: known)
        shipped.append(text_digest(read_article(path).draft))
        return run("load_founding_content", str(path.parent))

    return ship


@pytest.fixture
def known():
    return [make_item("known2020"), make_item("new2021")]


def run(command: str, *arguments: str) -> list[str]:
    said = StringIO()
    call_command(command, *arguments, stdout=said)
    return said.getvalue().splitlines()


def last() -> Revision:
    return Revision.objects.filter(article__slug="a-page").order_by("-number")[0]


def publish(revision: Revision) -> None:
    writer = make_writer()
    if revision.number > 1 and not revision.what_changed:
        edit(revision, writer, what_changed="It is better.")
    submit_for_review(revision=Revision.objects.get(pk=revision.pk), by=writer)
    operations.publish(
        revision=approve_fully(Revision.objects.get(pk=revision.pk)), by=make_editor()
    )


# Articles


def test_the_shipped_text_of_before_makes_room_for_the_new_as_a_draft(known, release):
    release()
    publish(last())

    assert release(NEW) == ["draft  a-page: a-page r1 was the text of 0.9.0; a-page r2 is the new"]

    assert last().state == Revision.State.DRAFT
    assert "## Why, mended" in last().body
    assert last().created_by is None
    assert Publication.objects.current().get(slug="a-page").number == 1
    assert release(NEW) == ["kept   a-page"]


def test_a_version_that_only_told_readers_of_a_change_is_still_the_shipped_text(known, release):
    release()
    publish(last())
    again = replace(draft_of(last()), what_changed="We read it again; nothing changed.")
    publish(start_revision(article=last().article, draft=again, by=make_writer()))

    assert "a-page r3 is the new" in release(NEW)[0]


def test_a_text_that_an_editor_changed_stays_as_it_is(known, release):
    release()
    edit(last(), make_writer(), body="## Why\n\nOur own words [@known2020].\n")
    publish(last())

    said = release(NEW)

    assert said[0] == "kept   a-page: its text was changed here; nothing was changed"
    assert "1 left as they are" in said[1]
    assert last().number == 1


def test_nothing_is_begun_while_somebody_works_on_the_text(known, release):
    release()

    assert release(NEW)[0] == "kept   a-page: a-page r1 is draft; nothing was changed"
    assert last().number == 1


def test_a_shipped_text_that_was_put_aside_or_written_on_is_not_brought_again(known, release):
    release()
    publish(last())
    release(NEW)
    put_aside(revision=last(), by=make_writer(), reason="Not for us.")

    assert release(NEW) == ["kept   a-page"]

    shipped = draft_of(last())
    start_revision(article=last().article, draft=shipped, by=make_writer())
    more = {"body": "## Why, mended\n\nAnd more [@known2020].\n", "what_changed": "More."}
    edit(last(), make_writer(), **more)
    publish(last())
    assert release(NEW) == ["kept   a-page"]


def test_a_retracted_work_does_not_keep_the_text_from_becoming_a_draft(known, release):
    release()
    publish(last())
    record_status(
        item=known[1],
        status="retracted",
        occurred_on=last().created_at.date(),
        reason="It was retracted.",
        by=make_editor(),
    )

    assert "a-page r2 is the new" in release(NEW)[0]


def test_a_digest_counts_what_is_said_and_not_which_parts_a_draft_has():
    draft = Draft(title="A page?", body="It is so.\n", key_messages=[{"text": "So."}])
    more = replace(
        draft,
        body="It is so.\r\n",
        key_messages=[{"text": "So.", "certainty": "not_graded", "row": ""}],
        correction="It was wrong.",
    )

    assert text_digest(more) == text_digest(draft)
    assert text_digest(replace(draft, title="A page")) != text_digest(draft)


def test_only_whole_keys_are_cited_by_another_name():
    draft = Draft(
        body="So [@a1; @a1b, p. 2; @b], says me@a1.org.", rows=[{"cells": {"x": "[@a1]"}}]
    )

    other = with_keys(draft, {"a1": "z9"})

    assert other.body == "So [@z9; @a1b, p. 2; @b], says me@a1.org."
    assert other.rows == [{"cells": {"x": "[@z9]"}}]
    assert asdict(with_keys(other, {"z9": "a1"})) == asdict(draft)


# Evidence


def entry(key: str, **fields):
    custom = {"design": "cohort", "usable_as_citation": True, "verified": {"level": "abstract"}}
    return {
        "id": key,
        "type": "article-journal",
        "title": f"About {key}",
        "custom": custom,
    } | fields


@pytest.fixture
def ship(tmp_path):
    def ship(*records) -> list[str]:
        path = tmp_path / "works.json"
        path.write_text(json.dumps(records), encoding="utf-8")
        return run("load_evidence", str(path))

    return ship


def corrections() -> EvidenceImport:
    return EvidenceImport.objects.get(confirmed_at=None)


def test_a_correction_waits_and_changes_nothing_until_somebody_takes_it(ship):
    ship(entry("a", DOI="10.1000/a", volume="1"))
    item = EvidenceItem.objects.get(key="a")
    before = item.details_hash

    said = ship(entry("a", DOI="10.1000/a", volume="2", issue="3"), entry("b"))

    assert "differs  a" in said
    assert EvidenceItem.objects.get(key="a").details_hash == before
    (proposal,) = plan_of(corrections()).proposals
    assert [each.field for each in proposal.differences] == ["volume", "issue"]

    confirm_import(batch=corrections(), by=make_writer(), take={1: ["volume"]})

    item.refresh_from_db()
    assert (item.volume, item.issue) == ("2", "")
    # What was looked through is not asked again, whatever was taken of it.
    ship(entry("a", DOI="10.1000/a", volume="2", issue="3"), entry("b"))
    assert not EvidenceImport.objects.filter(confirmed_at=None).exists()


def test_corrections_wait_once_and_make_room_for_those_of_the_next_release(ship):
    ship(entry("a", volume="1"))
    ship(entry("a", volume="2"))
    waiting = corrections()

    ship(entry("a", volume="2"))
    assert corrections() == waiting

    ship(entry("a", volume="3"))
    assert corrections() != waiting


def test_corrections_are_not_dropped_by_the_next_import(ship):
    ship(entry("a", volume="1"))
    ship(entry("a", volume="2"))
    waiting = corrections()
    EvidenceImport.objects.update(at=waiting.at.replace(year=2020))

    start_import(source="mine", records=[], by=make_writer())

    assert EvidenceImport.objects.filter(pk=waiting.pk).exists()


def test_what_editors_changed_of_the_very_details_that_ship_is_left_to_them(ship):
    ship(entry("a", volume="1"))
    change_item(
        item=EvidenceItem.objects.get(key="a"), details={"volume": "9"}, by=make_medical_reviewer()
    )

    assert not any(line.startswith("differs") for line in ship(entry("a", volume="1")))
    assert not EvidenceImport.objects.exists()


@pytest.mark.parametrize("identifier", [{"DOI": "10.1000/X"}, {"PMID": "123"}])
def test_a_work_that_is_here_under_another_key_is_told_and_not_entered(ship, identifier):
    enter_item(
        details={"key": "ours", "title": "Another title", "doi": "10.1000/x", "pmid": "123"},
        by=None,
    )

    said = ship(entry("theirs", **identifier), entry("b"))

    assert "skipped  theirs: the work is here as ours" in said
    assert set(EvidenceItem.objects.values_list("key", flat=True)) == {"ours", "b"}
    assert not EvidenceImport.objects.exists()


def test_a_key_that_another_work_has_here_is_not_taken_from_it(ship):
    make_item("a", title="Something else", doi="10.1000/other")

    said = ship(entry("a", DOI="10.1000/a"))

    assert "entered  aa, Abstract read; another work is here as a" in said
    assert EvidenceItem.objects.get(key="a").doi == "10.1000/other"
    assert "skipped  a: the work is here as aa" in ship(entry("a", DOI="10.1000/a"))


def test_texts_cite_a_work_by_the_key_it_has_here(release, monkeypatch, tmp_path):
    shipped = tmp_path / "evidence.json"
    shipped.write_text(json.dumps([entry("new2021", DOI="10.1000/n")]), encoding="utf-8")
    monkeypatch.setattr(shipped_changes.other_keys, "__defaults__", (shipped,))
    make_item("known2020"), make_item("ours", doi="10.1000/n")

    release()

    assert "[@known2020; @ours, p. 3]" in last().body
    publish(last())
    assert "a-page r2 is the new" in release(NEW)[0]


# What was released


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.name.removesuffix(".json.xz"))
def test_the_texts_that_a_kept_database_began_with_are_known_as_released(file):
    kept = read(file)
    slugs = {row["id"]: row["slug"] for row in rows(kept, "article")}
    began = {
        slugs[row["article_id"]]: row["id"] for row in rows(kept, "revision") if row["number"] == 1
    }
    first = {
        row["revision_id"]: Draft(**row["draft"])
        for row in rows(kept, "savedtext")
        if row["version"] == 1
    }
    released = shipped_texts.released()

    assert len(released) >= 11
    for slug, texts in released.items():
        assert text_digest(first[began[slug]]) in texts, slug
