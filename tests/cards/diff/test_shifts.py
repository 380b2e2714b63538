from cards.diff.shifts import shifts
from tests.cards.two_versions import NOTHING, side

KEPT = {"kept": {"es": 3}, "dropped": {}}
LANGUAGE = {"question": KEPT, "answer": KEPT, "confidence": {"question": {"0.99": 3}, "answer": {"0.99": 3}}}


def shifted(old, new, **recorded):
    """The shifts between two sides with these statistics, by their key."""
    found = shifts(side([], counted=old), side([], counted=new, **recorded))
    return {one.statistic: (one.old, one.new, one.change, one.relative, one.points) for one in found}


def lengths(mean):
    zeros = NOTHING["length"]["output"]
    return {"length": NOTHING["length"] | {"output": zeros | {"words": zeros["words"] | {"mean": mean, "p5": 3.0}}}}


def test_a_statistic_shifts_by_so_much():
    old = {"rows": 200, "with_input": 0.25, **lengths(50.0)}
    new = {"rows": 150, "with_input": 0.4, **lengths(60.0)}

    assert shifted(old, new) == {
        "rows": (200, 150, -50, -0.25, None),
        "with_input": (0.25, 0.4, 0.15, 0.6, 15.0),
        "length.output.words.mean": (50.0, 60.0, 10.0, 0.2, None),
    }


def test_counts_shift_by_points_of_the_whole():
    old = {"splits": {"train": 2, "validation": 1}, "dropped": {"quality": {"refusal": 1}}}
    new = {"splits": {"train": 4, "validation": 2}, "dropped": {"quality": {"refusal": 4}}}

    assert shifted(old, new, kept=6, source_rows=10) == {
        "splits.train": (2, 4, 2, 1.0, 0.0),
        "splits.validation": (1, 2, 1, 1.0, 0.0),
        "dropped.quality.refusal": (1, 4, 3, 3.0, 20.0),
    }


def test_languages_are_parts_of_kept_or_of_source_rows():
    def languages(kept, dropped):
        question = {"kept": {"es": kept}, "dropped": {"es": dropped}}
        return {"language": LANGUAGE | {"question": question}}

    assert shifted(languages(3, 1), languages(2, 2)) == {
        "language.question.dropped.es": (1, 2, 1, 1.0, 20.0),
        "language.question.kept.es": (3, 2, -1, -0.3333, -33.33),
    }


def test_what_a_list_of_the_most_frequent_lacks_is_unknown_and_no_zero():
    def of(kept, verbs):
        asks = {"questions": 1, "recognised": 2, "neither": 0, "verbs": verbs}
        return {"asks": asks, "language": LANGUAGE | {"question": {"kept": kept, "dropped": {}}}}

    assert shifted(of({"es": 3}, {"dar": 2}), of({"es": 2, "gl": 1}, {"ver": 2})) == {
        "asks.verbs.dar": (2, None, None, None, None),
        "language.question.kept.es": (3, 2, -1, -0.3333, -33.33),
        "asks.verbs.ver": (None, 2, None, None, None),
        "language.question.kept.gl": (0, 1, 1, None, 33.33),
    }


def test_a_kind_that_one_side_lacks_is_0_there():
    assert shifted({"flags": {"echo": 3}}, {"flags": {"cut_off": 1}}, kept=4) == {
        "flags.echo": (3, 0, -3, -1.0, -100.0),
        "flags.cut_off": (0, 1, 1, None, 25.0),
    }


def test_what_one_side_never_counted_is_unknown():
    found = shifted({}, {"language": LANGUAGE})

    assert found["language.question.kept.es"] == (None, 3, None, None, None)


def test_nothing_shifts_between_the_same_statistics():
    assert shifted({"language": LANGUAGE}, {"language": LANGUAGE}) == {}
