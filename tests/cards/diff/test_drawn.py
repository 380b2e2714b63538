import polars as pl

from cards.diff.drawn import drawn

ROWS = pl.DataFrame(
    {"id": [f"fila-{number}" for number in range(40)], "why": ["echo"] * 30 + ["refusal"] * 8 + ["cut_off"] * 2}
)


def test_every_stratum_has_its_turn_the_largest_first():
    assert drawn(ROWS, ["why"], 5)["why"].to_list() == ["echo", "refusal", "cut_off", "echo", "refusal"]


def test_a_small_stratum_ends_and_the_others_go_on():
    assert drawn(ROWS, ["why"], 9)["why"].to_list().count("cut_off") == 2
    assert drawn(ROWS, ["why"], 100).height == ROWS.height


def test_the_draw_does_not_depend_on_the_order_of_rows():
    assert drawn(ROWS.sample(fraction=1.0, shuffle=True, seed=3), ["why"], 7).equals(drawn(ROWS, ["why"], 7))


def test_the_first_by_id_are_not_favoured():
    assert drawn(ROWS.head(30), [], 3)["id"].to_list() != ["fila-0", "fila-1", "fila-2"]


def test_of_no_rows_none_is_drawn():
    assert drawn(ROWS.head(0), ["why"], 3).height == 0
