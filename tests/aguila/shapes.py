"""The shape of a JSON document: its keys, and for each the kind of value, or the value where it never changes."""

from typing import Any

# Places whose values are the same on every machine and with every set of rules. `[]` is whatever a list holds.
FIXED = {
    *("name", "version", "path", "source_rows", "created", "reason", "ok", "checks[].check"),  # versions
    *("[].name", "[].version", "[].commit", "[].path"),
    *("id", "status", "stage", "rule", "split", "duplicate_of", "total", "rows[].status"),  # rows
    *("old", "new", "bump", "deserves", "same_name", "number_fits", "file", "template"),  # audit, diff
    *("repo", "outcome", "commit", "private", "files[].action"),  # publishing
}
# Places whose keys are data (names of rules, words, bounds) and so no part of the shape. `*` is whatever they hold.
BY_DATA = {
    *("splits", "rules", "gold", "openings", "kinds.task", "kinds.answer", "near_duplicate_threshold"),
    *("duplicates.sizes", "duplicates.rules"),
    *("statistics.origins", "statistics.asks.verbs", "statistics.splits", "statistics.dropped", "statistics.dropped.*"),
    *("statistics.flags", "statistics.edits", "statistics.overlap", "statistics.overlap.*.with"),
    *("statistics.sensitivity", "statistics.sensitivity.*"),
    *(f"statistics.length_steps.{field}" for field in ("instruction", "input", "output")),
    *(f"statistics.language.confidence.{part}" for part in ("question", "answer")),
    *(f"statistics.language.{part}.{what}" for part in ("question", "answer") for what in ("kept", "dropped")),
}
# Places that are null for a rule that is new: not measured yet, not yet in a build.
MAY_BE_NULL = {"rules[].gold", "rules[].last_build"}


def shape(value: Any, place: str = "") -> Any:
    """A document as golden files hold it.

    A list is shown by the one shape of all that it holds, and so is a mapping whose keys are data, under the key `*`.
    """
    if place in MAY_BE_NULL:
        return joined([*([fields(value, place)] if value is not None else []), "<null>"])
    if isinstance(value, dict) and place in BY_DATA:
        return {"*": joined([shape(one, f"{place}.*") for one in value.values()])}
    if isinstance(value, dict):
        return fields(value, place)
    if isinstance(value, list):
        return [joined([shape(one, f"{place}[]") for one in value])] if value else []
    return value if place in FIXED else f"<{kind(value)}>"


def fields(value: dict[str, Any], place: str) -> dict[str, Any]:
    """The shape of a record, key by key."""
    return {key: shape(one, f"{place}.{key}".lstrip(".")) for key, one in value.items()}


def kind(value: Any) -> str:
    """`str`, `int`, `float`, `bool` or `null`."""
    return "null" if value is None else type(value).__name__


def joined(shapes: list[Any]) -> Any:
    """One shape for several: of mappings key by key, of lists by what they hold, of others the kinds that occur."""
    shapes = [
        part for one in shapes for part in (one["one of"] if isinstance(one, dict) and "one of" in one else [one])
    ]
    mappings = [one for one in shapes if isinstance(one, dict)]
    lists = [one for one in shapes if isinstance(one, list)]
    others = [one for one in shapes if not isinstance(one, dict | list)]
    found: list[Any] = []
    if mappings:
        keys = list(mappings[0])
        assert all(one.keys() == mappings[0].keys() for one in mappings), f"records with different keys: {mappings}"
        found.append({key: joined([one[key] for one in mappings]) for key in keys})
    if lists:
        held = [one[0] for one in lists if one]
        found.append([joined(held)] if held else [])
    if others:
        same = all(one == others[0] for one in others)
        words = sorted({one.strip("<>") if str(one).startswith("<") else kind(one) for one in others})
        found.append(others[0] if same else f"<{'|'.join(words)}>")
    return found[0] if len(found) == 1 else {"one of": found} if found else "<nothing>"
