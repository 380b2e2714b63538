"""Two versions compared, in words: for the terminal, and the short phrases that the page shares."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from cards.shared.terminal import safe_line, show, table
from cards.shared.words import Piece, shortened

SECTIONS = ("source", "recipe", "template", "columns", "software")  # lists of key, old, new


def show_comparison(found: Mapping[str, Any], examples: int) -> None:
    """Print what `builders.difference.diff` found, with at most so many examples of each kind."""
    show([("title", f"{found['old']} → {found['new']}: {verdict(found)}")])
    if warning := moved(found):
        show([("loud", warning)])
    if not differs(found):
        return
    show([], [("title", "rows")])
    table(["", "old", "new", "change"], totals(found))
    table(["added", "removed", "changed", "other decision", "moved splits"], [[f"{n:,}" for n in row_counts(found)]])
    for title, changed in change_lists(found):
        if changed:
            show([], [("title", title)])
            table(["what", "old", "new"], [[one["key"], value(one["old"]), value(one["new"])] for one in changed])
    if found["decisions"]:
        show([], [("title", "decisions")])
        table(["rows", "old", "new"], [[f"{one['rows']:,}", one["old"], one["new"]] for one in found["decisions"]])
    if found["statistics"]:
        show([], [("title", "statistics")])
        table(["statistic", "old", "new", "change"], [shift(one) for one in found["statistics"]])
    _show_examples(found, examples)


def _show_examples(found: Mapping[str, Any], limit: int) -> None:
    for kind in ("added", "removed"):
        for at, row in enumerate(found["examples"][kind][:limit]):
            show(*([[], [("title", f"{kind}{_some(found, kind, limit)}")]] if at == 0 else []))
            show([("title", f"  {safe_line(row['id'])} "), ("dim", excerpt(row))])
    for at, row in enumerate(found["examples"]["changed"][:limit]):
        show(*([[], [("title", f"changed{_some(found, 'changed', limit)}")]] if at == 0 else []))
        show([("title", f"  {safe_line(row['id'])} "), ("dim", ", ".join(row["fields"]))])
        for field, pieces in row["texts"].items():
            show([("label", f"    {field}: "), *_on_one_line(shortened(pieces))])
    for at, row in enumerate(found["reasons_changed"][:limit]):
        show(*([[], [("title", f"other decision{_some(found, 'reasons_changed', limit)}")]] if at == 0 else []))
        show(
            [
                ("title", f"  {safe_line(row['id'])} "),
                ("", safe_line(f"{decision(row['old'])} → {decision(row['new'])}")),
            ]
        )
    for at, row in enumerate(found["moved_splits"][:limit]):
        show(*([[], [("title", f"moved splits{_some(found, 'moved_splits', limit)}")]] if at == 0 else []))
        show([("title", f"  {safe_line(row['id'])} "), ("loud", f"{row['old']} → {row['new']}")])


def _some(found: Mapping[str, Any], kind: str, limit: int) -> str:
    total = found["counts"][kind]
    return f" (the first {limit:,} of {total:,})" if total > limit else ""


def _on_one_line(pieces: Sequence[Piece]) -> list[Piece]:
    return [(what, safe_line(text)) for what, text in pieces]


# ---- phrases ---------------------------------------------------------------------------------------------------------


def differs(found: Mapping[str, Any]) -> bool:
    """Whether anything at all differs."""
    listed = any(changed for _, changed in change_lists(found))
    return listed or bool(found["statistics"]) or any(row_counts(found)) or any(found["source"]["rows"].values())


def verdict(found: Mapping[str, Any]) -> str:
    """What the change is worth, and whether the number says so."""
    if found["bump"] is None:
        return found["reason"] if not differs(found) else f"no new number is due ({found['reason']})"
    worth = f"a {found['bump']} change, {found['reason']}"
    if not found["same_name"]:
        return f"{worth}; two datasets of different names, whose numbers do not compare"
    if found["number_fits"] is None:
        return f"{worth}; after the first comes {found['deserves']}"
    fits = f"{found['deserves']} is due, and the number fits"
    return f"{worth}; {fits if found['number_fits'] else 'the number is too small, due is ' + found['deserves']}"


def moved(found: Mapping[str, Any]) -> str | None:
    """A warning about rows that moved between splits, if any did."""
    if not found["moved_splits"]:
        return None
    ways = Counter((row["old"], row["new"]) for row in found["moved_splits"])
    told = ", ".join(f"{count:,} from {old} to {new}" for (old, new), count in sorted(ways.items()))
    learned = sum(count for (_, new), count in ways.items() if new == "train")
    leak = f"; {learned:,} rows that OLD holds out are trained on in NEW" if learned else ""
    return (
        f"WARNING: {sum(ways.values()):,} rows moved between splits ({told}){leak}; results on held-out rows of the two "
        "versions do not compare"
    )


def totals(found: Mapping[str, Any]) -> list[list[str]]:
    """Rows of the source and of the versions: what, old, new, change."""
    counts, source = found["counts"], found["source"]["rows"]
    of_source = ", ".join(f"{count:,} {what}" for what, count in source.items() if count)
    return [
        [name, f"{counts[f'old_{key}']:,}", f"{counts[f'new_{key}']:,}", told]
        for name, key, told in (
            ("source rows", "source_rows", of_source),
            ("kept", "kept", f"{counts['new_kept'] - counts['old_kept']:+,}"),
        )
    ]


def row_counts(found: Mapping[str, Any]) -> list[int]:
    """Rows added, removed, changed, decided otherwise, moved."""
    return [found["counts"][kind] for kind in ("added", "removed", "changed", "reasons_changed", "moved_splits")]


def change_lists(found: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Everything that is told as key, old, new: (title, changes)."""
    rules = [{"key": one["rule"], "old": rule(one["old"]), "new": rule(one["new"])} for one in found["rules"]]
    changes = {**found, "source": found["source"]["changes"]}
    lists = [(title, changes[title]) for title in SECTIONS]
    return [*lists[:2], ("rules", rules), *lists[2:]]


def rule(setting: Mapping[str, Any] | None) -> str | None:
    """`version 2, drop from 0.8`, or None for a rule that is not applied."""
    if setting is None:
        return None
    return f"version {setting['version']}, {setting['verdict']} from {setting['threshold']}"


def decision(one: Mapping[str, Any]) -> str:
    """`kept`, or `dropped at quality by refusal: «evidence»`."""
    if one["status"] == "kept":
        return "kept"
    evidence = f": «{one['evidence']}»" if one["evidence"] else ""
    duplicate_of = f", duplicate of {one['duplicate_of']}" if one["duplicate_of"] else ""
    return f"dropped at {one['stage']} by {one['rule']}{duplicate_of}{evidence}"


def excerpt(row: Mapping[str, Any], length: int = 100) -> str:
    """The beginning of a row's instruction and answer, on one line."""
    texts = [" ".join(row[field].split()) for field in ("instruction", "input", "output")]
    return " │ ".join(text if len(text) <= length else text[:length] + "…" for text in texts if text)


def value(one: Any) -> str:
    """A value of a recipe, a pin or a statistic as people read it."""
    if one is None:
        return "–"
    if isinstance(one, bool) or not isinstance(one, str | int | float):
        return json.dumps(one, ensure_ascii=False)
    if isinstance(one, str):
        return one if len(one) < 80 else one[:77] + "…"
    return f"{one:,}"


def shift(one: Mapping[str, Any]) -> list[str]:
    """A statistic that moved: name, old, new, and by how much."""
    sizes = []
    if one["points"]:
        sizes.append(f"{one['points']:+.2f} points")
    if one["relative"] is not None:
        sizes.append(f"{100 * one['relative']:+.1f} %")
    return [one["statistic"], value(one["old"]), value(one["new"]), ", ".join(sizes) or "–"]
