"""What the language stage makes of the detectors' decision."""

import polars as pl

from builders.recipes.model import Language
from builders.stages.language import by_language, language_drops, languages_of

DECIDED = pl.DataFrame(
    {
        "row": [0, 1, 2, 3],
        "question": ["other", "other", "other", "es"],
        "answer": ["es", "undetermined", "other", "other"],
        "question_score": [0.98, 0.6, 0.9, 0.0],
        "answer_score": [0.0, 0.4, 0.8, 1.0],
        "question_evidence": [
            "fastText pt 0.93 (es 0.02), langdetect pt 1.0",
            "fastText es 0.7, langdetect ca 0.99",
            "fastText es 0.7, langdetect es 0.6",
            "fastText es 1.0",
        ],
        "answer_evidence": [
            "fastText es 1.0",
            "too short to tell",
            "fastText ca 0.8 (es 0.1)",
            "fastText de 0.99 (es 0.0)",
        ],
    }
)


def test_a_foreign_part_is_in_the_language_that_a_detector_says_fasttext_first():
    assert languages_of(DECIDED, Language()).select("question", "answer").rows() == [
        *(("pt", "es"), ("ca", "undetermined"), ("other", "ca"), ("es", "de")),
    ]


def test_a_row_is_dropped_for_its_question_before_its_answer_with_that_parts_score_and_evidence():
    drops = language_drops(DECIDED, Language())
    assert drops.select("row", "rule", "score").rows() == [
        *((0, "question_language", 0.98), (1, "question_language", 0.6)),
        *((2, "question_language", 0.9), (3, "answer_language", 1.0)),
    ]
    assert drops["evidence"].to_list()[2:] == [DECIDED["question_evidence"][2], DECIDED["answer_evidence"][3]]


def test_a_recipe_may_judge_one_part_alone():
    assert language_drops(DECIDED, Language(question=False))["row"].to_list() == [2, 3]
    assert language_drops(DECIDED, Language(answer=False))["row"].to_list() == [0, 1, 2]


def test_rows_of_a_language_without_a_room_pass_unread():
    rows = pl.DataFrame({"row": [0], "instruction": ["Olá"], "input": [""], "output": ["Olá"]})
    outcome = by_language(rows, Language(of="pt"))
    assert outcome.rows.equals(rows) and outcome.languages is None
