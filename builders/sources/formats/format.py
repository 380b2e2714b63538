"""What a format of files is: how its rows are read, and every text in it."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from builders.errors import Invalid, NotFound
from builders.recipes.source_model import Columns

Chosen = tuple[str, ...] | None  # columns that an evaluation set names; None for all that hold text


@dataclass(frozen=True)
class Format:
    """A format. Both functions take a file's bytes, unpacked, and its name, and raise Problem for a file that is not sound.

    endings: of files in it, with the dot. rows: its rows as columns id, instruction, input, output. texts: the texts of columns,
    by column. packed: whether such a file may end in `.gz`, too.
    """

    endings: tuple[str, ...]
    rows: Callable[[bytes, str, Columns], pl.DataFrame]
    texts: Callable[[bytes, str, Chosen], dict[str, pl.Series]]
    packed: bool = True


def chosen_columns(names: list[str], name: str, columns: Chosen) -> list[str]:
    """The columns that are asked for among those of a file. Raises Problem for one that is missing or has a namesake."""
    chosen = list(columns or names)
    for column in chosen:
        if column not in names:
            raise NotFound(f"{name}: column {column!r} is missing (it has {', '.join(names)})", "name one that it has")
        if names.count(column) > 1:
            raise Invalid(f"{name}: two columns are called {column!r}", "rename one of the two")
    return chosen
