"""Two versions compared, as one page that opens offline, without scripts."""

import base64
import hashlib
import os
import tempfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from cards.diff.text import change_lists, decision, moved, row_counts, shift, totals, value, verdict
from cards.shared.terminal import safe

TILES = ("added", "removed", "changed", "decided otherwise", "moved between splits")


def comparison_page(found: Mapping[str, Any], examples: int = 100) -> str:
    """HTML of what `builders.difference.diff` found, with at most so many rows of each kind.

    Text of rows is hostile: everything is escaped, nothing is loaded, and the page's policy admits no script and no style
    but its own.
    """
    import jinja2

    folder = resources.files("cards.diff")
    style = (folder / "page.css").read_text("utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True, finalize=_visible)
    return environment.from_string((folder / "page.html.jinja").read_text("utf-8")).render(
        {
            **found,
            "style": style,
            "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            "verdict": verdict(found),
            "warning": moved(found),
            "tiles": list(zip(TILES, row_counts(found), strict=True)),
            "totals": totals(found),
            "lists": change_lists(found),
            "shifted": [shift(one) for one in found["statistics"]],
            "decided": found["reasons_changed"][:examples],
            "moved_rows": found["moved_splits"][:examples],
            "examples": {kind: rows[:examples] for kind, rows in found["examples"].items()},
            "decision": decision,
            "value": value,
        }
    )


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


def _visible(text: Any) -> Any:
    """Control characters and those that turn the reading direction are shown, not obeyed. Markup stays what it is."""
    return safe(text) if type(text) is str else text
