"""Which number a version deserves after another."""

from builders.identifiers import Step
from builders.manifest import Contents
from builders.records import plain


def bump(new: Contents, old: Contents) -> tuple[Step | None, str]:
    """How large a step `new` deserves after `old`, and why: major, minor, or None where columns, template and rows are the
    same. Whether a patch is due then depends on the other files."""
    if new.columns != old.columns:
        return "major", "the columns changed"
    if new.template.sha256 != old.template.sha256:
        return "major", f"the template changed ({old.template.name} → {new.template.name})"
    if new.content_sha256 != old.content_sha256:
        return "minor", "the rows changed"
    if keys := changed_keys(new, old):
        return None, f"the rows are the same; in the recipe {', '.join(keys)} changed"
    return None, "nothing changed"


def changed_keys(new: Contents, old: Contents) -> list[str]:
    """The keys of the recipe that differ."""
    one, other = plain(new.recipe), plain(old.recipe)
    return [key for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
