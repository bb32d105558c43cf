"""Printing for a clinic: what may be printed, what is written down, what is called back."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from education.audit.models import Event
from education.audit.operations import exclusive_transaction, holds_lock
from education.errors import EditorialError
from education.evidence.models import EvidenceItem
from education.handouts import typesetting
from education.handouts.codes import check_character
from education.handouts.copy_check import State, check
from education.handouts.models import MOST_COPIES, PrintedCopy, PrintedPart
from education.handouts.operations import (
    NotYourClinicError,
    add_to_clinic,
    new_idempotency_key,
    print_copy,
    print_pack,
    put_pack_away,
    save_pack,
    save_profile,
)
from education.handouts.pdf import ConfirmFirstError, MayNotPrintError, copy_pdf
from education.handouts.typesetting import PrintOptions, TypesettingError
from education.people.models import Message
from education.publishing.models import Publication
from education.publishing.operations import extend_review, publish, withdraw
from education.review.comments import add_comment
from education.safety.operations import lift_status
from tests.factories import (
    make_approved_revision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_revision_in_review,
)
from tests.handouts.clinics import (
    days_after_due,
    fall,
    go_to,
    make_clinic,
    make_clinic_person,
    make_draft_resting_on,
    print_for,
)
from tests.handouts.paper import needs_poppler, read_pages, read_text
from tests.handouts.test_clinics import pack_of
from tests.review.test_two_at_once import at_once

pytestmark = pytest.mark.django_db

NOON = datetime.time(12)


def nothing_was_printed():
    return not (PrintedCopy.objects.exists() or PrintedPart.objects.exists())


# What is written down


def test_print_copy_writes_down_text_day_size_and_number_and_nobodys_name():
    person, publication = make_clinic_person(), make_publication()

    copy = print_for(person, publication, options=PrintOptions(size="large"), copies=25)

    assert copy.clinic == person.clinic_staff.clinic
    assert (copy.title, copy.copies, copy.size) == (publication.title, 25, "large")
    assert [part.publication for part in copy.parts.all()] == [publication]
    assert {field.name for field in PrintedCopy._meta.get_fields()} == {
        "id", "code", "clinic", "pack", "title", "note", "options", "copies", "printed_on",
        "do_not_use_after", "press", "parts", "recall_answers", "recall_drills",
    }  # fmt: skip
    event = Event.objects.get(action="printed_copy.printed")
    assert (event.by, event.data["copies"]) == (person, 25)
    assert copy.code not in str(event.data) + event.subject


def test_every_print_has_a_code_of_its_own_that_nobody_can_foresee():
    person, publication = make_clinic_person(), make_publication()

    codes = [print_for(person, publication).code for _ in range(5)]

    assert len(set(codes)) == 5
    assert all(check_character(code[:-1]) == code[-1] for code in codes)
    # Nothing of a code repeats from one to the next, as a counter or a clock would.
    assert len({code[:4] for code in codes}) == 5
    assert len({code[4:8] for code in codes}) == 5


@needs_poppler
def test_the_paper_says_on_every_page_what_was_written_down():
    person, publication = make_clinic_person(), make_publication()
    copy = print_for(person, publication, options=PrintOptions(size="giant"))

    pages = read_pages(copy_pdf(copy))

    shown = f"{copy.code[:3]}-{copy.code[3:6]}-{copy.code[6:]}"
    assert len(pages) > 1
    for page in pages:
        words = " ".join(page.split())
        assert shown in words
        assert copy.clinic.name in words
        assert f"Do not use after {copy.do_not_use_after.day} " in words


def test_a_copy_is_good_for_a_year_or_90_days_past_its_review_whichever_is_earlier(monkeypatch):
    person, publication = make_clinic_person(), make_publication()
    due = publication.due_on

    go_to(monkeypatch, due - datetime.timedelta(days=10))
    assert print_for(person, publication).do_not_use_after == due + datetime.timedelta(days=90)

    extend_review(
        publication=publication,
        by=make_editor(),
        days=60,
        reason="Two reviewers are away.",
    )
    assert print_for(person, publication).do_not_use_after == due + datetime.timedelta(days=150)


@pytest.mark.parametrize("copies", [0, -1, MOST_COPIES + 1])
def test_print_copy_refuses_a_number_nobody_prints(copies):
    with pytest.raises(MayNotPrintError, match="1 to 1,000 copies"):
        print_for(make_clinic_person(), make_publication(), copies=copies)
    assert nothing_was_printed()


def test_what_was_printed_is_never_changed_or_deleted():
    copy = print_for(make_clinic_person(), make_publication())

    for change in (
        lambda: PrintedCopy.objects.update(copies=2),
        lambda: PrintedPart.objects.all().delete(),
        copy.delete,
    ):
        refused = pytest.raises(Exception, match=r"never changed|never deleted|protected")
        with refused, transaction.atomic():
            change()
    assert PrintedCopy.objects.get().copies == 1


@pytest.mark.parametrize(
    "wrong", [{"copies": 0}, {"do_not_use_after": datetime.date(2020, 1, 1)}, {"copies": 1_001}]
)
def test_a_copy_that_can_not_be_is_refused_by_model_and_database(wrong):
    values = {
        "code": "7F3K9Q2MF",
        "clinic": make_clinic(),
        "title": "Does it help?",
        "printed_on": datetime.date(2026, 4, 9),
        "do_not_use_after": datetime.date(2027, 4, 9),
    }
    with pytest.raises(ValidationError):
        PrintedCopy(**values | wrong).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        PrintedCopy.objects.create(**values | wrong)


# What may be printed


def test_only_what_is_public_now_is_printed(monkeypatch):
    person = make_clinic_person()
    draft = make_revision_in_review()
    scheduled = make_approved_revision()
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=2)
    publish(revision=scheduled, by=make_editor(), goes_live_at=later)

    for slug in (draft.article.slug, scheduled.article.slug, "no-such-page"):
        with pytest.raises(MayNotPrintError, match="is not public now"):
            print_copy(clinic=person.clinic_staff.clinic, by=person, slug=slug)
    assert nothing_was_printed()

    go_to(monkeypatch, later.date() + datetime.timedelta(days=1))
    copy = print_copy(clinic=person.clinic_staff.clinic, by=person, slug=scheduled.article.slug)
    assert copy.parts.get().publication.slug == scheduled.article.slug


def test_the_newest_version_is_printed_and_no_other():
    person, first = make_clinic_person(), make_publication()
    second = make_next_publication(first)

    assert print_for(person, first).parts.get().publication == second


@needs_poppler
def test_overdue_from_day_30_asks_first_and_prints_the_notice(monkeypatch):
    person, publication = make_clinic_person(), make_publication()

    go_to(monkeypatch, days_after_due(publication, 29))
    print_for(person, publication)

    go_to(monkeypatch, days_after_due(publication, 30))
    with pytest.raises(ConfirmFirstError, match="was due on"):
        print_for(person, publication)
    assert PrintedCopy.objects.count() == 1

    copy = print_for(person, publication, confirmed=True)
    assert "has not been done. Parts of it may be out of date." in read_text(copy_pdf(copy))


def test_overdue_from_day_90_refuses_whoever_confirms(monkeypatch):
    person, publication = make_clinic_person(), make_publication()

    go_to(monkeypatch, days_after_due(publication, 89))
    print_for(person, publication, confirmed=True)

    go_to(monkeypatch, days_after_due(publication, 90))
    with pytest.raises(MayNotPrintError, match="is overdue"):
        print_for(person, publication, confirmed=True)
    assert PrintedCopy.objects.count() == 1


def test_withdrawn_is_not_printed():
    person, publication = make_clinic_person(), make_publication()
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")

    with pytest.raises(MayNotPrintError, match="“Does it help\\?” is not public now"):
        print_for(person, publication, confirmed=True)
    assert nothing_was_printed()


def test_evidence_suspended_is_not_printed_until_the_alarm_is_lifted():
    person, item = make_clinic_person(), make_item("fallen2020")
    publication = make_publication(draft=make_draft_resting_on(item.key))
    event = fall(item)

    with pytest.raises(MayNotPrintError, match="was retracted"):
        print_for(person, publication, confirmed=True)
    assert nothing_was_printed()

    lift_status(event=event, by=make_medical_reviewer(), reason="Another study of that name.")
    assert print_for(person, publication).parts.get().publication == publication


def test_what_can_not_be_typeset_is_not_written_down(monkeypatch):
    person, publication = make_clinic_person(), make_publication()

    def refuse(*_args, **_kwargs):
        raise TypesettingError("This text can't be typeset.")

    monkeypatch.setattr("education.handouts.typesetting.typeset", refuse)
    with pytest.raises(TypesettingError):
        print_for(person, publication)
    assert nothing_was_printed()


def test_a_copy_is_printed_again_only_while_its_texts_may_be():
    person, publication = make_clinic_person(), make_publication()
    copy = print_for(person, publication)
    assert copy_pdf(copy) == copy_pdf(copy)

    make_next_publication(publication)
    with pytest.raises(MayNotPrintError, match="Version 2 has taken its place"):
        copy_pdf(copy)


# One press


def test_one_press_counts_once_and_another_press_again():
    person, publication = make_clinic_person(), make_publication()
    press = new_idempotency_key()

    first = print_for(person, publication, press=press)
    assert print_for(person, publication, press=press) == first
    assert PrintedCopy.objects.count() == 1

    assert print_for(person, publication, press=new_idempotency_key()) != first


def test_two_clinics_never_share_a_press():
    publication, press = make_publication(), new_idempotency_key()

    first = print_for(make_clinic_person(), publication, press=press)
    second = print_for(make_clinic_person(), publication, press=press)

    assert first.clinic != second.clinic


def test_the_database_counts_a_press_once():
    copy = print_for(make_clinic_person(), make_publication(), press="one-press")
    again = PrintedCopy.objects.get(pk=copy.pk)
    again.pk, again.code = None, "00000000" + check_character("00000000")

    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_one_press_sent_by_two_at_once_counts_once():
    person, publication = make_clinic_person(), make_publication()
    press = new_idempotency_key()

    printed = at_once(*[lambda: print_for(person, publication, press=press)] * 3)

    assert set(printed) == {PrintedCopy.objects.get()}


# Packs


@needs_poppler
def test_print_pack_is_one_pdf_with_one_code_and_the_clinics_own_words():
    person = make_clinic_person()
    first = make_publication(draft=make_draft(title="The first text"))
    second = make_publication(draft=make_draft(title="The second text"))
    pack = pack_of(person, second, first, note="Bring both to the next visit.")

    copy = print_pack(pack=pack, by=person, copies=3)

    assert [part.publication for part in copy.parts.all()] == [second, first]
    assert (copy.title, copy.note) == ("First visit", "Bring both to the next visit.")
    words = read_text(copy_pdf(copy))
    assert words.index("in the clinic’s own words") < words.index("Bring both to the next visit.")
    assert words.index("The second text") < words.rindex("The first text")


def test_a_pack_is_printed_whole_or_not_at_all():
    person = make_clinic_person()
    stays, goes = make_publication(), make_publication(draft=make_draft(title="Gone soon"))
    pack = pack_of(person, stays, goes)
    withdraw(publication=goes, by=make_editor(), reason="It was wrong.")

    with pytest.raises(MayNotPrintError, match="“Gone soon” is not public now"):
        print_pack(pack=pack, by=person)
    assert nothing_was_printed()


def test_a_pack_prints_the_versions_of_that_day():
    person, first = make_clinic_person(), make_publication()
    pack = pack_of(person, first)
    assert print_pack(pack=pack, by=person).parts.get().publication == first

    second = make_next_publication(first)
    assert print_pack(pack=pack, by=person).parts.get().publication == second


def test_a_pack_that_was_put_away_is_not_printed():
    person = make_clinic_person()
    pack = pack_of(person, make_publication())
    put_pack_away(pack=pack, by=person)

    with pytest.raises(MayNotPrintError, match="put away"):
        print_pack(pack=pack, by=person)
    assert nothing_was_printed()


def test_nobody_prints_for_another_clinic():
    owner, other = make_clinic_person(), make_clinic_person()
    publication = make_publication()
    pack = pack_of(owner, publication)

    for by in (other, make_editor()):
        with pytest.raises(NotYourClinicError):
            print_copy(clinic=pack.clinic, by=by, slug=publication.slug)
        with pytest.raises(NotYourClinicError):
            print_pack(pack=pack, by=by)
    assert nothing_was_printed()


# Calling paper back


@pytest.fixture
def sent(django_capture_on_commit_callbacks):
    """Runs steps and returns the mails to clinics that went out after their commits."""

    def run(*steps):
        before = len(mail.outbox)
        for step in steps:
            with django_capture_on_commit_callbacks(execute=True):
                step()
        return [each for each in mail.outbox[before:] if "bin printed copies" in each.subject]

    return run


def test_a_withdrawal_is_mailed_once_to_each_clinic_that_printed_the_page(sent):
    publication = make_publication(draft=make_draft(title="Does it last?"))
    first, second = make_clinic_person(), make_clinic_person()
    make_clinic_person()  # printed nothing
    print_for(first, publication, copies=30)
    print_for(second, publication)

    mails = sent(
        lambda: withdraw(publication=publication, by=make_editor(), reason="It was wrong."),
        make_publication,  # a later step tells nobody again
    )

    assert sorted(each.to[0] for each in mails) == sorted([first.email, second.email])
    (to_first,) = [each for each in mails if each.to == [first.email]]
    assert to_first.subject == "Please bin printed copies of “Does it last?”"
    assert "“Does it last?” was withdrawn: It was wrong." in to_first.body
    assert "30 copies" in to_first.body
    assert "/clinic/bin/" in to_first.body
    assert Event.objects.filter(action="clinic.paper_called_back").count() == 2


def test_the_mail_waits_for_the_commit_and_is_not_sent_when_the_step_fails():
    publication = make_publication()
    print_for(make_clinic_person(), publication)

    def fail_after_withdrawing():
        withdraw(publication=publication, by=make_editor(), reason="It was wrong.")
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        fail_after_withdrawing()

    assert not mail.outbox
    assert not Message.objects.exists()


def test_a_retraction_calls_back_every_version_that_rests_on_the_work(sent):
    item = make_item("fallen2020")
    publication = make_publication(draft=make_draft_resting_on(item.key))
    other = make_publication()
    person = make_clinic_person()
    print_for(person, publication)
    make_next_publication(publication)
    print_for(person, publication)
    print_for(make_clinic_person(), other)

    mails = sent(lambda: fall(item))

    assert [each.to for each in mails] == [[person.email]]
    assert "was retracted: The data could not be trusted" in mails[0].body
    assert mails[0].body.count("printed on") == 2


def test_a_concern_calls_nothing_back(sent):
    item = make_item("doubted2020")
    publication = make_publication(draft=make_draft_resting_on(item.key))
    print_for(make_clinic_person(), publication)

    assert sent(lambda: fall(item, status="concern")) == []


def test_what_is_past_its_printed_date_is_not_called_back(sent, monkeypatch):
    publication = make_publication()
    copy = print_for(make_clinic_person(), publication)
    go_to(monkeypatch, copy.do_not_use_after + datetime.timedelta(days=1))

    assert sent(lambda: withdraw(publication=publication, by=make_editor(), reason="Wrong.")) == []


def test_everybody_at_a_clinics_desk_is_told(sent):
    clinic, publication = make_clinic(), make_publication()
    first, second = make_clinic_person(clinic), make_clinic_person(clinic)
    print_for(first, publication)

    mails = sent(lambda: withdraw(publication=publication, by=make_editor(), reason="Wrong."))

    assert sorted(each.to[0] for each in mails) == sorted([first.email, second.email])


def test_a_withdrawal_calls_back_what_clinics_hold_of_earlier_versions(sent):
    first = make_publication()
    early, late = make_clinic_person(), make_clinic_person()
    print_for(early, first)
    second = make_next_publication(first)
    third = make_next_publication(second)
    print_for(late, third)

    mails = sent(lambda: withdraw(publication=third, by=make_editor(), reason="Wrong."))

    assert sorted(each.to[0] for each in mails) == sorted([early.email, late.email])


def test_a_withdrawal_calls_back_nothing_that_was_printed_after_it(sent):
    first = make_publication()
    print_for(make_clinic_person(), first)
    withdraw(publication=first, by=make_editor(), reason="Wrong.")
    print_for(make_clinic_person(), make_next_publication(first))

    # Recalls are looked for again, as it happens whenever somebody comes to a desk.
    assert sent(make_clinic_person) == []


@pytest.mark.parametrize("cause", ["withdrawal", "retraction"])
def test_on_its_last_day_a_copy_is_good_and_called_back_and_the_day_after_it_is_neither(
    sent, monkeypatch, cause
):
    item = make_item()
    publication = make_publication(draft=make_draft_resting_on(item.key))
    person = make_clinic_person()
    copy = print_for(person, publication)
    causes = {
        "withdrawal": lambda: withdraw(publication=publication, by=make_editor(), reason="Wrong."),
        "retraction": lambda: fall(item),
    }

    go_to(monkeypatch, copy.do_not_use_after + datetime.timedelta(days=1))
    assert check(copy.code).state == State.EXPIRED
    with transaction.atomic():
        assert sent(causes[cause]) == []
        transaction.set_rollback(True)

    go_to(monkeypatch, copy.do_not_use_after)
    assert check(copy.code).state == State.CURRENT
    assert [each.to for each in sent(causes[cause])] == [[person.email]]


def test_who_comes_to_a_desk_later_is_told_what_nobody_there_was_told(sent):
    publication = make_publication()
    alone = make_clinic_person(is_active=True, email="")
    print_for(alone, publication)
    assert sent(lambda: withdraw(publication=publication, by=make_editor(), reason="No.")) == []

    mails = sent(lambda: make_clinic_person(alone.clinic_staff.clinic, email="new@example.org"))

    assert [each.to for each in mails] == [["new@example.org"]]


def test_recalls_are_looked_for_only_after_what_can_ask_for_one(monkeypatch):
    looked = []
    monkeypatch.setattr("education.handouts.operations.tell_clinics", lambda: looked.append(1))
    publication = make_publication(draft=make_draft_resting_on(make_item("fallen2020").key))
    print_for(make_clinic_person(), publication)
    looked.clear()

    add_comment(revision=make_revision_in_review(), by=make_medical_reviewer(), text="Why?")
    make_next_publication(publication)
    make_clinic()
    assert looked == []

    event = fall(EvidenceItem.objects.get(key="fallen2020"))
    assert len(looked) == 1
    lift_status(event=event, by=make_medical_reviewer(), reason="Another study of that name.")
    assert len(looked) == 2
    current = Publication.objects.current().get(slug=publication.slug)
    withdraw(publication=current, by=make_editor(), reason="Wrong.")
    assert len(looked) == 3
    with exclusive_transaction():  # what was done here is not known
        pass
    assert len(looked) == 4


def test_a_step_that_looks_for_recalls_asks_no_more_for_many_clinics_than_for_one():
    publication = make_publication()
    print_for(make_clinic_person(), publication)
    withdraw(publication=publication, by=make_editor(), reason="Wrong.")
    clinic, newcomer = make_clinic(), make_clinic_person()

    def queries():
        with CaptureQueriesContext(connection) as captured:
            add_to_clinic(person=newcomer, clinic=clinic, by=None)
        return len(captured)

    queries()  # the first time the person changes desks
    one = queries()
    other = make_publication()
    for _ in range(3):
        print_for(make_clinic_person(), other)
    withdraw(publication=other, by=make_editor(), reason="Wrong.")

    # One for the copies of the other page.
    assert queries() == one + 1


# Without the lock


@pytest.fixture
def typesetting_meanwhile(monkeypatch):
    """Does something once, between a print's reading and its end; counts how often is typeset."""
    typeset, steps, typeset_under_lock = typesetting.typeset, [], []

    def while_typesetting(*args, **kwargs):
        typeset_under_lock.append(holds_lock())
        if steps:
            steps.pop(0)()
        return typeset(*args, **kwargs)

    monkeypatch.setattr("education.handouts.typesetting.typeset", while_typesetting)

    def meanwhile(*given):
        steps[:] = given
        return typeset_under_lock

    return meanwhile


def test_nothing_is_typeset_under_the_lock(typesetting_meanwhile):
    under_lock = typesetting_meanwhile()
    person = make_clinic_person()
    publications = [make_publication(), make_publication()]

    print_for(person, publications[0])
    print_pack(pack=pack_of(person, *publications), by=person)

    assert under_lock == [False, False]


@pytest.mark.django_db(transaction=True)
def test_others_write_while_a_print_is_typeset(typesetting_meanwhile):
    person, publication = make_clinic_person(), make_publication()
    written = []

    def write_on_another_connection():
        with ThreadPoolExecutor(1) as pool:
            written.append(pool.submit(_open_a_clinic_and_hang_up).result(timeout=60))

    typesetting_meanwhile(write_on_another_connection)
    copy = print_for(person, publication)

    events = Event.objects.filter(action__in=["clinic.opened", "printed_copy.printed"])
    actions = list(events.order_by("-sequence").values_list("action", flat=True)[:2])
    assert actions == ["printed_copy.printed", "clinic.opened"]
    assert written == ["Written meanwhile"]
    assert PrintedCopy.objects.get() == copy


def _open_a_clinic_and_hang_up():
    try:
        return make_clinic("Written meanwhile").name
    finally:
        connections.close_all()


def test_what_changed_while_it_was_typeset_is_typeset_again(typesetting_meanwhile):
    person, first = make_clinic_person(), make_publication()
    clinic = person.clinic_staff.clinic
    later = []

    typeset = typesetting_meanwhile(
        lambda: later.append(make_next_publication(first)),
        lambda: save_profile(clinic=clinic, by=person, name="Another name"),
    )
    copy = print_for(person, first)

    assert len(typeset) == 3
    assert copy.parts.get().publication == later[0]
    assert PrintedCopy.objects.get().clinic.name == "Another name"


@pytest.mark.parametrize("what", ["note", "due_on", "notice"])
def test_a_print_is_of_what_stands_when_it_is_recorded(typesetting_meanwhile, monkeypatch, what):
    person, item = make_clinic_person(), make_item()
    publication = make_publication(draft=make_draft_resting_on(item.key))
    go_to(monkeypatch, publication.due_on)  # so that the review's date is what ends a copy
    pack = pack_of(person, publication, note="Read this first.")
    change = {
        "note": lambda: save_pack(
            clinic=pack.clinic, by=person, name=pack.name, note="Read it twice.",
            slugs=[publication.slug], pack=pack,
        ),
        "due_on": lambda: extend_review(
            publication=publication, by=make_editor(), days=60, reason="Two are away."
        ),
        "notice": lambda: fall(item, status="concern"),
    }  # fmt: skip

    typeset = typesetting_meanwhile(change[what])
    copy = print_pack(pack=pack, by=person)

    assert len(typeset) == 2
    if what == "note":
        assert copy.note == "Read it twice."


@pytest.mark.parametrize("what", ["withdrawn", "retracted", "put away", "left"])
def test_what_may_not_be_printed_any_more_when_it_is_typeset_is_refused(
    typesetting_meanwhile, what
):
    person, item = make_clinic_person(), make_item()
    publication = make_publication(draft=make_draft_resting_on(item.key))
    pack = pack_of(person, publication)
    change, refusal = {
        "withdrawn": (
            lambda: withdraw(publication=publication, by=make_editor(), reason="Wrong."),
            "is not public now",
        ),
        "retracted": (lambda: fall(item), "was retracted"),
        "put away": (lambda: put_pack_away(pack=pack, by=person), "was put away"),
        "left": (lambda: add_to_clinic(person=person, clinic=make_clinic(), by=None), "desk"),
    }[what]

    typesetting_meanwhile(change)
    with pytest.raises(EditorialError, match=refusal):
        print_pack(pack=pack, by=person)

    assert nothing_was_printed()


def test_what_changes_without_end_is_refused_and_nothing_is_recorded(typesetting_meanwhile):
    person, publication = make_clinic_person(), make_publication()
    clinic = person.clinic_staff.clinic

    def rename(name):
        return lambda: save_profile(clinic=clinic, by=person, name=name)

    typeset = typesetting_meanwhile(*(rename(f"Name {number}") for number in range(9)))
    with pytest.raises(MayNotPrintError, match="changed while it was being made"):
        print_for(person, publication)

    assert len(typeset) == 3
    assert nothing_was_printed()


def test_a_press_that_is_sent_again_while_it_is_typeset_prints_once(typesetting_meanwhile):
    person, publication = make_clinic_person(), make_publication()
    printed, press = [], new_idempotency_key()

    typesetting_meanwhile(lambda: printed.append(print_for(person, publication, press=press)))
    copy = print_for(person, publication, press=press)

    assert printed == [copy]
    assert PrintedCopy.objects.get() == copy
