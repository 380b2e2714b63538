"""Columns of a version's files, in the types of those who read them: the Hub and `datasets`, and Croissant."""

from dataclasses import replace

import polars as pl
from polars.datatypes import DataTypeClass

from builders.schema import MESSAGES, Column, Kind, columns_of, template_columns_of
from cards.shared.records import JsonObject

HUB = {pl.String(): "string", pl.Float64(): "float64"}
CROISSANT = {pl.String(): "sc:Text", pl.Float64(): "sc:Float"}


def row_columns(chat: bool, kind: Kind = "instructions", several_languages: bool = False) -> tuple[Column, ...]:
    """The columns of the data files; of a chat, what the template writes are messages."""
    columns = columns_of(kind, several_languages)
    written = template_columns_of([column.name for column in columns])
    return tuple(replace(column, dtype=MESSAGES) if chat and column.name in written else column for column in columns)


def hub_feature(name: str, dtype: pl.DataType) -> JsonObject:
    """A column as the card's YAML lists it. Made anew for each: YAML would write one that is used twice as an alias of the
    first, which `datasets` cannot read."""
    if isinstance(dtype, pl.List):
        inner = dtype.inner
        if isinstance(inner, pl.Struct):
            return {"name": name, "list": [hub_feature(field.name, _made(field.dtype)) for field in inner.fields]}
        return {"name": name, "list": HUB[_made(inner)]}
    return {"name": name, "dtype": HUB[dtype]}


def croissant_field(column: Column, identifier: str, source: JsonObject) -> JsonObject:
    """A column as Croissant describes it. identifier: its name among the file's fields. source: where its values are."""
    field: JsonObject = {
        "@type": "cr:Field",
        "@id": identifier,
        "name": column.name,
        "description": column.meaning,
    }
    dtype = column.dtype
    if not isinstance(dtype, pl.List):
        return {**field, "dataType": CROISSANT[dtype], "source": source}
    inner = dtype.inner
    if not isinstance(inner, pl.Struct):
        return {**field, "repeated": True, "dataType": CROISSANT[_made(inner)], "source": source}
    parts = [
        croissant_field(
            Column(part.name, _made(part.dtype), f"The message's {part.name}."),
            f"{identifier}/{part.name}",
            {**source, "transform": {"jsonPath": part.name}},
        )
        for part in inner.fields
    ]
    return {**field, "repeated": True, "subField": parts}


def _made(dtype: pl.DataType | DataTypeClass) -> pl.DataType:
    """An instance: polars also takes a class where a type has no parameters."""
    return dtype() if isinstance(dtype, type) else dtype
