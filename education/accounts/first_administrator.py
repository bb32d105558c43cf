"""The account with which a new site begins."""

from django.core.exceptions import ValidationError

from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.models import User


class NotAFirstAdministratorError(EditorialError):
    """There are people already, or the account can't be made with these words."""


@operation
def make_first_administrator(*, username: str, email: str, name: str = "") -> User:
    """
    Make the administrator of a site without people; they set their own password by a link.

    Rights they give while they are alone need no second person, and the record says so
    (``settle_rights``). Raises ``NotAFirstAdministratorError``.
    """
    if User.objects.exists():
        raise NotAFirstAdministratorError("There are people here already.")
    person = User(
        username=username, email=email, display_name=name, is_staff=True, is_superuser=True
    )
    person.set_unusable_password()
    try:
        person.full_clean()
    except ValidationError as error:
        raise NotAFirstAdministratorError(" ".join(error.messages)) from error
    if not email:
        raise NotAFirstAdministratorError("Give a mail address.")
    person.save(force_insert=True)
    record("person.added", person, by=None)
    return person
