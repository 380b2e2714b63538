from dataclasses import replace

import msgspec
import polars as pl
import pytest

from cards.diff.comparison import differences
from cards.diff.records import (
    Change,
    ChangedDecision,
    ChangedRow,
    Decisions,
    Moved,
    RuleChange,
    RuleSetting,
    SourceChange,
    SourceRows,
)
from cards.shared.entries import Decision
from cards.shared.records import RuleCounts
from tests.cards.two_versions import NEW, OLD, RECORDED, compared, side


def test_rows_added_removed_and_changed():
    found = compared()

    assert (found.added, found.removed) == (["fila-11"], ["fila-10"])
    assert found.changed == [ChangedRow("fila-2", ["output", "prompt", "completion"])]
    assert found.examples.changed[0].texts == {"output": [("same", "Dos"), ("new", " y pico"), ("same", ".")]}
    assert [row.output for row in found.examples.added] == ["Once."]
    assert [row.output for row in found.examples.removed] == ["Diez."]


def test_decisions_that_changed():
    found = compared()

    kept = Decision("kept", None, None, None, None, None)

    def dropped(stage, rule):
        return Decision("dropped", stage, rule, 1.0, "aquí", None)

    assert found.reasons_changed == [
        ChangedDecision("fila-11", dropped("quality", "refusal"), kept),
        ChangedDecision("fila-10", kept, dropped("dedup", "same_prompt")),
        ChangedDecision("fila-12", dropped("dedup", "near_duplicate"), dropped("dedup", "exact_duplicate")),
    ]
    assert found.decisions == [
        Decisions("dedup/near_duplicate", "dedup/exact_duplicate", 1),
        Decisions("kept", "dedup/same_prompt", 1),
        Decisions("quality/refusal", "kept", 1),
    ]


def test_another_score_or_split_is_no_other_decision():
    again = side([("fila-1", "Uno.", "validation")])

    assert compared(side([("fila-1", "Uno.", "train")]), again).reasons_changed == []


def test_rows_that_moved_between_splits():
    assert compared().moved_splits == [Moved("fila-1", "train", "validation"), Moved("fila-2", "validation", "train")]


def test_rows_of_the_source_that_came_went_and_changed():
    assert compared().source == SourceChange([], SourceRows(added=1, removed=0, changed=3))


def test_counts_are_those_of_the_lists():
    found = compared(examples=0)

    for name in ("added", "removed", "changed", "reasons_changed", "moved_splits"):
        assert getattr(found.counts, name) == len(getattr(found, name)) > 0
    counts = found.counts
    assert (counts.old_kept, counts.new_kept, counts.old_source_rows, counts.new_source_rows) == (3, 3, 5, 6)
    assert (found.examples.added, found.examples.removed, found.examples.changed) == ([], [], [])


def test_a_version_does_not_differ_from_itself():
    found = compared(OLD, OLD)

    empty = ("added", "removed", "changed", "reasons_changed", "moved_splits", "decisions", "recipe", "template")
    assert all(getattr(found, name) == [] for name in (*empty, "columns", "statistics", "rules", "software"))
    assert found.source == SourceChange([], SourceRows(added=0, removed=0, changed=0))


def test_under_another_template_only_the_fields_are_compared():
    chat = [{"role": "user", "content": "Di algo."}]
    rows = OLD.rows.with_columns(pl.Series("prompt", [chat] * 3), pl.Series("completion", [chat] * 3))

    found = compared(OLD, replace(OLD, rows=rows, template={"name": "messages", "sha256": "u"}))

    assert found.changed == []
    assert [one.key for one in found.template] == ["name", "sha256"]


def test_chats_are_compared_message_by_message():
    def chats(text):
        chat = pl.Series("prompt", [[{"role": "user", "content": one}] for one in ("a", text, "c")])
        return replace(OLD, rows=OLD.rows.with_columns(chat))

    assert compared(chats("b"), chats("B")).changed == [ChangedRow("fila-2", ["prompt"])]
    assert compared(chats("b"), chats("b")).changed == []


def test_recipes_sources_rules_columns_and_software():
    new = side(
        [("fila-1", "Uno.", "train")],
        recipe=RECORDED["recipe"] | {"split": {"validation": 0.1}, "card": {"tags": ["a", "b"]}},
        rules={
            "refusal": RuleCounts(2, "flag", 0.8, drops=0, flags=9, signals=0),
            "echo": RuleCounts(1, "drop", 0.9, drops=0, flags=0, signals=0),
        },
        source={"kind": "file", "sha256": "s", "name": "filas.csv"},
        columns=("id", "salida"),
        software={"polars": "2"},
        models={"fasttext": "g"},
    )

    found = compared(OLD, new)

    assert found.recipe == [Change("split.validation", 0.5, 0.1), Change("card.tags", ["a"], ["a", "b"])]
    assert found.source.changes == [Change("kind", "demo", "file"), Change("name", None, "filas.csv")]
    assert found.columns == [Change("output", "output", None), Change("salida", None, "salida")]
    assert found.software == [Change("polars", "1", "2"), Change("model fasttext", "f", "g")]
    assert found.rules == [
        RuleChange("refusal", RuleSetting(1, "drop", 0.8), RuleSetting(2, "flag", 0.8)),
        RuleChange("echo", None, RuleSetting(1, "drop", 0.9)),
    ]


def test_how_often_a_rule_dropped_is_no_other_rule():
    again = side([], rules={"refusal": RuleCounts(1, "drop", 0.8, drops=7, flags=0, signals=0)})

    assert compared(OLD, again).rules == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 1}}, []),
        ({"a": {}}, {}, []),
        ({"a": None}, {}, []),
        ({"a": {"b": 1}}, {"a": 2}, [Change("a.b", 1, None), Change("a", None, 2)]),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, [Change("a", [1, {"b": 2}], [1, {"b": 3}])]),
        ({"a": True}, {"a": 1.5}, [Change("a", True, 1.5)]),
    ],
)
def test_differences_of_mappings(old, new, found):
    assert differences(old, new) == found


def test_what_the_change_is_worth_stands_before_what_differs():
    document = msgspec.to_builtins(compared())

    assert list(document)[:7] == ["old", "new", "same_name", "bump", "reason", "deserves", "number_fits"]
    assert (document["old"], document["new"], document["bump"]) == (OLD.label, NEW.label, "minor")
