"""What a recipe says for the dataset card."""

import re
from typing import Any, ClassVar

from pydantic import JsonValue, field_validator

from builders.recipes.base import Frozen
from cards.shared.header import OURS, STATED, TAGS

# Keys that huggingface_hub takes for arguments of its own when it reads a card (2.4: a TypeError).
UNREADABLE = frozenset({"self", "ignore_metadata_errors"})


CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
MARKS = re.compile(r"<!--\s*/?aguila:")


def _require_no_marks(text: str) -> None:
    """The marks say which parts of a card people may edit: what a recipe says for it may not move them."""
    if MARKS.search(text):
        raise ValueError("must not hold the marks by which a card is divided (<!-- aguila:… -->)")


class Card(Frozen):
    """What the dataset card says besides numbers.

    title: the card's heading; null takes the dataset's name. summary: the first paragraph, which people may edit on the
    Hub. license: one of the Hub's identifiers; `other` goes with license_name and license_link. Null: not known; a build says
    so, and publishing asks for it. license_name: what a licence of another kind is called. license_link: where it stands.
    source_datasets: Hub datasets that the rows come from. attribution: whom the licence asks to name, one sentence each.
    tags: more tags for the Hub. extra: more keys for the head of the card, such as `extra_gated_prompt`, `thumbnail` or
    `language_creators`; what people add on the Hub is kept without it.
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"license_name", "license_link", "attribution", "extra"})
    title: str | None = None
    summary: str = ""
    license: str | None = None
    license_name: str | None = None
    license_link: str | None = None
    source_datasets: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    extra: dict[str, JsonValue] | None = None

    @field_validator("extra")
    @classmethod
    def _not_ours(cls, extra: dict[str, JsonValue] | None) -> dict[str, JsonValue] | None:
        if taken := sorted((extra or {}).keys() & ((OURS - STATED) | {TAGS})):
            raise ValueError(f"{taken[0]} is written by the build; there is a key of its own for what you may state")
        if broken := sorted((extra or {}).keys() & UNREADABLE):
            raise ValueError(f"{broken[0]} would keep the Hub's client from reading the card")
        return extra

    @field_validator("title", "license_name", "license_link", "source_datasets", "attribution", "tags")
    @classmethod
    def _on_one_line(cls, value: Any) -> Any:
        for text in value if isinstance(value, tuple) else (value or "",):
            if CONTROL.search(text):
                raise ValueError("must be on one line, without control characters")
            _require_no_marks(text)
        return value

    @field_validator("summary")
    @classmethod
    def _within_its_section(cls, summary: str) -> str:
        _require_no_marks(summary)
        return summary

    @field_validator("source_datasets", "attribution", "tags", mode="before")
    @classmethod
    def _tuples(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value
