"""What an operation may refuse with."""


class EditorialError(Exception):
    """A step of the work was refused; the message is written for the person who took it."""


class StaleError(EditorialError):
    """Somebody else changed the same thing first; nothing was saved."""
