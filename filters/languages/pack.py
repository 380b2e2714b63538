"""What a language's room holds: the one interface between a language and the rest of the builder."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Neighbour:
    """A language so close that one detector takes its texts for the other's.

    fasttext: its label there. threshold: the probability of it from which a row is no longer taken for ours.
    """

    fasttext: str
    threshold: float


@dataclass(frozen=True)
class Detection:
    """How rows in a language are told from others (see `filters/detectors/language.py`). Patterns are for polars.

    fasttext, langdetect: its labels there. neighbour: the language that is guarded against, if there is one. function_words: words that
    nearly every sentence holds. own_words: words that its instructions hold and its neighbours' do not; own_hints: literals (between spaces)
    of which each is one of them; other_words: function words of those that it has not. foreign_script: one letter of a script that the language is not written in.
    other_language_task, code_task: questions whose answer may be in another language, or in none.
    """

    fasttext: str
    langdetect: str
    neighbour: Neighbour | None
    function_words: str
    own_words: str
    own_hints: tuple[str, ...]
    other_words: str
    foreign_script: str
    other_language_task: str
    code_task: str


@dataclass(frozen=True)
class LanguagePack:
    """A language by its code in Bactrian-X and its English name, with what is known of it.

    detection: None where nobody has filled it in; then rows are not judged by their language. Which rules apply is said by
    the rules (`languages=`, see `filters/rule.py`). invisible_letters: the writing needs the joiners, direction marks or
    zero-width spaces (U+200B to U+200F) that the repair stage takes away elsewhere.
    """

    code: str
    name: str
    detection: Detection | None = None
    invisible_letters: bool = False
