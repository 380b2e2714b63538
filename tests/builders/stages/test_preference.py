import polars as pl

from builders.stages.preference import WORTH, in_order_of_worth, worth


def test_what_speaks_against_a_row_is_its_worst_flag_their_number_and_a_doubt_of_its_language():
    findings = pl.DataFrame(
        {
            "row": [0, 0, 1, 2, 3],
            "score": [0.61, 0.84, 1.0, 1.0, 0.3],
            "action": ["flag", "flag", "signal", "none", "flag"],
        }
    )
    languages = pl.DataFrame(
        {"row": [0, 3, 4, 5], "question_score": [0.0, 0.1, 0.0, 0.4], "answer_score": [0.1, 0.7, 0.9, 0.0]}
    )

    assert sorted(worth(findings, languages).rows()) == [(0, 0.8, 2), (3, 0.7, 1), (4, 0.9, 0)]
    assert sorted(worth(findings, None).rows()) == [(0, 0.8, 2), (3, 0.3, 1)]


def test_the_lightest_defect_goes_first_then_fewer_flags_then_more_words_then_the_id():
    rows = pl.DataFrame({"row": [0, 1, 2, 3, 4], "answer_words": [5, 5, 9, 9, 50]})
    said = pl.DataFrame({"row": [1, 4], "severity": [0.4, 0.4], "flags": [1, 2]}, WORTH)

    assert in_order_of_worth(rows, said)["row"].to_list() == [2, 3, 0, 1, 4]
