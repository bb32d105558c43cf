"""Every model, in the order information flows."""

from education.accounts.models import FailedSignIn, RecoveryCode, SignIn
from education.articles.models import (
    Article,
    Citation,
    ClaimCheck,
    ComparisonCell,
    ComparisonOption,
    ComparisonRow,
    Contribution,
    FindingsOutcome,
    FindingsRow,
    GlossaryTerm,
    KeyMessage,
    OpenEditor,
    Revision,
    SavedText,
)
from education.audit.models import Event, EventHead, JobRun
from education.evidence.models import (
    EvidenceImport,
    EvidenceItem,
    Finding,
    StatusEvent,
    Verification,
)
from education.feedback.models import Answer, Clarity, Report, SenderMark
from education.handouts.models import (
    Clinic,
    ClinicStaff,
    Pack,
    PackItem,
    PrintedCopy,
    PrintedPart,
)
from education.people.models import (
    ConflictOfInterest,
    Message,
    RightsProposal,
    TopicProposal,
    User,
)
from education.publishing.models import (
    ConcernNote,
    MaskedPassage,
    Publication,
    PublicationEvent,
    PublishedCitation,
)
from education.review.models import Assignment, Comment, Review
from education.safety.models import EmergencyNote, RegistryCheck, Task
from education.search.models import SearchEntry, SearchWord, SynonymGroup
from education.topics.models import Topic, TopicCode

__all__ = [
    "Answer",
    "Article",
    "Assignment",
    "Citation",
    "ClaimCheck",
    "Clarity",
    "Clinic",
    "ClinicStaff",
    "Comment",
    "ComparisonCell",
    "ComparisonOption",
    "ComparisonRow",
    "ConcernNote",
    "ConflictOfInterest",
    "Contribution",
    "EmergencyNote",
    "Event",
    "EventHead",
    "EvidenceImport",
    "EvidenceItem",
    "FailedSignIn",
    "Finding",
    "FindingsOutcome",
    "FindingsRow",
    "GlossaryTerm",
    "JobRun",
    "KeyMessage",
    "MaskedPassage",
    "Message",
    "OpenEditor",
    "Pack",
    "PackItem",
    "PrintedCopy",
    "PrintedPart",
    "Publication",
    "PublicationEvent",
    "PublishedCitation",
    "RecoveryCode",
    "RegistryCheck",
    "Report",
    "Review",
    "Revision",
    "RightsProposal",
    "SavedText",
    "SearchEntry",
    "SearchWord",
    "SenderMark",
    "SignIn",
    "StatusEvent",
    "SynonymGroup",
    "Task",
    "Topic",
    "TopicCode",
    "TopicProposal",
    "User",
    "Verification",
]
