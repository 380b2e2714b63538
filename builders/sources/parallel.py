"""The English rows that a source was translated from, joined on id: what the rules of `filters/rules/parallel.py` compare."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from builders.errors import Invalid, NotFound, Problem, keyed
from builders.recipes.model import FileSource, HubSource, ParallelFile, ParallelHub
from builders.recipes.sources import Limits
from builders.schema import PARALLEL_FIELDS, plain_id
from builders.sources.file import ordered_file
from builders.sources.hub import PARALLEL_ADVICE, fetched, ordered_split
from builders.sources.places import describe_file, remembered
from builders.sources.read import Read
from builders.sources.remote import at_hand

KEY = "source.parallel"


def with_parallel(read: Read, parallel: ParallelFile | ParallelHub | None, registry: Path, beside: Path | None) -> Read:
    """The rows with their English parallel rows, if the recipe names some.

    A file is looked for where the recipe says, where it was last, and in the folder `beside`.
    """
    if parallel is None:
        return read
    try:
        with keyed(KEY):
            if isinstance(parallel, ParallelFile):
                return join_parallel(read, _place(parallel, registry, beside), parallel)
            return join_parallel(read, fetched(parallel, PARALLEL_ADVICE), parallel)
    except Problem as problem:
        problem.message = f"{KEY}: {problem.message}"
        if (key := problem.key.rpartition(".")[2]) in Limits.model_fields:  # one limit for both
            problem.key = f"source.{key}"
        raise


def _place(parallel: ParallelFile, registry: Path, beside: Path | None) -> Path:
    known = parallel.path or remembered(registry, parallel.sha256)
    if known is None and beside and parallel.name and (beside / parallel.name).is_file():
        return beside / parallel.name
    if known is None:
        raise NotFound(f"it is {describe_file(parallel)} and nothing says where", "put it beside the source's file")
    return at_hand(known, registry)


def join_parallel(read: Read, place: Path | None, parallel: ParallelFile | ParallelHub) -> Read:
    """The rows with the question of their English parallel rows, joined on id; those keep the data contract themselves.

    place: the file of the parallel rows, None where `parallel` names a split. An id may lack one. Raises Invalid when all
    do: then it is another data set.
    """
    assert isinstance(read.pin, FileSource | HubSource), "only these sources name a parallel one"
    if read.pin.columns.id is None:
        raise Invalid("rows and their parallel source are joined on id, and the rows have none", "name its column")
    if place is None:
        assert isinstance(parallel, ParallelHub), "a file has a place"
        found, pin, _ = ordered_split(parallel, PARALLEL_ADVICE)
    else:
        found, pin, _ = ordered_file(place, parallel, read.pin)
    english = found.rows.select("id", *(pl.col(name.removesuffix("_en")).alias(name) for name in PARALLEL_FIELDS))
    rows = read.rows.with_columns(plain_id(read.rows).alias("plain"))
    rows = rows.join(english, left_on="plain", right_on="id", how="left", maintain_order="left").drop("plain")
    if rows["instruction_en"].null_count() == rows.height:
        what = place.name if place else KEY
        raise Invalid(f"{what}: none of its ids is one of the source's", "use the rows that it was translated from")
    pinned = read.pin.model_copy(update={"parallel": parallel.model_copy(update=pin)})
    return replace(read, rows=rows, pin=pinned)
