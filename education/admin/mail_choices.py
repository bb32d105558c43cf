"""Which mail a person gets, and when: a form on the page of their account."""

from typing import Any

from django import forms

from education.people.mail import choose_mail
from education.people.models import MailChoice, MailTopic, User

Pace = MailChoice.Pace


HELP = {
    MailTopic.REQUESTS: "You are asked to review a text.",
    MailTopic.TEXTS: "A text was submitted, approved, sent back, published or withdrawn.",
    MailTopic.COMMENTS: "Somebody comments on your text, or answers you.",
    MailTopic.REMINDERS: "A review is due or late.",
}


class MailForm(forms.Form):
    """For each topic of mail, how a person wants it."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        chosen = dict(person.mail_choices.values_list("topic", "pace"))
        for topic in MailTopic:
            left_out = set() if topic in MailChoice.MAY_BE_OFF else {Pace.NEVER}
            self.fields[topic.value] = forms.ChoiceField(
                label=topic.label,
                choices=[(pace.value, pace.label) for pace in Pace if pace not in left_out],
                initial=chosen.get(topic, Pace.AT_ONCE),
                help_text=HELP[topic],
            )

    def save(self) -> None:
        """Keep what was chosen."""
        choose_mail(self.person, self.cleaned_data)
