"""How a language says numbers: what a room brings for the rule `changed_numbers`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

NEVER = r"(?!)"  # a pattern that nothing matches


@dataclass(frozen=True)
class NumberWords:
    """Number words in lower case and without accents; a text lists them with blanks between.

    ones: from zero on. tens: from twenty on. others: further words of whole numbers. months and ordinals: from one on; an
    ordinal is a stem, and endings are what may follow it. scales: words that multiply what stands before them. joint: the
    word between parts of one number. said: other words that may stand for a number, as `word:value,value`; they excuse a
    numeral, and nothing asks for them. decade_before, decade_after: what makes a decade of the numeral that it stands beside.
    """

    ones: str
    tens: str
    months: str
    ordinals: str
    scales: Mapping[str, int]
    joint: str
    said: str
    endings: tuple[str, ...] = ("",)
    others: Mapping[str, int] = field(default_factory=dict)
    decade_before: str = NEVER
    decade_after: str = NEVER

    @cached_property
    def cardinals(self) -> dict[str, int]:
        """Every word of a whole number, and its value."""
        words = {word: value for value, word in enumerate(self.ones.split())}
        return words | {word: 10 * ten for ten, word in enumerate(self.tens.split(), 2)} | dict(self.others)

    @cached_property
    def hints(self) -> dict[str, set[int]]:
        """Every other word that may stand for a number, and what it may mean."""
        words: dict[str, set[int]] = {}
        for entry in self.said.split():
            word, _, values = entry.partition(":")
            words[word] = {int(value) for value in values.split(",")}
        for at, (ordinal, month) in enumerate(zip(self.ordinals.split(), self.months.split(), strict=True), 1):
            for word in (*(ordinal + ending for ending in self.endings), month, month[:3]):
                words.setdefault(word, set()).add(at)
        return words
