"""How much of a text the rules read: no row may hold up a build, whatever it says."""

import polars as pl

# Characters of a field. A thousand times an ordinary answer, longer than any row of the datasets that this was measured on
# (Bactrian-X, Alpaca, Dolly, OpenAssistant), and little enough for every rule to be done in a fraction of a second.
WINDOW = 1 << 16
HALF = WINDOW // 2


def too_long(field: str) -> pl.Expr:
    """Whether a field is longer than what the rules read of it. Bytes first: they need not be counted."""
    return (pl.col(field).str.len_bytes() > WINDOW) & (pl.col(field).str.len_chars() > WINDOW)


def windowed(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as the rules read them: of a text that is too long its first and last part, on lines of their own.

    Both ends, for rules look at how a text begins and how it ends; the rule `too_long_to_read` notes such a row.
    """
    fields = [name for name, kind in rows.schema.items() if kind == pl.String]
    if not any((rows[name].str.len_bytes() > WINDOW).any() for name in fields):  # nearly always
        return rows
    return rows.with_columns(
        pl.when(too_long(name))
        .then(pl.concat_str(pl.col(name).str.head(HALF), pl.lit("\n"), pl.col(name).str.tail(HALF)))
        .otherwise(name)
        .alias(name)
        for name in fields
    )
