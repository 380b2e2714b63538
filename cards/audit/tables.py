"""The audit as tables: the same ones on a terminal, as tab-separated lines and in the page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from builders.schema import FIELDS
from cards.shared.statistics import PERCENTILES

SHOWN = 12  # rows of a list of most frequent things


@dataclass(frozen=True)
class Table:
    """A titled table. Cells are text or whole numbers; note: one line on how to read it."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    note: str = ""


def audit_tables(numbers: Mapping[str, Any]) -> list[Table]:
    """The tables of what `builders.auditing` counted, of a version or of a file; one that has nothing to say is left out."""
    parts = (_rows, _stages, _lengths, _tokens, _languages, _rules, _moved, _duplicates, _prompts, _leaks, _texts)
    return [table for part in parts for table in part(numbers) if table.rows]


def share(part: float, whole: float) -> str:
    """`12.3 %`, or a dash of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _rows(numbers: Mapping[str, Any]) -> Iterator[Table]:
    told = numbers["statistics"]
    rows = told["rows"]
    counted = [("rows", rows, "")]
    if "kept" in numbers:
        source = numbers["source_rows"]
        counted = [
            ("source rows", source, ""),
            ("kept", numbers["kept"], share(numbers["kept"], source)),
            ("dropped", numbers["dropped"], share(numbers["dropped"], source)),
        ]
    counted += [(f"split {name}", count, share(count, rows)) for name, count in _ordered(told.get("splits", {}))]
    counted += [(f"origin {name or '–'}", count, share(count, rows)) for name, count in _ordered(told["origins"])]
    with_input = sum(told["length_steps"]["input"].values())  # exact; the recorded share is rounded
    counted.append(("with an input", with_input, share(with_input, rows)))
    yield Table("Rows", ("what", "rows", "share"), counted)


def _stages(numbers: Mapping[str, Any]) -> Iterator[Table]:
    stages = [
        (one["stage"], one["rows_in"], one["rows_out"], max(one["rows_in"] - one["rows_out"], 0))
        for one in numbers.get("stages") or ()
    ]
    yield Table("From source to version", ("stage", "rows in", "rows out", "dropped"), stages)


def _lengths(numbers: Mapping[str, Any]) -> Iterator[Table]:
    lengths = numbers["statistics"]["length"]
    columns = ("mean", *(f"p{p}" for p in PERCENTILES), "max", "sum")
    rows = [
        (field, unit, *(_number(lengths[field][unit].get(column, "–")) for column in columns))
        for field in FIELDS
        for unit in ("characters", "words")
    ]
    yield Table("Lengths", ("field", "unit", *columns), rows, "Of the texts that are not empty.")


def _tokens(numbers: Mapping[str, Any]) -> Iterator[Table]:
    told = numbers.get("tokens")
    if not told:
        return
    columns = ("mean", *(f"p{p}" for p in PERCENTILES), "max", "sum")
    parts = [part for part in told if part not in ("tokenizer", "over")]
    rows = [(part, *(_number(told[part][column]) for column in columns)) for part in parts]
    note = f"{told['tokenizer']}, without special tokens; an empty text counts as 0."
    over = ", ".join(f"{100 * part:.1f} % over {int(limit):,}" for limit, part in told["over"].items())
    yield Table("Tokens", ("part", *columns), rows, f"{note} Rows: {over}.")


def _languages(numbers: Mapping[str, Any]) -> Iterator[Table]:
    told = numbers["statistics"].get("language")
    if not told:
        return
    statuses = [
        (side, status)
        for side in ("question", "answer")
        for status in (("kept", "dropped") if "kept" in numbers else ("kept",))
    ]
    names = {name for side, status in statuses for name in told[side][status]}
    listed = [(name, *(told[side][status].get(name, 0) for side, status in statuses)) for name in names]
    listed.sort(key=lambda one: (-sum(one[1:]), one[0]))
    if len(listed) > SHOWN:
        rest = listed[SHOWN - 1 :]
        listed = [
            *listed[: SHOWN - 1],
            (f"{len(rest)} others", *map(sum, zip(*(one[1:] for one in rest), strict=True))),
        ]
    yield Table(
        "Languages",
        ("language", *(f"{side}s {status}" if "kept" in numbers else f"{side}s" for side, status in statuses)),
        listed,
        "Of the rows that the language stage saw; what a dropped row was dropped for may be another reason."
        if "kept" in numbers
        else "",
    )
    steps = told["confidence"]["question"]
    sure = [
        (f"from {step}", count, told["confidence"]["answer"][step], share(count, sum(steps.values())))
        for step, count in sorted(steps.items(), reverse=True)
    ]
    yield Table(
        "How sure the language is", ("probability of Spanish", "questions", "answers", "share of questions"), sure,
        "Of the rows that were decided to be Spanish; each step up to the one above.",
    )  # fmt: skip


def _rules(numbers: Mapping[str, Any]) -> Iterator[Table]:
    told = numbers["statistics"]
    known_rules = numbers.get("rules") or {}
    other = [
        (stage, rule, count)
        for stage, counts in told.get("dropped", {}).items()
        for rule, count in _ordered(counts)
        if rule not in known_rules
    ]
    yield Table("Dropped by language, duplicates, sample, evaluation sets", ("stage", "rule", "rows"), other)
    rows = []
    for name, rule in known_rules.items():
        both = told["overlap"].get(name, {"drops": rule["drops"], "alone": 0, "with": {}})
        known = not rule["drops"] or name in told["overlap"]  # a version of before the overlap was counted
        alone, shared = (both["alone"], both["drops"] - both["alone"]) if known else ("–", "–")
        others = ", ".join(f"{other} {count:,}" for other, count in _ordered(both["with"])) or "–"
        if rule["drops"] or rule["flags"] or rule["signals"]:
            rows.append((name, rule["drops"], alone, shared, others, rule["flags"], rule["signals"]))
    rows.sort(key=lambda row: (-row[1], -row[5], row[0]))
    yield Table(
        "Rules", ("rule", "drops", "only this rule", "others too", "which", "flags", "signals"), rows,
        "A row that several rules drop is counted for each of them. Without a rule, the rows that only it drops would reach the "
        "later stages.",
    )  # fmt: skip
    gold = numbers.get("gold") or {}
    measured = [
        (
            name,
            _of(one["true_positives"], one["true_positives"] + one["false_positives"]),
            _of(one["true_positives"], one["true_positives"] + one["false_negatives"]),
        )
        for name, one in gold.items()
    ]
    yield Table("Measured on the gold rows", ("decision", "precision", "recall"), measured)
    for title, key in (("Flags of kept rows", "flags"), ("Edits", "edits")):
        yield Table(title, (key[:-1], "rows"), _ordered(told.get(key, {})))


def _moved(numbers: Mapping[str, Any]) -> Iterator[Table]:
    moved = dict(numbers["statistics"]["sensitivity"])
    thresholds = {name: rule["threshold"] for name, rule in (numbers.get("rules") or {}).items()}
    if numbers.get("near_duplicate_threshold"):
        moved["near_duplicate"] = numbers["near_duplicate_threshold"]
        thresholds["near_duplicate"] = float(next(iter(moved["near_duplicate"])))
    rows = []
    for name, reached in moved.items():
        now = reached.get(f"{thresholds[name]:.2f}", 0)
        others = ", ".join(f"{at} {count - now:+,}" for at, count in reached.items() if count != now)
        rows.append((name, f"{thresholds[name]:.2f}", now, others or "–"))
    yield Table(
        "If a threshold moved", ("rule", "now from", "rows that reach it", "more or fewer at another"), rows,
        "Rows that the rule would name, whatever else names them. Near-duplicates below the threshold were not looked for.",
    )  # fmt: skip


def _duplicates(numbers: Mapping[str, Any]) -> Iterator[Table]:
    told = numbers.get("duplicates")
    if not told:
        return
    rules = [(name, one["groups"], one["rows"]) for name, one in told["rules"].items()]
    yield Table("Duplicates", ("rule", "groups", "rows removed"), rows=rules)
    sizes = _binned({int(size): count for size, count in told["sizes"].items()})
    yield Table("Sizes of duplicate groups", ("rows in a group", "groups"), sizes, "The kept row is counted.")
    yield Table("Largest duplicate groups", ("kept row", "rows"), [(one["id"], one["rows"]) for one in told["largest"]])


def _prompts(numbers: Mapping[str, Any]) -> Iterator[Table]:
    told = numbers["prompts"]
    rows = [(one["id"], one["rows"], one["answers"]) for one in told["largest"]]
    note = f"{told['groups']:,} prompts with several answers, {told['rows']:,} rows; case and punctuation aside."
    yield Table("Prompts with several answers", ("first row", "rows", "answers"), rows, note)


def _leaks(numbers: Mapping[str, Any]) -> Iterator[Table]:
    names = {"ids": "ids", "prompts": "prompts", "texts": "whole rows", "near_duplicates": "near-duplicates"}
    told = numbers.get("leaks")
    if told:
        rows = [(name, told[key], "ok" if not told[key] else "LEAK") for key, name in names.items()]
        yield Table("In more than one split", ("what", "how many", ""), rows)


def _texts(numbers: Mapping[str, Any]) -> Iterator[Table]:
    told, rows = numbers["statistics"], numbers["statistics"]["rows"]
    asked = told["asks"]
    verbs = [(verb, count, share(count, rows)) for verb, count in _ordered(asked["verbs"])[:SHOWN]]
    note = (
        f"Rows that begin with a verb that is known: {asked['recognised']:,}; with a question: {asked['questions']:,}; "
    )
    note += f"with neither: {asked['neither']:,}."
    yield Table("Verbs that instructions begin with", ("verb", "rows", "share"), verbs, note)
    opened = [(words, count, share(count, rows)) for words, count in _ordered(numbers["openings"])[:SHOWN]]
    yield Table("Openings", ("first words", "rows", "share"), opened)
    for side, title in (("task", "Kinds of task"), ("answer", "Forms of answer")):
        kinds = [(name, count, share(count, rows)) for name, count in numbers["kinds"][side].items() if count]
        yield Table(title, ("kind", "rows", "share"), kinds, "A row may be of several kinds.")
    sizes = ("distinct_1", "distinct_2", "distinct_3")
    distinct = [(field, *(f"{told[size]:.3f}" for size in sizes)) for field, told in numbers["distinct"].items()]
    note = "Distinct word n-grams divided by all; falls as a set grows, so only sets of about one size compare."
    yield Table("Diversity", ("field", "distinct-1", "distinct-2", "distinct-3"), distinct, note)
    again = numbers["repeated_answers"]
    most = [(one["text"], one["rows"]) for one in again["most"]]
    note = f"{again['texts']:,} answers come more than once, in {again['rows']:,} rows."
    yield Table("Most repeated answers", ("answer", "rows"), most, note)


def _ordered(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The most frequent first, then by name: a recorded mapping has lost its order."""
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _binned(sizes: Mapping[int, int]) -> list[tuple[str, int]]:
    """Groups by their size, large sizes together."""
    bins = ((2, 2, "2"), (3, 3, "3"), (4, 5, "4–5"), (6, 10, "6–10"), (11, 1 << 62, "11 or more"))
    counted = [(name, sum(count for size, count in sizes.items() if low <= size <= high)) for low, high, name in bins]
    return [one for one in counted if one[1]]


def _of(right: int, whole: int) -> str:
    return f"{right / whole:.2f} ({right}/{whole})" if whole else "–"


def _number(value: Any) -> Any:
    """One decimal for means; percentiles, which are sizes of texts, as they are."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
