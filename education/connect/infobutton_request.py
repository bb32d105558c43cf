"""
What a health record asks: the parameters of HL7's URL-based guide, read and named.

The guide is "Context-Aware Knowledge Retrieval (Infobutton), URL-Based Implementations", release 4.
Names stand in the address or in a form; ``mainSearchCriteria`` and ``subTopic`` may be repeated,
numbered from the second (``mainSearchCriteria.v.c1``); some systems begin to number at the first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from education.evidence.people_studied import AgeBand, band_of
from education.topics.models import TopicCode

System = TopicCode.System

# By OID (2.16.840.1.113883.6 is HL7's branch for code systems of others), by FHIR's URI and by name
SYSTEMS = {
    **dict.fromkeys(
        ("2.16.840.1.113883.6.90", "http://hl7.org/fhir/sid/icd-10-cm", "icd10cm", "icd-10-cm"),
        System.ICD10CM,
    ),
    **dict.fromkeys(
        ("2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-10", "icd10", "icd-10"),
        System.ICD10,
    ),
    **dict.fromkeys(
        ("2.16.840.1.113883.6.347", "http://id.who.int/icd/release/11/mms", "icd11", "icd-11"),
        System.ICD11,
    ),
    **dict.fromkeys(
        ("2.16.840.1.113883.6.96", "http://snomed.info/sct", "snomedct", "snomed ct", "sct"),
        System.SNOMED,
    ),
    **dict.fromkeys(
        (
            "2.16.840.1.113883.6.177",
            "https://www.nlm.nih.gov/mesh",
            "http://id.nlm.nih.gov/mesh",
            "msh",
            "mesh",
        ),
        System.MESH,
    ),
}

# What an answer may say of the question (the guide's list of Atom categories); the age is not
# among them, the age group is.
CATEGORIES = (
    "mainSearchCriteria.v.c", "mainSearchCriteria.v.cs", "mainSearchCriteria.v.dn",
    "mainSearchCriteria.v.ot", "subTopic.v.c", "subTopic.v.cs", "subTopic.v.dn", "subTopic.v.ot",
    "informationRecipient", "informationRecipient.languageCode.c",
    "informationRecipient.healthCareProvider.c.c", "informationRecipient.healthCareProvider.c.cs",
    "informationRecipient.healthCareProvider.c.dn", "performer", "performer.languageCode.c",
    "performer.healthCareProvider.c.c", "performer.healthCareProvider.c.cs",
    "performer.healthCareProvider.c.dn", "taskContext.c.c", "taskContext.c.cs", "taskContext.c.dn",
    "encounter.c.c", "encounter.c.cs", "encounter.c.dn",
    "patientPerson.administrativeGenderCode.c", "patientPerson.administrativeGenderCode.cs",
    "patientPerson.administrativeGenderCode.dn", "ageGroup.v.c", "ageGroup.v.cs", "ageGroup.v.dn",
    "severityObservation.interpretationCode.c", "severityObservation.interpretationCode.cs",
    "severityObservation.interpretationCode.dn", "observation.c.c", "observation.c.cs",
    "observation.c.dn", "observation.v.c", "observation.v.cs", "observation.v.dn",
    "observation.v.v", "observation.v.u", "locationOfInterest.addr.ZIP",
    "locationOfInterest.addr.CTY", "locationOfInterest.addr.STA", "locationOfInterest.addr.CNT",
)  # fmt: skip
_NAMES = {name.lower(): name for name in CATEGORIES}
_NUMBERED = re.compile(r"(mainsearchcriteria|subtopic)\.v\.(c|cs|csn|dn|ot)(\d{0,2})")
# What says nothing of a patient: an answer to these alone may be kept by a shared cache.
_IMPERSONAL = re.compile(
    r"(?:mainsearchcriteria|subtopic)\.v\.(?:c|cs|csn|dn|ot)\d{0,2}|knowledgeresponsetype|callback"
    r"|(?:informationrecipient|performer)(?:\.languagecode\.(?:c|cs|dn))?"
)
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*", re.ASCII)
# Years in one of the guide's units of age (UCUM): years, months, weeks, days.
_YEARS_IN = {"a": 1, "mo": 1 / 12, "wk": 7 / 365.25, "d": 1 / 365.25}
_AGE = re.compile(r"\d{1,5}(?:\.\d{1,3})?", re.ASCII)
_LONGEST = 500  # characters of one value; a code or a name is far shorter
_MOST = 20  # criteria and topics each


class ResponseFormat(StrEnum):
    """In which form the answer is wanted: the values of ``knowledgeResponseType``."""

    XML = "text/xml"
    JSON = "application/json"
    SCRIPT = "application/javascript"
    PAGE = "text/html"


class BadRequestError(ValueError):
    """The question can't be answered as it stands; the message says which part and why."""


@dataclass(frozen=True)
class Concept:
    """A thing asked about: a code of a system, its name there, or words as somebody typed them."""

    code: str = ""
    system: str = ""
    name: str = ""
    text: str = ""

    @property
    def known_system(self) -> TopicCode.System | None:
        """The system of the code, if it is one we know, by OID, URI or name."""
        return SYSTEMS.get(self.system.strip().lower().removeprefix("urn:oid:").rstrip("/"))

    @property
    def words(self) -> list[str]:
        """What it is called in words, the system's own name first."""
        return [words for words in (self.name, self.text) if words]

    def __str__(self) -> str:
        label = self.known_system.label if self.known_system else self.system
        named = " ".join(part for part in (label, self.code) if part) if self.code else ""
        return named or self.name or self.text


@dataclass(frozen=True)
class InfobuttonRequest:
    """
    One request of a health record.

    ``given`` is what may be said back of it, as (name, value). ``is_impersonal`` says that
    nothing of it is about a patient. ``age`` is the band of the age asked with, which is never said
    back. Other context is accepted and forgotten.
    """

    criteria: tuple[Concept, ...]
    topics: tuple[Concept, ...] = ()
    recipient: str = "PAT"
    language: str = "en"
    form: ResponseFormat = ResponseFormat.PAGE
    callback: str = ""
    given: tuple[tuple[str, str], ...] = field(default=())
    is_impersonal: bool = True
    age: AgeBand | None = None

    @property
    def of_the_child(self) -> str:
        """What the links of an answer carry on, with its ``?``: the age as a band of years."""
        return f"?age={self.age.value}" if self.age else ""

    @property
    def languages(self) -> tuple[str, ...]:
        """The language as it was asked for, and without its region: en for en-US."""
        return self.language, self.language.partition("-")[0]


def read(
    parameters: Mapping[str, str], *, unless_named: ResponseFormat = ResponseFormat.PAGE
) -> InfobuttonRequest:
    """
    The question that parameters ask; the case of their names doesn't matter.

    ``unless_named`` is the form of an answer to a question that names none. Raises
    ``BadQuestionError``.
    """
    values = {
        name.strip().lower(): value.replace("\x00", "").strip()[:_LONGEST]
        for name, value in parameters.items()
    }
    form = _form(values.get("knowledgeresponsetype", ""), unless_named)
    callback = values.get("callback", "")
    if form == ResponseFormat.SCRIPT and not (
        _CALLBACK.fullmatch(callback) and len(callback) <= 100
    ):
        raise BadRequestError(
            "callback names the function to call: letters, digits, _, $ and dots, 100 at most."
        )
    return InfobuttonRequest(
        criteria=_concepts(values, "mainsearchcriteria"),
        topics=_concepts(values, "subtopic"),
        recipient=values.get("informationrecipient", "").upper() or "PAT",
        language=values.get("informationrecipient.languagecode.c", "").lower() or "en",
        form=form,
        callback=callback,
        given=tuple(_given(values)),
        age=_age(values.get("age.v.v", ""), values.get("age.v.u", "")),
        is_impersonal=all(_IMPERSONAL.fullmatch(name) for name, value in values.items() if value),
    )


def _form(named: str, unless_named: ResponseFormat) -> ResponseFormat:
    wanted = named.lower().partition(";")[0].strip()
    if not wanted:
        return unless_named
    same = {
        "application/xml": ResponseFormat.XML,
        "application/atom+xml": ResponseFormat.XML,
        "text/json": ResponseFormat.JSON,
    }
    try:
        return same.get(wanted) or ResponseFormat(wanted)
    except ValueError:
        offered = ", ".join(ResponseFormat)
        raise BadRequestError(f"knowledgeResponseType is one of {offered}.") from None


def _age(value: str, unit: str) -> AgeBand | None:
    """The band of an age; none for what is no age of a child, or in a unit we don't know."""
    years_in = _YEARS_IN.get(unit.strip("{}").lower() or "a")
    if not (years_in and _AGE.fullmatch(value)):
        return None
    return band_of(str(int(float(value) * years_in)))


def _concepts(values: Mapping[str, str], kind: str) -> tuple[Concept, ...]:
    """The concepts of a kind in the order of their numbers; the first has none."""
    parts: dict[int, dict[str, str]] = {}
    for name, value in values.items():
        match = _NUMBERED.fullmatch(name)
        if match and match[1] == kind and value:
            parts.setdefault(int(match[3] or -1), {})[match[2]] = value
    return tuple(
        Concept(
            part.get("c", ""),
            part.get("cs") or part.get("csn", ""),
            part.get("dn", ""),
            part.get("ot", ""),
        )
        for _, part in sorted(parts.items())[:_MOST]
    )


def _given(values: Mapping[str, str]) -> list[tuple[str, str]]:
    given = []
    for name, value in values.items():
        numbered = _NUMBERED.fullmatch(name)
        plain = f"{numbered[1]}.v.{numbered[2]}" if numbered else name
        if value and plain in _NAMES:
            given.append((_NAMES[plain] + (numbered[3] if numbered else ""), value))
    return sorted(given, key=lambda pair: list(_NAMES).index(pair[0].lower().rstrip("0123456789")))
