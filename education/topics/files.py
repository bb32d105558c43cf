"""The topics that ship with the project."""

from pathlib import Path

import yaml

from education.topics.models import Topic, TopicCode


def load_topics(path: Path) -> list[Topic]:
    """
    Make the topics of a YAML file that are not here yet; return the new ones.

    Parents stand before their children. A topic that is here already is left as editors made it.
    """
    made = []
    for position, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))):
        if Topic.objects.filter(slug=entry["slug"]).exists():
            continue
        parent = Topic.objects.get(slug=entry["parent"]) if entry.get("parent") else None
        topic = Topic(
            slug=entry["slug"],
            title=entry["title"],
            summary=entry["summary"].strip(),
            parent=parent,
            position=position,
        )
        topic.full_clean()
        topic.save(force_insert=True)
        for code in entry.get("codes", []):
            TopicCode.objects.create(
                topic=topic,
                system=code["system"],
                code=str(code["code"]),
                display=code.get("display", ""),
            )
        made.append(topic)
    return made
