"""What an operation may refuse with, and what is said while the database does not answer."""

RETRY_AFTER = "30"  # seconds, as a header says it
CANNOT_ANSWER = "The database does not answer just now. Ask again in a minute."


class EditorialError(Exception):
    """A step of the work was refused; the message is written for the person who took it."""


class StaleError(EditorialError):
    """Somebody else changed the same thing first; nothing was saved."""
