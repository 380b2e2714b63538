"""A copy of MBZUAI/Bactrian-X as the real one is: a script that `datasets` no longer runs, beside the data."""

import gzip
import json
from collections.abc import Iterable, Mapping
from typing import Literal

from tests.hub_server.hub import Hub

REPO = "MBZUAI/Bactrian-X"
COMMIT = "3698480a001cb3f62c61c314d4acb181eb31e983"  # the one that the shipped recipes pin
SCRIPT = '''"""Bactrian-X."""

import datasets


class BactrianX(datasets.GeneratorBasedBuilder):
    BUILDER_CONFIGS = [datasets.BuilderConfig(name=name) for name in ("en", "es")]

    def _info(self):
        fields = ("instruction", "input", "id", "output")
        return datasets.DatasetInfo(features=datasets.Features({name: datasets.Value("string") for name in fields}))
'''
CARD = """---
license: cc-by-nc-4.0
task_categories:
- text-generation
language:
- en
- es
pretty_name: Bactrian-X
---
# Bactrian-X
"""
Row = Mapping[str, object]


def bactrian(
    hub: Hub,
    rows: Iterable[Row],
    form: Literal["array", "lines"] = "array",
    *,
    en: Iterable[Row] | None = None,
    oid: str = COMMIT,
) -> str:
    """Put the repository on the Hub at a commit with this id, and return the id.

    `rows` become `data/es.json.gz`, as one JSON array or as JSON Lines; `en`, if given, `data/en.json.gz`.
    """
    hub.accounts.members.setdefault(REPO.split("/")[0], {})
    files: dict[str, bytes | str | None] = {"Bactrian-X.py": SCRIPT, "README.md": CARD}
    for language, part in (("es", rows), ("en", en)):
        if part is not None:
            files[f"data/{language}.json.gz"] = compressed(part, form)
    return hub.commit(REPO, files, message="v1.0.1", author="MBZUAI", oid=oid)


def compressed(rows: Iterable[Row], form: Literal["array", "lines"]) -> bytes:
    """Rows as gzipped JSON; the same bytes each time."""
    if form == "array":
        text = json.dumps(list(rows), ensure_ascii=False, indent=4)
    else:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return gzip.compress(text.encode(), mtime=0)
