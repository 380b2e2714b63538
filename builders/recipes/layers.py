"""YAML that people write: read safely and strictly, merged over what it extends, changed by `--set`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from builders.errors import Invalid


def read_text(path: Path, word: str = "recipe") -> str:
    """A recipe's text; `word` is what messages call it. Raises Invalid when it is not UTF-8."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"{word} {path}: not UTF-8 text (byte {error.start})", "save it as UTF-8") from None


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML in which a key that is given twice is an error rather than the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} is given twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def parse(text: str, label: str) -> dict[str, Any]:
    """YAML text as a mapping. Raises Invalid, naming the recipe by its label and the line, for anything else."""
    try:
        values = yaml.load(text, _StrictLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or " ".join(str(error).split())
        raise Invalid(f"{label}{place}: not YAML that can be read: {reason}", "correct it there") from None
    except (ValueError, RecursionError) as error:  # a date that does not exist, brackets without end
        raise Invalid(f"{label}: not YAML that can be read: {error}", "correct it") from None
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
        raise Invalid(f"--set {change}: must read KEY=VALUE, such as dedup.near.threshold=0.7")
    *parents, last = key.strip().split(".")
    place = values
    for parent in parents:
        inner = place.get(parent)
        place[parent] = inner = dict(inner) if isinstance(inner, dict) else {}
        place = inner
    try:
        place[last] = yaml.load(text, _StrictLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Invalid(f"--set {change}: the value is not YAML", "quote it if it is text") from None
