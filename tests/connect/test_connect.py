"""A health record asks for handouts by the code of a diagnosis, and gets what is public now."""

import json
import logging
import re
import xml.etree.ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from education.connect.infobutton_request import CATEGORIES
from education.publishing.models import Publication
from education.publishing.operations import withdraw
from education.safety.operations import record_status
from education.topics.models import Topic, TopicCode
from tests.examples import examples
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_next_publication,
    make_publication,
    make_topic,
)

pytestmark = pytest.mark.django_db

ICD10CM = "2.16.840.1.113883.6.90"
ICD10 = "2.16.840.1.113883.6.3"
ICD11 = "2.16.840.1.113883.6.347"
SNOMED = "2.16.840.1.113883.6.96"
MESH = "2.16.840.1.113883.6.177"
ATOM = "{http://www.w3.org/2005/Atom}"

# What may stand in the feed, in this order, and how often: the lists of HL7's service guide.
FEED = [
    ("title", 1, 1), ("subtitle", 0, 1), ("author", 1, 99), ("updated", 1, 1), ("id", 1, 1),
    ("category", 0, 99), ("entry", 0, 99),
]  # fmt: skip
ENTRY = [
    ("title", 1, 1), ("link", 1, 99), ("id", 1, 1), ("updated", 1, 1), ("category", 0, 99),
    ("summary", 1, 1),
]  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def code(topic: Topic, system: str, value: str, display: str = "") -> None:
    TopicCode.objects.create(topic=topic, system=system, code=value, display=display)


@pytest.fixture
def palsy() -> Topic:
    """Cerebral palsy with its codes, and rhizotomy below it."""
    topic = make_topic("cerebral-palsy", title="Cerebral palsy")
    code(topic, "icd10", "G80.0", "Spastic quadriplegic cerebral palsy")
    code(topic, "icd10", "G80.1", "Spastic diplegic cerebral palsy")
    code(topic, "icd11", "8D20", "Spastic cerebral palsy")
    code(topic, "snomed", "128188000", "Cerebral palsy")
    code(topic, "mesh", "D002547", "Cerebral Palsy")
    make_topic("rhizotomy", title="Rhizotomy", parent=topic)
    return topic


@pytest.fixture
def publication(palsy):
    return make_publication(article=make_article(slug="what-it-is", topic=palsy))


def ask(client, value="", system=ICD10CM, kind="text/xml", **more):
    parameters = {"mainSearchCriteria.v.c": value, "mainSearchCriteria.v.cs": system}
    return client.get("/connect/", parameters | {"knowledgeResponseType": kind} | more)


def found(response) -> list[str]:
    """The titles' addresses of an XML answer, the best first."""
    links = checked(response.content).findall(f"{ATOM}entry/{ATOM}link[@rel='alternate']")
    return [link.get("href").rsplit("/", 2)[1] for link in links]


def checked(written: bytes) -> ET.Element:
    """The feed, after holding it to the guide's lists."""
    feed = ET.fromstring(written)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang")
    held_to(feed, FEED)
    for element in feed.iter(f"{ATOM}updated"):
        assert MOMENT.fullmatch(element.text)
    for category in feed.findall(f"{ATOM}category"):
        assert re.sub(r"\d+$", "", category.get("scheme")) in CATEGORIES
    for entry in feed.findall(f"{ATOM}entry"):
        held_to(entry, ENTRY)
        assert entry.find(f"{ATOM}summary").get("type") == "html"
        schemes = [category.get("scheme") for category in entry.findall(f"{ATOM}category")]
        assert set(schemes) <= {"relevanceScore", "strengthOfRecommedation"}
    return feed


def held_to(element, schema) -> None:
    names = [child.tag.removeprefix(ATOM) for child in element]
    order = [name for name, _, _ in schema]
    assert names == sorted(names, key=order.index)
    for name, least, most in schema:
        assert least <= names.count(name) <= most, name


# What matches


@pytest.mark.parametrize(
    ("value", "system"),
    [
        ("G80.1", ICD10CM),
        ("g80.1", ICD10),
        ("G80", ICD10CM),
        ("G80.11", ICD10CM),
        ("128188000", SNOMED),
        ("d002547", MESH),
        ("G80.1", f"urn:oid:{ICD10}"),
        ("G801", ICD10CM),
        ("G80.-", ICD10),
        ("8D20", ICD11),
    ],
)
def test_a_code_finds_what_is_public_on_it(client, publication, value, system):
    assert found(ask(client, value, system)) == [publication.slug]


@pytest.mark.parametrize(
    ("value", "system"),
    [
        ("G8", ICD10CM),
        ("G", ICD10CM),
        ("G80.2", ICD10CM),
        ("G81", ICD10CM),
        ("G80.1", SNOMED),
        ("128188000", ICD10CM),
        ("12818800", SNOMED),
        ("G80.1", "1.2.3"),
        ("", ICD10CM),
        ("%", ICD10CM),
    ],
)
def test_what_is_no_code_of_ours_finds_nothing_and_is_no_error(client, publication, value, system):
    response = ask(client, value, system)

    assert response.status_code == 200
    assert found(response) == []


def test_a_name_finds_it_where_the_code_is_unknown(client, publication):
    response = ask(client, "X1", "1.2.3", **{"mainSearchCriteria.v.dn": "CEREBRAL palsy"})

    assert found(response) == [publication.slug]


def test_words_as_they_were_typed_find_it_too(client, publication):
    response = ask(client, **{"mainSearchCriteria.v.ot": "infantile cerebral palsy, right side"})

    assert found(response) == [publication.slug]


@pytest.mark.parametrize(
    ("words", "titles"),
    [("Selective dorsal rhizotomy", {"What is rhizotomy?"}), ("FSPR", {"What is rhizotomy?"}),
     ("Stem cells", {"Of stem cells"}), ("Spasticity", {"Care for stiff muscles"}),
     ("脑瘫", set()), ("Acupuncture", set())],
)  # fmt: skip
def test_a_name_finds_the_page_that_calls_it_otherwise(client, words, titles):
    topic = make_topic("other", title="Other things")
    for number, title in enumerate(
        ("What is rhizotomy?", "Of stem cells", "Care for stiff muscles")
    ):
        article = make_article(slug=f"text-{number}", topic=topic)
        make_publication(article=article, draft=make_draft(title=title))

    response = ask(client, **{"mainSearchCriteria.v.dn": words})

    shown = Publication.objects.filter(slug__in=found(response))
    assert {publication.title for publication in shown} == titles


@pytest.mark.parametrize(
    ("words", "slug", "score"),
    [
        ("SDR", "operation", "0.8"),
        ("selective dorsal rhizotomy", "operation", "0.8"),
        ("Cerebral palsy, unspecified", "what-it-is", "0.8"),
        ("Infantile cerebral palsy affecting right dominant side", "what-it-is", "0.8"),
        ("SDR in cerebral palsy", "operation", "0.6"),
        ("rhizotmy", "operation", "0.5"),
        ("cerebral plasy", None, None),  # a short word is too much like others
        ("diabetes", None, None),
        ("spinal cord injury", None, None),
        ("stem cell transplant for leukaemia", None, None),
        ("stem cell therapy for leukaemia", None, None),
        ("rhizotomy for trigeminal neuralgia", None, None),
        ("in children", None, None),
    ],
)
def test_words_name_a_topic_and_nothing_of_another_disease(
    client, palsy, publication, words, slug, score
):
    code(make_topic("cells", title="Stem cell therapy", parent=palsy), "mesh", "D033581")
    operation = Topic.objects.get(slug="rhizotomy")
    operation.title = "FSPR and rhizotomy"
    operation.save()
    for name, topic in (("operation", "rhizotomy"), ("cells", "cells")):
        article = make_article(slug=name, topic=Topic.objects.get(slug=topic))
        text = "What it is for children with cerebral palsy."
        make_publication(article=article, draft=make_draft(title="A page", body=text))
    elsewhere = make_article(slug="aside", topic=make_topic("aside", title="Paying"))
    make_publication(article=elsewhere, draft=make_draft(title="A claim about SDR"))

    response = ask(client, **{"mainSearchCriteria.v.dn": words})

    assert response.status_code == 200
    assert found(response)[:1] == ([slug] if slug else [])
    if score:
        feed = checked(response.content)
        assert (
            feed.find(f"{ATOM}entry/{ATOM}category[@scheme='relevanceScore']").get("term") == score
        )


def test_words_are_read_once_however_many_topics_there_are(client, publication):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            response = ask(client, **{"mainSearchCriteria.v.dn": "cerebral pallsy"})
        assert found(response) == [publication.slug]
        return len(asked)

    few = queries()
    for number in range(3):
        make_topic(f"other-{number}", title=f"Other {number}")
    assert queries() == few


def test_a_story_around_a_name_names_nothing_though_a_text_tells_it(client, palsy):
    words = [f"{first}{second}kwa" for first in "bdfgl" for second in "aeiou"]
    article = make_article(slug="story", topic=palsy)
    make_publication(article=article, draft=make_draft(body=f"Told: {' '.join(words)}."))

    def told(number: int) -> list[str]:
        story = f"cerebral palsy {' '.join(words[:number])}"
        return found(ask(client, **{"mainSearchCriteria.v.ot": story}))

    assert told(10) == ["story"]
    assert told(25) == []


def test_the_nearest_topic_comes_first_and_says_how_near(client, palsy, publication):
    below = make_publication(
        article=make_article(slug="operation", topic=Topic.objects.get(slug="rhizotomy"))
    )

    feed = checked(ask(client, "G80.1").content)

    assert found(ask(client, "G80.1")) == [publication.slug, below.slug]
    scores = [
        float(category.get("term"))
        for category in feed.iter(f"{ATOM}category")
        if category.get("scheme") == "relevanceScore"
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1


def test_a_subtopic_puts_what_is_about_it_first(client, palsy, publication):
    below = make_publication(
        article=make_article(slug="operation", topic=Topic.objects.get(slug="rhizotomy"))
    )

    response = ask(client, "G80.1", **{"subTopic.v.dn": "rhizotomy"})

    assert found(response) == [below.slug, publication.slug]


def test_a_second_question_is_answered_too(client, publication):
    other = make_publication(
        article=make_article(slug="other", topic=make_topic("sleep", title="Sleep"))
    )

    response = ask(client, "G80.1", **{"mainSearchCriteria.v.dn1": "Sleep"})

    assert set(found(response)) == {publication.slug, other.slug}


# As the guide's examples and MedlinePlus Connect's pages write requests, with our codes in them.
REQUESTS = {
    "a problem list": (
        "knowledgeRequestNotification.effectiveTime.v=20260706001023"
        "&holder.assignedEntity.name.r=0&holder.assignedEntity.certificateText=x"
        "&patientPerson.administrativeGenderCode.c=F&patientPerson.administrativeGenderCode.dn=Female"
        "&age.v.v=7&age.v.u=a&ageGroup.v.c=D002648&ageGroup.v.cs=2.16.840.1.113883.6.177"
        "&taskContext.c.c=PROBLISTREV&mainSearchCriteria.v.c=G80.1"
        "&mainSearchCriteria.v.cs=2.16.840.1.113883.6.90"
        "&mainSearchCriteria.v.dn=Spastic%20diplegic%20cerebral%20palsy"
        "&performer=PROV&informationRecipient=PAT&encounter.c.c=AMB"
    ),
    "two problems": (
        "mainSearchCriteria.v.c=J45&mainSearchCriteria.v.cs=2.16.840.1.113883.6.90"
        "&mainSearchCriteria.v.c1=G80.1&mainSearchCriteria.v.cs1=2.16.840.1.113883.6.90"
        "&informationRecipient=PROV&informationRecipient.languageCode.c=en"
    ),
    "a payor asks, numbered from the first": (
        "mainSearchCriteria.v.c0=128188000&mainSearchCriteria.v.cs0=2.16.840.1.113883.6.96"
        "&subTopic.v.c=Q000628&subTopic.v.cs=2.16.840.1.113883.6.177&subTopic.v.dn=therapy"
        "&informationRecipient=PAYOR&locationOfInterest.addr.ZIP=00000"
    ),
    "MedlinePlus Connect": (
        "mainSearchCriteria.v.cs=2.16.840.1.113883.6.90&mainSearchCriteria.v.c=G80.1"
        "&mainSearchCriteria.v.dn=&informationRecipient.languageCode.c=en"
    ),
    "MedlinePlus Connect, a language with its region": (
        "mainSearchCriteria.v.cs=2.16.840.1.113883.6.96&mainSearchCriteria.v.c=128188000"
        "&mainSearchCriteria.v.dn=Cerebral+palsy&informationRecipient.languageCode.c=en-GB"
    ),
}


@pytest.mark.parametrize("asked", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_requests_as_record_systems_write_them_are_answered(client, publication, asked, method):
    asked += "&knowledgeResponseType=text%2Fxml"
    if method == "get":
        response = client.get(f"/connect/?{asked}")
    else:
        form = "application/x-www-form-urlencoded"
        response = client.post("/connect/", asked, content_type=form)

    assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert found(response) == [publication.slug]


def test_posting_a_form_asks_the_same(client, publication):
    form = {"mainsearchcriteria.V.C": "G80.1", "MainSearchCriteria.v.cs": ICD10CM}

    response = client.post("/connect/", form | {"knowledgeResponseType": "text/xml"})

    assert found(response) == [publication.slug]


def test_what_is_not_there_in_a_language_comes_in_english_and_says_so(client, publication):
    polish = ask(client, "G80.1", **{"informationRecipient.languageCode.c": "pl"})
    american = ask(client, "G80.1", **{"informationRecipient.languageCode.c": "en-US"})

    assert found(polish) == found(american) == [publication.slug]
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    for response, is_marked in ((polish, True), (american, False)):
        feed = checked(response.content)
        [entry] = feed.findall(f"{ATOM}entry")
        assert feed.get(language) == entry.get(language) == "en"
        summary = entry.findtext(f"{ATOM}summary")
        assert ("no handout in the language you asked for" in summary) is is_marked


@pytest.mark.parametrize(
    ("code", "system", "score"),
    [
        ("G801", "urn:oid:2.16.840.1.113883.6.90", "1"),
        ("g80.1", "http://hl7.org/fhir/sid/icd-10-cm", "1"),
        ("G80.1", "http://hl7.org/fhir/sid/icd-10/", "1"),
        ("G80.11", "ICD10CM", "0.9"),
        ("G80.1", "", "0.7"),
        ("8D20.1", "urn:oid:2.16.840.1.113883.6.347", "1"),
        ("8D20.10", "http://id.who.int/icd/release/11/mms", "0.9"),
        ("8D20.1&XS25", "ICD11", "1"),
        ("8D201", "ICD11", "1"),
        ("8d2010", "http://id.who.int/icd/release/11/mms", "0.9"),
        ("128188000", "http://snomed.info/sct", "1"),
    ],
)
def test_codes_are_known_as_record_systems_write_them(client, publication, code, system, score):
    publication.topic.codes.create(system="icd11", code="8D20.1", display="Bilateral spastic")
    publication.topic.codes.get_or_create(system="snomed", code="128188000")
    response = ask(client, code, **{"mainSearchCriteria.v.cs": system})

    [entry] = checked(response.content).findall(f"{ATOM}entry")
    scores = [
        category.get("term")
        for category in entry.findall(f"{ATOM}category")
        if category.get("scheme") == "relevanceScore"
    ]
    assert scores == [score]


def test_a_system_may_be_named_and_a_strange_one_matches_nothing(client, publication):
    named = ask(
        client, "G80.1", **{"mainSearchCriteria.v.cs": "", "mainSearchCriteria.v.csn": "ICD10"}
    )
    strange = ask(client, "G80.1", **{"mainSearchCriteria.v.cs": "1.2.3"})

    assert found(named) == [publication.slug]
    assert found(strange) == []


# What is said


def test_an_entry_leads_to_page_and_paper_and_tells_certainty_and_dates(client, publication):
    [entry] = checked(ask(client, "G80.1").content).findall(f"{ATOM}entry")
    links = {link.get("type"): link.get("href") for link in entry.findall(f"{ATOM}link")}
    categories = {
        category.get("scheme"): category.get("term")
        for category in entry.findall(f"{ATOM}category")
    }

    assert links["text/html"].endswith("/articles/what-it-is/")
    assert links["application/pdf"].endswith("/handouts/what-it-is.pdf")
    assert categories["strengthOfRecommedation"] == "low"
    summary = entry.find(f"{ATOM}summary").text
    assert "It may help a little" in summary
    assert publication.reviewed_on.isoformat() in summary


def test_an_entry_keeps_its_id_when_a_new_version_comes(client, publication):
    before = checked(ask(client, "G80.1").content).find(f"{ATOM}entry/{ATOM}id").text
    make_next_publication(publication)

    after = checked(ask(client, "G80.1").content).find(f"{ATOM}entry/{ATOM}id").text

    assert before == after


def test_the_answer_says_back_the_question_but_not_the_age(client, publication):
    response = ask(client, "G80.1", **{"age.v.v": "7", "age.v.u": "a", "ageGroup.v.dn": "child"})

    said = {
        category.get("scheme"): category.get("term")
        for category in checked(response.content).findall(f"{ATOM}category")
    }
    assert said["mainSearchCriteria.v.c"] == "G80.1"
    assert said["ageGroup.v.dn"] == "child"
    assert not any(scheme.startswith("age.") for scheme in said)


@pytest.mark.parametrize(
    ("value", "unit", "query"),
    [
        ("7", "a", "?age=6-8"),
        ("4", "", "?age=4-5"),
        ("50", "mo", "?age=4-5"),
        ("23", "mo", "?age=0-1"),
        ("300", "d", "?age=0-1"),
        ("4.9", "a", "?age=4-5"),
        ("40", "a", ""),
        ("7", "km", ""),
        ("-7", "a", ""),
        ('7"><b>', "a", ""),
        ("", "a", ""),
    ],
)
def test_an_age_comes_back_as_a_band_in_the_links(client, publication, value, unit, query):
    age = {"age.v.v": value, "age.v.u": unit}
    feed = checked(ask(client, "G80.1", **age).content)

    page, paper = (link.get("href") for link in feed.findall(f"{ATOM}entry/{ATOM}link"))
    assert page.endswith(f"/articles/{publication.slug}/{query}")
    assert paper.endswith(f"/handouts/{publication.slug}.pdf{query}")
    shown = ask(client, "G80.1", kind="text/html", **age)
    assert f'href="/articles/{publication.slug}/{query}"' in shown.content.decode()
    if value:
        assert shown["Cache-Control"] == "private, no-store"


def test_json_is_read_by_a_client_that_wraps_every_text(client, publication):
    """The shape that MedlinePlus Connect sends and record systems read."""
    written = ask(client, "G80.1", kind="application/json").content.decode()

    feed = json.loads(written)["feed"]
    assert not set(written) & set("<>=")
    assert r"\"" not in written
    assert [entry["title"]["_value"] for entry in feed["entry"]] == [publication.title]
    assert feed["entry"][0]["link"][0]["href"].endswith("/articles/what-it-is/")
    assert feed["entry"][0]["summary"]["type"] == "html"
    assert feed["entry"][0]["summary"]["_value"].startswith("<p>")


def test_no_match_is_a_feed_with_an_empty_list(client, publication):
    response = ask(client, "Z99", kind="application/json")

    assert response.status_code == 200
    assert json.loads(response.content)["feed"]["entry"] == []


def test_a_script_calls_the_function_it_was_given(client, publication):
    response = ask(client, "G80.1", kind="application/javascript", callback="ehr.show")
    written = response.content.decode()

    assert response["Content-Type"].startswith("application/javascript")
    assert re.fullmatch(r"/\*\*/ehr\.show\((\{.*\})\);", written, re.DOTALL)


@pytest.mark.parametrize("callback", ["", "alert(1)//", "a b", "<script>", "1x", "a" * 200, "a.."])
def test_a_script_for_no_proper_function_is_refused(client, publication, callback):
    response = ask(client, "G80.1", kind="application/javascript", callback=callback)

    assert response.status_code == 400
    assert b"callback" in response.content
    assert response["Content-Type"].startswith("text/plain")


def test_an_unknown_form_is_refused_with_those_there_are(client):
    response = ask(client, "G80.1", kind="application/msword")

    assert response.status_code == 400
    assert b"application/json" in response.content


def test_without_a_form_a_browser_gets_a_page_and_a_machine_what_it_takes(client, publication):
    parameters = {"mainSearchCriteria.v.c": "G80.1", "mainSearchCriteria.v.cs": ICD10CM}

    page = client.get("/connect/", parameters, headers={"accept": "text/html,*/*"})
    machine = client.get("/connect/", parameters, headers={"accept": "application/atom+xml"})

    assert publication.title in page.content.decode()
    assert "ICD-10-CM G80.1" in page.content.decode()
    assert found(machine) == [publication.slug]


# What must not be said


def test_a_withdrawn_page_is_left_out(client, publication):
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")

    assert found(ask(client, "G80.1")) == []


def test_words_that_rest_on_a_retracted_study_are_not_sent_and_paper_is_not_offered(client, palsy):
    item = make_item("fallen")
    make_publication(article=make_article(topic=palsy), draft=make_draft(item.key))
    record_status(
        item=item,
        status="retracted",
        occurred_on=item.verifications.first().at.date(),
        source_url="https://example.org/notice",
        reason="The data were made up.",
        by=make_editor(),
    )

    written = ask(client, "G80.1").content.decode()

    assert "It may help a little" not in written
    assert "The data were made up" in written
    assert "application/pdf" not in written


def test_markup_in_a_question_is_never_markup_in_an_answer(client, publication):
    nasty = '"><script>alert(1)</script>\x00\x01\ud7ff'
    for kind in ("text/xml", "application/json", "text/html"):
        response = ask(client, nasty, kind=kind, **{"mainSearchCriteria.v.dn": nasty})

        assert response.status_code == 200
        assert b"<script>alert" not in response.content
        if kind == "text/xml":
            checked(response.content)


# What nobody may learn


def test_an_answer_about_nobody_is_kept_by_who_asked_and_one_about_a_patient_by_nobody(
    client, publication
):
    general = ask(client, "G80.1")
    personal = ask(client, "G80.1", **{"patientPerson.administrativeGenderCode.c": "F"})
    posted = client.post("/connect/", {"mainSearchCriteria.v.c": "G80.1"})

    assert general["Cache-Control"] == "private, max-age=60"
    assert personal["Cache-Control"] == posted["Cache-Control"] == "private, no-store"
    for response in (general, personal, posted):
        assert response["Referrer-Policy"] == "no-referrer"
        assert not response.cookies


def test_no_log_learns_what_was_asked(client, publication, caplog):
    caplog.set_level(logging.DEBUG)
    secret = {"patientPerson.administrativeGenderCode.dn": "Secretvalue", "age.v.v": "7919"}

    ask(client, "G80.1", **secret)
    ask(client, "G80.1", kind="application/msword", **secret)
    client.put("/connect/?mainSearchCriteria.v.dn=Secretvalue")

    said = " ".join(
        record.getMessage() for record in caplog.records if "SELECT" not in record.getMessage()
    )
    assert "Secretvalue" not in said
    assert "7919" not in said


names = st.sampled_from([*CATEGORIES, "age.v.v", "knowledgeResponseType", "callback"])


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(parameters=st.dictionaries(names | st.text(max_size=30), st.text(max_size=60), max_size=8))
def test_any_question_has_an_answer(client, publication, parameters):
    clean = {
        name.encode("utf-8", "ignore").decode(): value.encode("utf-8", "ignore").decode()
        for name, value in parameters.items()
    }

    got = client.get("/connect/", clean)
    posted = client.post("/connect/", clean)

    assert got.status_code in (200, 400)
    assert posted.status_code in (200, 400)
