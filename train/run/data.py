"""The data pin: exactly one version, its rows what its manifest says, its prompts what its template writes."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import polars as pl
from msgspec import UNSET, structs

from builders.errors import Changed, Denied, Invalid, NotFound
from builders.hub.yanking import note_on
from builders.recipes.model import Language
from builders.schema import PAIR_TEMPLATE_COLUMNS, TEMPLATE_COLUMNS, Kind, Split
from builders.stages.templates import Template
from builders.versions.fingerprint import content_sha256
from builders.versions.references import resolve
from builders.versions.version import Version
from train.run.record import DataPin, DataRecord

log = logging.getLogger(__name__)

WAYS: dict[Kind, str] = {
    "instructions": "it has one answer to each prompt: give it to aguila train sft",
    "preferences": "it has pairs of answers: give it to aguila train dpo",
}


@dataclass(frozen=True)
class TrainingData:
    """A version's rows by split, with the columns of `builders.schema.columns_of` its kind, and how they are pinned."""

    version: Version
    template: Template
    splits: Mapping[Split, pl.DataFrame]

    @property
    def kind(self) -> Kind:
        """What the rows are: instructions, or pairs of answers."""
        return self.version.manifest.recipe.kind

    @property
    def pin(self) -> DataPin:
        """What is recorded of the data: never a path of this machine."""
        return DataPin(
            reference=self.version.label,
            name=self.version.name,
            version=str(self.version.number),
            repo=self.version.repo,
            commit=self.version.commit,
            content_sha256=self.version.content_sha256,
            rows={split: frame.height for split, frame in self.splits.items()},
        )

    @property
    def record(self) -> DataRecord:
        """The pin, with the version's licence and what its rows come from, for the adapter's card."""
        pin, recipe = self.pin, self.version.manifest.recipe
        card = recipe.card
        languages = {pack.code: pack.name for pack in recipe.language.packs}
        return DataRecord(
            **structs.asdict(pin),
            license=card.license or "unknown",
            source_datasets=card.source_datasets,
            languages=UNSET if recipe.language.codes == Language().codes else languages,
            license_name=card.license_name,
            license_link=card.license_link,
            attribution=card.attribution,
        )

    def split(self, name: Split) -> pl.DataFrame:
        """One split's rows. Raises NotFound when it is empty or there is none, naming those that are there."""
        if name not in self.splits:
            other = ", or train with --set train.eval_steps=0" if name == "validation" else ""
            raise NotFound(
                f"{self.version.label}: it has no {name} rows (it has {', '.join(self.splits)})",
                f"build a version whose recipe gives {name} a share{other}",
            )
        return self.splits[name]


def open_data(
    reference: str,
    registry: Path,
    template: str | None = None,
    yanked: bool = False,
    kind: Kind | None = "instructions",
) -> TrainingData:
    """The version that a reference pins, checked.

    `template` is the one that a training recipe names, if it names one. yanked: take one that was withdrawn, too. kind: what its
    rows must be; None takes either. Raises Denied for one that was withdrawn on the Hub, Invalid for a reference that floats, a
    version of the other kind, with other columns or prompts of another template, Changed for rows whose content hash is not the
    manifest's, and NotFound for a version without training rows.
    """
    version = resolve(reference, registry)
    found_kind = version.manifest.recipe.kind
    if kind not in (None, found_kind):
        raise Invalid(f"{version.label} is a version of {found_kind}, not of {kind}", WAYS[found_kind])
    if note := note_on(version):
        if not yanked:
            raise Denied(
                f"{version.label} was withdrawn: {note.reason}", "use another version, or --yanked for this one"
            )
        log.warning("%s was withdrawn: %s", version.label, note.reason)
    rows = version.rows()
    found = content_sha256(rows)
    if found != version.content_sha256:
        raise Changed(
            f"{version.label}: its rows have content sha256 {found[:12]}…, its manifest says {version.content_sha256[:12]}…",
            "fetch or build the version again",
        )
    written = template_of(version)
    if template not in (None, written.name):
        raise Invalid(
            f"{version.label} is written in template {written.name}, and the recipe names train.template {template}",
            "leave train.template out, or build a version with that template",
        )
    _require_rendered(version, rows, written)
    counted = rows.partition_by("split", as_dict=True, include_key=False)
    splits: dict[Split, pl.DataFrame] = {split: counted[(split,)] for split in get_args(Split) if (split,) in counted}
    data = TrainingData(version, written, splits)
    data.split("train")
    return data


def template_of(version: Version) -> Template:
    """The template that a version's manifest records. Raises Invalid when it is not what its hash says."""
    try:
        return version.manifest.template.template()
    except Invalid as problem:
        problem.message = f"{version.label}: {problem.message}"
        raise


def _require_rendered(version: Version, rows: pl.DataFrame, template: Template) -> None:
    """Every prompt and answer must be what the template makes of the row's fields."""
    if template.chat != isinstance(rows.schema["prompt"], pl.List):
        raise Invalid(
            f"{version.label}: its prompts are not of its template {template.name} (chat or plain text)",
            "build it again",
        )
    prompt, answer = template.columns()
    columns: tuple[str, ...] = TEMPLATE_COLUMNS
    wanted = [prompt, answer]
    if version.manifest.recipe.kind == "preferences":
        rejected = template.answer(pl.col("rejected_output")).alias("rejected")
        columns, wanted = PAIR_TEMPLATE_COLUMNS, [prompt, answer.alias("chosen"), rejected]
    content = [
        pl.col(name).list.eval(pl.element().struct.field("content")).list.join("\0") if template.chat else pl.col(name)
        for name in columns
    ]
    differs = rows.select(content) != rows.select(wanted).select(content)
    other = rows.filter(differs.select(pl.any_horizontal("*")).to_series())
    if other.height:
        raise Invalid(
            f"{version.label}: {other.height:,} rows are not written in its template {template.name} (first "
            f"{other['id'][0]!r})",
            "build the version again",
        )
