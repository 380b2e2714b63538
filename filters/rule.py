"""What a rule is: one pure function over rows, its examples, and how its score becomes a decision.

A rule finds; it does not decide. It returns one *finding* per row that it has something to say about: a score between 0
and 1 and the evidence, a piece of the row's own text. The decision is made by comparing scores with thresholds, which a
recipe may change without computing anything again.
"""

import os
import weakref
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, wraps
from threading import Lock
from typing import Literal

import polars as pl

from filters.languages import ANY
from filters.window import windowed

Verdict = Literal["drop", "flag", "signal"]
EVIDENCE_LENGTH = 160  # characters: enough to see why, short enough for a ledger of millions of rows
PART = 50_000  # rows that a rule reads at once, so that what it computes on the way is small
FINDING = {"row": pl.UInt32, "score": pl.Float64, "evidence": pl.String}


@dataclass(frozen=True)
class Example:
    """One row, shown with the rule that catches or spares it; `…_en` are those of its English parallel row, if it has one."""

    instruction: str
    output: str = ""
    input: str = ""
    instruction_en: str | None = None
    input_en: str | None = None


@dataclass(frozen=True)
class Rule:
    """A named, versioned reason for which a row may be unfit.

    defect: its number in the table of known defects (also the order in which rules claim a row). fields: what it reads.
    verdict: what a score of at least `threshold` means; "signal" is shown and counted but decides nothing. flag_from: a
    drop rule flags the rows that score between this and its threshold. find: from rows (columns `row` u32,
    `instruction`, `input`, `output`) to findings (columns `row`, `score` f64 in 0..1, `evidence`), at most one per row.
    needs: further columns (`instruction_en`, `input_en`) without which the rule does not run. languages: codes of those
    in which it applies.
    """

    name: str
    version: int
    defect: int
    fields: tuple[str, ...]
    verdict: Verdict
    threshold: float
    flag_from: float
    caught: tuple[Example, ...]
    spared: tuple[Example, ...]
    find: Callable[[pl.DataFrame], pl.DataFrame]
    needs: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("es",)

    @property
    def reason(self) -> str:
        """The first paragraph of the rule's docstring."""
        return " ".join((self.find.__doc__ or "").split("\n\n")[0].split())


@dataclass(frozen=True)
class Setting:
    """How a rule is applied: what a recipe decides."""

    verdict: Verdict
    threshold: float
    flag_from: float


def rule(
    *,
    defect: int,
    fields: tuple[str, ...],
    verdict: Verdict,
    caught: Iterable[Example],
    spared: Iterable[Example],
    version: int = 1,
    threshold: float = 0.8,
    flag_from: float | None = None,
    needs: tuple[str, ...] = (),
    languages: tuple[str, ...] = ("es",),
) -> Callable[[Callable[[pl.DataFrame], pl.DataFrame]], Rule]:
    """Turn a finding function into a Rule of the function's name. The examples become its tests.

    languages: codes of those in which the rule applies, `ANY` (of `filters.languages`) for a rule that reads no words. A
    rule that does not say is for Spanish alone: its examples are Spanish, its precision was read on Spanish rows, and a
    pattern that seems to be of no language seldom is ("null" is no answer in Spanish and zero in German). In a language that
    it was not made for, a rule would drop good rows, and silently.
    """
    unknown = set(languages) - set(ANY)
    assert not unknown, f"no languages of Bactrian-X: {', '.join(sorted(unknown))}"

    def decorate(find: Callable[[pl.DataFrame], pl.DataFrame]) -> Rule:
        return Rule(
            name=find.__name__,
            version=version,
            defect=defect,
            fields=fields,
            verdict=verdict,
            threshold=threshold,
            flag_from=threshold if flag_from is None else flag_from,
            caught=tuple(caught),
            spared=tuple(spared),
            find=find,
            needs=needs,
            languages=languages,
        )

    return decorate


def findings(rows: pl.DataFrame, *, when: pl.Expr, score: pl.Expr | float = 1.0, evidence: pl.Expr) -> pl.DataFrame:
    """The findings of a rule that is written in expressions: the rows where `when` holds.

    Rules narrow `rows` with a cheap filter first: an elaborate pattern costs a hundred times more than a few literals
    (`filters.text.matching` does it for any pattern). An expression is computed wherever it is used: what is elaborate becomes a
    column. No rows are not asked, for patterns would be compiled for them, too.
    """
    if not rows.height:
        return pl.DataFrame(schema=FINDING)
    amount = score if isinstance(score, pl.Expr) else pl.lit(score)
    return rows.filter(when).select(
        "row",
        amount.cast(pl.Float64).round(4).alias("score"),
        evidence.fill_null("").str.strip_chars().str.head(EVIDENCE_LENGTH).alias("evidence"),
    )


def findings_by_row(rows: pl.DataFrame, judge: Callable[[Mapping[str, str]], tuple[float, str] | None]) -> pl.DataFrame:
    """The findings of a rule that needs a Python function per row. `rows` must be narrowed to few candidates first."""

    found = [(row["row"], *hit) for row in rows.iter_rows(named=True) if (hit := judge(row)) is not None]
    table = pl.DataFrame(found, schema=FINDING, orient="row")
    return table.with_columns(pl.col("score").round(4), pl.col("evidence").str.strip_chars().str.head(EVIDENCE_LENGTH))


def read_once(read: Callable[[pl.DataFrame], pl.DataFrame]) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """A reading of rows that several rules need: each frame is read once, by whichever rule comes first, while it is there."""
    known: dict[int, Future[pl.DataFrame]] = {}
    lock = Lock()

    @wraps(read)
    def reading(rows: pl.DataFrame) -> pl.DataFrame:
        with lock:
            first = id(rows) not in known
            if first:
                known[id(rows)] = Future()
                weakref.finalize(rows, known.pop, id(rows))
            found = known[id(rows)]
        if first:
            try:
                found.set_result(read(rows))
            except BaseException as error:
                found.set_exception(error)  # for those who wait, too
        return found.result()

    return reading


@cache
def _threads() -> list[ThreadPoolExecutor]:
    """Single threads, kept. A rule always runs in the same one: Polars keeps a few dozen compiled patterns in each, and to
    compile those of all rules takes a fifth of a second, longer than to judge a hundred rows."""
    return [ThreadPoolExecutor(1, "rules") for _ in range(min(32, (os.cpu_count() or 1) + 4))]


if hasattr(os, "register_at_fork"):  # a forked process has none of its parent's threads
    os.register_at_fork(after_in_child=_threads.cache_clear)


def judge(rows: pl.DataFrame, rules: Mapping[str, Rule], settings: Mapping[str, Setting]) -> pl.DataFrame:
    """Every finding of every rule on these rows, with what it leads to.

    Returns columns `row`, `order` (u32, the rule's place), `rule`, `score`, `evidence`, `action` ("drop", "flag", "signal" or
    "none"), sorted by row and order. Rules run side by side; the result does not depend on how many threads there are.
    A rule whose columns these rows lack finds nothing. Of very long texts rules read both ends (see `filters.window`).
    """
    rows = windowed(rows)
    rules = {name: one for name, one in rules.items() if set(one.needs) <= set(rows.columns)}
    threads = _threads()
    parts = list(rows.iter_slices(PART)) or [rows]
    waiting = [threads[one.defect % len(threads)].submit(_found, one, parts) for one in rules.values()]
    found = [one.result() for one in waiting]
    tables: list[pl.DataFrame] = []
    for order, (one, table) in enumerate(zip(rules.values(), found, strict=True)):
        tables.append(
            table.select(
                "row",
                pl.lit(order, pl.UInt32).alias("order"),
                pl.lit(one.name).alias("rule"),
                "score",
                "evidence",
                _action(settings[one.name]).alias("action"),
            )
        )
    empty = {"row": pl.UInt32, "order": pl.UInt32, "rule": pl.String, "score": pl.Float64, "evidence": pl.String}
    return pl.concat(tables or [pl.DataFrame(schema={**empty, "action": pl.String})]).sort("row", "order")


def _found(one: Rule, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """A rule's findings in all parts of the rows. Rule by rule, for to compile the patterns of all rules again for each part took as
    long as to read it."""
    return pl.concat([one.find(part) for part in parts])


def _action(setting: Setting) -> pl.Expr:
    score = pl.col("score")
    below = pl.when((score >= setting.flag_from) & pl.lit(setting.verdict == "drop")).then(pl.lit("flag"))
    return pl.when(score >= setting.threshold).then(pl.lit(setting.verdict)).otherwise(below.otherwise(pl.lit("none")))
