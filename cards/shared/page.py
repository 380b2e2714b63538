"""HTML pages that open offline: written whole or not at all, with hostile text shown and never obeyed."""

import base64
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from cards.shared.terminal import safe


def environment() -> jinja2.Environment:
    """Templates that escape whatever they are given, and show what could steer the reading direction."""
    return jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True, finalize=visible_text)


def policy_hash(text: str) -> str:
    """How a content security policy names a script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def visible_text(value: Any) -> Any:
    """A text with control characters, and those that turn the reading direction, as escapes. Markup stays what it is."""
    return safe(value) if type(value) is str else value


def embedded(value: Any) -> str:
    """Records or plain values as JSON for a script element: no character in it can end the element or begin markup."""
    text = json.dumps(_visible(msgspec.to_builtins(value)), ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def write_page(path: Path, page: str) -> None:
    """Write a page whole or not at all. Raises OSError, which names `path`, where it cannot be written."""
    try:
        _write_beside(path, page)
    except OSError as error:  # it names the file beside, which nobody asked for
        raise type(error)(error.errno, error.strerror, str(path)) from None


def _write_beside(path: Path, page: str) -> None:
    """Write into a new file beside `path`, then put it in its place."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise


def _visible(value: Any) -> Any:
    """Plain values with every text in them made visible."""
    if isinstance(value, dict):
        return {key: _visible(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_visible(one) for one in value]
    return visible_text(value)
