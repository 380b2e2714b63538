"""An adapter on disk: its layout, how it is written at once, how it is opened and checked.

adapter_config.json, adapter_model.safetensors   what peft reads; the base by repository and commit, or by name
tokenizer.json, tokenizer_config.json, …         the base's tokenizer with its pad pinned
template.json                                    the prompt template, with its hash
losses.csv, loss.svg                             step, split, loss; the same as a picture
README.md                                        model card
training.json                                    what it was made of and how, and the hashes of the files above; written
                                                 last: a folder without it is no adapter of ours
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from builders.errors import Problem
from builders.records import plain
from builders.stages.templates import Template
from builders.versions.fingerprint import file_fingerprint
from train.adapters.fetching import adapter_folder
from train.base.checkpoint import Checkpoint
from train.base.location import TOKENIZER_FILES
from train.recipes.model import Base, TrainRecipe
from train.run.data import template_from

MANIFEST = "training.json"
# What an adapter is made of beside it. Optimizer states, checkpoints and anything that would have to be unpickled are not.
FILES = frozenset(
    (
        *("README.md", "adapter_config.json", "adapter_model.safetensors", "template.json", "losses.csv", "loss.svg"),
        *TOKENIZER_FILES,
    )
)
FORMAT = 1


@dataclass(frozen=True)
class Adapter:
    """An adapter that is there: its folder and its manifest."""

    path: Path
    record: Mapping[str, Any]

    @cached_property
    def template(self) -> Template:
        """The template that it was trained on, and that prompts for it are written in."""
        return template_from(_json(self.path / "template.json"), str(self.path))

    def base(self, where: str | None = None) -> Base:
        """The pinned base, for `open_checkpoint`. `where` is a folder that holds it now, needed if it is not on the Hub.

        Raises Problem when nothing says where it is; `open_checkpoint` raises when the folder holds another base.
        """
        pin, pad = self.record["base"], self.record["recipe"]["base"]["pad_token"]
        if pin["repo"] and where is None:
            return Base(repo=pin["repo"], revision=pin["revision"], pad_token=pad)
        if where is None:
            raise Problem(
                f"adapter {self.path}: its base is the folder {pin['name']!r}; say where it is with --base FOLDER"
            )
        return Base(path=where, sha256=pin["sha256"], pad_token=pad)


def open_adapter(where: Path | str) -> Adapter:
    """Open and check an adapter: a folder, or OWNER/NAME@vX.Y.Z on the Hub (see `train.fetching`).

    Raises Problem when it is not whole or not what its manifest says.
    """
    folder = adapter_folder(where, [MANIFEST, *sorted(FILES)])
    if not (folder / MANIFEST).is_file():
        raise Problem(f"{folder}: not an adapter (it has no {MANIFEST}, which is written last)")
    record = _json(folder / MANIFEST)
    if not _sound(record):
        raise Problem(f"{folder / MANIFEST}: not a manifest that this software reads; train or fetch the adapter again")
    for name, expected in record["files"].items():
        if "/" in name or not (folder / name).is_file():
            raise Problem(f"{folder}: {name} is missing; train or fetch the adapter again")
        if name != "README.md" and plain(file_fingerprint(folder / name)) != expected:  # people may edit the card
            raise Problem(f"{folder / name}: not what {MANIFEST} says; train or fetch the adapter again")
    return Adapter(folder, record)


def _sound(record: Mapping[str, Any]) -> bool:
    """Does a manifest hold what is read of it? It may come from anyone."""
    try:
        TrainRecipe.model_validate(record["recipe"])
        Base(**{key: record["base"][key] for key in ("repo", "revision", "sha256")})
        names = [record["name"], record["base"]["name"], record["template"]["sha256"], *record["files"]]
        held = {"adapter_config.json", "adapter_model.safetensors", "template.json"} <= record["files"].keys()
    except (ValidationError, KeyError, TypeError, AttributeError):
        return False
    known = record.get("format") == FORMAT and "data" in record
    return known and held and all(isinstance(name, str) for name in names)


def write_adapter(
    model: Any,
    checkpoint: Checkpoint,
    template: Template,
    record: Mapping[str, Any],
    folder: Path,
    more: Callable[[Path], None] = lambda folder: None,
) -> Adapter:
    """Write an adapter beside `folder` and move it there whole.

    `record` is the manifest without `files`; `more` writes further files into the unfinished folder.
    Raises Problem when there is something at `folder` already, or no space; nothing half-written is left there.
    """
    if folder.exists():
        raise Problem(f"{folder}: there is something already; choose another --out")
    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    full_disk: tuple[type[Exception], ...] = (OSError, *torn_file())
    try:
        _save(model, checkpoint, making)
        _dump(making / "template.json", asdict(template) | {"text": template.text(), "sha256": template.sha256})
        more(making)
        seal(making, record)
        making.rename(folder)
    except full_disk as error:
        raise no_room(folder, error) from None
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return open_adapter(folder)


def template_record(template: Template) -> dict[str, Any]:
    """What a manifest says of a template; template.json holds the whole of it."""
    texts = {"text": template.text(), "text_without_input": template.text(with_input=False)}
    return {"name": template.name, "sha256": template.sha256, "chat": template.chat, **texts}


def torn_file() -> tuple[type[Exception], ...]:
    """The error of safetensors, which is no OSError, when it cannot write."""
    from safetensors import SafetensorError

    return (SafetensorError,)


def no_room(folder: Path, error: Exception) -> Problem:
    """The error for a file that could not be written."""
    reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:200]
    return Problem(f"{folder}: could not be written ({reason}); free space there, then run again with --resume")


def seal(folder: Path, record: Mapping[str, Any]) -> None:
    """Write training.json with the hashes of all other files: last."""
    names = sorted(path.name for path in folder.iterdir() if path.name != MANIFEST)
    _dump(folder / MANIFEST, {**record, "files": {name: plain(file_fingerprint(folder / name)) for name in names}})


def _save(model: Any, checkpoint: Checkpoint, folder: Path) -> None:
    """Weights and configuration as peft reads them, without paths of this machine; the base's tokenizer."""
    model.save_pretrained(str(folder), safe_serialization=True, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # peft's own card, with the path of the base
    path = folder / "adapter_config.json"
    config = _json(path)
    config["base_model_name_or_path"] = checkpoint.pin["repo"] or checkpoint.pin["name"]
    config["revision"] = checkpoint.pin["revision"]
    config["inference_mode"] = True
    config["target_modules"] = sorted(config["target_modules"])
    _dump(path, config)
    for name in TOKENIZER_FILES:
        if (checkpoint.folder / name).is_file():
            shutil.copyfile(checkpoint.folder / name, folder / name)


def _json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(f"{path}: cannot be read ({error}); train or fetch the adapter again") from None
    if not isinstance(values, dict):
        raise Problem(f"{path}: must be a JSON object; train or fetch the adapter again")
    return values


def _dump(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")
