"""The part of a recipe that names what people judged of its rows."""

from typing import Any, Self

from pydantic import Field, model_validator

from builders.identifiers import Sha256
from builders.recipes.base import Frozen


class LabelFile(Frozen):
    """Labels that people gave to rows (see `builders/labels/records.py`): a file or a folder of them.

    path: where they are now; never recorded. A recipe may name the path alone: `labels: labels.jsonl`. sha256: hash of the
    judged rows in their canonical lines, which the version holds as labels.jsonl; filled in by the build, and checked where
    it is given.
    """

    path: str | None = Field(default=None, exclude=True)
    sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.path is None and self.sha256 is None:
            raise ValueError("say where they are: path")
        return self


def named(value: Any) -> Any:
    """A path alone as the mapping that it stands for."""
    return {"path": value} if isinstance(value, str) else value
