"""A version's rows against a model's own answers, which were written down once: a version is built again without a model.

Each line of the file: `id` of the row, `answer`, `stopped` (`end`, or `length` for an answer that never stopped), `adapter`
(its name and hash), `seed`, `temperature`. `aguila answers` writes it, and any other program may.
"""

import hashlib
from pathlib import Path

import msgspec
import polars as pl

from builders.errors import Invalid, NotFound, keyed
from builders.recipes.preferences import AnswersSource
from builders.schema import SOURCE_COLUMNS
from builders.sources.formats.long_lines import LONGEST, no_key, require_short_lines
from builders.sources.preferences import SCHEMA, in_order
from builders.sources.read import Read, file_bytes, require_pin
from builders.sources.version import version_of

EXPECTED = "each line needs id, answer, stopped, adapter, seed and temperature"


class Sampled(msgspec.Struct, frozen=True):
    """A model's answer to a row of a version.

    id: the row's. answer: the text. stopped: `end`, or `length` where it was cut because it did not stop. adapter: whose it is,
    by name and hash of its weights. seed, temperature: how it was drawn. top_p: from the likeliest tokens of this probability.
    max_tokens: that it might have; null where nobody noted it.
    """

    id: str
    answer: str
    stopped: str
    adapter: str
    seed: int
    temperature: float
    top_p: float = 1.0
    max_tokens: int | None = None


def read_answers(path: Path, source: AnswersSource, registry: Path) -> Read:
    """The pairs of kept row and model's answer. Raises Problem for a file, or a version, that is not what is pinned."""
    data = file_bytes(path)
    sha256 = hashlib.sha256(data).hexdigest()
    with keyed("source"):
        require_pin(str(path), source.sha256, sha256)
    answers = parse_answers(data, path.name)
    version, pin = version_of(source.rows, registry, None)
    rows = version.rows().select(SOURCE_COLUMNS)
    table = pl.DataFrame(
        [(one.id, one.answer, one.stopped, _origin(one)) for one in answers],
        {"id": pl.String, "rejected_output": pl.String, "stopped": pl.String, "rejected_origin": pl.String},
        orient="row",
    )
    unknown = table.join(rows, on="id", how="anti")
    if not unknown.is_empty():
        raise NotFound(
            f"{path.name}: {unknown['id'][0]!r} is no row of {version.label}", "name the version that was asked"
        )
    pairs = table.join(rows, on="id").with_columns(
        pl.col("id").alias("parent"),
        pl.lit(version.label).alias("chosen_origin"),
        pl.lit(None, pl.Float64).alias("margin"),
        pl.lit("").alias("reason"),
    )
    ordered = in_order(pairs.select(*SCHEMA).cast(SCHEMA), path.name)  # type: ignore[arg-type]
    cut = ordered.join(pairs.filter(pl.col("stopped") == "length").select("id"), on="id", how="semi")
    never = cut.select(
        "row",
        pl.lit("never_stopped").alias("rule"),
        pl.lit("the model's answer was cut, for it did not stop").alias("evidence"),
        pl.lit(None, pl.UInt32).alias("duplicate_of"),
    )
    pinned = source.model_copy(update={"name": source.name or path.name, "sha256": sha256, "rows": pin})
    return Read(ordered, pinned, never, card=version.manifest.recipe.card)


def parse_answers(data: bytes, name: str) -> list[Sampled]:
    """The answers in a file's bytes. Raises Invalid, naming the line, for anything else."""
    with no_key():
        require_short_lines(data, name, LONGEST)
    decoder = msgspec.json.Decoder(Sampled)
    found = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            try:
                found.append(decoder.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise Invalid(
                    f"{name}, line {number}: not a model's answer ({error})",
                    EXPECTED,
                ) from None
    if not found:
        raise Invalid(f"{name}: holds no answers", EXPECTED)
    return found


def _origin(one: Sampled) -> str:
    return f"adapter {one.adapter}, seed {one.seed}, temperature {one.temperature:g}"
