"""What a minor change of a text may be is decided by code: a list of harmless exchanges."""

import pytest

from education.text.major_changes import reasons_for_major
from education.text.rendering import Draft, Source, render

BODY = """## What was found

In one study 12 of 100 children walked further a year after the operation [@a2020]. Most families
were content with the care that they were given there.

- Ask what the team has seen.
- Bring somebody along who can take notes.
"""
SOURCES = {key: Source(key=key, text=key, html=key, usable=True) for key in ("a2020", "b2021")}


def tree(**changes):
    text = {
        "title": "Does it help?",
        "short_answer": "It may help a little [@a2020].",
        "key_messages": [{"text": "It may help [@a2020].", "certainty": "low"}],
        "body": BODY,
        "unknowns": "- Whether it lasts.",
        "questions": "- How do you know?",
        "funding": "Nobody paid.",
        "what_changed": "",
    }
    return render(Draft(**text | changes), SOURCES).tree


def body(old, new):
    assert old in BODY
    return tree(body=BODY.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("the care that they were given there", "the care they were given there"),
        ("given there.", "given there!"),
        ("In one study 12", "In one study, 12"),
        ("with the care", "with  the care"),
        ("Bring somebody along", "Bring **somebody** along"),
    ],
)
def test_how_the_same_words_are_written_is_minor(old, new):
    assert reasons_for_major(tree(), body(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("the childern came", "the children came"),
        ("a seperate room", "a separate room"),
        ("as it occured there", "as it occurred there"),
        ("teh team", "the team"),
        ("with the the team", "with the team"),
        ("some of the of the families", "some of the families"),
        ("they asked team", "they asked the team"),
        ("ask a surgeon", "ask the surgeon"),
        ("they cannot come", "they can’t come"),
        ("they don't know", "they do not know"),
        ("it’s there", "it is there"),
        ("it lost it’s place", "it lost its place"),
        ("a randomised trial of tumours", "a randomized trial of tumors"),
        ("the paediatric centre", "the pediatric center"),
        ("the follow up visit", "the follow-up visit"),
        ("a non-invasive way", "a noninvasive way"),
        ("what childrens’ teams say", "what children’s teams say"),
        ("the gmfcs levels", "the GMFCS levels"),
        ("the orthopaedic surgeon", "the Orthopaedic Surgeon"),
        ("they came, and went", "they came and went"),
        ("it is (nearly) there", "it is, nearly, there"),
        ("this is “so”", "this is 'so'"),
    ],
)
def test_what_an_editor_corrects_is_minor(old, new):
    assert reasons_for_major(tree(body=old), tree(body=new)) == []


def test_details_of_a_reference_are_minor_and_what_is_said_of_the_work_is_not():
    old = tree()
    cited = {**old, "references": [old["references"][0] | {"text": "a2020, pages 1–9"}]}
    judged = {**old, "references": [old["references"][0] | {"limitations": "Nobody was blinded."}]}

    assert reasons_for_major(old, cited) == []
    assert "citation" in " ".join(reasons_for_major(old, judged))


@pytest.mark.parametrize(
    ("old", "new", "because"),
    [
        ("12 of 100", "13 of 100", "“12”"),
        ("12 of 100", "twelve of 100", "twelve"),
        ("were content", "were not content", "“not”"),
        ("were content", "weren’t content", "weren’t"),
        ("Most families", "Some families", "“most”"),
        ("walked further", "may have walked further", "“may”"),
        ("a year after", "a year before", "before"),
        ("who can take", "who must take", "must"),
        ("were given there", "were given there in 2-year studies", "2-year"),
        ("were content with", "were happy with", "happy"),
        ("take notes", "write notes", "write"),
        ("families\nwere content with the care", "care\nwere content with the families", "care"),
        ("[@a2020]", "[@b2021]", "citation"),
        ("[@a2020]. Most", ". Most", "citation"),
        ("- Ask what the team has seen.\n", "", "new or gone"),
        ("- Bring", "- Ask for a second opinion.\n- Bring", "new or gone"),
        ("- Ask", "::: warning\nTell your team.\n:::\n\n- Ask", "new or gone"),
        (
            "Most families\nwere content with the care that they were given there.",
            "Parents praised nurses, doctors, therapists, receptionists and cooks.",
            "and others",
        ),
    ],
)  # fmt: skip
def test_what_may_change_the_meaning_is_major(old, new, because):
    assert because in " ".join(reasons_for_major(tree(), body(old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("give 5 mg of it", "give 5 g of it"),
        ("give 5 tablets of it", "give 5 spoonfuls of it"),
        ("give .5 mg of it", "give 5 mg of it"),
        ("it changed by –5 points", "it changed by 5 points"),
        ("10^6^ cells were given", "106 cells were given"),
        ("it is an effective treatment", "it is an ineffective treatment"),
        ("it is an effective treatment", "it is a useless treatment"),
        ("infections are common", "infections are uncommon"),
        ("muscles have hypertonia", "muscles have hypotonia"),
        ("a non-invasive way", "an invasive way"),
        ("please avoid grapefruit", "please enjoy grapefruit"),
        ("then stop the medicine", "then keep the medicine"),
        ("on the left leg", "on the right leg"),
        ("call them for a fever", "call them for a sniffle"),
        ("go to the emergency room", "go to the waiting room"),
        ("the study proved that", "the study hinted that"),
        ("it helped them", "it cured them"),
        ("it was tried in children", "it was tried in adults"),
        ("they were given baclofen", "they were given vitamins"),
        ("they chose rhizotomy", "they chose massage"),
        ("doctors in Beijing said so", "doctors in Boston said so"),
        ("walking at GMFCS II", "walking at GMFCS IV"),
        ("it was examined by the FDA", "it was examined by the EMA"),
        ("it was given with ondansetron", "it was given with granisetron"),
        ("they took clobazam", "they took clonazepam"),
        ("it was prednisone", "it was prednisolone"),
        ("it leads to hypotension", "it leads to hypertension"),
        ("they trained adduction", "they trained abduction"),
        ("a causal link", "a casual link"),
        ("it may come back", "it must come back"),
        ("it is not safe", "it is safe"),
        ("not not safe", "not safe"),
        ("few families", "a few families"),
        ("most effective there", "the most effective there"),
        ("of 12 families", "of the 12 families"),
        ("very very unsure", "very unsure"),
        ("they were re-treated", "they were retreated"),
        ("two three-day visits", "two-three day visits"),
        ("as the WHO says", "as the who says"),
        ("with hearing aids", "with hearing AIDS"),
        ("it helped. In some it did not", "it helped in some. It did not"),
        ("they had a centre", "they had a county"),
        ("for the country", "for the county"),
        ("all through", "all though"),
        ("the child can swim", "the children can swim"),
        ("it passes", "it possesses"),
        ("this works.", "this works?"),
        ("see [this](https://example.org/a)", "see [this](https://example.net/b)"),
        ("the end.\n\n## Helpful", "the end.\n\n## Harmful"),
        ("the end.\n\n- One.\n- More.", "the end.\n\n1. One.\n2. More."),
    ],
)
def test_no_medical_change_hides_in_a_change_of_single_words(old, new):
    opening = "They said that this is how it went, and that they would have liked to hear it: "
    assert reasons_for_major(tree(body=opening + old), tree(body=opening + new))


def test_a_word_that_the_title_or_the_answer_uses_is_never_exchanged_as_wording():
    old, new = (
        tree(title="Does massage ease it?", body=f"Afterwards they went to {word} with the others.")
        for word in ("massage", "dinner")
    )
    assert "massage" in " ".join(reasons_for_major(old, new))


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"title": "Does it help them?"}, "title"),
        ({"short_answer": "It may help slightly [@a2020]."}, "one-sentence answer"),
        ({"key_messages": [{"text": "It may aid [@a2020].", "certainty": "low"}]}, "key message"),
        ({"key_messages": [{"text": "It may help [@a2020].", "certainty": "very_low"}]}, "key"),
        ({"unknowns": "- Whether it will last."}, "do not know"),
        ({"correction": "It said 13."}, "corrected"),
        ({"funding": "A company paid."}, "paid"),
        ({"questions": "- How do you know?\n- Who pays?"}, "new or gone"),
        ({"language": "zh-hans"}, "language"),
    ],
)
def test_what_readers_take_away_first_is_always_major(changes, because):
    assert because in " ".join(reasons_for_major(tree(), tree(**changes)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("They took vitamin A there.", "They took vitamin there."),
        ("It was hepatitis.", "It was hepatitis A."),
        ("Group A walked further, group B did not.", "Group walked further, group B did not."),
        ("Both centres did so.", "Both centre did so."),
        ("It rose after it [@a2020]. Pain fell too.", "It rose after it. Pain fell too [@a2020]."),
    ],
)
def test_a_letter_a_plural_and_the_place_of_a_citation_carry_meaning(old, new):
    assert reasons_for_major(tree(body=old), tree(body=new))


def test_a_language_without_a_list_of_words_has_no_minor_changes():
    old = tree(language="zh-hans")
    assert reasons_for_major(old, old) == []
    assert reasons_for_major(old, tree(language="zh-hans", body=BODY.replace("take", "write")))
