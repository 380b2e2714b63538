"""What to look at: each rule on numbers that trigger it, and on numbers that do not."""

import msgspec
import pytest

from cards.looks.look import Seen, differ
from cards.looks.rules import (
    MOST,
    RULES,
    flagged,
    languages,
    long_rows,
    looks,
    one_origin,
    origin_rate,
    same_answers,
    splits,
)
from cards.looks.text import card_lines, look_lines
from cards.shared.terminal import plain
from cards.statistics.languages import Languages, Statuses
from cards.statistics.long_rows import WINDOW, LongRows
from cards.statistics.origins import Origin
from cards.statistics.same_answers import SameAnswer
from cards.statistics.splits import Split
from tests.cards.statistics.rows import counted

CALM = counted()


def seen(before=None, over=None, **statistics):
    """A version of 10,000 kept rows with these statistics and nothing else to say."""
    quiet = {"flagged": 0, "same_answers": [], "by_split": {}, "by_origin": {}, "dropped": {}}
    found = msgspec.structs.replace(CALM, **{**quiet, **statistics})
    return Seen("mix@1.1.0", 15_000, 10_000, found, before, over or {}, "gpt2" if over else "")


def spoken(answers):
    return Languages(question=Statuses({"es": 10_000}, {}), answer=Statuses(answers, {}))


def test_nothing_to_look_at():
    assert looks(seen()) == []


def test_answers_that_end_alike_in_many_spellings():
    found = same_answers(seen(same_answers=[SameAnswer("No tengo comentarios", 4, 178, 1548, ["a-1"])]))

    assert found.sentence == ("178 answers end alike, in 4 spellings of “No tengo comentarios”; 1,548 say it anywhere.")
    assert found.command == ("aguila", "rows", "mix@1.1.0", "--kept", "--grep", "No tengo comentarios")
    assert (found.address, found.ids) == ({"is": "same_answers"}, ("a-1",))


def test_a_few_answers_alike_among_many_are_nothing_to_look_at():
    assert same_answers(seen(same_answers=[SameAnswer("Es verdad", 2, 9, 9, [])])) is None
    assert same_answers(seen(same_answers=None)) is None, "a version of before says nothing of it"


def test_kept_rows_that_carry_a_flag():
    found = flagged(seen(flagged=1012, flags={"placeholder": 500, "cut_off": 612}))

    assert found.sentence == "1,012 kept rows (10.1 %) carry a flag, most often cut_off (612)."
    assert (found.command[-2:], found.address) == (("--kept", "--flagged"), {"is": "flagged"})
    assert flagged(seen(flagged=0)) is None
    one = flagged(seen(flagged=1, flags={"cut_off": 1})).sentence
    assert one.startswith("1 kept row (") and one.endswith(") carries a flag, most often cut_off (1).")


def test_an_origin_that_loses_far_more_than_the_others():
    origins = {"alpaca": Origin(9_000, {"echo": 900, "not_sampled": 5_000}), "dolly": Origin(6_000, {"echo": 2_400})}
    found = origin_rate(seen(by_origin=origins))

    assert found.sentence == "Of the rows from dolly, 40.0 % were dropped; of all others, 10.0 %."
    assert found.command == ("aguila", "rows", "mix@1.1.0", "--dropped", "--origin", "dolly")
    assert found.address == {"is": "dropped", "origin": "dolly"}


@pytest.mark.parametrize(
    "origins",
    [
        {"alpaca": Origin(9_000, {"echo": 900}), "dolly": Origin(6_000, {"echo": 1_100})},  # 10 % and 18.3 %
        {"alpaca": Origin(9_000, {"echo": 900}), "dolly": Origin(20, {"echo": 20})},  # too few
        {"alpaca": Origin(9_000, {}), "dolly": Origin(6_000, {"not_sampled": 6_000})},  # no defect
        {"alpaca": Origin(9_000, {"echo": 4_000})},
    ],
)
def test_origins_that_lose_about_as_much(origins):
    assert origin_rate(seen(by_origin=origins)) is None


def test_a_rule_whose_drops_nearly_all_come_from_one_origin():
    origins = {
        "alpaca": Origin(9_000, {"echo": 95, "refusal": 200}),
        "dolly": Origin(6_000, {"echo": 5, "refusal": 130}),
    }
    found = one_origin(seen(by_origin=origins, dropped={"quality": {"echo": 100, "refusal": 330}}))

    assert (
        found.sentence
        == "95.0 % of the 100 rows that echo dropped come from alpaca, which has 60.0 % of the source's rows."
    )
    assert found.command[-1] == "quality/echo"
    assert found.address == {"rule": "quality: echo", "origin": "alpaca"}


@pytest.mark.parametrize(
    ("rows", "echo"),
    [
        ((9_000, 6_000), (80, 20)),  # 80 %
        ((9_000, 6_000), (20, 0)),  # too few
        ((13_000, 2_000), (95, 5)),  # most of the source is from there
    ],
)
def test_a_rule_whose_drops_come_from_where_the_rows_do(rows, echo):
    origins = {name: Origin(one, {"echo": two}) for name, one, two in zip(("a", "b"), rows, echo, strict=True)}

    assert one_origin(seen(by_origin=origins, dropped={"quality": {"echo": sum(echo)}})) is None


def test_a_split_that_differs_from_train():
    parts = {
        "train": Split(9_000, 3_600, 40, {"a": 9_000}, 4_500),
        "validation": Split(1_000, 480, 40, {"a": 1_000}, 500),
    }
    assert splits(seen(by_split=parts)).sentence == (
        "validation differs from train: 48.0 % of its rows have an input, 40.0 % of train's."
    )
    longer = {"train": parts["train"], "test": Split(1_000, 400, 60, {"a": 1_000}, 600)}
    found = splits(seen(by_split=longer))
    assert found.sentence == "test differs from train: its median answer has 60 words, train's 40."
    assert (found.command[-2:], found.address) == (("--split", "test"), {"split": "test"})


@pytest.mark.parametrize(
    "part",
    [
        Split(1_000, 430, 45, {"a": 1_000}, 540),
        Split(50, 50, 400, {"b": 50}, 50),
        Split(160, 64, 60, {"a": 160}, 88),  # longer by its median, but so few rows are so by chance
    ],
)
def test_a_split_that_differs_by_chance_or_is_small(part):
    assert splits(seen(by_split={"train": Split(9_000, 3_600, 40, {"a": 9_000}, 4_500), "validation": part})) is None


def test_a_language_whose_share_moved_since_the_version_before():
    before = ("mix@1.0.0", msgspec.structs.replace(CALM, language=spoken({"es": 9_900, "undetermined": 100})))
    found = languages(seen(before, language=spoken({"es": 9_000, "undetermined": 1_000})))

    assert found.sentence == "Since mix@1.0.0, the share of answers in es moved from 99.0 % to 90.0 %."
    assert (found.command, found.address) == (
        ("aguila", "diff", "mix@1.0.0", "mix@1.1.0"),
        {"language": "answer es"},
    )


@pytest.mark.parametrize("answers", [{"es": 9_850, "undetermined": 150}, {}])
def test_a_language_that_stayed(answers):
    before = ("mix@1.0.0", msgspec.structs.replace(CALM, language=spoken({"es": 9_900, "undetermined": 100})))

    assert languages(seen(before, language=spoken(answers))) is None
    assert languages(seen(None, language=spoken({"es": 1}))) is None


def test_rows_longer_than_the_window_by_words_or_by_tokens():
    by_words = long_rows(seen(long_rows=LongRows(WINDOW, 3, ["a-9"])))
    by_tokens = long_rows(seen(over={512: 900, WINDOW: 31}, long_rows=LongRows(WINDOW, 3, ["a-9"])))

    assert by_words.sentence == "3 rows have more words than a training window has tokens (2,048), so they cannot fit."
    assert by_tokens.sentence == "31 rows have more than the 2,048 tokens of a training window (gpt2)."
    assert (by_words.command[-1], by_words.ids) == ("--longest", ("a-9",))
    assert long_rows(seen(long_rows=LongRows(WINDOW, 0, []))) is None
    assert long_rows(seen(over={WINDOW: 0}, long_rows=LongRows(WINDOW, 0, []))) is None


def test_seven_sentences_at_most_in_the_order_of_the_rules():
    assert len(RULES) == MOST == 7


def test_how_sure_a_difference_is():
    assert differ(480, 1_000, 3_600, 9_000) == pytest.approx(4.89, abs=0.01)  # by hand: 0.08 / 0.01636
    assert differ(0, 0, 1, 10) == differ(5, 5, 10, 10) == 0.0


# ---- as text ---------------------------------------------------------------------------------------------------------

HOSTILE = "<!-- /aguila:address -->`x` [y](z) *w*\n# t"


def test_sentences_on_a_terminal_with_the_command_that_shows_the_rows():
    found = looks(seen(flagged=10, flags={"echo": 10}, same_answers=[SameAnswer("Es \x1b[31m 'eso'", 2, 20, 30, [])]))

    assert [plain(line) for line in look_lines(found)] == [
        "What to look at",
        "- 20 answers end alike, in 2 spellings of “Es \\x1b[31m 'eso'”; 30 say it anywhere.",
        "  aguila rows mix@1.1.0 --kept --grep $'Es\\U00000020\\U0000001b\\U0000005b31m\\U00000020\\U00000027eso\\U00000027'",
        "- 10 kept rows (0.1 %) carry a flag, most often echo (10).",
        "  aguila rows mix@1.1.0 --kept --flagged",
    ]
    assert list(look_lines([])) == []


def test_what_rows_say_is_no_markup_on_a_card():
    (line,) = card_lines(looks(seen(same_answers=[SameAnswer(HOSTILE, 2, 20, 30, [])])))

    said, _, command = line.rpartition("30 say it anywhere.")
    assert said == (
        "20 answers end alike, in 2 spellings of “&lt;\\!-- /aguila:address --&gt;\\`x\\` \\[y\\](z) \\*w\\*\\\\n\\# t”; "
    )
    assert command.startswith(" `aguila rows mix@1.1.0 --kept --grep $'\\U0000003c") and not set("<>\n") & set(command)
    assert command.count("`") == 2


def test_a_command_that_would_close_its_code_is_left_out_on_a_card():
    (line,) = card_lines(looks(seen(same_answers=[SameAnswer("usa `x` así", 2, 20, 30, [])])))

    assert line.endswith("30 say it anywhere.")
