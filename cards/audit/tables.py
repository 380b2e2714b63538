"""The audit as tables: the same ones on a terminal, as tab-separated lines and in the page."""

from collections.abc import Collection, Iterable, Mapping

from msgspec import UNSET

from cards.audit.diversity import distinct_table, repeated_table
from cards.audit.evidence import evidence_tables
from cards.audit.groups import duplicate_tables, leaks_table, prompts_table
from cards.audit.kinds import kinds_tables, openings_table
from cards.audit.numbers import AnyAudit, Audit
from cards.audit.scores import scores_table
from cards.audit.tokens import tokens_table
from cards.shared.records import Measure, StageCounts
from cards.shared.tables import Table, in_order, ranked, right_of, share
from cards.statistics.listed import counted

# The order in which a reader meets them. A statistic that is not named here comes last.
ORDER = (
    *(
        "rows",
        "stages",
        "length",
        "tokens",
        "scores",
        "by_language",
        "language",
        "dropped",
        "by_origin",
        "overlap",
        "evidence",
        "gold",
        "flags",
        "edits",
        "sensitivity",
    ),
    *(
        "duplicates",
        "prompts",
        "leaks",
        "by_split",
        "asks",
        "register",
        "openings",
        "kinds",
        "distinct",
        "repeated_answers",
    ),
)

# What a first look needs: how many rows, where they went and why, what is still doubtful in those that stayed.
FIRST_LOOK = ("rows", "by_language", "stages", "dropped", "overlap", "evidence", "flags", "language", "leaks")


def audit_tables(audit: AnyAudit, names: Collection[str] | None = None) -> list[Table]:
    """The tables of an audit, or of those parts of it; one that has nothing to say is left out."""
    parts: dict[str, Iterable[Table]] = {
        **{name: one.tables(value, audit) for name, one, value in counted(audit.statistics)},
        "rows": _rows(audit),
        "prompts": prompts_table(audit.prompts),
        "openings": openings_table(audit.openings, audit.statistics.rows),
        "kinds": kinds_tables(audit.kinds, audit.statistics.rows),
        "distinct": distinct_table(audit.distinct),
        "repeated_answers": repeated_table(audit.repeated_answers),
    }
    if isinstance(audit, Audit):
        parts |= {
            "stages": _stages(audit.stages),
            "gold": _gold(audit.gold),
            "duplicates": duplicate_tables(audit.duplicates),
            "leaks": leaks_table(audit.leaks),
        }
    if isinstance(audit, Audit) and audit.evidence is not UNSET:
        parts["evidence"] = evidence_tables(audit.evidence)
    if isinstance(audit, Audit) and audit.scores is not UNSET:
        parts["scores"] = scores_table(audit.scores)
    if audit.tokens is not UNSET:
        parts["tokens"] = tokens_table(audit.tokens)
    wanted = [name for name in in_order(parts, ORDER) if names is None or name in names]
    return [table for name in wanted for table in parts[name] if table.rows]


def heading(audit: AnyAudit) -> str:
    """What the audit is of, in one line."""
    if isinstance(audit, Audit):
        return (
            f"{audit.version}: {audit.kept:,} of {audit.source_rows:,} source rows kept "
            f"(recipe {audit.recipe_sha256[:12]}, content {audit.content_sha256[:12]})"
        )
    return f"{audit.file}: {audit.rows:,} rows as they are in the file, before any recipe"


def _rows(audit: AnyAudit) -> Iterable[Table]:
    """How many rows, and how they divide. Shares below the first lines are of the rows that the statistics are of."""
    found = audit.statistics
    counted: list[tuple[str, int, str]] = [("rows", found.rows, "")]
    parts: dict[str, Mapping[str, int]] = {"origin": found.origins}
    if isinstance(audit, Audit):
        counted = [
            ("source rows", audit.source_rows, ""),
            ("kept", audit.kept, share(audit.kept, audit.source_rows)),
            ("dropped", audit.dropped, share(audit.dropped, audit.source_rows)),
        ]
        parts = {"split": audit.statistics.splits, **parts}
    for what, counts in parts.items():
        counted += [(f"{what} {name or '–'}", count, share(count, found.rows)) for name, count in ranked(counts)]
    with_input = sum(found.length_steps["input"].values())  # exact; the recorded share is rounded
    counted.append(("with an input", with_input, share(with_input, found.rows)))
    yield Table("Rows", ("what", "rows", "share"), counted)


def _stages(stages: Iterable[StageCounts]) -> Iterable[Table]:
    # The first stage reads the source: no rows come into it.
    rows = [
        (one.stage, one.rows_in if at else "–", one.rows_out, max(one.rows_in - one.rows_out, 0))
        for at, one in enumerate(stages)
    ]
    yield Table("From source to version", ("stage", "rows in", "rows out", "dropped"), rows)


def _gold(gold: Mapping[str, Measure]) -> Iterable[Table]:
    rows = [
        (name, right_of(one.true_positives, one.caught), right_of(one.true_positives, one.defective))
        for name, one in gold.items()
    ]
    yield Table("Measured on the gold rows", ("decision", "precision", "recall"), rows)
