"""
Random people give and take rights, change what is on record of people and go away, on random days;
who gained what, and from whom, is counted apart from the code.
"""

import datetime
from unittest import mock

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from education.admin.profiles import PersonalProfileForm
from education.audit.operations import exclusive_transaction
from education.errors import EditorialError
from education.people.absences import absence_on, end_absence, plan_absence, reachable
from education.people.models import (
    Absence,
    ProfileProposal,
    RightsProposal,
    Role,
    User,
)
from education.people.operations import decide_rights, declare_interests, settle_rights
from education.people.profile_changes import (
    change_own_profile,
    decide_profile,
    profile_of,
    settle_profile,
)
from education.people.rules import rights_of
from education.review.pool import pools
from tests.factories import (
    make_medical_reviewer,
    make_person,
    make_revision_in_review,
    make_topic,
)
from tests.review.state_machines import run_briefly, run_for_long

PEOPLE = st.sampled_from(range(6))
CHIEFS = st.sampled_from(range(4))  # most of what others try is refused
# Who looks after accounts at the beginning, and whose accounts are changed.
POWERFUL = {"is_superuser", Role.EDITOR_IN_CHIEF.label}
ADMINS = st.sampled_from([0, 1])
DAYS = st.sampled_from([0, 0, 20, 31])
OFTEN = st.sampled_from([True, True, False])
REVIEWS = Role.MEDICAL_REVIEWER.label
RIGHTS = st.sampled_from([REVIEWS, REVIEWS, *sorted(POWERFUL), "is_active"])
DETAILS = st.sampled_from(
    [("specialty", "Neurosurgery"), ("specialty", ""), ("credentials", "Fellow"),
     ("credentials", ""), ("credentials_expire_on", 30), ("credentials_expire_on", 900)]
)  # fmt: skip


class Accounts(RuleBasedStateMachine):
    """
    Two administrators, two editors-in-chief who also review, and two reviewers.

    ``taken`` says when somebody last took rights from somebody; ``agreed`` is who agreed to the
    step that was just taken: nobody, or two.
    """

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        real, self.later = timezone.now, datetime.timedelta(0)
        clock = mock.Mock(side_effect=lambda: real() + self.later)
        self.clock = mock.patch("django.utils.timezone.now", clock)
        self.clock.start()

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        mail = {"email": "somebody@example.org"}
        people = [
            make_person(Role.EDITOR_IN_CHIEF, is_superuser=True, **mail),
            make_person(Role.EDITOR_IN_CHIEF, is_superuser=True, **mail),
            make_person(Role.EDITOR_IN_CHIEF, Role.MEDICAL_REVIEWER, **mail),
            make_person(Role.EDITOR_IN_CHIEF, Role.MEDICAL_REVIEWER, **mail),
            make_medical_reviewer("Neurology", **mail),
            make_medical_reviewer("Paediatrics", **mail),
        ]
        self.numbers = [person.pk for person in people]
        self.topic = make_topic("cells")
        self.revision = make_revision_in_review()
        self.rights = {pk: self.rights_now(pk) for pk in self.numbers}
        self.profiles = {pk: self.profile_now(pk) for pk in self.numbers}
        self.taken: dict[tuple[int, int], datetime.datetime] = {}
        self.agreed: tuple[int, ...] = ()
        self.tabs: dict[int, dict] = {}

    def person(self, who: int) -> User:
        return User.objects.get(pk=self.numbers[who])

    def rights_now(self, pk: int) -> set[str]:
        return rights_of(User.objects.get(pk=pk)) - {"is_staff"}  # the desk follows the roles

    def profile_now(self, pk: int) -> dict:
        return profile_of(User.objects.get(pk=pk))

    def looks_after(self, who: int) -> bool:
        """Whether somebody may change the accounts of others at the desk, by their form."""
        return {"is_active", "is_superuser"} <= rights_of(self.person(who))

    def attempt(self, step, **kwargs) -> bool:
        try:
            with transaction.atomic():
                step(**kwargs)
        except EditorialError:
            return False
        return True

    @rule(by=ADMINS, who=PEOPLE, right=RIGHTS, decider=CHIEFS, days=DAYS, take=st.booleans())
    def change_a_right(self, by, who, right, decider, days, take):
        """
        Given or taken; somebody agrees at once, from whom the same person may have taken rights.
        """
        if take and REVIEWS in self.rights_now(self.numbers[decider]):
            self.change(by, decider, REVIEWS)
        self.later += datetime.timedelta(days=days)
        self.change(by, who, right)
        self.decide_rights(decider, accepted=True)

    def change(self, by, who, right):
        """As the form of an account does it."""
        if not self.looks_after(by):
            return
        person = self.person(who)
        before = rights_of(person)
        with exclusive_transaction():
            if right.startswith("is_"):
                setattr(person, right, right not in before)
                person.save()
            elif right in before:
                person.groups.remove(Group.objects.get(name=right))
            else:
                person.groups.add(Group.objects.get(name=right))
            settle_rights(person=person, before=before, by=self.person(by))
        if before - rights_of(self.person(who)):
            self.taken[self.numbers[by], person.pk] = timezone.now()

    def decide_rights(self, by, accepted):
        proposal = RightsProposal.objects.filter(decided_at=None).last()
        if proposal:
            decider = self.person(by)
            held = self.rights_now(decider.pk)
            if self.attempt(decide_rights, proposal=proposal, by=decider, accepted=accepted):
                assert "is_active" in held
                assert held & POWERFUL
                self.agreed = (proposal.by_id, decider.pk)

    @rule(who=PEOPLE, detail=DETAILS, by=CHIEFS, own=st.booleans(), decider=CHIEFS)
    def change_profile(self, who, detail, by, own, decider):
        """By the person's own page, or by the form of an account."""
        person = self.person(who)
        by = who if own else by
        name, value = detail
        if isinstance(value, int):
            value = timezone.localdate() + datetime.timedelta(days=value)
        if by == who:
            self.attempt(change_own_profile, by=person, details={name: value})
        elif self.looks_after(by):
            before = profile_of(person)
            with exclusive_transaction():
                setattr(person, name, value)
                person.save()
                settle_profile(person=person, before=before, by=self.person(by))
        self.decide_profile(decider, themselves=not own, accepted=True)

    @rule(who=PEOPLE, back=st.booleans())
    def declare_or_take_back(self, who, back):
        person = self.person(who)
        if back:
            topics = type(self.topic).objects.filter(pk=self.topic.pk)
            self.attempt(change_own_profile, by=person, details={}, taken_back=topics)
        else:
            step = {"interests": "Shares.", "conflicts": [self.topic]}
            self.attempt(declare_interests, by=person, **step)

    def decide_profile(self, by, themselves, accepted):
        proposal = ProfileProposal.objects.filter(decided_at=None).last()
        if proposal:
            by = self.numbers.index(proposal.person_id) if themselves else by
            step = {"proposal": proposal, "by": self.person(by), "accepted": accepted}
            if self.attempt(decide_profile, **step):
                self.agreed = (proposal.by_id, step["by"].pk)

    @rule(by=CHIEFS, themselves=st.booleans(), accepted=OFTEN)
    def decide(self, by, themselves, accepted):
        """Of what waits of each kind, the last."""
        self.decide_rights(by, accepted)
        if not self.agreed:
            self.decide_profile(by, themselves, accepted)

    @rule(who=PEOPLE)
    def use_own_page(self, who):
        """Save it as it was when it was opened earlier; what changed since is never taken back."""
        opened = self.tabs.pop(who, None)
        form = PersonalProfileForm(instance=self.person(who))
        now = {field.name: field.value() or "" for field in form}
        if not opened:
            self.tabs[who] = now
            return
        form = PersonalProfileForm(opened | {"taken_back": []}, instance=self.person(who))
        assert form.is_valid() == (opened == now)

    @rule(who=PEOPLE, by=PEOPLE, instead=PEOPLE, days=st.sampled_from([3, 40, 400]))
    def go_away_or_come_back(self, who, by, instead, days):
        """Nobody away for long counts as able, nobody away is written to while others are there."""
        if absence := Absence.objects.filter(ended_at=None, person=self.numbers[who]).last():
            self.attempt(end_absence, absence=absence, by=self.person(by))
        today = timezone.localdate()
        last_day = today + datetime.timedelta(days=days)
        person, recorder = self.person(who), self.person(by)
        may = by == who or (recorder.is_active and self.rights_now(recorder.pk) & POWERFUL)
        planned = self.attempt(
            plan_absence, person=person, by=recorder, first_day=today, last_day=last_day,
            substitute=self.person(instead),
        )  # fmt: skip
        assert not planned or (may and days < 400 and who != instead)
        for pool in pools(self.revision):
            for person in pool.able:
                absence = absence_on(person, today)
                assert not absence or absence.last_day < today + datetime.timedelta(days=14)
        everybody = [self.person(each) for each in range(6)]
        for people in (everybody[:2], everybody[2:4], everybody):
            reached = reachable(people, today)
            assert reached == people or not any(absence_on(each, today) for each in reached)

    @invariant()
    def nobody_holds_a_right_that_only_they_agreed_to(self):
        """What an account gained, another than its person and who proposed it agreed to."""
        for pk in self.numbers:
            now = self.rights_now(pk)
            if now - self.rights[pk]:
                by, decider = self.agreed
                assert decider not in {pk, by}
                taken = self.taken.get((by, decider))
                assert not taken or timezone.now() - taken >= datetime.timedelta(days=30)
            self.rights[pk] = now

    @invariant()
    def what_lets_a_person_do_more_was_agreed_to_by_them_and_another(self):
        for pk in self.numbers:
            before, now = self.profiles[pk], self.profile_now(pk)
            more = (
                any(now[name] not in {"", before[name]} for name in ("specialty", "credentials"))
                or now["credentials_expire_on"] > before["credentials_expire_on"]
                or set(before["conflicts"]) - set(now["conflicts"])
            )
            if more:
                assert len(set(self.agreed)) == 2
                assert pk in self.agreed
            self.profiles[pk] = now
        self.agreed = ()


@pytest.mark.slow
@pytest.mark.django_db
def test_whatever_people_do_nobody_has_rights_alone():
    run_briefly(Accounts, walks=5)


@pytest.mark.soak
@pytest.mark.django_db
def test_whatever_people_do_for_long_nobody_has_rights_alone():
    run_for_long(Accounts)
