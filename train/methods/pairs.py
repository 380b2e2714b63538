"""The pairs of a preference version, as a run takes its rows."""

import logging
from pathlib import Path

from builders.errors import Denied, Invalid
from builders.hub.yanking import note_on
from builders.versions import pairs
from builders.versions.references import resolve
from train.run.data import TrainingData, open_data

log = logging.getLogger(__name__)


def open_pairs(reference: str, registry: Path, template: str | None = None, yanked: bool = False) -> TrainingData:
    """The preference version that a reference pins, checked: `prompt`, `chosen` and `rejected` of each pair.

    `template` and `yanked` are as for `train.run.data.open_data`. Raises Denied for a version that was withdrawn, Invalid for
    one of another template, and else as `builders.versions.pairs.open_pairs`.
    """
    found = pairs.open_pairs(reference, registry)
    if note := note_on(found.version):
        if not yanked:
            raise Denied(
                f"{found.version.label} was withdrawn: {note.reason}", "use another version, or --yanked for this one"
            )
        log.warning("%s was withdrawn: %s", found.version.label, note.reason)
    if template not in (None, found.template.name):
        raise Invalid(
            f"{found.version.label} is written in template {found.template.name}, and the recipe names train.template "
            f"{template}",
            "leave train.template out, or build a version with that template",
        )
    return TrainingData(found.version, found.template, found.splits)


def open_rows(reference: str, registry: Path) -> TrainingData:
    """A version of either kind, checked: for what measures rows and trains on none."""
    kind = resolve(reference, registry).manifest.recipe.kind
    return (open_pairs if kind == "preferences" else open_data)(reference, registry)
