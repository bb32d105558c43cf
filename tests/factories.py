"""
What tests begin from. Every state is reached by the operations, so no test starts from a state
that an editor could not reach.
"""

import datetime
import itertools
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from education import languages
from education.articles.drawings import decide_drawing, upload_drawing
from education.articles.models import Article, Drawing, Revision
from education.articles.operations import (
    content_hash,
    draft_of,
    save_text,
    start_article,
    start_revision,
)
from education.evidence.models import EvidenceItem
from education.evidence.operations import enter_item, verify_item
from education.people.models import Role, User
from education.publishing.models import Publication
from education.publishing.operations import publish
from education.review.checklists import CHECKLISTS
from education.review.models import Review
from education.review.operations import decide, submit_for_review
from education.text.figures import SVG
from education.text.rendering import Draft
from education.text.uploaded_drawings import read_drawing
from education.topics.models import Topic
from tests.made_once import made_once

_numbers = itertools.count(1)
PASSWORD = "correct horse battery"


def in_letters(number: int) -> str:
    """A number from 1 in letters: A to Z, then AA."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def make_person(*roles: Role, specialty: str = "", **fields: Any) -> User:
    """A person with the roles, current credentials and declared interests."""
    number = next(_numbers)
    today = timezone.localdate()
    defaults = {
        "username": f"person-{number}",
        # In letters: a long number would be taken for a telephone's, which no name may hold.
        "display_name": f"Test person {in_letters(number)}",
        "is_staff": True,
        "specialty": specialty,
        "credentials": "Test credentials",
        "credentials_expire_on": today + datetime.timedelta(days=100),
        "interests": "None",
        "interests_declared_on": today,
    }
    person = User(**defaults | fields)
    person.set_password(PASSWORD)
    person.save()
    person.groups.set(Group.objects.filter(name__in=[role.label for role in roles]))
    return person


def make_writer(**fields: Any) -> User:
    return make_person(Role.WRITER, **fields)


def make_medical_reviewer(specialty: str = "Paediatric neurology", **fields: Any) -> User:
    return make_person(Role.MEDICAL_REVIEWER, specialty=specialty, **fields)


def make_plain_language_reviewer(**fields: Any) -> User:
    return make_person(Role.PLAIN_LANGUAGE_REVIEWER, **fields)


def make_editor(**fields: Any) -> User:
    return make_person(Role.EDITOR_IN_CHIEF, **fields)


def make_topic(slug: str = "rhizotomy", **fields: Any) -> Topic:
    topic, _ = Topic.objects.get_or_create(
        slug=slug, defaults={"title": slug.capitalize(), "summary": "A topic."} | fields
    )
    return topic


def make_drawing(
    name: str, *, words: str = "A muscle", approved_by: User | None = None, **fields: Any
) -> Drawing:
    """A drawing of the library, by default waiting for approval."""
    fields = {"alternative": "A leg.", "source": "Drawn for tests", "licence": "CC0"} | fields
    by = fields.pop("by", None) or make_writer()
    svg = f'<svg xmlns="{SVG}" viewBox="0 0 10 10"><text y="9">{words}</text></svg>'
    uploaded = read_drawing(svg.encode(), title=name, description=fields["alternative"])
    drawing = upload_drawing(drawing=Drawing(name=name, **fields), uploaded=uploaded, by=by)
    return (
        decide_drawing(drawing=drawing, by=approved_by, approved=True) if approved_by else drawing
    )


def make_item(key: str = "", *, verified: bool = True, **fields: Any) -> EvidenceItem:
    """An evidence item, by default verified by two medical reviewers."""
    number = next(_numbers)
    details = {
        "key": key or f"study{number}",
        "title": f"A study of something, number {number}",
        "authors": [{"family": "Tester", "given": "A"}],
        "container_title": "Journal of Tests",
        "issued_year": 2020,
        "design": EvidenceItem.Design.RANDOMISED_TRIAL,
        "sample_size": 40,
        "finding": "Something was found.",
        "limitations": "It was small.",
    } | fields
    item = enter_item(details=details, by=None)
    if verified:
        for specialty in ("Paediatric neurology", "Neurosurgery"):
            verify_item(item=item, by=make_medical_reviewer(specialty), level="abstract")
    return item


def make_draft(*keys: str, **fields: Any) -> Draft:
    """A complete text that cites the keys, each in a sentence of its own."""
    cited = keys or (make_item().key,)
    sentences = " ".join(f"Statement about {key} [@{key}]." for key in cited)
    text: dict[str, Any] = {
        "language": languages.current(),
        "kind": Article.Kind.ARTICLE,
        "title": "Does it help?",
        "short_answer": f"It may help a little [@{cited[0]}].",
        "key_messages": [{"text": f"It may help [@{cited[0]}].", "certainty": "low"}],
        "body": f"## What was found\n\n{sentences}\n",
        "unknowns": "- Whether it lasts.",
        "questions": "- How do you know?",
        "funding": "Nobody paid for this text.",
        "what_changed": "",
        "options": [],
        "rows": [],
        "claims": [],
        "terms": [],
    }
    return Draft(**text | fields)


def make_article(**fields: Any) -> Article:
    number = next(_numbers)
    defaults = {
        "slug": f"article-{number}",
        "topic": make_topic(),
        "kind": Article.Kind.ARTICLE,
        "risk_class": Article.RiskClass.C,
        "review_every_months": 12,
    }
    return start_article(by=None, **defaults | fields)


def make_revision(
    *, by: User | None = None, article: Article | None = None, draft: Draft | None = None
) -> Revision:
    """A draft, written by ``by``."""
    return start_revision(
        article=article or make_article(), draft=draft or make_draft(), by=by or make_writer()
    )


def make_revision_in_review(*, by: User | None = None, **kwargs: Any) -> Revision:
    writer = by or make_writer()
    return submit_for_review(revision=make_revision(by=writer, **kwargs), by=writer)


def make_decision(
    revision: Revision,
    by: User,
    decision: Review.Decision = Review.Decision.APPROVED,
    reviewed_as: Review.As = Review.As.MEDICAL,
    **kwargs: Any,
) -> Review:
    """The reviewer decides on the text as it is now."""
    values: dict[str, Any] = {
        "content_hash_seen": content_hash(revision),
        "interests_confirmed": True,
        "comments": "" if decision == Review.Decision.APPROVED else "Please say it plainly.",
    }
    return decide(
        revision=revision, by=by, reviewed_as=reviewed_as, decision=decision, **values | kwargs
    )


def answered_checklist(part: str = "medical", answer: str = "yes") -> dict[str, str]:
    """The whole checklist of a part, as the form of a review sends it."""
    return {f"{part}-{question.name}": answer for question in CHECKLISTS[part]}


def approve_fully(revision: Revision) -> Revision:
    """Every approval the risk class asks for."""
    risk_class = revision.article.risk_class
    make_decision(revision, make_medical_reviewer("Paediatric neurology"))
    if risk_class == Article.RiskClass.A:
        make_decision(revision, make_medical_reviewer("Neurosurgery"))
    if risk_class != Article.RiskClass.C:
        make_decision(
            revision, make_plain_language_reviewer(), reviewed_as=Review.As.PLAIN_LANGUAGE
        )
    revision.refresh_from_db()
    return revision


def make_approved_revision(**kwargs: Any) -> Revision:
    return approve_fully(make_revision_in_review(**kwargs))


@made_once
def make_publication(*, publisher: User | None = None, **kwargs: Any) -> Publication:
    return publish(revision=make_approved_revision(**kwargs), by=publisher or make_editor())


def make_next_publication(publication: Publication, **changes: Any) -> Publication:
    """The next version of a published article, through review."""
    last = publication.revision
    draft = replace(draft_of(last), **{"what_changed": "We said it better."} | changes)
    return make_publication(article=last.article, draft=draft)


def edit(revision: Revision, by: User, **changes: Any) -> Revision:
    """Save a draft with some of its text changed."""
    return save_text(
        revision=revision,
        draft=replace(draft_of(revision), **changes),
        by=by,
        expected_version=revision.version,
    )
