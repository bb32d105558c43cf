"""
Upgrade a released database, bring in what ships now, and do at the desk what follows from it.

    python -m tests.releases.shipped FILE

Expects an empty database in ``DATABASE_URL``; says in JSON what was seen. A process of its own,
since it makes the tables of another time.
"""

import itertools
import json
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from education.admin.dashboard import my_work  # noqa: E402
from education.articles.models import Article, Revision  # noqa: E402
from education.articles.operations import draft_of, save_text, start_revision  # noqa: E402
from education.audit.models import Event  # noqa: E402
from education.evidence.importing import plan_of  # noqa: E402
from education.evidence.models import EvidenceImport, EvidenceItem  # noqa: E402
from education.evidence.operations import enter_item, verify_item  # noqa: E402
from education.people.models import User  # noqa: E402
from education.publishing.models import Publication, PublicationEvent  # noqa: E402
from education.publishing.operations import publish  # noqa: E402
from education.review.models import Review  # noqa: E402
from tests import factories  # noqa: E402
from tests.releases.restore import load, make_tables_of, read  # noqa: E402
from tests.releases.upgrade import as_of_today, guard, sound  # noqa: E402

# An article whose text an editor changes before the upgrade, and one that nobody touched.
CHANGED, UNTOUCHED = "what-stem-cell-studies-found", "before-you-pay"
OWN_WORDS = "Our clinic added this sentence."
# A work that ships now, is cited by a new article, and was entered here under another key.
ELSEWHERE, OURS = "beijing2015", "ourkey2015"


def account(name: str) -> User:
    return User.objects.get(username=name)


def publish_with(revision: Revision, **changes: str) -> Publication:
    """Save changes as a writer, and take the text to readers."""
    writer, draft = account("demo-writer"), replace(draft_of(revision), **changes)
    save_text(revision=revision, draft=draft, by=writer, expected_version=revision.version)
    revision.refresh_from_db()
    cited = EvidenceItem.objects.filter(citations__revision=revision)
    for item in cited.exclude(pk__in=EvidenceItem.objects.verified()):
        for specialty in ("Paediatric neurology", "Neurosurgery"):
            reviewer = factories.make_medical_reviewer(specialty)
            verify_item(item=item, by=reviewer, level="abstract")
    approved = factories.approve_fully(factories.submit_for_review(revision=revision, by=writer))
    return publish(revision=approved, by=account("demo-editor-in-chief"))


def run(command: str) -> list[str]:
    said = StringIO()
    call_command(command, stdout=said)
    return said.getvalue().splitlines()


def sealed() -> dict[str, Any]:
    """What no upgrade of text may touch."""
    return {
        "decisions": Review.objects.count(),
        "copies": sorted(Publication.objects.values_list("frozen_hash", flat=True)),
        "events": PublicationEvent.objects.count(),
        "details": dict(EvidenceItem.objects.values_list("key", "details_hash")),
        "verified": sorted(EvidenceItem.objects.verified().values_list("key", flat=True)),
        "texts": {one.pk: draft_of(one).body for one in Revision.objects.all()},
    }


def untouched(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The parts of what was sealed that are not there any more as they were."""
    return [
        name
        for name, was in before.items()
        if (
            after[name] != was
            if not isinstance(was, dict)
            else any(after[name].get(key) != value for key, value in was.items())
        )
    ]


def desk(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(f"admin:{name}", args=args))
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def piles(person: User) -> dict[str, list[str]]:
    return {pile.title: [f"{row.what} {row.why}" for row in pile.rows] for pile in my_work(person)}


def main(file: Path) -> None:
    release = read(file)
    make_tables_of(release)
    as_of_today(release)
    load(release)
    guard(release)
    call_command("migrate", verbosity=0)
    factories._numbers = itertools.count(1000)  # lower ones are in use in what was kept
    editor, told = account("demo-editor-in-chief"), {}

    article = Article.objects.get(slug=CHANGED)
    last = article.revisions.first()
    revision = start_revision(article=article, draft=draft_of(last), by=account("demo-writer"))
    publish_with(revision, body=f"{draft_of(last).body}\n{OWN_WORDS}\n", what_changed="More.")
    shipped = json.loads(Path("education/content/evidence.json").read_text("utf-8"))
    (work,) = [record for record in shipped if record["id"] == ELSEWHERE]
    details = {"title": work["title"], "doi": work.get("DOI", ""), "pmid": work.get("PMID", "")}
    enter_item(details={"key": OURS} | details, by=None)

    before = sealed()
    told["evidence"], told["articles"] = run("load_evidence"), run("load_founding_content")
    told["touched"] = untouched(before, sealed())
    events = Event.objects.count()
    told["again"] = [*run("load_evidence"), *run("load_founding_content")]
    told["events of the second run"] = Event.objects.count() - events
    told["published by it"] = len(sealed()["copies"]) - len(before["copies"])
    told["cites the key here"] = sorted(
        EvidenceItem.objects.get(key=OURS).citations.values_list(
            "revision__article__slug", flat=True
        )
    )
    client = Client(headers={"Host": "localhost"})
    client.force_login(editor)
    told["work"] = piles(editor)
    told["list"] = desk(client, "education_article_shipped_texts")
    told["compare"] = desk(client, "education_article_shipped", article.pk)
    client.force_login(account("demo-writer"))
    answer = client.post(reverse("admin:education_article_shipped", args=[article.pk]))
    begun = article.revisions.first()
    told["begun"] = [answer.status_code, str(begun), begun.created_by.username]
    told["own words in it"] = OWN_WORDS in begun.body

    (batch,) = EvidenceImport.objects.filter(
        confirmed_at=None, source__startswith="Corrections of the shipped evidence"
    )
    found = plan_of(batch)
    told["proposed"] = {
        one.key: [each.field for each in one.differences] for one in found.proposals
    }
    taken = [
        f"{one.number}:{each.field}"
        for one in found.proposals
        for each in one.differences
        if one.key != "chen2013"
    ]
    answer = client.post(
        reverse("admin:education_evidenceimport_change", args=[batch.pk]),
        {"seen": found.seen, "take": taken},
    )
    told["confirmed"] = [answer.status_code, EvidenceItem.objects.get(key="sun2022").doi]
    told["waits for verification"] = not EvidenceItem.objects.get(key="sun2022").is_verified()
    told["left verified"] = EvidenceItem.objects.get(key="chen2013").is_verified()
    told["after confirming"] = run("load_evidence")

    publish_with(
        Article.objects.get(slug=UNTOUCHED).revisions.first(), what_changed="It was mended."
    )
    told["work after publishing"] = piles(editor)
    sound()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
