"""All tables, for Django to find; each lives with its feature."""

from tangente.web.people.models import AuditEntry, Department, Invitation, Membership, Person, Workspace

__all__ = ["AuditEntry", "Department", "Invitation", "Membership", "Person", "Workspace"]
