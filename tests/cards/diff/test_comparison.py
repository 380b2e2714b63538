import json

import polars as pl
import pytest

from cards.diff.comparison import Side, compare, differences, shifts
from tests.cards.two_versions import MANIFEST, NEW, OLD, STATISTICS, side


def test_rows_added_removed_and_changed():
    found = compare(OLD, NEW)

    assert (found["added"], found["removed"]) == (["fila-11"], ["fila-10"])
    assert found["changed"] == [{"id": "fila-2", "fields": ["output", "prompt", "completion"]}]
    assert found["examples"]["changed"][0]["texts"] == {"output": [("same", "Dos"), ("new", " y pico"), ("same", ".")]}
    assert [row["output"] for row in found["examples"]["added"]] == ["Once."]
    assert [row["output"] for row in found["examples"]["removed"]] == ["Diez."]


def test_decisions_that_changed():
    found = compare(OLD, NEW)

    kept = {"status": "kept", **dict.fromkeys(("stage", "rule", "score", "evidence", "duplicate_of"))}
    dropped = {"status": "dropped", "score": 1.0, "evidence": "aquí", "duplicate_of": None}
    assert found["reasons_changed"] == [
        {"id": "fila-11", "old": dropped | {"stage": "quality", "rule": "refusal"}, "new": kept},
        {"id": "fila-10", "old": kept, "new": dropped | {"stage": "dedup", "rule": "same_prompt"}},
        {
            "id": "fila-12",
            "old": dropped | {"stage": "dedup", "rule": "near_duplicate"},
            "new": dropped | {"stage": "dedup", "rule": "exact_duplicate"},
        },
    ]
    assert found["decisions"] == [
        {"old": "dedup/near_duplicate", "new": "dedup/exact_duplicate", "rows": 1},
        {"old": "kept", "new": "dedup/same_prompt", "rows": 1},
        {"old": "quality/refusal", "new": "kept", "rows": 1},
    ]


def test_another_score_or_split_is_no_other_decision():
    again = side([("fila-1", "Uno.", "validation")])

    assert compare(side([("fila-1", "Uno.", "train")]), again)["reasons_changed"] == []


def test_rows_that_moved_between_splits():
    assert compare(OLD, NEW)["moved_splits"] == [
        {"id": "fila-1", "old": "train", "new": "validation"},
        {"id": "fila-2", "old": "validation", "new": "train"},
    ]


def test_rows_of_the_source_that_came_went_and_changed():
    assert compare(OLD, NEW)["source"] == {"changes": [], "rows": {"added": 1, "removed": 0, "changed": 3}}


def test_counts_are_those_of_the_lists():
    found = compare(OLD, NEW, examples=0)

    lists = ("added", "removed", "changed", "reasons_changed", "moved_splits")
    assert {name: found["counts"][name] for name in lists} == {name: len(found[name]) for name in lists}
    assert [found["counts"][f"{age}_{key}"] for key in ("kept", "source_rows") for age in ("old", "new")] == [
        3,
        3,
        5,
        6,
    ]
    assert found["examples"] == {"added": [], "removed": [], "changed": []}


def test_a_version_does_not_differ_from_itself():
    found = compare(OLD, OLD)

    empty = ("added", "removed", "changed", "reasons_changed", "moved_splits", "decisions", "recipe", "template")
    assert all(found[name] == [] for name in (*empty, "columns", "statistics", "rules", "software"))
    assert found["source"] == {"changes": [], "rows": {"added": 0, "removed": 0, "changed": 0}}


def test_under_another_template_only_the_fields_are_compared():
    chat = [{"role": "user", "content": "Di algo."}]
    rows = OLD.rows.with_columns(pl.Series("prompt", [chat] * 3), pl.Series("completion", [chat] * 3))
    manifest = OLD.manifest | {"template": {"name": "messages", "sha256": "u"}}

    found = compare(OLD, Side(rows, OLD.ledger, manifest, STATISTICS))

    assert found["changed"] == []
    assert [one["key"] for one in found["template"]] == ["name", "sha256"]


def test_chats_are_compared_message_by_message():
    def chats(text):
        chat = pl.Series("prompt", [[{"role": "user", "content": one}] for one in ("a", text, "c")])
        return Side(OLD.rows.with_columns(chat), OLD.ledger, OLD.manifest, STATISTICS)

    assert compare(chats("b"), chats("B"))["changed"] == [{"id": "fila-2", "fields": ["prompt"]}]
    assert compare(chats("b"), chats("b"))["changed"] == []


def test_recipes_sources_rules_columns_and_software():
    recipe = MANIFEST["recipe"] | {
        "split": {"validation": 0.1},
        "card": {"tags": ["a", "b"]},
        "source": {"kind": "file"},
    }
    rules = {"refusal": {"version": 2, "verdict": "flag", "threshold": 0.8, "drops": 9}, "echo": {"version": 1}}
    new = side(
        [("fila-1", "Uno.", "train")],
        recipe=recipe,
        rules=rules,
        source={"kind": "file", "sha256": "s", "name": "filas.csv"},
        columns=["id", "salida"],
        software={"polars": "2"},
        models={"fasttext": "g"},
    )

    found = compare(OLD, new)

    assert found["recipe"] == [
        {"key": "split.validation", "old": 0.5, "new": 0.1},
        {"key": "card.tags", "old": ["a"], "new": ["a", "b"]},
    ]
    assert found["source"]["changes"] == [
        {"key": "kind", "old": "demo", "new": "file"},
        {"key": "name", "old": None, "new": "filas.csv"},
    ]
    assert found["columns"] == [
        {"key": "output", "old": "output", "new": None},
        {"key": "salida", "old": None, "new": "salida"},
    ]
    assert found["software"] == [
        {"key": "polars", "old": "1", "new": "2"},
        {"key": "model fasttext", "old": "f", "new": "g"},
    ]
    assert [(one["rule"], one["old"], one["new"]) for one in found["rules"]] == [
        (
            "refusal",
            {"version": 1, "verdict": "drop", "threshold": 0.8},
            {"version": 2, "verdict": "flag", "threshold": 0.8},
        ),
        ("echo", None, {"version": 1, "verdict": None, "threshold": None}),
    ]


def shifted(old, new, **manifest):
    found = shifts(side([], statistics=old), side([], statistics=new, **manifest))
    return {one.pop("statistic"): tuple(one.values()) for one in found}


def test_a_statistic_shifts_by_so_much():
    old = {"rows": 200, "with_input": 0.25, "length": {"output": {"mean": 50.0, "p5": 3.0}}}
    new = {"rows": 150, "with_input": 0.4, "length": {"output": {"mean": 60.0, "p5": 3.0}}}

    assert shifted(old, new) == {
        "rows": (200, 150, -50, -0.25, None),
        "with_input": (0.25, 0.4, 0.15, 0.6, 15.0),
        "length.output.mean": (50.0, 60.0, 10.0, 0.2, None),
    }


def test_counts_shift_by_points_of_the_whole():
    old = {"splits": {"train": 2, "validation": 1}, "dropped": {"quality": {"refusal": 1}}}
    new = {"splits": {"train": 4, "validation": 2}, "dropped": {"quality": {"refusal": 4}}}

    assert shifted(old, new, kept=6, source_rows=10) == {
        "splits.train": (2, 4, 2, 1.0, 0.0),
        "splits.validation": (1, 2, 1, 1.0, 0.0),
        "dropped.quality.refusal": (1, 4, 3, 3.0, 20.0),
    }


def test_what_stands_in_no_list_of_the_most_frequent_is_unknown_and_no_zero():
    def of(kept, verbs):
        return {"language": {"question": {"kept": kept}}, "asks": {"questions": 1, "verbs": verbs}}

    assert shifted(of({"es": 3}, {"dar": 2}), of({"es": 2, "gl": 1}, {"ver": 2})) == {
        "language.question.kept.es": (3, 2, -1, -0.3333, -33.33),
        "language.question.kept.gl": (0, 1, 1, None, 33.33),
        "asks.verbs.dar": (2, None, None, None, None),
        "asks.verbs.ver": (None, 2, None, None, None),
    }


def test_what_one_side_does_not_count_is_none_there_and_what_one_side_never_took_is_unknown():
    old, new = {"flags": {"echo": 3}, "with_input": 0.5}, {"flags": {"cut_off": 1}, "with_input": 0.5, "tokens": 9}

    assert shifted(old, new, kept=4) == {
        "flags.echo": (3, 0, -3, -1.0, -100.0),
        "flags.cut_off": (0, 1, 1, None, 25.0),
        "tokens": (None, 9, None, None, None),
    }


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 1}}, []),
        ({"a": {}}, {}, []),
        ({"a": None}, {}, []),
        ({"a": {"b": 1}}, {"a": 2}, [("a.b", 1, None), ("a", None, 2)]),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, [("a", [1, {"b": 2}], [1, {"b": 3}])]),
        ({"a": True}, {"a": 1.5}, [("a", True, 1.5)]),
    ],
)
def test_differences_of_mappings(old, new, found):
    assert [tuple(one.values()) for one in differences(old, new)] == found


def test_the_result_is_plain_json():
    found = compare(OLD, NEW)
    assert json.loads(json.dumps(found))["changed"] == found["changed"]
