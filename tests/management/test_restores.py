"""What a restored backup brings back though it had ended since is held until it is settled."""

import datetime
import hashlib
import json
import re

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from education.audit.models import Event
from education.handouts.colleagues import end_access, set_manages_people
from education.handouts.copy_check import State, check, public_code
from education.handouts.models import Clinic, ClinicStaff
from education.handouts.operations import (
    add_to_clinic,
    ask_mailbox,
    end_receipt_key,
    renew_recall_key,
    renew_receipt_key,
)
from education.handouts.webhooks import end_webhook, set_webhook
from education.management.backup import (
    BackupError,
    delete_old,
    end_of,
    read_manifest,
    restore,
    write_backup,
)
from education.people.models import ProfileProposal, RightsProposal, Role, TopicProposal, User
from education.people.operations import decide_rights, declare_interests, settle_rights
from education.people.profile_changes import change_own_profile, decide_profile
from education.people.rules import conflicts_on, rights_of
from education.people.topic_changes import decide_topic, propose_topic, words_of
from education.publishing.models import RestoreHold
from education.publishing.operations import recall_paper, withdraw
from education.publishing.passages import mask_passage
from education.safety.models import EmergencyNote
from education.safety.notes import approve_note, end_note, write_note
from education.safety.operations import record_status
from tests.factories import (
    PASSWORD,
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_person,
    make_publication,
)
from tests.handouts.clinics import make_clinic, make_clinic_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine, pytest.mark.slow]
Outcome = RestoreHold.Outcome


def held():
    """What waits: its name and why."""
    waiting = RestoreHold.objects.waiting().select_related("publication", "person")
    return {
        hold.publication.slug if hold.publication else hold.person.username: " ".join(hold.reasons)
        for hold in waiting
    }


def page(slug, **kwargs):
    return make_publication(article=make_article(slug=slug), **kwargs)


def test_a_page_withdrawn_since_the_backup_is_held_and_its_paper_not_to_be_used(client, tmp_path):
    copy, other = page("gone"), page("stays")
    editor = make_editor(username="chief", email="chief@example.org")
    write_backup(tmp_path / "kept")
    withdraw(publication=copy, by=editor, reason="It was wrong.")

    restore(tmp_path / "kept", replace=True)

    assert held() == {"gone": "Withdrawn since: It was wrong."}
    answer = client.get("/articles/gone/")
    assert answer.status_code == 503
    assert b"restored from a backup" in answer.content
    assert b"It may help" not in answer.content
    assert b"It may help" not in client.get("/articles/gone/versions/1/").content
    assert b"gone" not in client.get("/topics/rhizotomy/").content
    assert check(public_code(copy)).state == State.DO_NOT_USE
    assert client.get(f"/articles/{other.slug}/").status_code == 200
    event = Event.objects.get(action="backup.restored")
    assert event.data["pages"] == ["gone v1"]
    assert any("Withdrawn since" in each.body for each in mail.outbox if "chief" in each.to[0])
    call_command("check_integrity", verbosity=0)


def test_everything_that_ended_since_is_held_with_its_reason(tmp_path):
    first = page("corrected")
    retracted = make_item("falls2020")
    page("rests", draft=make_draft(retracted.key))
    masked = page("masked")
    page("as-it-was")
    write_backup(tmp_path / "kept")
    second = make_next_publication(
        first, what_changed="The dose.", correction="The dose was wrong."
    )
    recall_paper(publication=second, by=make_editor(), reason="The dose was wrong.")
    record_status(
        item=retracted, status="retracted", occurred_on=first.reviewed_on, reason="Made up.",
        by=make_editor(),
    )  # fmt: skip
    mask_passage(publication=masked, words="What was found", reason="No.", by=make_editor())

    restore(tmp_path / "kept", replace=True)

    why = held()
    assert set(why) == {"corrected", "rests", "masked"}
    assert why["corrected"] == "Version 2 had taken its place."
    assert "retracted" in why["rests"]
    assert "What was found" in why["masked"]


def test_a_recall_lost_by_a_restore_still_stops_the_paper_of_before(tmp_path):
    first = page("corrected")
    second = make_next_publication(
        first, what_changed="The dose.", correction="The dose was wrong."
    )
    write_backup(tmp_path / "kept")
    recall_paper(publication=second, by=make_editor(), reason="The dose was wrong.")

    restore(tmp_path / "kept", replace=True)

    assert "recalled" in held()["corrected"]
    assert check(public_code(first)).state == State.DO_NOT_USE


def test_accounts_that_ended_or_changed_since_are_held(client, tmp_path):
    off = make_person(Role.WRITER, username="off")
    fewer = make_person(Role.EDITOR_IN_CHIEF, Role.WRITER, username="fewer")
    secret = make_person(Role.WRITER, username="secret")
    telephone = make_person(Role.WRITER, username="telephone")
    address = make_person(Role.WRITER, username="address", email="before@example.org")
    shorter = make_medical_reviewer(username="shorter")
    make_person(Role.WRITER, username="same")
    TOTPDevice.objects.create(user=telephone, key="a" * 40, confirmed=True)
    make_publication()
    write_backup(tmp_path / "kept")
    off.is_active = False
    off.save()
    fewer.groups.remove(fewer.groups.get(name=Role.EDITOR_IN_CHIEF.label))
    secret.set_password("another long one")
    secret.save()
    TOTPDevice.objects.update(key="b" * 40)
    address.email = "since@example.org"
    address.save()
    shorter.credentials_expire_on -= datetime.timedelta(days=90)
    shorter.save()
    make_publication()  # the record of the site went on

    restore(tmp_path / "kept", replace=True)

    why = held()
    assert why == {
        "off": "It was switched off.",
        "fewer": "It had lost: Editor-in-chief.",
        "secret": "Its password was changed.",
        "telephone": "Its second step or its recovery codes were changed.",
        "address": "Its mail address was changed.",
        "shorter": "Its specialty or its credentials were changed.",
    }
    assert not client.login(username="secret", password=PASSWORD)
    assert client.login(username="same", password=PASSWORD)


def test_access_to_a_clinic_that_ended_since_is_held(client, tmp_path):
    clinic, other = make_clinic("Clinic North"), make_clinic("Clinic South")
    manager = make_clinic_person(clinic, username="manager")
    colleagues = {
        name: make_clinic_person(clinic, username=name)
        for name in ("ended", "moved", "no-manager", "same")
    }
    for name in ("manager", "no-manager"):
        staff = ClinicStaff.objects.get(person__username=name)
        set_manages_people(staff=staff, manages=True, by=make_editor())
    write_backup(tmp_path / "kept")
    for name in ("ended", "moved"):
        end_access(staff=ClinicStaff.objects.get(person__username=name), by=manager)
    moved = User.objects.get(username="moved")
    moved.groups.add(Group.objects.get(name=Role.CLINIC.label))
    add_to_clinic(person=moved, clinic=other, by=make_editor())
    staff = ClinicStaff.objects.get(person__username="no-manager")
    set_manages_people(staff=staff, manages=False, by=manager)
    # Who kept their desk under another name of the clinic lost nothing.
    Clinic.objects.filter(pk=clinic.pk).update(name="Clinic Northeast")

    restore(tmp_path / "kept", replace=True)

    assert held() == {
        "ended": "It had lost: Clinic, the desk of Clinic North.",
        "moved": "It had lost: the desk of Clinic North.",
        "no-manager": "It had lost: the people of Clinic North.",
    }
    assert not client.login(username="ended", password=PASSWORD)
    client.force_login(colleagues["same"])
    assert client.get("/clinic/").status_code == 200


def test_keys_and_addresses_that_a_clinic_gave_up_since_do_not_come_back(client, tmp_path, capsys):
    ending, renewing, same = (make_clinic_person() for _ in range(3))
    clinics = {person: person.clinic_staff.clinic for person in (ending, renewing, same)}
    for person, clinic in clinics.items():
        renew_receipt_key(clinic=clinic, by=person)
        renew_recall_key(clinic=clinic, by=person)
        set_webhook(clinic=clinic, by=person, address="https://before.example.org/")
        Clinic.objects.filter(pk=clinic.pk).update(mailbox="before@example.org")
    feeds = [Clinic.objects.get(pk=clinic.pk).recall_key for clinic in clinics.values()]
    write_backup(tmp_path / "kept")
    end_receipt_key(clinic=clinics[ending], by=ending)
    end_webhook(clinic=clinics[ending], by=ending)
    ask_mailbox(clinic=clinics[ending], by=ending, address="")
    renew_receipt_key(clinic=clinics[renewing], by=renewing)
    renew_recall_key(clinic=clinics[renewing], by=renewing)
    set_webhook(clinic=clinics[renewing], by=renewing, address="https://since.example.org/")
    columns = ("receipt_key_hash", "recall_key", "mailbox", "recall_webhook__address")
    before = list(Clinic.objects.order_by("pk").values_list(*columns))

    call_command("restore", str(tmp_path / "kept"), "--replace")

    assert list(Clinic.objects.order_by("pk").values_list(*columns)) == before
    assert before[0][0] == before[0][2] == ""
    assert before[0][3] is None
    said = capsys.readouterr().out
    assert said.count("As before the restore: ") == 2
    assert f"{clinics[ending]}: its keys" in said
    feed = "/clinic/recalls/{}.atom"
    statuses = [client.get(feed.format(key)).status_code for key in feeds]
    assert statuses == [200, 404, 200]


def test_what_protected_since_the_backup_stays_without_anybodys_word(client, tmp_path):
    copy = page("page")
    editor, other = make_editor(), make_editor()
    reviewer, writer = make_medical_reviewer(), make_person(Role.WRITER)
    note = write_note(slug="page", text="Do not read this.", by=editor)
    approve_note(note=note, by=reviewer)
    write_note(slug="page", text="Not approved yet.", by=editor)
    root = make_person(is_superuser=True)
    before = rights_of(writer)
    writer.groups.add(Group.objects.get(name=Role.EDITOR_IN_CHIEF.label))
    rights = settle_rights(person=writer, before=before, by=root)
    words = words_of(copy.topic) | {"title": "Another title"}
    topic = propose_topic(slug=copy.topic.slug, after=words, by=editor)
    write_backup(tmp_path / "kept")
    for each in EmergencyNote.objects.all():
        end_note(note=each, by=make_medical_reviewer())
    decide_rights(proposal=rights, by=other, accepted=False)
    decide_topic(proposal=topic, by=other, accepted=False)
    declare_interests(by=other, interests="Shares in it.", conflicts=[copy.topic])

    restore(tmp_path / "kept", replace=True)

    assert held() == {}
    assert "Do not read this." not in client.get("/articles/page/").content.decode()
    assert not EmergencyNote.objects.filter(ended_at=None).exists()
    for model in (RightsProposal, TopicProposal):
        assert list(model.objects.values_list("accepted", "decided_by")) == [(False, other.pk)]
    assert conflicts_on(User.objects.get(pk=other.pk), copy.topic)
    restored = Event.objects.get(action="backup.restored")
    assert len(restored.data["carried_over"]) == 5
    call_command("check_integrity", verbosity=0)


def test_a_refused_change_of_a_profile_does_not_wait_again(tmp_path):
    administrator, reviewer = make_person(is_superuser=True), make_medical_reviewer()
    details = {"credentials_expire_on": timezone.localdate() + datetime.timedelta(days=300)}
    proposal = change_own_profile(by=reviewer, details=details)
    write_backup(tmp_path / "kept")
    decide_profile(proposal=proposal, by=administrator, accepted=False)

    restore(tmp_path / "kept", replace=True)

    assert ProfileProposal.objects.get().accepted is False
    assert held() == {}


def test_an_editor_who_is_not_held_settles_it_at_the_desk(client, tmp_path):
    gone, back = page("gone"), page("back")
    editor = make_editor(username="chief")
    off = make_person(Role.WRITER, username="off", email="off@example.org")
    write_backup(tmp_path / "kept")
    for copy in (gone, back):
        withdraw(publication=copy, by=make_editor(), reason="It was wrong.")
    off.is_active = False
    off.save()
    restore(tmp_path / "kept", replace=True)
    numbers = {str(hold): hold.pk for hold in RestoreHold.objects.waiting()}
    address = "/admin/education/restorehold/"
    client.force_login(editor)
    shown = client.get("/admin/").content.decode()
    assert "Held after a restore" in shown

    def press(step, *numbers, reason=""):
        typed = {
            "hold": numbers, "step": step, "reason": reason, "confirm_password": PASSWORD,
        }  # fmt: skip
        return client.post(address, typed, follow=True).content.decode()

    assert "with a reason" in press("keep", numbers["gone v1"])
    press("keep", numbers["gone v1"], reason="It is still wrong.")
    press("back", numbers["back v1"], numbers[str(off)])

    assert not RestoreHold.objects.waiting().exists()
    assert client.get("/articles/gone/").status_code == 410
    assert client.get("/articles/back/").status_code == 200
    off.refresh_from_db()
    assert off.is_active
    assert not off.has_usable_password()
    (link,) = re.findall(r"/admin/password/\S+", mail.outbox[-1].body)
    assert client.get(link, follow=True).status_code == 200


def test_nobody_but_an_editor_in_chief_settles_a_hold(client, tmp_path):
    copy = page("gone")
    reviewer = make_medical_reviewer()
    write_backup(tmp_path / "kept")
    withdraw(publication=copy, by=make_editor(), reason="It was wrong.")
    restore(tmp_path / "kept", replace=True)
    client.force_login(reviewer)

    hold = RestoreHold.objects.get()
    refused = client.post(
        "/admin/education/restorehold/",
        {"hold": hold.pk, "step": "back", "confirm_password": PASSWORD},
    )

    assert refused.status_code == 403
    assert held()


def test_who_wrote_a_held_page_does_not_bring_it_back(client, tmp_path):
    author = make_person(*Role, username="author", specialty="Orthopaedics")
    copy = page("gone", by=author)
    write_backup(tmp_path / "kept")
    withdraw(publication=copy, by=make_editor(), reason="It was wrong.")
    restore(tmp_path / "kept", replace=True)
    client.force_login(User.objects.get(username="author"))

    typed = {"hold": RestoreHold.objects.get().pk, "step": "back", "confirm_password": PASSWORD}
    answer = client.post("/admin/education/restorehold/", typed, follow=True)

    assert "wrote the page" in answer.content.decode()
    assert held()


def test_the_command_on_the_server_settles_it_is_recorded_and_mailed(client, tmp_path, capsys):
    copy = page("gone")
    make_editor(email="chief@example.org")
    write_backup(tmp_path / "kept")
    withdraw(publication=copy, by=make_editor(), reason="It was wrong.")
    restore(tmp_path / "kept", replace=True)
    call_command("confirm_restore")
    number = capsys.readouterr().out.partition(":")[0]

    call_command("confirm_restore", number)

    assert client.get("/articles/gone/").status_code == 200
    assert Event.objects.filter(action="publication.brought_back", by=None).exists()
    assert "on the server" in mail.outbox[-1].subject
    with pytest.raises(CommandError, match="held"):
        call_command("confirm_restore", number)


def forget_what_was_here():
    """An empty database, as on a new machine."""
    call_command("flush", interactive=False, verbosity=0)


def test_onto_an_empty_site_everything_is_held_and_administrators_need_a_new_password(
    client, tmp_path, capsys
):
    page("page")
    make_editor(username="chief", email="chief@example.org")
    make_person(username="root", is_superuser=True)
    make_person(Role.WRITER, username="writer")
    manifest = write_backup(tmp_path / "kept")
    forget_what_was_here()

    restore(tmp_path / "kept")

    assert {"page", "chief", "root"} <= set(held())
    assert "writer" not in held()
    assert client.get("/articles/page/").status_code == 503
    assert not client.login(username="chief", password=PASSWORD)
    number = RestoreHold.objects.get(person__username="chief").pk
    call_command("confirm_restore", str(number))
    assert not client.login(username="chief", password=PASSWORD)
    assert "/admin/password/" in mail.outbox[-1].body
    call_command("confirm_restore", "--all-pages")
    assert client.get("/articles/page/").status_code == 200
    assert end_of(manifest).startswith(f"{manifest['head']['sequence']}:")


def test_a_move_with_the_end_as_expected_holds_nothing(client, tmp_path, capsys):
    page("page")
    call_command("backup", str(tmp_path / "kept"))
    end = re.search(r"ends at (\S+)", capsys.readouterr().out)[1]
    forget_what_was_here()

    with pytest.raises(CommandError, match="not at 7:abc"):
        call_command("restore", str(tmp_path / "kept"), "--move", "7:abcabcabcabc")
    assert not Event.objects.exists()
    call_command("restore", str(tmp_path / "kept"), "--move", end)

    assert held() == {}
    assert client.get("/articles/page/").status_code == 200


def test_a_move_onto_a_site_that_went_on_is_refused(client, tmp_path):
    copy = page("gone")
    end = end_of(write_backup(tmp_path / "kept"))
    withdraw(publication=copy, by=make_editor(), reason="It was wrong.")

    with pytest.raises(CommandError, match="for an empty database"):
        call_command("restore", str(tmp_path / "kept"), "--replace", "--move", end)

    assert client.get("/articles/gone/").status_code == 410


def test_a_dry_run_says_what_would_come_back_and_changes_nothing(client, tmp_path, capsys):
    copy = page("gone")
    make_person(username="root", is_superuser=True)
    write_backup(tmp_path / "kept")
    withdraw(publication=copy, by=make_editor(), reason="It was wrong.")
    before = Event.objects.count()

    call_command("restore", str(tmp_path / "kept"), "--dry-run")

    said = capsys.readouterr().out
    assert "Held: Page gone v1: Withdrawn since: It was wrong." in said
    assert "Administrators: root." in said
    assert Event.objects.count() == before
    assert client.get("/articles/gone/").status_code == 410


def edit(folder):
    """Make an account an administrator, and seal the backup again."""
    file = folder / "rows" / "education.user.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for row in rows:
        if row["fields"]["username"] == "intruder":
            row["fields"]["is_superuser"] = True
    file.write_text(
        "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows), "utf-8"
    )
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    sealed = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest["files"]["rows/education.user.jsonl"]["sha256"] = sealed
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (folder / "manifest.json").write_text(text, "utf-8")
    (folder / "manifest.sha256").write_text(hashlib.sha256(text.encode()).hexdigest(), "utf-8")


def test_an_edited_and_resealed_backup_is_refused_and_makes_no_administrator(
    client, tmp_path, capsys
):
    make_person(Role.WRITER, username="intruder")
    make_publication()
    write_backup(tmp_path / "kept")
    edit(tmp_path / "kept")
    read_manifest(tmp_path / "kept")

    with pytest.raises(BackupError, match="not signed"):
        restore(tmp_path / "kept", replace=True)
    call_command("restore", str(tmp_path / "kept"), "--replace", "--unsigned")

    assert "Administrators: intruder." in capsys.readouterr().out
    assert "intruder" in held()
    assert not client.login(username="intruder", password=PASSWORD)


def test_nobody_is_editor_in_chief_by_an_edited_backup_that_is_moved(client, tmp_path):
    make_person(Role.EDITOR_IN_CHIEF, username="intruder")  # as one who wrote the files makes it
    make_publication()
    end = end_of(write_backup(tmp_path / "kept"))
    (tmp_path / "kept" / "manifest.signature").unlink()
    forget_what_was_here()

    call_command("restore", str(tmp_path / "kept"), "--unsigned", "--move", end)

    assert "intruder" in held()
    assert not client.login(username="intruder", password=PASSWORD)


def test_a_key_of_before_still_vouches_for_a_backup(tmp_path, settings):
    make_publication()
    write_backup(tmp_path / "kept")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new one " * 6

    restore(tmp_path / "kept", replace=True)


def test_a_run_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    make_publication()

    def fails(*args):
        raise OSError("No space left on device")

    monkeypatch.setattr("education.management.backup._write_rows", fails)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", str(tmp_path), "--dated", verbosity=0)

    assert list(tmp_path.iterdir()) == []


def test_the_newest_backups_are_kept_and_nothing_else_is_touched(tmp_path, capsys):
    make_publication()
    for name in ("2026-01-01T010000Z", "2026-01-02T010000Z"):
        write_backup(tmp_path / name)
    for name in ("before-the-upgrade", "2026-01-03T010000Z.part"):
        (tmp_path / name).mkdir()

    call_command("backup", str(tmp_path), "--dated", "--keep", "2")

    names = sorted(path.name for path in tmp_path.iterdir())
    assert "2026-01-01T010000Z" not in names
    assert {"2026-01-02T010000Z", "before-the-upgrade", "2026-01-03T010000Z.part"} < set(names)
    assert "Not in it: the environment" in capsys.readouterr().out
    assert delete_old(tmp_path, keep=5) == []
