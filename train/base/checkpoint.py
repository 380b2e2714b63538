"""A checkpoint made native, with no remote code: Águila's 2023 RefinedWebModel format, or any causal LM transformers knows.

The native folder holds a rewritten config.json, generation_config.json and tokenizer_config.json, and links to the
weights. Python files stay behind, nothing names them any more, and `trust_remote_code` is never passed.
"""

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders.errors import NotFound
from builders.records import plain
from train.base.location import AGAIN, SINGLES, TOKENIZER_FILES, Located, index_of, locate, read_json, weight_names
from train.base.native_config import generation_config, layers, native_config, require_native
from train.base.pin import BasePin
from train.base.tokenizer import pin_pad, write_json
from train.base.weights import check_weights
from train.recipes.model import Base

FORMAT = 1  # of the native folder; a change here makes every folder anew


@dataclass(frozen=True)
class Checkpoint:
    """A native checkpoint folder, safe to load, and what it was made from. layers and vocabulary are the configuration's."""

    folder: Path
    pin: BasePin
    model_type: str
    layers: int
    vocabulary: int

    @property
    def label(self) -> str:
        """The base in a word, for people: no path."""
        return self.pin.label


def open_checkpoint(base: Base, cache: Path | None = None, weights: bool = True) -> Checkpoint:
    """Fetch a base if need be and make it native, in `cache` (default: beside the Hub's cache).

    `weights=False` leaves the weights out, for a look at tokens and sizes. Raises NotFound for a base that is missing, Changed
    for one that is not the pinned one, and Invalid for one that is corrupt, that transformers has no native model for, or whose
    configuration holds unknown keys.
    """
    return native(locate(base, weights), cache or default_cache(), base.pad_token, weights)


def default_cache() -> Path:
    """`HF_HOME/aguila/checkpoints`."""
    from huggingface_hub.constants import HF_HOME

    return Path(HF_HOME) / "aguila" / "checkpoints"


def native(found: Located, cache: Path, pad_token: str | None = None, weights: bool = True) -> Checkpoint:
    """The native folder of a located base, made if it is not there yet. It appears whole or not at all.

    Its name follows from the base's pin, so the same base always has the same folder.
    """
    config = native_config(read_json(found.folder / "config.json"), found.label)
    require_native(config, found.label)
    names = weight_names(found.folder) if weights else []
    if weights and not names:
        raise NotFound(f"base {found.label}: it has no weights ({' or '.join(SINGLES)})", "fetch it again")
    identity = json.dumps([FORMAT, plain(found.pin), pad_token, weights], sort_keys=True)
    folder = cache.absolute() / f"{found.pin.name}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
    if not _whole(folder, found.folder, names):
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=cache) as making:
            made = Path(making) / "checkpoint"
            made.mkdir()
            _write(made, found, config, names, pad_token)
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(FileExistsError):  # another process was faster, with the same content
                made.rename(folder)
    config = read_json(folder / "config.json")
    return Checkpoint(folder, found.pin, config["model_type"], layers(config), config["vocab_size"])


def _whole(folder: Path, source: Path, names: list[str]) -> bool:
    """Is the folder there, with links that lead to the files that are meant?"""
    return (folder / "config.json").is_file() and all(
        (folder / name).is_file() and (folder / name).samefile(source / name) for name in names
    )


def _write(folder: Path, found: Located, config: dict[str, Any], names: list[str], pad_token: str | None) -> None:
    for name in TOKENIZER_FILES:
        if (found.folder / name).is_file():
            shutil.copyfile(found.folder / name, folder / name)
    if names and (index := index_of(found.folder)):
        shutil.copyfile(found.folder / index, folder / index)
    for name in names:
        _link(found.folder / name, folder / name)
    write_json(folder / "config.json", config)
    tokenizer = pin_pad(folder, config, found.label, pad_token)
    config |= {"pad_token_id": tokenizer.pad_token_id}
    if config.get("eos_token_id") is None:
        config["eos_token_id"] = tokenizer.eos_token_id
    write_json(folder / "config.json", config)
    write_json(folder / "generation_config.json", generation_config(found.folder / "generation_config.json", tokenizer))
    if names:
        check_weights(folder, found.label)


def _link(source: Path, target: Path) -> None:
    if not source.is_file():
        raise NotFound(f"{source}: missing, and the checkpoint's index names it", AGAIN)
    try:
        target.symlink_to(source.resolve())
    except OSError:  # a file system without symbolic links
        os.link(source.resolve(), target)
