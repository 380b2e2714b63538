"""What changed, in a few sentences: those that touch the most rows come first."""

from collections.abc import Iterator
from dataclasses import dataclass

from cards.diff.drawn import KEPT
from cards.diff.names import statistic_name
from cards.diff.records import Comparison, Decisions
from cards.shared.tables import share
from cards.shared.words import number_of

MOST = 7  # sentences
MOVES = 3  # of them, on rows that are decided otherwise
POINTS = 1.0  # percentage points that a share moves before it is worth a sentence
# Statistics that the other sentences speak of already, or that are steps of a scale.
TOLD = ("dropped", "splits", "length_steps", "language", "sensitivity", "overlap", "rows")


@dataclass(frozen=True)
class Effect:
    """A sentence, and the share of rows that it touches, by which it is ranked."""

    touched: float
    said: str


def summary(found: Comparison) -> list[str]:
    """At most seven sentences on what differs, by how many rows each touches; none where nothing does."""
    effects = [*_template(found), *_texts(found), *_source(found), *_kept(found), *_moves(found), *_shares(found)]
    return [one.said for one in sorted(effects, key=lambda one: -one.touched)[:MOST]]


def _template(found: Comparison) -> Iterator[Effect]:
    if found.template:
        yield Effect(1.0, "Another template writes every prompt and completion.")


def _texts(found: Comparison) -> Iterator[Effect]:
    if found.counts.changed:
        fields = [field for row in found.changed for field in row.fields]
        often = sorted(set(fields), key=lambda name: (-fields.count(name), name))
        listed = ", ".join(f"{name} {fields.count(name):,}" for name in often)
        both = found.counts.new_kept - found.counts.added
        yield Effect(
            found.counts.changed / both,
            f"{found.counts.changed:,} of the {both:,} rows that both keep read{'s' if found.counts.changed == 1 else ''} "
            f"otherwise ({listed}).",
        )


def _source(found: Comparison) -> Iterator[Effect]:
    rows, counts = found.source.rows, found.counts
    parts = {"new": rows.added, "gone": rows.removed, "of another text": rows.changed}
    listed = ", ".join(f"{count:,} {what}" for what, count in parts.items() if count)
    if listed:
        whole = max(counts.old_source_rows, counts.new_source_rows)
        yield Effect(
            sum(parts.values()) / whole,
            f"The source has {number_of(counts.new_source_rows, 'row')}, it had {counts.old_source_rows:,}: {listed}.",
        )


def _kept(found: Comparison) -> Iterator[Effect]:
    counts = found.counts
    if not (counts.added or counts.removed):
        return
    before, after = (
        f"{kept:,} of {whole:,} source rows ({share(kept, whole)})"
        for kept, whole in ((counts.old_kept, counts.old_source_rows), (counts.new_kept, counts.new_source_rows))
    )
    yield Effect(
        (counts.added + counts.removed) / max(counts.old_kept, counts.new_kept, 1),
        f"NEW keeps {after}, OLD {before}: {counts.added:,} came, {counts.removed:,} went.",
    )


def _moves(found: Comparison) -> Iterator[Effect]:
    whole = max(found.counts.new_source_rows, found.counts.old_source_rows, 1)
    for one in found.decisions[:MOVES]:
        yield Effect(one.rows / whole, f"{_move(one)} ({share(one.rows, whole)} of the source).")


def _move(one: Decisions) -> str:
    before, after = (name if name == KEPT else f"dropped by {name}" for name in (one.old, one.new))
    return f"{number_of(one.rows, 'row')} {before} before, {after} now"


def _shares(found: Comparison) -> Iterator[Effect]:
    """Shares of rows that moved, by points and not by counts: the two sets may differ in size."""
    for one in found.statistics:
        if one.points is not None and abs(one.points) >= POINTS and one.statistic.partition(".")[0] not in TOLD:
            yield Effect(
                abs(one.points) / 100,
                f"{statistic_name(one.statistic)}: {_value(one.old)} → {_value(one.new)}, {one.points:+.2f} points of its share.",
            )


def _value(number: float | None) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{100 * (number or 0):.1f} %"
