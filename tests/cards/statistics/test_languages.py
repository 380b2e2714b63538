import msgspec
import polars as pl

from cards.statistics.languages import Languages, Statuses, language_mix

LANGUAGES = pl.DataFrame(
    {
        "row": [0, 1, 2, 3],
        "question": ["es", "es", "undetermined", "ca"],
        "answer": ["es", "undetermined", "es", "es"],
        "question_score": [0.0, 0.1, 0.9, 0.99],
        "answer_score": [0.3, 0.0, 0.005, 0.02],
    },
    schema_overrides={"row": pl.UInt32},
)


def test_the_language_mix_of_kept_and_dropped_rows():
    mix = language_mix(LANGUAGES, pl.Series([True, True, True, False]))

    assert mix.question == Statuses(kept={"es": 2, "undetermined": 1}, dropped={"ca": 1})
    assert mix.answer == Statuses(kept={"es": 2, "undetermined": 1}, dropped={"es": 1})


def test_confidence_is_of_kept_spanish_rows_alone():
    confidence = language_mix(LANGUAGES, pl.Series([True, True, True, False])).confidence

    assert confidence.question == {"0.99": 1, "0.90": 1, "0.80": 0, "0.50": 0, "0.00": 0}
    assert confidence.answer == {"0.99": 1, "0.90": 0, "0.80": 0, "0.50": 1, "0.00": 0}


def test_a_row_is_found_by_its_place_in_the_ledger():
    only_last = LANGUAGES.tail(1)

    assert language_mix(only_last, pl.Series([True, True, True, False])).question == Statuses(
        kept={}, dropped={"ca": 1}
    )


def test_languages_that_nobody_asked_for_are_nothing_in_json():
    assert msgspec.to_builtins(Languages()) == {}
    assert not Languages().looked_at()


def test_a_stage_that_saw_no_rows_was_asked_for_all_the_same():
    mix = language_mix(LANGUAGES.head(0), pl.Series([], dtype=pl.Boolean))

    assert mix.looked_at()
    assert msgspec.to_builtins(mix)["question"] == {"kept": {}, "dropped": {}}
