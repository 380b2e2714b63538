import msgspec
import polars as pl

from cards.shared.tables import Table
from cards.statistics.register import REGISTER, Registers, registers
from cards.statistics.statistic import Counted

FINDINGS = pl.DataFrame(
    [
        (0, "register", "instruction tú (describe), answer usted (siga)", "signal"),
        (0, "register_clash", "instruction tú (describe), answer usted (siga)", "flag"),
        (1, "register", "instruction vos (explicá)", "signal"),
        (2, "register", "answer vosotros (vuestra)", "signal"),
        (3, "register", "instruction tú (te)", "signal"),
        (3, "register_clash", "instruction tú (te), answer usted (siga)", "none"),
        (3, "echo", "instruction tú (te)", "flag"),
        (4, "register", "instruction usted (escriba)", "signal"),
        (4, "register_clash", "instruction usted (escriba), answer tú (haz)", "flag"),
    ],
    schema={"row": pl.UInt32, "rule": pl.String, "evidence": pl.String, "action": pl.String},
    orient="row",
)
LEDGER = pl.DataFrame({"status": ["kept"] * 4 + ["dropped"]})
FOUND = Registers(instruction={"tú": 2, "vos": 1}, answer={"usted": 1, "vosotros": 1}, clashes=1)


def counted(findings):
    return registers(Counted(pl.DataFrame({"instruction": ["¿Qué?"] * 4}), LEDGER, findings))


def test_registers_of_kept_rows_are_counted_on_both_sides():
    assert counted(FINDINGS) == FOUND


def test_nothing_is_said_where_no_rule_looked():
    assert msgspec.to_builtins(counted(None)) == msgspec.to_builtins(counted(FINDINGS.clear())) == {}


def test_the_table_gives_shares_of_all_rows():
    class Audit:
        statistics = type("Statistics", (), {"rows": 8})

    (table,) = REGISTER.tables(FOUND, Audit)

    assert isinstance(table, Table)
    assert table.rows == [
        ("tú", 2, "25.0 %", 0, "0.0 %"),
        ("vos", 1, "12.5 %", 0, "0.0 %"),
        ("usted", 0, "0.0 %", 1, "12.5 %"),
        ("vosotros", 0, "0.0 %", 1, "12.5 %"),
    ]
    assert table.note.startswith("Where it is certain; in 1 rows the two clash.")
