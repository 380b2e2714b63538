"""Which number a version deserves after another."""

from builders.identifiers import Step
from builders.manifest import Contents


def bump(new: Contents, old: Contents) -> tuple[Step | None, str]:
    """How large a step `new` deserves after `old`, and why: major, minor, or None where columns, template and rows are the
    same. Whether a patch is due then depends on the other files."""
    if new.columns != old.columns:
        return "major", "the columns changed"
    if new.template.sha256 != old.template.sha256:
        return "major", f"the template changed ({old.template.name} → {new.template.name})"
    if new.content_sha256 != old.content_sha256:
        return "minor", "the rows changed"
    return None, "nothing changed"
