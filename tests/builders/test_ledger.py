import hashlib
import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.ledger import EDIT, Ledger, check, faults, row_hashes
from builders.schema import LEDGER_SCHEMA as SCHEMA
from builders.stages.outcome import Outcome

TEXT = {"id": pl.String, "instruction": pl.String, "input": pl.String, "output": pl.String}
SPLITS = {"row": pl.UInt32, "split": pl.String}


def of_ids(*ids):
    """A ledger of rows that nothing was said about yet."""
    table = pl.DataFrame({"id": ids}, schema={"id": pl.String}).with_row_index("row")
    hashes = table.select("row", pl.col("id").cast(pl.Binary).alias("sha256"))
    return Ledger(table, hashes=[hashes])


def rows(schema, *values):
    return pl.DataFrame(values, schema=schema, orient="row")


def drops(*values):
    return rows({"row": pl.UInt32, "rule": pl.String}, *values)


def kept(*numbers):
    return rows(SPLITS, *((number, "train") for number in numbers))


def entry(id, status="kept", split="train", **values):
    """One line of a closed ledger."""
    usual = dict.fromkeys(SCHEMA) | {"edits": [], "flags": [], "source_sha256": "", "row_sha256": ""}
    return usual | {"id": id, "status": status, "split": split} | values


def table(*entries):
    return pl.DataFrame(entries, schema=SCHEMA)


# ---- every row once --------------------------------------------------------------------------------------------------


def test_every_source_row_stands_once_with_its_status():
    ledger = of_ids("a-1", "a-2", "a-3", "a-4")
    ledger.drop("language", drops((1, "answer_language")))
    ledger.drop("dedup", rows({"row": pl.UInt32, "rule": pl.String, "score": pl.Float64, "evidence": pl.String, "duplicate_of": pl.UInt32}, (3, "near_duplicate", 0.9, "resembles the duplicate", 0)))  # fmt: skip
    ledger.flag(rows({"row": pl.UInt32, "flag": pl.String, "evidence": pl.String}, (2, "placeholder", "[nombre]")))
    ledger.edits.append(rows(EDIT, (0, "input:no_input"), (0, "output:nfc")))

    closed = ledger.close(rows(SPLITS, (0, "train"), (2, "validation")))

    assert dict(closed.schema) == SCHEMA
    assert closed.drop("source_sha256", "row_sha256").rows() == [
        ("a-1", "kept", None, None, None, None, None, ["input:no_input", "output:nfc"], [], "train"),
        ("a-2", "dropped", "language", "answer_language", None, None, None, [], [], None),
        ("a-3", "kept", None, None, None, "placeholder: [nombre]", None, [], ["placeholder"], "validation"),
        ("a-4", "dropped", "dedup", "near_duplicate", 0.9, "resembles the duplicate", "a-1", [], [], None),
    ]
    assert closed["source_sha256"].to_list() == [f"612d3{number}" for number in (1, 2, 3, 4)], (
        "a-1, a-2, … in hexadecimal"
    )


def test_the_evidence_of_a_dropped_row_is_that_of_its_drop():
    ledger = of_ids("a-1", "a-2")
    ledger.flag(
        rows(
            {"row": pl.UInt32, "flag": pl.String, "score": pl.Float64, "evidence": pl.String},
            (0, "placeholder", 0.9, "[nombre]"),
        )
    )
    ledger.drop(
        "quality", rows({"row": pl.UInt32, "rule": pl.String, "evidence": pl.String}, (0, "refusal", "No puedo"))
    )

    closed = ledger.close(kept(1))

    assert closed.select("rule", "score", "evidence", "flags").row(0) == ("refusal", None, "No puedo", ["placeholder"])


def test_the_score_of_a_kept_row_is_the_highest_of_its_flags():
    ledger = of_ids("a-1", "a-2", "a-3")
    scored = {"row": pl.UInt32, "flag": pl.String, "score": pl.Float64, "evidence": pl.String}
    ledger.flag(rows(scored, (0, "cut_off", 0.5, "y"), (0, "echo", 0.7, "x"), (0, "review", None, "judged fix")))
    ledger.flag(rows({"row": pl.UInt32, "flag": pl.String, "evidence": pl.String}, (1, "review", "judged fix")))

    closed = ledger.close(rows(SPLITS, (0, "train"), (1, "train"), (2, "train")))

    assert closed.select("score", "flags").rows() == [
        (0.7, ["cut_off", "echo", "review"]),
        (None, ["review"]),
        (None, []),
    ]


@given(data=st.data(), count=st.integers(1, 12))
def test_kept_and_dropped_rows_add_up_to_the_source(data, count):
    dropped = data.draw(st.sets(st.integers(0, count - 1)))
    ledger = of_ids(*(f"a-{number}" for number in range(count)))
    ledger.drop("quality", drops(*((row, "refusal") for row in sorted(dropped))))

    closed = ledger.close(kept(*(row for row in range(count) if row not in dropped)))

    assert closed["id"].to_list() == [f"a-{number}" for number in range(count)]
    assert [row for row, status in enumerate(closed["status"]) if status == "dropped"] == sorted(dropped)


# ---- what must never be written --------------------------------------------------------------------------------------


def refusal(ledger, splits):
    with pytest.raises(AssertionError) as error:
        ledger.close(splits)
    return str(error.value)


def test_a_row_that_vanished_without_a_reason_is_refused():
    assert refusal(of_ids("a-1", "a-2"), kept(0)) == (
        "the ledger does not account for every row: a split must be given for kept rows and for no others; "
        "2 kept rows in the ledger, 1 in the data"
    )


def test_a_row_that_was_dropped_and_kept_is_refused():
    ledger = of_ids("a-1", "a-2")
    ledger.drop("quality", drops((1, "refusal")))

    assert refusal(ledger, kept(0, 1)) == (
        "the ledger does not account for every row: a split must be given for kept rows and for no others; "
        "1 kept rows in the ledger, 2 in the data"
    )


def test_a_kept_row_that_no_source_has_is_refused():
    assert refusal(of_ids("a-1"), kept(0, 7)) == (
        "the ledger does not account for every row: 1 kept rows in the ledger, 2 in the data"
    )


def test_an_id_that_stands_twice_is_refused():
    assert refusal(of_ids("a-1", "a-1"), kept(0, 1)) == (
        "the ledger does not account for every row: id 'a-1' stands more than once"
    )


@pytest.mark.parametrize("stages", [("quality", "dedup"), ("quality", "quality")])
def test_a_row_that_was_dropped_twice_is_refused(stages):
    ledger = of_ids("a-1", "a-2")
    for stage in stages:
        ledger.drop(stage, drops((1, "refusal")))

    assert refusal(ledger, kept(0)) == "the ledger does not account for every row: 'a-2' was dropped more than once"


def test_a_ledger_without_the_hashes_of_the_rows_is_refused():
    ledger = of_ids("a-1")
    ledger.hashes.clear()

    assert refusal(ledger, kept(0)) == "the read stage records the hashes of all rows"


def test_an_edited_row_has_the_hash_of_what_it_was_and_of_what_it_is():
    ledger = of_ids("a-1", "a-2", "a-3")
    edited = pl.DataFrame({"row": [2, 0], "sha256": [b"\xe3", b"\xe1"]}, {"row": pl.UInt32, "sha256": pl.Binary})
    ledger.record("repair", Outcome(pl.DataFrame(), hashes=edited))

    closed = ledger.close(kept(0, 1, 2))

    assert closed["source_sha256"].to_list() == ["612d31", "612d32", "612d33"]
    assert closed["row_sha256"].to_list() == ["e1", "612d32", "e3"]


# ---- faults of a ledger that was read --------------------------------------------------------------------------------

SOUND = [entry("a-1"), entry("a-2", "dropped", None, stage="quality", rule="refusal")]


def test_a_sound_ledger_has_no_faults():
    assert faults(table(*SOUND), ["a-1"]) == []
    check(table(*SOUND), kept=1)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ([*SOUND, SOUND[1]], "id 'a-2' stands more than once"),
        ([*SOUND, entry("a-3", "lost", None)], "unknown statuses 'lost'"),
        ([*SOUND, entry("a-3", None, None)], "unknown statuses None"),
        ([*SOUND, entry("a-1b", None, None), entry("a-3", "lost", None)], "unknown statuses 'lost', None"),
        ([SOUND[0] | {"split": None}, SOUND[1]], "a split must be given for kept rows and for no others"),
        ([SOUND[0], SOUND[1] | {"split": "test"}], "a split must be given for kept rows and for no others"),
        ([SOUND[0], SOUND[1] | {"rule": None}], "a dropped row has no stage or rule"),
        ([SOUND[0], SOUND[1] | {"stage": None}], "a dropped row has no stage or rule"),
        ([*SOUND, entry("a-3")], "1 rows are kept in the ledger but not in the data, such as 'a-3'"),
        ([SOUND[1]], "1 rows are in the data but not kept in the ledger, such as 'a-1'"),
    ],
)
def test_a_fault_is_named(wrong, fault):
    assert faults(table(*wrong), ["a-1"]) == [fault]


def test_a_row_that_stands_twice_in_the_data_is_a_fault():
    assert faults(table(*SOUND), ["a-1", "a-1"]) == ["id 'a-1' stands more than once in the data"]


# ---- hashes ----------------------------------------------------------------------------------------------------------

texts = st.text(max_size=12)


@given(row=st.tuples(texts, texts, texts, texts))
def test_a_rows_hash_is_that_of_its_canonical_json(row):
    keys = ("id", "input", "instruction", "output")
    canonical = json.dumps(dict(zip(keys, row, strict=True)), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    found = row_hashes(pl.DataFrame([row], schema=keys, orient="row"))

    assert found.to_list() == [hashlib.sha256(canonical.encode()).hexdigest()]


def test_a_row_with_the_same_text_in_another_field_has_another_hash():
    one, other = ("a-1", "Saluda.", "", "Hola."), ("a-1", "Saluda.", "Hola.", "")

    assert row_hashes(rows(TEXT, one, other)).n_unique() == 2
