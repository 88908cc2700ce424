"""The database itself refuses to change the audit log or to take entries away."""

from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GUARD = {
    "sqlite": (
        "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON tangente_auditentry"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
        "CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON tangente_auditentry"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'integrity_constraint_violation';"
        " END $$",
        "CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON tangente_auditentry"
        " EXECUTE FUNCTION audit_is_only_added_to()",
    ),
}
UNGUARD = {
    "sqlite": ("DROP TRIGGER audit_is_not_changed", "DROP TRIGGER audit_is_not_shortened"),
    "postgresql": (
        "DROP TRIGGER audit_is_only_added_to ON tangente_auditentry",
        "DROP FUNCTION audit_is_only_added_to()",
    ),
}


def guard(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in GUARD[editor.connection.vendor]:
        editor.execute(statement)


def unguard(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNGUARD[editor.connection.vendor]:
        editor.execute(statement)


class Migration(migrations.Migration):
    """Nothing Django's own operations can say."""

    dependencies: ClassVar = [("tangente", "0002_jobs")]
    operations: ClassVar = [migrations.RunPython(guard, unguard)]
