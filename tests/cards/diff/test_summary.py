from dataclasses import replace

from cards.diff.summary import MOST, summary
from tests.cards.two_versions import NEW, OLD, compared, side


def test_what_changed_is_said_by_how_many_rows_it_touches():
    assert summary(compared()) == [
        "The source has 6 rows, it had 5: 1 new, 3 of another text.",
        "NEW keeps 3 of 6 source rows (50.0 %), OLD 3 of 5 source rows (60.0 %): 1 came, 1 went.",
        "1 of the 2 rows that both keep reads otherwise (completion 1, output 1, prompt 1).",
        "1 row dropped by dedup/near_duplicate before, dropped by dedup/exact_duplicate now (16.7 % of the source).",
        "1 row kept before, dropped by dedup/same_prompt now (16.7 % of the source).",
        "1 row dropped by quality/refusal before, kept now (16.7 % of the source).",
    ]


def test_another_template_comes_first():
    other = replace(NEW, template={"name": "charla", "sha256": "u"})

    assert summary(compared(new=other))[0] == "Another template writes every prompt and completion."


def test_a_share_that_moved_is_told_by_points_of_its_share():
    more = side([("fila-1", "Uno.", "train")], counted={"with_input": 0.4}, kept=1)
    some = side([("fila-1", "Uno.", "train")], counted={"with_input": 0.25}, kept=1)
    same = side([("fila-1", "Uno.", "train")], counted={"with_input": 0.255}, kept=1)

    assert "with input: 25.0 % → 40.0 %, +15.00 points of its share." in summary(compared(some, more))
    assert summary(compared(some, same)) == []


def test_nothing_is_said_where_nothing_differs_and_never_more_than_a_screen():
    assert summary(compared(OLD, OLD)) == []
    flags = {f"rule_{number}": 1 for number in range(12)}
    many = side([("fila-1", "Uno.", "train")], counted={"flags": flags}, kept=1)
    assert len(summary(compared(side([("fila-1", "Uno.", "train")], kept=1), many))) == MOST
