"""The rows embedded in this package."""

import hashlib
from importlib import resources

from builders.errors import keyed
from builders.recipes.model import Columns, DemoSource, Reading
from builders.sources.formats import open_table
from builders.sources.mapping.recognition import Layout
from builders.sources.mapping.rows import mapped
from builders.sources.order import in_natural_order
from builders.sources.read import Read, require_pin


def read_demo(source: DemoSource) -> Read:
    """The embedded rows. Raises Changed when the recipe pins other rows than this package holds."""
    data = (resources.files("builders") / "demo" / "rows.jsonl").read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    with keyed("source"):
        require_pin("the embedded demo rows", source.sha256, sha256)
    table = open_table(data, "demo rows.jsonl", Reading())
    frame = mapped(table, Layout(Columns(), "columns")).frame
    return Read(in_natural_order(frame, table.name), source.model_copy(update={"sha256": sha256}))
