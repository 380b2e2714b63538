"""Two versions compared, in words: for the terminal, and the short phrases that the page shares."""

import json
from collections import Counter
from collections.abc import Sequence

from cards.diff.drawn import ABSENT, KEPT
from cards.diff.names import grouped, statistic_name, strongest
from cards.diff.records import Change, Comparison, ExampleRow, RuleSetting, Shift
from cards.diff.summary import summary
from cards.shared.entries import Decision
from cards.shared.terminal import safe_line, show, table
from cards.shared.words import Piece, number_of, shortened

STRONGEST = 12  # statistics that are shown where not all are


def show_comparison(found: Comparison, examples: int, full: bool = False) -> None:
    """Print a comparison, what changed first, with at most so many examples of each kind.

    full: every statistic that moved, not only those that moved most.
    """
    show([("title", f"{found.old} → {found.new}: {verdict(found)}")])
    if warning := moved(found):
        show([("loud", warning)])
    if not differs(found):
        return
    if said := summary(found):
        show([], [("title", "what changed")], *([("same", f"  {one}")] for one in said))
    show([], [("title", "rows")])
    table(["", "old", "new", "change"], totals(found))
    counts = described_counts(found)
    table([name for name, _ in counts], [[f"{count:,}" for _, count in counts]])
    for title, changed in change_lists(found):
        if changed:
            show([], [("title", title)])
            rows = [[one.key, describe_value(one.old), describe_value(one.new)] for one in changed]
            table(["what", "old", "new"], rows)
    if found.decisions:
        show([], [("title", "decisions")])
        table(["rows", "old", "new"], [[f"{one.rows:,}", one.old, one.new] for one in found.decisions])
    _show_examples(found, examples)
    _show_statistics(found, full)


def _show_statistics(found: Comparison, full: bool) -> None:
    header = ["statistic", "old", "new", "change"]
    if full:
        for title, shifts in grouped(found.statistics):
            show([], [("title", f"statistics: {title}")])
            table(header, [describe_shift(one) for one in shifts])
    elif shown := strongest(found.statistics, STRONGEST):
        some = f" (the {len(shown)} of {len(found.statistics)} that moved most; --full shows all)"
        show([], [("title", f"statistics{some if len(shown) < len(found.statistics) else ''}")])
        table(header, [describe_shift(one) for one in shown])


def _show_examples(found: Comparison, limit: int) -> None:
    counts, examples = found.counts, found.examples
    for title, count, rows in (("added", counts.added, examples.added), ("removed", counts.removed, examples.removed)):
        lines = [[*_line(row.id, ("label", f"{why(title, row)}: ")), ("dim", excerpt(row))] for row in rows[:limit]]
        _show_list(title, count, lines)
    changed = [
        line
        for row in examples.changed[:limit]
        for line in (_line(row.id, ("dim", ", ".join(row.fields))), *_changed_lines(row.texts))
    ]
    _show_list("changed", counts.changed, changed, len(examples.changed[:limit]))
    decided = [
        _line(row.id, ("", safe_line(f"{describe_decision(row.old)} → {describe_decision(row.new)}")))
        for row in examples.reasons_changed[:limit]
    ]
    _show_list("other decision", counts.reasons_changed, decided)
    splits = [_line(row.id, ("loud", f"{row.old} → {row.new}")) for row in found.moved_splits[:limit]]
    _show_list("moved splits", counts.moved_splits, splits)


def _show_list(title: str, count: int, lines: Sequence[Sequence[Piece]], rows: int | None = None) -> None:
    """Lines of some rows under a title that says how many rows there are, where not all are shown."""
    rows = len(lines) if rows is None else rows
    if rows:
        some = f" ({rows:,} of {count:,})" if count > rows else ""
        show([], [("title", f"{title}{some}")], *lines)


def _line(id: str, said: Piece) -> list[Piece]:
    return [("title", f"  {safe_line(id)} "), said]


def _changed_lines(texts: dict[str, list[Piece]]) -> list[list[Piece]]:
    return [
        [("label", f"    {field}: "), *((what, safe_line(text)) for what, text in shortened(pieces))]
        for field, pieces in texts.items()
    ]


# ---- phrases ---------------------------------------------------------------------------------------------------------


def differs(found: Comparison) -> bool:
    """Whether anything at all differs."""
    source = found.source.rows
    rows = any(count for _, count in described_counts(found)) or source.added or source.removed or source.changed
    return bool(rows or found.statistics or any(changed for _, changed in change_lists(found)))


def verdict(found: Comparison) -> str:
    """What the change is worth, and whether the number says so."""
    if found.bump is None:
        return found.reason if not differs(found) else f"no new number is due ({found.reason})"
    worth = f"a {found.bump} change, {found.reason}"
    if not found.same_name:
        return f"{worth}; the datasets have different names, so their numbers cannot be compared"
    if found.number_fits is None:
        return f"{worth}; the number after the first is {found.deserves}"
    if found.number_fits:
        return f"{worth}; {found.deserves} is due, and the number fits"
    return f"{worth}; the number is too small, {found.deserves} is due"


def moved(found: Comparison) -> str | None:
    """A warning about rows that moved between splits, if any did."""
    if not found.moved_splits:
        return None
    ways = Counter((row.old, row.new) for row in found.moved_splits)
    listed = ", ".join(f"{count:,} from {old} to {new}" for (old, new), count in sorted(ways.items()))
    learned = sum(count for (_, new), count in ways.items() if new == "train")
    leak = f"; NEW trains on {number_of(learned, 'row')} that OLD holds out" if learned else ""
    return (
        f"WARNING: {number_of(sum(ways.values()), 'row')} moved between splits ({listed}){leak}; results on held-out rows of "
        "the two versions cannot be compared"
    )


def totals(found: Comparison) -> list[list[str]]:
    """Rows of the source and of the versions: what, old, new, change."""
    counts, source = found.counts, found.source.rows
    parts = {"added": source.added, "removed": source.removed, "changed": source.changed}
    of_source = ", ".join(f"{count:,} {what}" for what, count in parts.items() if count)
    return [
        ["source rows", f"{counts.old_source_rows:,}", f"{counts.new_source_rows:,}", of_source],
        ["kept", f"{counts.old_kept:,}", f"{counts.new_kept:,}", f"{counts.new_kept - counts.old_kept:+,}"],
    ]


def described_counts(found: Comparison) -> list[tuple[str, int]]:
    """How many rows differ in which way."""
    counts = found.counts
    return [
        ("added", counts.added),
        ("removed", counts.removed),
        ("changed", counts.changed),
        ("other decision", counts.reasons_changed),
        ("moved splits", counts.moved_splits),
    ]


def change_lists(found: Comparison) -> list[tuple[str, list[Change]]]:
    """Everything that is shown as key, old, new: (title, changes)."""
    rules = [Change(one.rule, describe_rule(one.old), describe_rule(one.new)) for one in found.rules]
    return [
        ("source", found.source.changes),
        ("recipe", found.recipe),
        ("rules", rules),
        ("template", found.template),
        ("columns", found.columns),
        ("software", found.software),
    ]


def describe_rule(setting: RuleSetting | None) -> str | None:
    """`version 2, drop from 0.8`, or None for a rule that is not applied."""
    return None if setting is None else f"version {setting.version}, {setting.verdict} from {setting.threshold}"


def describe_decision(one: Decision) -> str:
    """`kept`, or `dropped at quality by refusal: «evidence»`."""
    if one.status == "kept":
        return "kept"
    evidence = f": «{one.evidence}»" if one.evidence else ""
    duplicate_of = f", duplicate of {one.duplicate_of}" if one.duplicate_of else ""
    return f"dropped at {one.stage} by {one.rule}{duplicate_of}{evidence}"


def why(title: str, row: ExampleRow) -> str:
    """What the other version made of a row that one version keeps."""
    if row.why in (ABSENT, KEPT):
        return row.why
    return f"{'was dropped' if title == 'added' else 'dropped'} by {row.why}"


def excerpt(row: ExampleRow, length: int = 100) -> str:
    """The beginning of a row's instruction, input and answer, on one line."""
    texts = [" ".join(text.split()) for text in (row.instruction, row.input, row.output)]
    return " │ ".join(text if len(text) <= length else text[:length] + "…" for text in texts if text)


def describe_value(one: object) -> str:
    """A value of a recipe, a pin or a statistic as people read it."""
    if one is None:
        return "–"
    if isinstance(one, bool) or not isinstance(one, str | int | float):
        return json.dumps(one, ensure_ascii=False)
    if isinstance(one, str):
        return one if len(one) < 80 else one[:77] + "…"
    return f"{one:,}"


def describe_shift(one: Shift) -> list[str]:
    """A statistic that moved: name, old, new, and by how much."""
    sizes = []
    if one.points:
        sizes.append(f"{one.points:+.2f} points")
    if one.relative is not None:
        sizes.append(f"{100 * one.relative:+.1f} %")
    return [statistic_name(one.statistic), describe_value(one.old), describe_value(one.new), ", ".join(sizes) or "–"]
