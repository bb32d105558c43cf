"""The questions of the evidence watch that ship with the project."""

from pathlib import Path

import yaml

from education.topics.models import Topic
from education.watch.models import WatchQuestion


def load_questions(path: Path) -> list[WatchQuestion]:
    """
    Save the questions of a YAML file for topics that have none for that register; return them.

    What editors made of a question, or that they switched it off, stays.
    """
    existing = set(WatchQuestion.objects.values_list("topic__slug", "register"))
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    made = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        topic = topics.get(entry["topic"])
        if topic is None or (entry["topic"], entry["register"]) in existing:
            continue
        question = WatchQuestion(
            topic=topic,
            register=entry["register"],
            query=" ".join(entry["query"].split()),
            words=entry["words"],
            since=entry["since"],
        )
        question.full_clean()
        question.save(force_insert=True)
        made.append(question)
    return made
