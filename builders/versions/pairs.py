"""The pairs of a preference version, checked: what a training method of pairs reads.

pairs = open_pairs("demo-preferences@1.0.0", Path("versions"))
pairs.splits["train"].select("id", "prompt", "chosen", "rejected")
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import polars as pl

from builders.errors import Changed, Invalid, NotFound
from builders.schema import PAIR_TEMPLATE_COLUMNS, Kind, Split
from builders.stages.templates import Template
from builders.versions.fingerprint import content_sha256
from builders.versions.references import resolve
from builders.versions.version import Version

AGAIN = "fetch or build the version again"
WAYS: dict[Kind, str] = {
    "instructions": "it has one answer to each prompt: give it to aguila train sft",
    "preferences": "it has pairs of answers: give it to aguila train dpo",
}


@dataclass(frozen=True)
class Pairs:
    """A preference version's pairs by split, with the columns of `builders.schema.PAIR_COLUMNS`.

    `prompt`, `chosen` and `rejected` are text as the template writes it, or lists of messages where it is a chat.
    """

    version: Version
    template: Template
    splits: Mapping[Split, pl.DataFrame]

    def split(self, name: Split) -> pl.DataFrame:
        """One split's pairs. Raises NotFound when there is none, naming those that are there."""
        if name not in self.splits:
            raise NotFound(
                f"{self.version.label}: it has no {name} pairs (it has {', '.join(self.splits)})",
                f"build a version whose recipe gives {name} a share",
            )
        return self.splits[name]


def require_kind(version: Version, kind: Kind) -> None:
    """Raises Invalid for a version of other rows than are wanted, and says what it is for."""
    found = version.manifest.recipe.kind
    if found != kind:
        raise Invalid(f"{version.label} is a version of {found}, not of {kind}", WAYS[found])


def open_pairs(reference: str, registry: Path) -> Pairs:
    """The pairs of the preference version that a reference pins.

    Raises Invalid for a reference that floats, a version of instructions and rows that are not written in the template that
    the manifest records, Changed for rows whose content hash is not the manifest's, and NotFound for a version without training
    pairs.
    """
    version = resolve(reference, registry)
    require_kind(version, "preferences")
    rows = version.rows()
    if (found := content_sha256(rows)) != version.content_sha256:
        raise Changed(
            f"{version.label}: its rows have content sha256 {found[:12]}…, its manifest says {version.content_sha256[:12]}…",
            AGAIN,
        )
    template = version.manifest.template.template()
    _require_rendered(version, rows, template)
    parts = rows.partition_by("split", as_dict=True, include_key=False)
    splits: dict[Split, pl.DataFrame] = {split: parts[(split,)] for split in get_args(Split) if (split,) in parts}
    pairs = Pairs(version, template, splits)
    pairs.split("train")
    return pairs


def _require_rendered(version: Version, rows: pl.DataFrame, template: Template) -> None:
    """Every prompt and both answers must be what the template makes of the row's fields."""
    if template.chat != isinstance(rows.schema["prompt"], pl.List):
        raise Invalid(
            f"{version.label}: its prompts are not of its template {template.name} (chat or plain text)", AGAIN
        )
    prompt, chosen = template.columns()
    rejected = template.answer(pl.col("rejected_output"))
    made = rows.select(prompt, chosen.alias("chosen"), rejected.alias("rejected"))
    content = [
        pl.col(name).list.eval(pl.element().struct.field("content")).list.join("\0") if template.chat else pl.col(name)
        for name in PAIR_TEMPLATE_COLUMNS
    ]
    differs = (rows.select(content) != made.select(content)).select(pl.any_horizontal("*")).to_series()
    if differs.any():
        raise Invalid(
            f"{version.label}: {differs.sum():,} pairs are not written in its template {template.name} (first "
            f"{rows.filter(differs)['id'][0]!r})",
            AGAIN,
        )
