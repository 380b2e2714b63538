"""The languages of questions and answers, and how sure the decision was of Spanish."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from builders.schema import language_of, several_languages
from cards.shared.records import Counts
from cards.shared.tables import SHOWN, Table, share
from cards.statistics.counting import counts
from cards.statistics.statistic import Counted, Statistic

if TYPE_CHECKING:
    from cards.audit.numbers import AnyAudit

SPANISH = "es"
SIDES = ("question", "answer")
# Probability of Spanish from which a row counts into a step of the language mix.
CONFIDENCE_STEPS = (0.99, 0.9, 0.8, 0.5, 0.0)


class Statuses(Struct, frozen=True):
    """Rows by language, of kept and of dropped rows (by whatever rule)."""

    kept: Counts
    dropped: Counts


class Confidence(Struct, frozen=True):
    """Kept rows that were decided to be Spanish, by the probability that the decision gave to Spanish."""

    question: Counts
    answer: Counts


NOT_LOOKED_AT = Statuses({}, {})
NOT_SURE = Confidence({}, {})


class Languages(Struct, frozen=True, omit_defaults=True):
    """Languages (or "undetermined") of both parts. Empty where the languages were not asked for.

    meant: where rows are of several languages, those that the rows which are counted here are meant to be in: those that can
    be told.
    """

    question: Statuses = NOT_LOOKED_AT
    answer: Statuses = NOT_LOOKED_AT
    confidence: Confidence = NOT_SURE
    meant: tuple[str, ...] = ()

    def looked_at(self) -> bool:
        """Whether the languages were asked for."""
        return bool(self.confidence.question)


def language_mix(languages: pl.DataFrame, kept: pl.Series) -> Languages:
    """The languages of rows. languages: see `Counted`. kept: of each source row, whether it was kept."""
    statuses = languages.with_columns(kept.gather(languages["row"]).alias("kept"))
    kept_rows, dropped_rows = statuses.filter("kept"), statuses.filter(~pl.col("kept"))
    question, answer = (Statuses(counts(kept_rows[side]), counts(dropped_rows[side])) for side in SIDES)
    sure = (_confidence(kept_rows.filter(pl.col(side) == SPANISH)[f"{side}_score"]) for side in SIDES)
    return Languages(question, answer, Confidence(*sure))


def _confidence(scores: pl.Series) -> Counts:
    """How many rows are Spanish with at least each step's probability, and less than the step before."""
    sure = (1 - scores).round(4)
    reached = [0] + [int((sure >= step).sum()) for step in CONFIDENCE_STEPS]
    return {f"{step:.2f}": reached[at + 1] - reached[at] for at, step in enumerate(CONFIDENCE_STEPS)}


def _tables(found: Languages, audit: "AnyAudit") -> Iterable[Table]:
    if not found.looked_at():
        return
    yield _mix(found, audit.of_version)
    steps = found.confidence.question
    sure = [
        (f"from {step}", count, found.confidence.answer[step], share(count, sum(steps.values())))
        for step, count in sorted(steps.items(), reverse=True)
    ]
    yield Table(
        "How sure the language is", ("probability of Spanish", "questions", "answers", "share of questions"), sure,
        "Of the rows that were decided to be Spanish; from each step up to the one above.",
    )  # fmt: skip


def _mix(found: Languages, of_version: bool) -> Table:
    """Rows by language; beyond SHOWN languages the rest is one row."""
    sides = {"questions": found.question, "answers": found.answer}
    columns = {name: side.kept for name, side in sides.items()}
    note = ""
    # In the title: what is piped has no notes.
    title = (
        f"Languages of rows meant to be in {', '.join(found.meant)}: no other's can be told"
        if found.meant
        else "Languages"
    )
    if of_version:
        statuses = {name: {"kept": side.kept, "dropped": side.dropped} for name, side in sides.items()}
        columns = {f"{name} {status}": one for name, by in statuses.items() for status, one in by.items()}
        note = (
            "Of the rows that the language stage saw; a row may have been dropped for another reason than its language."
        )
    by_language = {
        name: tuple(column.get(name, 0) for column in columns.values())
        for name in {name for column in columns.values() for name in column}
    }
    rows = sorted(by_language.items(), key=lambda one: (-sum(one[1]), one[0]))
    if len(rows) > SHOWN:
        rest = rows[SHOWN - 1 :]
        sums = tuple(map(sum, zip(*(counted for _, counted in rest), strict=True)))
        rows = [*rows[: SHOWN - 1], (f"{len(rest)} others", sums)]
    return Table(title, ("language", *columns), [(name, *counted) for name, counted in rows], note)


def _count(data: Counted) -> Languages:
    if data.languages is None:
        return Languages()
    mix = language_mix(data.languages, data.kept())
    if not several_languages(data.rows):
        return mix
    ids = (data.rows if data.ledger is None else data.ledger)["id"].gather(data.languages["row"])
    return replace(mix, meant=tuple(ids.to_frame().select(language_of(pl.col("id"))).to_series().unique().sort()))


LANGUAGE = Statistic[Languages](
    "Languages of questions and answers, of kept and dropped rows, and how sure the decision was of Spanish.",
    _count,
    tables=_tables,
    parts_of={
        "question.kept": "kept",
        "question.dropped": "source_rows",
        "answer.kept": "kept",
        "answer.dropped": "source_rows",
        "confidence": "kept",
    },
)
