"""An empty site brings its first article to readers: each person through mails and pages alone."""

import json
import re
from collections import Counter
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import Locator, Page, expect

from education.articles.models import Article
from tests.journeys.desk import WRITES_MARKDOWN

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

BODY = """## What was found

Stiffness falls at once [@first2020]. Nobody knows how long this lasts.
"""
WORKS = [
    {
        "id": "first2020",
        "type": "article-journal",
        "title": "A first study",
        "author": [{"family": "Tester", "given": "A."}],
        "container-title": "Journal of Tests",
        "issued": {"date-parts": [[2020]]},
    }
]
TEAM = {
    "editor": ("Chief editor", ["Editor-in-chief"]),
    "neurologist": ("Neurology reviewer", ["Medical reviewer"]),
    "surgeon": ("Surgery reviewer", ["Medical reviewer"]),
    "plain": ("Plain reviewer", ["Plain-language reviewer"]),
    "writer": ("Test writer", ["Writer"]),
}
# How often the mouse is pressed, all people together; docs/first-month.md tells the numbers.
MOST_CLICKS = {
    "people": 67,
    "topic and evidence": 17,
    "article": 37,
    "checklists": 28,
    "a round of changes": 9,
}
SPECIALTIES = {"neurologist": "Paediatric neurology", "surgeon": "Neurosurgery"}
NEW = "a quiet afternoon by the sea"


class Person:
    """Somebody at their own browser, who counts each press of the mouse by what it is for."""

    def __init__(self, page: Page, username: str, name: str, clicks: Counter) -> None:
        self.page, self.username, self.name, self.clicks = page, username, name, clicks
        self.stage = "people"

    def click(self, place: Locator) -> None:
        """Press the mouse once."""
        place.click()
        self.clicks[self.stage] += 1

    def press(self, name: str | re.Pattern) -> None:
        """A button or a link by its name; a string is the whole name."""
        exact = isinstance(name, str)
        link, button = (
            self.page.get_by_role(role, name=name, exact=exact) for role in ("link", "button")
        )
        self.click(link.or_(button).first)

    def choose(self, label: str, option: str) -> None:
        """One of a list: it is opened, then chosen from."""
        self.page.get_by_label(label).first.select_option(label=option)
        self.clicks[self.stage] += 2

    def fill(self, label: str, words: str) -> None:
        """A field, reached by Tab."""
        self.page.get_by_role("textbox", name=label).first.fill(words)

    def go_home(self) -> None:
        """My work."""
        self.press(re.compile("^(Home|My work)$"))

    def open_mail(self, subject: str) -> None:
        """The page that a mail leads to."""
        mails = [each for each in mail.outbox if each.to == [f"{self.username}@portal.example"]]
        links = [
            link
            for each in mails
            if subject in each.subject
            for link in re.findall(r"http\S+", each.body)[:1]
        ]
        assert links, (subject, [each.subject for each in mails])
        self.page.goto(links[-1])
        self.clicks[self.stage] += 1

    def choose_password(self) -> None:
        """From the mailed link to the door."""
        self.open_mail("Choose your password")
        self.page.get_by_label("New password:").fill(NEW)
        self.page.get_by_label("New password confirmation:").fill(NEW)
        self.click(self.page.get_by_role("button"))

    def sign_in(self) -> None:
        """The first time; the second step has a journey of its own."""
        self.page.get_by_label("Username").fill(self.username)
        self.page.get_by_label("Password").fill(NEW)
        self.press("Log in")
        expect(self.page.get_by_role("heading", name="My work")).to_be_visible()

    def sees(self, words: str) -> None:
        """The page says so."""
        expect(self.page.get_by_text(words).first).to_be_visible()


@pytest.fixture
def clicks() -> Counter:
    """How often the mouse was pressed, by what for."""
    return Counter()


@pytest.fixture
def people(new_page, live_server, settings, clicks) -> dict[str, Person]:
    """The smallest team of a new site: invited, agreed to, able to review a text of class A."""
    settings.SITE_URL = live_server.url
    call_command("start_site", "keeper", "keeper@portal.example", stdout=StringIO())
    team = {name: Person(new_page(), name, label, clicks) for name, (label, _) in TEAM.items()}
    keeper = Person(new_page(), "keeper", "keeper", clicks)
    keeper.choose_password()
    keeper.sign_in()
    keeper.press(re.compile("Start the site"))
    keeper.press("Invite a person")
    for person in team.values():
        keeper.fill("Username:", person.username)
        keeper.fill("Display name:", person.name)
        keeper.fill("Email address:", f"{person.username}@portal.example")
        for role in TEAM[person.username][1]:
            keeper.click(keeper.page.get_by_label(role))
        keeper.press("Save and add another")
        keeper.sees(f"{person.name} has got a link by mail.")

    editor, *others = team.values()
    editor.choose_password()
    editor.sign_in()
    for person in others:
        person.choose_password()
        person.sees("you get a mail then")
        editor.open_mail(f"rights to {person.name}")
        editor.press(re.compile("^Give"))
        editor.sees("Given.")
        person.open_mail("You may begin to work")
        person.sign_in()

    for username, specialty in SPECIALTIES.items():
        person = team[username]
        person.go_home()
        person.press(re.compile("Do it.*Credentials"))
        person.choose("Specialty", specialty)
        person.fill("Credentials:", "Consultant")
        person.page.get_by_label("Credentials expire on").fill("2099-01-01")
        person.press("Save")
        person.sees("An administrator or editor-in-chief must agree")
        keeper.open_mail(f"on record of {person.name}")
        keeper.press("Agree")
        keeper.sees("Agreed.")
    for username in (*SPECIALTIES, "plain"):
        person = team[username]
        person.go_home()
        person.press(re.compile("Do it.*Interests"))
        person.fill("Your interests", "None")
        person.press("Declare")
    keeper.go_home()
    keeper.press(re.compile("Start the site"))
    expect(keeper.page.locator("#people-title ~ ul .desk-blocking")).to_have_count(0)
    return team


def add_evidence(editor: Person, agrees: Person, writer: Person) -> None:
    """A topic that two agree on, and a work that comes from a file."""
    editor.go_home()
    editor.press("Topics")
    editor.press("Add topic")
    editor.fill("Title:", "Rhizotomy")
    editor.fill("Summary:", "An operation on nerves.")
    editor.press("Save")
    agrees.open_mail("told of Rhizotomy")
    agrees.press("Agree: readers see this")

    writer.go_home()
    writer.press("Import")
    file = {"name": "w.json", "mimeType": "application/json", "buffer": json.dumps(WORKS).encode()}
    writer.page.get_by_label("Or a file").set_input_files(file)
    writer.clicks[writer.stage] += 3  # the button, the file, the dialog's button
    writer.press("Show what it would do")
    writer.press("Confirm")
    writer.press("first2020")
    writer.choose("Study design", "Randomised trial")
    writer.fill("What was found, in plain words:", "Stiffness fell.")
    writer.fill("What it can't tell:", "It was small.")
    writer.press("Save")


def submit(writer: Person) -> None:
    """From the text, by the page that says what is missing."""
    writer.press("Submit for review")
    writer.press("Submit for review")
    writer.sees("is in review")


def decide(person: Person, decision: str, comments: str = "") -> None:
    """Open the mail that asks, answer the checklist, decide."""
    page = person.page
    person.click(page.locator(".desk-checklist summary").first)
    stage, person.stage = person.stage, "checklists"
    for answer in page.locator(".desk-checklist").get_by_role("radio", name="Yes").all():
        person.click(answer)
    person.stage = stage
    person.click(page.get_by_role("radio", name=decision))
    page.get_by_role("textbox", name="Comments").fill(comments)
    person.click(page.get_by_label(re.compile("My declaration of interests")))
    person.press("Record my decision")
    person.sees("recorded.")


@pytest.mark.smoke
def test_the_smallest_team_of_a_new_site_brings_its_first_article_to_readers(
    new_page, live_server, people, clicks
):
    editor, neurologist, surgeon, plain, writer = people.values()
    address = f"{live_server.url}/articles/does-it-last/"
    reader = new_page()

    def enter(stage: str) -> None:
        for person in people.values():
            person.stage = stage

    enter("topic and evidence")
    add_evidence(editor, surgeon, writer)

    # Written.
    enter("article")
    writer.page.add_init_script(WRITES_MARKDOWN)
    writer.go_home()
    writer.press("Begin an article")
    writer.fill("Title:", "Does it last?")
    writer.choose("Topic", "Rhizotomy")
    writer.press("Save")
    writer.fill("One-sentence answer", "For years, probably [@first2020].")
    writer.fill("Body", BODY)
    writer.fill("What we do not know", "- How long it lasts.")
    writer.fill("Who paid for this text", "Nobody.")
    writer.press("Save and continue editing")
    writer.sees("was changed successfully")
    writer.sees("Class A is the judgement of one person so far.")

    # Its class and its evidence are the word of two.
    neurologist.go_home()
    neurologist.press(re.compile("Look at the class"))
    neurologist.press("It is class A")
    neurologist.sees("is of class A")
    for person in (neurologist, surgeon):
        person.go_home()
        person.press(re.compile("^Verify"))
        person.press("These details are right")
    surgeon.sees("first2020 is verified.")

    # Submitted, and reviewed by who was asked; its writer judges nothing of it.
    submit(writer)
    writer.page.goto(writer.page.url.replace("/change/", "/review/"))
    writer.sees("You can’t decide on this revision")
    expect(writer.page.get_by_role("button", name="Record my decision")).to_have_count(0)
    editor.go_home()
    editor.press(re.compile("Ask reviewers"))
    expect(editor.page.locator("input:checked")).to_have_count(3)  # there is nobody else
    editor.press("Ask")
    enter("a round of changes")
    neurologist.open_mail("Please review")
    decide(neurologist, "Ask for changes", "Say what stiffness is.")
    assert reader.goto(address).status == 404
    writer.open_mail("Does it last?: ask for changes")
    writer.sees("Say what stiffness is.")
    writer.fill("Body", BODY.replace("Stiffness falls", "Stiffness (tight muscles) falls"))
    writer.press("Save and continue editing")
    submit(writer)

    enter("article")
    for person in (neurologist, surgeon, plain):
        person.open_mail("Does it last? is in review again")
        decide(person, "Approve")
        assert reader.goto(address).status == 404

    # Published; and printed.
    editor.open_mail("can be published")
    editor.press("Publish")
    editor.sees("is public")
    assert reader.goto(address).ok
    expect(reader.get_by_role("heading", level=1)).to_have_text("Does it last?")
    expect(reader.locator("main")).to_contain_text("Stiffness (tight muscles) falls at once")
    assert Article.objects.get().risk_class == Article.RiskClass.A
    reader.get_by_role("link", name="Print this as a handout").first.click()
    expect(reader.locator("main")).to_contain_text("Stiffness (tight muscles) falls at once")

    assert {
        stage: clicks[stage] for stage in MOST_CLICKS if clicks[stage] > MOST_CLICKS[stage]
    } == {}
