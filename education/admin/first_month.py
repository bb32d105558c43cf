"""
The first month of a site: who does what in which week, and what of it is done.

``docs/first-month.md`` lists the same steps: ``tests/management/test_start_site.py`` writes them
there.
"""

from dataclasses import dataclass

from django.urls import reverse

from education.articles.models import Article, Revision
from education.audit.models import JobRun
from education.evidence.models import EvidenceItem
from education.handouts.models import RecallDrill
from education.people.mail_check import state_of_mail
from education.people.models import Role, User
from education.publisher import unset_statements
from education.publishing.models import Publication
from education.publishing.team import smallest_team
from education.review.models import Assignment, Review


@dataclass(frozen=True)
class FirstStep:
    """One thing to do: by whom, whether it is done, and its page or command."""

    who: str
    what: str
    done: bool
    url: str = ""
    command: str = ""


def first_month() -> list[tuple[str, list[FirstStep]]]:
    """The steps of each week."""
    ended = set(JobRun.objects.filter(failure="").values_list("name", flat=True))
    editors = User.objects.filter(is_active=True, groups__name=Role.EDITOR_IN_CHIEF.label)
    mail_arrives, _ = state_of_mail()
    people, evidence = "admin:education_user_changelist", "admin:education_evidenceitem_changelist"
    texts, articles = "admin:education_revision_changelist", "admin:education_article_changelist"
    begun = Revision.objects.exclude(state=Revision.State.DRAFT)
    approved = Review.objects.filter(decision=Review.Decision.APPROVED)
    admin, chief, reviewers = "Administrator", "Editor-in-chief", "Reviewers"
    return [
        (
            "Week 1: the site",
            [
                FirstStep(
                    admin, "Set who publishes, who pays and whom to call.",
                    not unset_statements(), command="check --deploy",
                ),
                FirstStep(
                    admin, "Have a test mail sent, and type its code when it arrives.",
                    mail_arrives, command="send_test_mail",
                ),
                FirstStep(
                    admin, "Invite the editor-in-chief. These first rights need nobody else; "
                    "whatever follows needs a second person.", editors.exists(), reverse(people),
                ),
                FirstStep(
                    admin, "Look the next morning that last night’s backup is there; copy it and "
                    "the settings to another machine.", "backup" in ended, reverse("admin:status"),
                ),
            ],
        ),
        (
            "Week 2: people and evidence",
            [
                FirstStep(
                    chief, "Bring together the smallest team. Each sets a password and the second "
                    "step and declares interests; reviewers’ credentials are proposed and agreed "
                    "to.", all(part.is_enough for part in smallest_team()), reverse(people),
                ),
                FirstStep(
                    admin, "Copy the shipped evidence and a first draft, where the installation "
                    "did not, or import works of your own.", EvidenceItem.objects.exists(),
                    command="load_evidence",
                ),
                FirstStep(
                    chief, "Choose one text to begin with, and confirm its risk class.",
                    Article.objects.exclude(class_confirmed_by=None).exists(), reverse(articles),
                ),
            ],
        ),
        (
            "Week 3: the first text",
            [
                FirstStep(
                    reviewers, "Verify, two people for each, the works that the text cites; one of "
                    "the two is a medical reviewer.",
                    EvidenceItem.objects.verified().exists(), reverse(evidence),
                ),
                FirstStep(
                    "Writer", "Make the text your own, and submit it.", begun.exists(),
                    reverse(texts),
                ),
                FirstStep(
                    chief, "Ask the reviewers, each with a day.",
                    Assignment.objects.exists() or approved.exists(), reverse(texts),
                ),
                FirstStep(
                    reviewers, "Approve the text, or ask for changes, which the writer answers. My "
                    "work names what waits for whom.", approved.exists(), reverse(texts),
                ),
            ],
        ),
        (
            "Week 4: readers and paper",
            [
                FirstStep(
                    chief, "Publish the first page. Read it and its paper once more, on a "
                    "telephone too, and scan the code on the paper.",
                    Publication.objects.current().exists(),
                    reverse("admin:education_publication_changelist"),
                ),
                FirstStep(
                    chief, "Open a clinic, let one of its people in and print, and start a drill: "
                    "see the recall arrive there.", RecallDrill.objects.exists(),
                    reverse("admin:education_clinic_changelist"),
                ),
                FirstStep(
                    admin, "Rehearse a restore, and read for an hour what to do on a bad day: "
                    "docs/faults.md. Withdraw nothing to try it.", "rehearse_restore" in ended,
                    command="rehearse_restore /var/backups/portal",
                ),
            ],
        ),
    ]  # fmt: skip
