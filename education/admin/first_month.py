"""The first month of a site: who does what in which week, and what of it is done."""

from dataclasses import dataclass

from django.urls import reverse

from education.articles.models import Revision
from education.audit.models import JobRun
from education.evidence.models import EvidenceItem
from education.handouts.models import ClinicStaff
from education.people.mail_check import state_of_mail
from education.people.models import Role, User
from education.publisher import unset_statements
from education.publishing.models import Publication
from education.publishing.team import smallest_team


@dataclass(frozen=True)
class FirstStep:
    """One thing to do: by whom, whether it is done, and its page or command."""

    who: str
    what: str
    done: bool
    url: str = ""
    command: str = ""


def first_month() -> list[tuple[str, list[FirstStep]]]:
    """The steps of each week; ``docs/first-month.md`` says more of each."""
    ended = set(JobRun.objects.filter(failure="").values_list("name", flat=True))
    editors = User.objects.filter(is_active=True, groups__name=Role.EDITOR_IN_CHIEF.label)
    mail_arrives, _ = state_of_mail()
    people, evidence = "admin:education_user_changelist", "admin:education_evidenceitem_changelist"
    texts, clinics = "admin:education_revision_changelist", "admin:education_clinic_changelist"
    begun = Revision.objects.exclude(state=Revision.State.DRAFT)
    admin, chief, reviewers = "Administrator", "Editor-in-chief", "Medical reviewers"
    return [
        (
            "Week 1: the site",
            [
                FirstStep(
                    admin, "Say who publishes, below.", not unset_statements(),
                    command="check --deploy",
                ),
                FirstStep(
                    admin, "See a test mail arrive, below.", mail_arrives, command="send_test_mail"
                ),
                FirstStep(
                    admin, "Invite the editor-in-chief: only the first rights are given alone.",
                    editors.exists(), reverse(people),
                ),
                FirstStep(
                    admin, "Look that last night’s backup is there; copy it and the settings to "
                    "another machine.", "backup" in ended, reverse("admin:status"),
                ),
            ],
        ),
        (
            "Week 2: people and evidence",
            [
                FirstStep(
                    chief, "Bring together the smallest team, below: each declares interests, "
                    "reviewers show credentials.", all(part.is_enough for part in smallest_team()),
                    reverse(people),
                ),
                FirstStep(
                    admin, "Copy the shipped evidence and a first draft, below, or import works of "
                    "your own.", EvidenceItem.objects.exists(), command="load_evidence",
                ),
            ],
        ),
        (
            "Week 3: the first text",
            [
                FirstStep(
                    reviewers, "Verify, two for each, the works that the first text cites.",
                    EvidenceItem.objects.verified().exists(), reverse(evidence),
                ),
                FirstStep(
                    "Writer", "Make the first text your own and submit it; then each reviewer "
                    "judges it.", begun.exists(), reverse(texts),
                ),
            ],
        ),
        (
            "Week 4: readers and paper",
            [
                FirstStep(
                    chief, "Publish the first page.", Publication.objects.current().exists(),
                    reverse("admin:education_publication_changelist"),
                ),
                FirstStep(
                    chief, "Open a clinic, let a person in, and start a drill of a recall.",
                    ClinicStaff.objects.exists(), reverse(clinics),
                ),
                FirstStep(
                    admin, "Rehearse a restore.", "rehearse_restore" in ended,
                    command="rehearse_restore /var/backups/portal",
                ),
            ],
        ),
    ]  # fmt: skip
