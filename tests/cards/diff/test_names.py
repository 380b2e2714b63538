from cards.diff.names import grouped, statistic_name, strongest
from cards.diff.records import Shift


def test_a_key_in_words():
    assert statistic_name("length.output.words.p95") == "length › output › words › p95"
    assert statistic_name("language.confidence.answer.0.90") == "language › confidence › answer › 0.90"
    assert statistic_name("with_input") == "with input"


SHIFTS = [
    Shift("flags.echo", 1, 3, change=2, relative=2.0, points=0.2),
    Shift("flags.cut_off", 5, 9, change=4, relative=0.8, points=0.4),
    Shift("splits.train", 90, 80, change=-10, relative=-0.11, points=-10.0),
]


def test_shifts_are_grouped_by_what_their_statistic_means():
    assert list(grouped(SHIFTS)) == [
        ("Kept rows by the rules that flagged them", SHIFTS[:2]),
        ("Rows by split", SHIFTS[2:]),
    ]


def test_the_strongest_moved_most_points_either_way():
    assert strongest(SHIFTS, 2) == [SHIFTS[2], SHIFTS[1]]
