"""YAML that people write: read safely and strictly, merged over what it extends, changed by `--set`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from builders.errors import Invalid, clipped
from builders.recipes.strict_yaml import load_yaml

# What YAML says of a text that holds `: `, or begins with a sign that means something else there.
UNQUOTED = ("mapping values are not allowed", "that cannot start any token", "but got ':'")


def read_text(path: Path, word: str = "recipe") -> str:
    """A recipe's text; `word` is what messages call it. Raises Invalid when it is not UTF-8."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"{word} {path}: not UTF-8 text (byte {error.start})", "save it as UTF-8") from None


def parse(text: str, label: str) -> dict[str, Any]:
    """YAML text as a mapping. Raises Invalid, naming the recipe by its label and the line, for anything else."""
    try:
        values = load_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        hint = "correct it there" if mark else "correct it"
        if any(sign in _reason(error) for sign in UNQUOTED):
            hint = 'put the value in quotes, such as title: "Rows: mine"'
        raise Invalid(f"{label}{place}: not YAML that can be read: {_reason(error)}", hint) from None
    if not isinstance(values, dict):
        raise Invalid(f"{label}: must be a mapping of keys to values, such as `name: my-dataset`")
    return values


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` over `below`, mapping by mapping. A source of another kind replaces the whole source."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        other_kind = key in ("source", "parallel") and isinstance(value, Mapping) and "kind" in value
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = merge(old, value) if both and not other_kind else value  # type: ignore[arg-type]
    return merged


def override(values: dict[str, Any], change: str) -> None:
    """Set one `dotted.key=value` (the value is YAML) in place. Raises Invalid when it does not read so."""
    key, equals, text = change.partition("=")
    if not equals or not key.strip():
        raise Invalid(f"--set {clipped(change)}: must read KEY=VALUE, such as dedup.near.threshold=0.7")
    *parents, last = key.strip().split(".")
    place = values
    for parent in parents:
        inner = place.get(parent)
        place[parent] = inner = dict(inner) if isinstance(inner, dict) else {}
        place = inner
    try:
        place[last] = value = load_yaml(text)
    except yaml.YAMLError as error:
        raise Invalid(
            f"--set {clipped(change)}: the value is not YAML that can be read: {_reason(error)}",
            "quote it if it is text",
        ) from None
    if isinstance(value, dict) and not text.lstrip().startswith("{"):  # `card.title=Rows: mine`
        raise Invalid(f"--set {clipped(change)}: the value reads as a mapping", f"quote it: --set '{key}=\"…\"'")


def _reason(error: yaml.YAMLError) -> str:
    return clipped(getattr(error, "problem", None) or " ".join(str(error).split()), 200)
