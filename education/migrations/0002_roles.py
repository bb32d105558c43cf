"""Each role is a group."""

from django.db import migrations

ROLES = (
    "Writer",
    "Medical reviewer",
    "Plain-language reviewer",
    "Editor-in-chief",
    "Clinic",
    "Auditor",
)


def make_roles(apps, schema_editor):
    """Make the groups; a group of that name that is there already is kept."""
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.using(schema_editor.connection.alias).get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("education", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
