"""What each decision means, said where it is shown: its reason, and of a rule a row that it catches and one that it spares."""

from collections.abc import Mapping

from msgspec import Struct

# Decisions that no rule of `filters/rules` makes.
STAGES = {
    "duplicate_id": "Another row of the source has the same id, and came first.",
    "question_language": "The question is in another language than the recipe asks for, as two detectors decide.",
    "answer_language": "The answer is in another language than the recipe asks for, as two detectors decide.",
    "contaminated": "The row holds a passage of an evaluation set that the recipe names.",
    "exact_duplicate": "Another row says the same, case, signs and spaces aside; the better of them is kept.",
    "near_duplicate": "Another row says nearly the same, by the Jaccard index of their words; the better of them is kept.",
    "same_prompt": "Another row asks the same; the one with the better answer is kept.",
    "not_sampled": "Nothing is wrong with it: the sample that the recipe asks for was full.",
    "review": "A person judged the row.",
    "scores": "A model's score of the row lies where the recipe says.",
}


class Shown(Struct, frozen=True):
    """A row of an example."""

    instruction: str
    input: str
    output: str


class Explained(Struct, frozen=True):
    """A rule of this software. version: that of the rule. reason: why a row may be unfit. caught, spared: an example each."""

    version: int
    reason: str
    caught: Shown
    spared: Shown


def reasons(rules: Mapping[str, Explained]) -> dict[str, str]:
    """What each decision means, by its name."""
    return {**STAGES, **{name: one.reason for name, one in rules.items()}}
