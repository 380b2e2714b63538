import msgspec
import polars as pl
import pytest

from builders.reading.audit import audit, audited
from cards.audit.diversity import Repeated, RepeatedText
from cards.audit.groups import Leaks
from cards.audit.tables import audit_tables
from cards.shared.terminal import tables
from cards.statistics.languages import Statuses
from cards.statistics.listed import RowStatistics, count
from tests.builders.rows import KEPT, ROWS, small_version
from tests.cards.statistics.rows import measured_of


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("tablas")


@pytest.fixture(scope="module")
def version(place):
    return small_version(place)


@pytest.fixture(scope="module")
def numbers(version):
    return audit(version)


def changed(numbers, **statistics):
    """The numbers, some of their statistics changed."""
    return msgspec.structs.replace(numbers, statistics=msgspec.structs.replace(numbers.statistics, **statistics))


def titled(numbers, title):
    (table,) = (one for one in audit_tables(numbers) if one.title.startswith(title))
    return table


@pytest.fixture(scope="module")
def found(numbers):
    return {table.title: table for table in audit_tables(numbers)}


def test_every_row_of_a_table_is_as_wide_as_its_header(found):
    assert found
    for table in found.values():
        assert table.rows and {len(row) for row in table.rows} == {len(table.header)}, table.title


def test_rows_splits_and_shares(found):
    assert list(found["Rows"].rows) == [
        ("source rows", 12, ""),
        ("kept", 7, "58.3 %"),
        ("dropped", 5, "41.7 %"),
        ("split train", 4, "57.1 %"),
        ("split validation", 3, "42.9 %"),
        ("origin fila", 7, "100.0 %"),
        ("with an input", 2, "28.6 %"),
    ]


def test_rows_with_an_input_are_counted_and_not_taken_from_the_rounded_share(numbers):
    # 37 of 15,001 rows are a share of 0.0025 (four digits), which would make 38.
    rows = pl.DataFrame({"input": ["uno, dos"] * 37 + [""] * 14_964})
    found = count(
        RowStatistics,
        measured_of(rows.with_columns(instruction=pl.lit("Cuenta."), output=pl.lit("Tres."), origin=pl.lit("fila"))),
    )
    table = titled(
        changed(numbers, rows=found.rows, with_input=found.with_input, length_steps=found.length_steps), "Rows"
    )

    assert found.with_input == 0.0025
    assert table.rows[-1] == ("with an input", 37, "0.2 %")


def test_stages_and_rules(found):
    assert ("quality", 11, 10, 1) in found["From source to version"].rows
    assert found["Rules"].rows[0][:5] == ("refusal", 1, 1, 0, "–")
    assert ("dedup", "near_duplicate", 1) in found["Dropped by language, duplicates, sample, evaluation sets"].rows
    assert ("refusal", "1.00 (4/4)", "1.00 (4/4)") in found["Measured on the gold rows"].rows


def test_languages_are_the_most_frequent_first(found):
    assert found["Languages"].header == (
        "language",
        "questions kept",
        "questions dropped",
        "answers kept",
        "answers dropped",
    )
    assert found["Languages"].rows[0] == ("es", len(KEPT), len(ROWS) - len(KEPT), 7, 4)
    assert ("en", 0, 0, 0, 1) in found["Languages"].rows


def test_many_languages_are_cut_to_the_most_frequent(numbers):
    question = Statuses(kept={"es": 5}, dropped={f"l{at:02}": 1 for at in range(20)})
    language = msgspec.structs.replace(
        numbers.statistics.language, question=question, answer=Statuses(kept={}, dropped={})
    )

    table = titled(changed(numbers, language=language), "Languages")

    assert (len(table.rows), table.rows[-1]) == (12, ("10 others", 0, 10, 0, 0))


def test_a_moved_threshold_tells_more_or_fewer(numbers):
    moved = {"refusal": {"0.60": 9, "0.70": 5, "0.80": 5, "0.90": 5, "1.00": 2}}
    found = msgspec.structs.replace(changed(numbers, sensitivity=moved), near_duplicate_threshold={})

    assert list(titled(found, "If a threshold moved").rows) == [("refusal", "0.80", 5, "0.60 +4, 1.00 -3")]


def test_a_leak_is_loud(numbers):
    leaks = Leaks(ids=0, prompts=2, texts=0, near_duplicates=0)

    assert list(titled(msgspec.structs.replace(numbers, leaks=leaks), "In more than one split").rows) == [
        ("ids", 0, "ok"),
        ("prompts", 2, "LEAK"),
        ("whole rows", 0, "ok"),
        ("near-duplicates", 0, "ok"),
    ]


def test_sizes_of_groups_are_put_together(numbers):
    sizes = {"2": 5, "4": 1, "5": 2, "7": 1, "30": 1, "400": 1}
    found = msgspec.structs.replace(numbers, duplicates=msgspec.structs.replace(numbers.duplicates, sizes=sizes))

    assert list(titled(found, "Sizes of duplicate groups").rows) == [
        ("2", 5),
        ("4–5", 3),
        ("6–10", 1),
        ("11 or more", 2),
    ]


def test_what_other_rules_would_drop_too_is_named(numbers):
    (one,) = numbers.statistics.overlap.values()
    shared = msgspec.structs.replace(one, drops=5, alone=2, others={"cut_off": 1, "echo": 3})

    row = titled(changed(numbers, overlap={"refusal": shared}), "Rules").rows[0]

    assert row[:5] == ("refusal", 1, 2, 3, "echo 3, cut_off 1")


def test_a_raw_file_has_no_stages_and_no_duplicates(place, version):
    titles = [table.title for table in audit_tables(audited(None, place, str(place / "filas.jsonl")).numbers)]

    assert "Rows" in titles and "Languages" in titles and "Rules" in titles and "Prompts with several answers" in titles
    assert not {"From source to version", "Duplicates", "In more than one split", "Flags of kept rows"} & set(titles)


def test_piped_tables_are_tab_separated_and_safe(numbers, capsys):
    again = Repeated(texts=1, rows=2, most=[RepeatedText("a\tb\n\x1b[31mrojo\u202e [bold]", 2)])

    tables(audit_tables(msgspec.structs.replace(numbers, repeated_answers=again)))

    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["# Rows", "what\trows\tshare", "source rows\t12\t"]
    assert lines[-1] == "a\\tb\\n\\x1b[31mrojo\\u202e [bold]\t2"


def test_rows_that_an_evaluation_set_took_are_told(numbers):
    found = changed(numbers, dropped={"quality": {"contaminated": 4, "refusal": 1}})

    assert list(titled(found, "Dropped by").rows) == [("quality", "contaminated", 4)]
