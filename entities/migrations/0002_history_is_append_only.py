"""The history refuses to be changed or shortened, whoever asks."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION entities_change_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history is append-only';
END $$;
CREATE TRIGGER entities_change_append_only BEFORE UPDATE OR DELETE ON entities_change
    FOR EACH ROW EXECUTE FUNCTION entities_change_refuse();
"""
ALLOW = """
DROP TRIGGER entities_change_append_only ON entities_change;
DROP FUNCTION entities_change_refuse();
"""


class Migration(migrations.Migration):
    """A trigger guards the table."""

    dependencies = [("entities", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
