"""A form that is saved untouched changes no text, so no hash, no approval and no verification."""

from dataclasses import asdict, replace

import lxml.html
import pytest
from django.urls import reverse

from education.articles.models import Article, Revision
from education.articles.operations import content_hash, draft_of, saved_draft
from education.audit.models import Event
from education.evidence.models import EvidenceItem
from education.evidence.operations import change_item
from education.review.models import Review
from education.review.rules import counting_approvals, missing_approvals
from education.topics.models import Topic
from tests.factories import (
    make_approved_revision,
    make_article,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_plain_language_reviewer,
    make_revision,
    make_revision_in_review,
    make_topic,
    make_writer,
)
from tests.public.reading import FOUND, OPTIONS

pytestmark = pytest.mark.django_db

# What texts end, begin and are divided with; the last as a form of an older version stored them.
ENDINGS = {
    "nothing": "{}",
    "a newline": "{}\n",
    "newlines": "\n\n{}\n\n",
    "blanks": "  {}  ",
    "tabs": "\t{}\tafter\t",
    "CRLF": "{}\r\n\r\n- more\r\n",
    "CR": "{}\rmore\r",
}
ONE_LINE = {"nothing", "blanks", "tabs"}


def as_a_browser_sends(client, address, form_id):
    """What a browser sends of the form at an address when nobody touched it."""
    # The standard reads line ends as LF, drops one after <textarea>, and sends CRLF.
    html = client.get(address).content.decode().replace("\r\n", "\n").replace("\r", "\n")
    form = lxml.html.fromstring(html).get_element_by_id(form_id)
    values = form.form_values()
    several = {name: [each for named, each in values if named == name] for name, _ in values}
    sent = {name: each[0] if len(each) == 1 else each for name, each in several.items()}
    for area in form.iter("textarea"):
        if area.name in sent:
            sent[area.name] = area.value.removeprefix("\n").replace("\n", "\r\n")
    assert not any("\n" in sent.get(field.name, "") for field in form.iter("input"))
    return sent


def save_untouched(client, row, **touched):
    """Save the form of a row as a browser does; return the answer."""
    name = row._meta.model_name
    address = reverse(f"admin:education_{name}_change", args=[row.pk])
    sent = as_a_browser_sends(client, address, f"{name}_form") | touched
    answer = client.post(address, sent | {"_save": "Save"})
    assert answer.status_code == 302, answer.context["errors"]


WITHOUT_WORDS = {
    "slug", "kind", "language", "dialect", "certainty", "verdict", "claim", "unknown",
}  # fmt: skip


def worded(data, ending):
    """The texts of a draft with blanks about them: those of one line only where they may have."""
    template, one_line = ENDINGS[ending], ENDINGS[ending if ending in ONE_LINE else "blanks"]

    def word(name, value):
        if isinstance(value, list):
            return [worded(part, ending) if isinstance(part, dict) else part for part in value]
        if name == "cells":
            return {slug: worded(cell, ending) for slug, cell in value.items()}
        if name in {"title", "name", "question", "term"}:
            return one_line.format(value)
        if name in WITHOUT_WORDS:
            return value
        return template.format(value)

    return {name: word(name, value) for name, value in data.items()}


def of_kind(kind, key, *, complete=False):
    """The parts that a kind of article has; ``complete`` as a text in review must be."""
    cell = {"text": f"It helps [@{key}].", "certainty": "low", "unknown": False}
    unknown = {"text": "", "certainty": "not_graded", "unknown": True}
    claim = {
        "slug": "a-cure", "said": "It is a cure.", "verdict": "overstated", "certainty": "low",
        "answer": f"It is not [@{key}].", "claim": "C01",
    }  # fmt: skip
    cells = {OPTIONS[0]["slug"]: cell, OPTIONS[1]["slug"]: unknown}
    if complete:
        cells[OPTIONS[2]["slug"]] = unknown
    return {
        Article.Kind.COMPARISON: {
            "options": OPTIONS,
            "rows": [
                {
                    "slug": "does-it-help",
                    "question": "Does it help?",
                    "cells": cells,
                }
            ],
        },
        Article.Kind.CLAIMS: {"claims": [claim, claim | {"slug": "second", "said": "It is new."}]},
        Article.Kind.GLOSSARY: {
            "terms": [
                {"slug": "fspr", "term": "FSPR", "also": [" SDR "], "definition": "Cutting."},
                {"slug": "graft", "term": "Graft", "also": [], "definition": "Put in."},
            ]
        },
    }.get(kind, {})


def sent_back(revision):
    """Approved in one part and sent back in the other: it may be changed; one approval stands."""
    make_decision(revision, make_medical_reviewer("Paediatric neurology"))
    make_decision(
        revision,
        make_plain_language_reviewer(),
        decision=Review.Decision.CHANGES_REQUESTED,
        reviewed_as=Review.As.PLAIN_LANGUAGE,
    )
    return Revision.objects.get(pk=revision.pk)


def each_of_each() -> list:
    """Each kind of text with each ending; all but a browser's marked slow or thorough."""
    return [
        (kind, ending)
        if ending == "CRLF"
        else pytest.param(
            kind,
            ending,
            marks=pytest.mark.slow if kind == Article.Kind.ARTICLE else pytest.mark.thorough,
        )
        for kind in Article.Kind.values
        for ending in ENDINGS
    ]


@pytest.mark.parametrize(("kind", "ending"), each_of_each())
def test_a_text_saved_untouched_is_the_text_that_was_approved(client, kind, ending):
    writer, key = make_writer(), make_item().key
    draft = make_draft(key, kind=kind, what_changed="It is new.", correction="It was wrong.")
    parts = of_kind(kind, key, complete=True)
    draft = replace(draft, **worded(asdict(draft) | parts, ending))
    revision = make_revision_in_review(
        by=writer, article=make_article(kind=kind, risk_class="B"), draft=draft
    )
    revision = sent_back(revision)
    before, sealed = draft_of(revision), content_hash(revision)
    assert asdict(before) == asdict(draft)
    assert len(counting_approvals(revision)) == 1

    client.force_login(writer)
    save_untouched(client, revision)

    revision = Revision.objects.get(pk=revision.pk)
    assert asdict(draft_of(revision)) == asdict(before)
    assert content_hash(revision) == sealed
    assert len(counting_approvals(revision)) == 1
    assert not Event.objects.filter(action="revision.saved").exists()


def test_what_was_changed_keeps_all_else_to_the_byte(client):
    writer, key = make_writer(), make_item().key
    parts = of_kind(Article.Kind.COMPARISON, key)
    draft = make_draft(key, kind=Article.Kind.COMPARISON)
    draft = replace(draft, **worded(asdict(draft) | parts, "CRLF"))
    revision = make_revision(
        by=writer, article=make_article(kind=Article.Kind.COMPARISON), draft=draft
    )
    client.force_login(writer)

    save_untouched(client, revision, unknowns="- One.\r\n- Two.\r\n", title="  Is it so?  ")

    expected = replace(draft, unknowns="- One.\n- Two.\n", title="Is it so?")
    assert asdict(draft_of(Revision.objects.get(pk=revision.pk))) == asdict(expected)
    assert asdict(saved_draft(revision.saved_texts.last())) == asdict(expected)


def test_parts_that_change_places_keep_their_words(client):
    writer = make_writer()
    messages = [
        {"text": "First.\r\nAgain.\r\n", "certainty": "low"},
        {"text": "Second.\n", "certainty": "high"},
    ]
    revision = make_revision(by=writer, draft=make_draft(key_messages=messages))
    client.force_login(writer)

    places = {"key_messages-0-position": "1", "key_messages-1-position": "0"}
    save_untouched(client, revision, **places)

    assert draft_of(Revision.objects.get(pk=revision.pk)).key_messages == messages[::-1]


@pytest.mark.parametrize("blank", ["   ", "\r\n", "\t"])
def test_blanks_are_no_text(client, blank):
    writer = make_writer()
    revision = make_revision(by=writer)
    client.force_login(writer)

    save_untouched(client, revision, funding=blank)

    assert Revision.objects.get(pk=revision.pk).funding == ""
    with pytest.raises(AssertionError, match="required"):
        save_untouched(client, revision, **{"key_messages-0-text": blank})


@pytest.mark.parametrize(
    "ending",
    [name if name == "CRLF" else pytest.param(name, marks=pytest.mark.slow) for name in ENDINGS],
)
def test_an_evidence_item_saved_untouched_keeps_verifications_and_approvals(client, ending):
    item = make_item(verified=False, doi="10.1000/x")
    template, one_line = ENDINGS[ending], ENDINGS[ending if ending in ONE_LINE else "blanks"]
    texts = dict.fromkeys(
        ("title", "population", "intervention", "comparator", "finding", "limitations",
         "funding_or_conflicts"),
        template.format("Words"),
    )  # fmt: skip
    lines = dict.fromkeys(
        ("container_title", "publisher", "volume", "issue", "page", "number", "follow_up",
         "registration"),
        one_line.format("Line"),
    )  # fmt: skip
    others = {
        "csl_extra": {"note": template.format("Note"), "b": 1.5, "a": [True, None]},
        "authors": [{"family": one_line.format("Tester"), "given": "A"}],
        "gmfcs_levels": [2, 3],
        "findings": [
            finding | {"as_reported": template.format("More"), "given": one_line.format("Cells")}
            for finding in FOUND
        ],
    }
    item = change_item(item=item, details=texts | lines | others, by=None)
    for reviewer in (make_medical_reviewer(), make_medical_reviewer()):
        verify(item, reviewer)
    revision = make_approved_revision(draft=make_draft(item.key))
    before, sealed = EvidenceItem.objects.get(pk=item.pk).details(), content_hash(revision)

    client.force_login(make_writer())
    save_untouched(client, item)

    item = EvidenceItem.objects.get(pk=item.pk)
    assert item.details() == before
    assert item.title == template.format("Words")
    assert item.is_verified()
    assert content_hash(revision) == sealed
    assert missing_approvals(revision) == []
    assert not Event.objects.filter(action="evidence_item.changed", by__isnull=False).exists()


def verify(item, reviewer):
    from education.evidence.operations import verify_item

    verify_item(item=item, by=reviewer, level="abstract")


def test_a_changed_evidence_item_keeps_all_else_and_an_identifier_is_trimmed(client):
    item = make_item(finding="One.\nTwo.\n", limitations="Small.\r\nShort.\r\n", pmid="12")
    client.force_login(make_writer())

    save_untouched(client, item, doi=" 10.1000/new ", population="Children.\r\nAll.\r\n")

    item = EvidenceItem.objects.get(pk=item.pk)
    assert (item.doi, item.population) == ("10.1000/new", "Children.\nAll.\n")
    assert (item.finding, item.limitations) == ("One.\nTwo.\n", "Small.\r\nShort.\r\n")


@pytest.mark.parametrize("ending", sorted(ONE_LINE))
def test_a_topic_saved_untouched_keeps_its_words(client, ending):
    topic = make_topic("spasticity")
    words = ENDINGS[ending].format("Stiff muscles")
    Topic.objects.filter(pk=topic.pk).update(title=words, summary=words)
    client.force_login(make_editor())

    save_untouched(client, topic)

    topic.refresh_from_db()
    assert (topic.title, topic.summary) == (words, words)


def test_the_slug_of_a_part_makes_itself_from_its_name_and_stays(client):
    item, writer = make_item("a2020"), make_writer()
    article = make_article(kind="claims")
    draft = make_draft(item.key, kind="claims", **of_kind("claims", item.key))
    revision = make_revision(article=article, by=writer, draft=draft)
    client.force_login(writer)
    typed = {"claim_checks-0-slug": "", "claim_checks-0-said": "It’s a cure, surely!"}

    save_untouched(client, revision, **typed)
    save_untouched(client, revision, **{"claim_checks-0-said": "It heals."})

    slugs = [claim["slug"] for claim in draft_of(Revision.objects.get(pk=revision.pk)).claims]
    assert slugs == ["its-a-cure-surely", "second"]
