"""The rows embedded in this package."""

import hashlib
from importlib import resources
from pathlib import Path

from builders.errors import keyed
from builders.recipes.source_model import Columns, DemoSource
from builders.sources.formats import rows_of
from builders.sources.order import in_natural_order
from builders.sources.read import Read, require_pin


def read(source: DemoSource, registry: Path, where: str | None) -> Read:
    """The embedded rows, which lie nowhere else (see `builders.sources.reading.Reader`)."""
    return read_demo(source)


def read_demo(source: DemoSource) -> Read:
    """The embedded rows. Raises Changed when the recipe pins other rows than this package holds."""
    data = (resources.files("builders") / "demo" / "rows.jsonl").read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    with keyed("source"):
        require_pin("the embedded demo rows", source.sha256, sha256)
    frame = rows_of(data, Path("demo rows.jsonl"), Columns())
    return Read(in_natural_order(frame, "demo rows.jsonl"), source.model_copy(update={"sha256": sha256}))
