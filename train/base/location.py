"""Where the base model is: a commit on the Hub or a folder on disk, pinned, its files checked by name and never run."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from builders.errors import Changed, Invalid, NotFound
from builders.hub.client import Advice, client, in_words
from builders.hub.patience import patiently
from train.base.pin import BasePin
from train.recipes.model import Base

AGAIN = "fetch the checkpoint again"

# What a checkpoint is made of. Anything else in a repository, Python files above all, is neither fetched nor linked.
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "vocab.txt",
    "tokenizer.model",
    "chat_template.jinja",
)
CONFIG_FILES = ("config.json", "generation_config.json")
INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
SINGLES = ("model.safetensors", "pytorch_model.bin")
SAMPLE = 64 * 1024  # bytes read of each STRIDE of a weights file, for the fingerprint
STRIDE = 16 * 1024 * 1024

ADVICE = Advice(
    name="check base.repo",
    revision="the repository has no such commit; check base.revision",
    entry="the repository has no such file at this commit; check base.repo",
    offline="connect, or give a folder with --set base.repo=null --set base.path=FOLDER",
)


@dataclass(frozen=True)
class Located:
    """A base whose files are on this disk, and how it is pinned."""

    folder: Path
    pin: BasePin

    @property
    def label(self) -> str:
        """One word for messages: a folder is named by its path, so that it can be found."""
        return self.pin.label if self.pin.repo else str(self.folder)


def locate(base: Base, weights: bool = True) -> Located:
    """The base's files, fetched at one commit if it is on the Hub (`weights=False`: configuration and tokenizer only).

    Raises NotFound when there is no such base, Changed when a folder is not the one that is pinned, and for whatever the
    Hub says.
    """
    if base.repo:
        return _fetched(base, weights)
    if base.path is None:
        raise NotFound("the recipe names no base", "give base.repo, or base.path for a folder on disk")
    folder = Path(base.path)
    if not folder.is_dir():
        raise NotFound(f"base {folder}: no such folder", "check base.path")
    if not (folder / "config.json").is_file():
        raise NotFound(f"base {folder}: not a checkpoint (it has no config.json)", "check base.path")
    sha256 = fingerprint(folder)
    if base.sha256 not in (None, sha256):
        raise Changed(
            f"base {folder}: another content than the recipe pins ({sha256[:12]}…, expected {str(base.sha256)[:12]}…)",
            "use the pinned folder, or change base.sha256",
        )
    return Located(folder, BasePin(kind="folder", repo=None, revision=None, name=folder.name, sha256=sha256))


def _fetched(base: Base, weights: bool) -> Located:
    from huggingface_hub import snapshot_download

    repo = str(base.repo)
    revision = base.revision
    if revision is None:
        with in_words(repo, "the commit of its default branch", ADVICE):
            revision = str(patiently(lambda: client().model_info(repo)).sha)
    where = f"{repo}@{revision[:12]}"
    small = [*CONFIG_FILES, *TOKENIZER_FILES, *INDEXES]

    def fetch(patterns: list[str]) -> Path:
        with in_words(where, "the model", ADVICE):
            return Path(patiently(lambda: snapshot_download(repo, revision=revision, allow_patterns=patterns)))

    # Safetensors first: the .bin files are fetched only where there is nothing else.
    folder = fetch([*small, "model.safetensors"] if weights else small)
    if not (folder / "config.json").is_file():
        raise NotFound(f"base {where}: not a checkpoint (it has no config.json)", "check base.repo")
    if weights:
        folder = fetch([*small, *(weight_names(folder) or ["pytorch_model.bin"])])
    pin = BasePin(kind="hub", repo=repo, revision=revision, name=repo.split("/")[1], sha256=None)
    return Located(folder, pin)


def weight_names(folder: Path) -> list[str]:
    """Names of the weight files that a checkpoint has or its index names: safetensors where they exist, else .bin."""
    for index, single in zip(INDEXES, SINGLES, strict=True):
        if (folder / index).is_file():
            return _indexed(folder / index)
        if (folder / single).is_file():
            return [single]
    return []


def index_of(folder: Path) -> str | None:
    """Name of the index of the weights that `weight_names` names, if they are in several files."""
    for index, single in zip(INDEXES, SINGLES, strict=True):
        if (folder / index).is_file():
            return index
        if (folder / single).is_file():
            return None
    return None


def _indexed(path: Path) -> list[str]:
    values = read_json(path)
    named = values.get("weight_map")
    if not isinstance(named, dict) or not named or not all(isinstance(name, str) for name in named.values()):
        raise Invalid(f"{path}: not an index of weights", AGAIN)
    names = sorted(set(named.values()))
    for name in names:
        if PurePosixPath(name).name != name or not name.endswith((".safetensors", ".bin")):
            raise Invalid(f"{path}: names {name!r}, which is no weights file beside it", AGAIN)
    return names


def fingerprint(folder: Path) -> str:
    """sha256 over a checkpoint's configuration, tokenizer and weights, cheap enough to take on every run.

    Weights go in by name, size and 64 KiB of every 16 MiB: training changes every tensor, so other weights have other samples.
    """
    digest = hashlib.sha256()
    for name in (*CONFIG_FILES, *TOKENIZER_FILES, *INDEXES):
        if (folder / name).is_file():
            _add(digest, name, [(folder / name).read_bytes()])
    for name in weight_names(folder):
        path = folder / name
        if not path.is_file():
            raise NotFound(f"{path}: missing, and the checkpoint's index names it", AGAIN)
        _add(digest, f"{name} {path.stat().st_size}", _samples(path))
    return digest.hexdigest()


def _samples(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        for start in range(0, path.stat().st_size, STRIDE):
            file.seek(start)
            yield file.read(SAMPLE)


def _add(digest: "hashlib._Hash", label: str, pieces: Iterable[bytes]) -> None:
    inner = hashlib.sha256()
    for piece in pieces:
        inner.update(piece)
    digest.update(f"{label}\0{inner.hexdigest()}\n".encode())


def read_json(path: Path, again: str = AGAIN) -> dict[str, Any]:
    """A JSON object; `again` is what to do about another file. Raises NotFound when it is missing, Invalid for anything else."""
    try:
        values = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound(f"{path}: missing", again) from None
    except (OSError, ValueError, RecursionError) as error:
        raise Invalid(f"{path}: cannot be read ({error})", again) from None
    if not isinstance(values, dict):
        raise Invalid(f"{path}: must be a JSON object", again)
    return values
