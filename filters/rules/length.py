"""Rows that are too long to be read by rules."""

import polars as pl

from filters.languages import ANY
from filters.rule import Example, findings, rule
from filters.window import WINDOW, too_long

FIELDS = ("instruction", "input", "output")


@rule(
    defect=99,
    languages=ANY,
    fields=FIELDS,
    verdict="flag",
    caught=[
        Example("Resume el informe.", "Trata de lluvia.", "Llueve. " * (WINDOW // 8 + 1)),
        Example("Cuenta hasta cansarte.", "uno, dos, tres, " * (WINDOW // 16) + "y ya"),
        Example("Corrige: " + "haiga " * (WINDOW // 6), "Haya."),
    ],
    spared=[
        Example("Cuenta hasta cansarte.", "uno, dos, tres, " * (WINDOW // 16)),
        Example("Resume el informe.", "Trata de lluvia.", "Llueve."),
        Example("ñ" * WINDOW, "Son eñes."),
    ],
)
def too_long_to_read(rows: pl.DataFrame) -> pl.DataFrame:
    """The instruction, input or answer is longer than what the rules read of a text: 65,536 characters.

    Source: no row of Bactrian-X, Alpaca, Dolly or OpenAssistant is as long, and none may hold up a build. Of such a text rules read the first and the last 32,768 characters and say nothing of what lies between; it is mended and masked whole. Its
    number stands behind the table of defects: any rule that drops the row goes before it.
    """
    hits = [pl.when(too_long(field)).then(pl.col(field).str.head(80)) for field in FIELDS]
    return findings(rows, when=pl.any_horizontal(too_long(field) for field in FIELDS), evidence=pl.coalesce(hits))
