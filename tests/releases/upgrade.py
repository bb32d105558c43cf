"""
Bring a released database to this version, as an upgrade does, and use it.

    python -m tests.releases.upgrade FILE

Expects an empty database in ``DATABASE_URL``; says in JSON what was lost and what was seen. A
process of its own, since it makes the tables of another time.
"""

import datetime
import itertools
import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.core import mail  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from lxml import html  # noqa: E402

from education.articles.models import Contribution, Revision  # noqa: E402
from education.articles.operations import on_current_content  # noqa: E402
from education.audit import triggers  # noqa: E402
from education.audit.models import Event  # noqa: E402
from education.handouts.copy_check import public_code  # noqa: E402
from education.handouts.models import PrintedCopy  # noqa: E402
from education.management.integrity import audit_problems  # noqa: E402
from education.people.models import Message, Role, User  # noqa: E402
from education.publishing.models import Publication, PublicationEvent  # noqa: E402
from education.publishing.operations import frozen_hash, withdraw  # noqa: E402
from education.review.comments import add_comment  # noqa: E402
from education.review.models import Review  # noqa: E402
from education.review.rules import counting_approvals, reasons_against_deciding  # noqa: E402
from tests import factories  # noqa: E402
from tests.releases import format_one  # noqa: E402
from tests.releases.restore import Kept, load, make_tables_of, read  # noqa: E402

Rows = dict[tuple, dict[str, Any]]
# Django's own notes of what it migrated and what there is; written anew by every migrate.
DJANGOS = ("django_migrations", "django_content_type", "auth_permission")
# What a migration changes on purpose: {("table", "column")}, each with its reason.
CHANGED = {
    # The end of the chain, since the baseline is appended.
    ("education_eventhead", "sequence"),
    ("education_eventhead", "hash"),
}
# A change of what was there before the upgrade, by somebody who removed the triggers first.
ALTERED = {
    "education_publication": "UPDATE {0} SET search_text = 'It works wonders.' WHERE id = 1",
    "education_publishedcitation": "DELETE FROM {0} WHERE id = 1",
    "education_publicationevent": "UPDATE {0} SET reason = 'Nothing was wrong.'",
    "education_review": "UPDATE {0} SET comments = 'I never read it.' WHERE id = 1",
    "education_contribution": "DELETE FROM {0} WHERE id = 1",
    "education_statusevent": "UPDATE {0} SET reason = 'Nobody asked.'",
    "education_printedcopy": "UPDATE {0} SET copies = 1000 WHERE id = 1",
}


def as_of_today(release: Kept) -> None:
    """
    Whoever was fit to review when the release was kept still is, and one copy waits for tomorrow,
    so that an approval which lapses or a schedule which is cancelled is the upgrade's doing.
    """
    now = datetime.datetime.now(datetime.UTC)
    soon = now + datetime.timedelta(days=1)
    people, copies = release["education_user"], release["education_publication"]
    for row in people["rows"]:
        row[people["columns"].index("credentials_expire_on")] = f"{soon:%Y-%m-%d}"
        row[people["columns"].index("interests_declared_on")] = f"{now:%Y-%m-%d}"
    slug, number = copies["columns"].index("slug"), copies["columns"].index("number")
    (second,) = [row for row in copies["rows"] if (row[slug], row[number]) == ("page", 2)]
    second[copies["columns"].index("goes_live_at")] = f"{soon:%Y-%m-%d %H:%M:%S.%f}"


def counted_then(release: Kept) -> None:
    """
    Let the release hold what its rules took and today's would not: of the approved text one
    reviewer wrote words and another's specialty is the first one's in other words, and an item was
    verified by who entered it.
    """
    rows = {name: format_one.rows(release, name) for name in ("revision", "review", "verification")}
    (approved,) = [row for row in rows["revision"] if row["state"] == "approved"]
    first, second = [
        row
        for row in rows["review"]
        if row["revision_id"] == approved["id"] and row["reviewed_as"] == "medical"
    ]
    verified = rows["verification"][0]

    def put(table: str, where: dict[str, Any], column: str, value: Any) -> None:
        columns = release[f"education_{table}"]["columns"]
        for row in release[f"education_{table}"]["rows"]:
            if where.items() <= dict(zip(columns, row, strict=True)).items():
                row[columns.index(column)] = value

    texts = [row["id"] for row in rows["revision"] if row["article_id"] == approved["article_id"]]
    put("savedtext", {"revision_id": min(texts)}, "by_id", first["reviewer_id"])
    assert first["specialty"] == "Paediatric neurology"
    put("review", {"id": second["id"]}, "specialty", "Neurology, paediatric")
    put("evidenceitem", {"id": verified["item_id"]}, "entered_by_id", verified["by_id"])


def counted_before() -> dict[str, list[str]]:
    """What the desk lists as counting until it is changed, and as not enough any more."""
    page = html.fromstring(desk().get("/admin/education/revision/counted-before/").content)
    return {
        heading.text_content(): [
            " ".join(line.text_content().split())
            for line in heading.xpath("following-sibling::ul[1]/li")
        ]
        for heading in page.xpath("//h2[following-sibling::ul]")
    }


def guard(release: Kept) -> None:
    """Install the triggers of the tables there are, as on a site in use."""
    with connection.cursor() as cursor:
        for trigger in triggers.TRIGGERS:
            if trigger.table in release:
                for statement in trigger.create(connection.vendor):
                    cursor.execute(statement)


def rows_of(release: Kept) -> dict[str, Rows]:
    """What the database says each row of these tables is, by its first column."""
    found: dict[str, Rows] = {}
    with connection.cursor() as cursor:
        for name in release:
            cursor.execute(f'SELECT * FROM "{name}"')
            columns = [column[0] for column in cursor.description]
            rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            found[name] = {row[release[name]["columns"][0]]: row for row in rows}
    return found


def lost(before: dict[str, Rows], after: dict[str, Rows]) -> list[str]:
    """Every row, and every value of it, that is not there any more as it was."""
    return [
        f"{table} {key}: {column}"
        for table, rows in before.items()
        if table not in DJANGOS
        for key, row in rows.items()
        for column, value in row.items()
        if (table, column) not in CHANGED and after[table].get(key, {}).get(column, "gone") != value
    ]


def of_format_one(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    """Those whose hash is of format 1, as every one was before formats had numbers."""
    return [row for row in rows if row.get(column, 1) == 1]


def sealed_before(release: Kept) -> dict[str, Any]:
    """What was sealed, by the rules of format 1 and the rows alone (see ``sealed_now``)."""
    content, frozen = format_one.content_hashes(release), format_one.frozen_hashes(release)
    reviews = of_format_one(format_one.rows(release, "review"), "content_format")
    current = [each for each in reviews if each["content_hash"] == content[each["revision_id"]]]
    rounds = {each["id"]: each["round"] for each in format_one.rows(release, "revision")}
    counting = [
        each["id"]
        for each in current
        if each["decision"] == "approved" and each["round"] == rounds[each["revision_id"]]
    ]
    copies = format_one.rows(release, "publication")
    sealed = of_format_one(copies, "frozen_format")
    frozen = {each["id"]: frozen[each["id"]] for each in sealed}
    assert {each["id"]: each["frozen_hash"] for each in sealed} == frozen
    return {
        "decisions on the content as it is": sorted(each["id"] for each in current),
        "counting approvals": sorted(counting),
        "frozen hashes": frozen,
        "codes of public prints": sorted(
            public_code(Publication(frozen_hash=each["frozen_hash"])) for each in copies
        ),
        "codes of printed copies": sorted(
            each["code"] for each in format_one.rows(release, "printedcopy")
        ),
        "events of publications": len(format_one.rows(release, "publicationevent")),
        "tasks": len(format_one.rows(release, "task")),
        "mails": [len(format_one.rows(release, "message")), 0],
    }


def sealed_now() -> dict[str, Any]:
    """The same, as the site says it."""
    every = Review.objects.select_related("revision__article__topic", "reviewer")
    reviews = every.filter(content_format=1)
    revisions = Revision.objects.select_related("article__topic")
    for review in reviews:  # so that only a hash can make an approval lapse
        problems = reasons_against_deciding(review.reviewer, review.revision, review.reviewed_as)
        assert not problems, problems
    return {
        "decisions on the content as it is": sorted(
            review.pk for review in reviews if on_current_content(review.revision, [review])
        ),
        "counting approvals": sorted(
            review.pk
            for revision in revisions
            for review in counting_approvals(revision)
            if review.content_format == 1
        ),
        "frozen hashes": {
            copy.pk: frozen_hash(copy) for copy in Publication.objects.filter(frozen_format=1)
        },
        "codes of public prints": sorted(map(public_code, Publication.objects.all())),
        "codes of printed copies": sorted(PrintedCopy.objects.values_list("code", flat=True)),
        "events of publications": PublicationEvent.objects.count(),
        "tasks": apps.get_model("education", "Task").objects.count(),
        "mails": [Message.objects.count(), len(getattr(mail, "outbox", []))],
    }


def differences(before: dict[str, Any], when: str) -> list[str]:
    """What is sealed now and was not, or was and is not."""
    now = sealed_now()
    return [
        f"{name} {when}: {now[name]}, not {was}" for name, was in before.items() if now[name] != was
    ]


def one_more_step() -> None:
    """A comment by the only one who wrote the text, of which nobody is told."""
    revision = Revision.objects.in_review().last()
    (contribution,) = Contribution.objects.filter(revision=revision)
    add_comment(revision=revision, by=contribution.person, text="One more thing.")


def unnoticed() -> list[str]:
    """The tables of which nobody says that an old row was altered behind the triggers."""
    missed = []
    for table, change in ALTERED.items():
        with transaction.atomic(), connection.cursor() as cursor:
            triggers.remove(connection)
            cursor.execute(change.format(table))
            changed = cursor.rowcount
            named = [problem for problem in audit_problems() if table in problem]
            transaction.set_rollback(True)
        if changed and len(named) != 1:
            missed.append(table)
    return missed


def seen_by_readers() -> dict[str, int]:
    """The answer for each address that readers had."""
    client = Client(headers={"Host": "localhost"})
    slugs = set(Publication.objects.values_list("revision__article__slug", flat=True))
    paths = [f"/articles/{slug}/" for slug in sorted(slugs)]
    paths += ["/", "/evidence/", "/glossary/", "/corrections/", "/search/?q=rhizotomy"]
    return {path: client.get(path, follow=True).status_code for path in paths}


def editor_in_chief() -> User:
    """The first there is."""
    return User.objects.filter(groups__name=Role.EDITOR_IN_CHIEF.label).earliest("pk")


def desk() -> Client:
    """A browser in which an editor-in-chief is signed in."""
    client = Client(headers={"Host": "localhost"})
    client.force_login(editor_in_chief())
    return client


def work_goes_on() -> None:
    """An editor reads the desk, withdraws what was public, and sees something new published."""
    assert desk().get("/admin/education/revision/").status_code == 200
    current = Publication.objects.current().first()
    withdraw(publication=current, by=editor_in_chief(), reason="A trial.")
    factories._numbers = itertools.count(1000)  # lower ones are in use in what was kept
    factories.make_publication()


def sound() -> None:
    """Both proofs; they end the process where something is wrong."""
    for command in ("verify_audit", "check_integrity"):
        call_command(command, stdout=StringIO())


def main(file: Path) -> None:
    release: Kept = read(file)
    since = make_tables_of(release)
    as_of_today(release)
    counted_then(release)
    load(release)
    guard(release)
    before, sealed = rows_of(release), sealed_before(release)
    call_command("migrate", verbosity=0)
    told = {"migrations": len(since), "rows": sum(map(len, before.values()))}
    told["lost"] = lost(before, rows_of(release))
    told["baselines"] = Event.objects.filter(action="audit.baseline").count()
    told["wanted"] = int("0023_baseline_of_the_record" in since)
    told["altered"] = list(audit_problems())
    told["sealed"] = differences(sealed, "after migrate")
    one_more_step()
    told["sealed"] += differences(sealed, "after one more step")
    told["scheduled"] = Publication.objects.scheduled().count()
    told["unnoticed"] = unnoticed() if told["wanted"] else []
    told["triggers"] = triggers.missing(connection)
    call_command("rebuild_search", stdout=StringIO())
    sound()
    told["before"] = counted_before()
    told["pages"] = seen_by_readers()
    work_goes_on()
    sound()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
