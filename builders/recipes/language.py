"""What language rows are to be in: one of Bactrian-X's, several, or all 52."""

from typing import Any, ClassVar

from pydantic import field_validator

from builders.recipes.base import Frozen, Share
from filters.languages import ANY, NAMES, LanguagePack, language_pack
from filters.languages.spanish import SPANISH

ALL = "all"


class Language(Frozen):
    """What language the rows are to be in, and which rows count as being in it (see `filters/detectors/language.py`).

    of: its code, one of Bactrian-X's; a list of codes, or `all` for all 52, where rows say theirs (a part `{language}` of
    `source.path`, or `source.columns.language`), and each row is judged for its own; recorded only where it is not `es`. enabled:
    whether the stage runs at all. question: whether a row is dropped for the language of its question. answer: whether a row is
    dropped for the language of its answer. foreign_below: the probability by fastText under which a question is foreign.
    doubtful_below: the probability by fastText under which langdetect is asked, too. langdetect_below: the probability by
    langdetect under which a doubtful question, or an answer, is foreign. galician_from: the probability of Galician, Spanish's
    close neighbour, by fastText, from which a row is in that. answer_below: the probability by fastText under which an answer,
    read alone, may be foreign.
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"of"})
    of: str | tuple[str, ...] = SPANISH.code
    enabled: bool = True
    question: bool = True
    answer: bool = True
    foreign_below: Share = 0.3
    doubtful_below: Share = 0.8
    langdetect_below: Share = 0.5
    galician_from: Share = 0.15
    answer_below: Share = 0.1

    @field_validator("of", mode="before")
    @classmethod
    def _known(cls, asked: Any) -> str | tuple[str, ...]:
        """One code, or several in the order of their letters: the order of a list says nothing."""
        codes = ANY if asked == ALL else tuple(asked) if isinstance(asked, list | tuple) else (asked,)
        if any(not isinstance(code, str) for code in codes):
            raise ValueError(
                "must be a code such as es, a list of codes, or all, in quotes where YAML reads one as more than text"
            )
        if unknown := [code for code in codes if code not in NAMES]:
            one = len(codes) == 1
            meant = "a language of Bactrian-X" if one else f"languages of Bactrian-X, without {', '.join(unknown)}"
            raise ValueError(f"must be {meant} ({', '.join(NAMES)})")
        if not codes:
            raise ValueError("must name at least one language")
        if len(set(codes)) < len(codes):
            raise ValueError("must name each language once")
        return codes[0] if len(codes) == 1 else tuple(sorted(codes))

    @property
    def codes(self) -> tuple[str, ...]:
        """The languages by their codes, in order."""
        return (self.of,) if isinstance(self.of, str) else self.of

    @property
    def several(self) -> bool:
        """Whether rows are of several languages, and say theirs."""
        return len(self.codes) > 1

    def each(self) -> "tuple[Language, ...]":
        """What is asked of each language alone."""
        return tuple(self.model_copy(update={"of": code}) for code in self.codes)

    @property
    def packs(self) -> tuple[LanguagePack, ...]:
        """What the builder knows of each language."""
        return tuple(map(language_pack, self.codes))

    @property
    def pack(self) -> LanguagePack:
        """What the builder knows of the one language."""
        (only,) = self.packs
        return only

    @property
    def decides(self) -> bool:
        """Whether rows are judged by their language: asked for, and possible in one of them."""
        return self.enabled and any(pack.detection for pack in self.packs)
