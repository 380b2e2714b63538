"""Prompts that SFT versions hold out: what an adapter is validated and tested on must not be trained on as a pair."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from builders.recipes.model import VersionSource
from builders.sources.version import version_of
from builders.stages.pairs import prompt_keys


def held_out_prompts(
    asked: Sequence[VersionSource], registry: Path
) -> tuple[dict[str, str], tuple[VersionSource, ...]]:
    """The split of each prompt that is held out (by `prompt_keys`), and the versions as they are pinned.

    Raises Problem for a version that is not there or is not the one that is pinned.
    """
    splits: dict[str, str] = {}
    pins = []
    for source in asked:
        version, pin = version_of(source, registry, None)
        rows = version.rows().filter(pl.col("split") != "train")
        splits |= dict(zip(prompt_keys(rows), rows["split"], strict=True))
        pins.append(pin)
    return splits, tuple(pins)
