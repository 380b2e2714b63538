"""How rows address their reader: tú, usted, vos or vosotros, in instruction and answer."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct

from cards.shared.records import Count, Counts
from cards.shared.tables import Table, ranked, share
from cards.statistics.counting import counts
from cards.statistics.statistic import Counted, Statistic

if TYPE_CHECKING:
    from cards.audit.numbers import AnyAudit

RULE, CLASH = "register", "register_clash"  # whose findings say it, as "instruction tú (describe), answer usted (siga)"


class Registers(Struct, frozen=True, omit_defaults=True):
    """Rows by the register of their instruction and of their answer; those that have none, or no certain one, are not counted.

    clashes: rows that are flagged because the two differ. Empty where no rule looked for registers.
    """

    instruction: Counts = {}
    answer: Counts = {}
    clashes: Count = 0


def registers(data: Counted) -> Registers:
    """The registers of kept rows."""
    if data.findings is None:
        return Registers()
    found = data.findings.filter(pl.col("rule").is_in([RULE, CLASH]))
    found = found.filter(data.kept().gather(found["row"]))
    told = found.filter(pl.col("rule") == RULE)["evidence"]
    instruction, answer = (
        counts(told.str.extract(rf"(?:^|, ){side} (\p{{L}}+) \(").drop_nulls()) for side in ("instruction", "answer")
    )
    clashes = found.filter((pl.col("rule") == CLASH) & (pl.col("action") != "none")).height
    return Registers(instruction, answer, clashes)


def _table(found: Registers, audit: "AnyAudit") -> Iterable[Table]:
    rows, names = audit.statistics.rows, dict(ranked(found.instruction)) | dict(ranked(found.answer))
    lines = [
        (
            name,
            asked := found.instruction.get(name, 0),
            share(asked, rows),
            said := found.answer.get(name, 0),
            share(said, rows),
        )
        for name in names
    ]
    note = (
        f"Where it is certain; in {found.clashes:,} rows the two clash. Vos is of the Río de la Plata and Central America, "
        "vosotros of Spain."
    )
    yield Table(
        "How readers are addressed", ("register", "instructions", "share", "answers", "share of answers"), lines, note
    )


REGISTER = Statistic[Registers](
    "Rows by how instruction and answer address their reader: tú, usted, vos or vosotros.",
    registers,
    tables=_table,
    parts_of={"instruction": "kept", "answer": "kept"},
)
