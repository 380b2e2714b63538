"""A queue of rows to judge as one HTML page that opens offline: a row at a time, by keyboard.

Verdicts stay in the reader's browser, under a key that names the queue, until they are saved as the file of labels that
`aguila rules --labels` and `aguila build --labels` read. Rows are hostile text: they come as JSON and are written as text.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from cards.shared.page import embedded, environment, policy_hash


@dataclass(frozen=True)
class RowToJudge:
    """A row of the queue.

    stratum, of: the part that it was drawn from, and how many rows that has. fields: its text by the name of the field,
    empty ones left out.
    """

    id: str
    row_sha256: str
    stratum: str
    of: int
    fields: dict[str, str]


def review_page(version: str, rows: Sequence[RowToJudge]) -> str:
    """HTML of a queue. version: the name and number that the page and the saved file go by."""
    looks = "".join((resources.files(room) / "page.css").read_text("utf-8") for room in ("cards.audit", "cards.review"))
    script, template = (
        (resources.files("cards.review") / f"page.{kind}").read_text("utf-8") for kind in ("js", "html.jinja")
    )
    # What is saved must name rows to the letter, and texts of a page are made visible; so keys come as JSON in ASCII.
    keys = [
        json.dumps({"id": row.id, "row_sha256": row.row_sha256, "stratum": row.stratum, "of": row.of}) for row in rows
    ]
    data = {
        "queue": hashlib.sha256("\n".join(keys).encode()).hexdigest(),
        "file": f"{version.replace('/', '-')}-labels.jsonl",
        "rows": [
            {"key": key, "id": row.id, "part": row.stratum, "fields": row.fields}
            for key, row in zip(keys, rows, strict=True)
        ],
    }
    return (
        environment()
        .from_string(template)
        .render(
            version=version,
            count=len(rows),
            style=looks,
            style_hash=policy_hash(looks),
            script=script,
            script_hash=policy_hash(script),
            data=embedded(data),
        )
    )
