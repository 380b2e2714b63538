"""An adapter by its reference: a folder, or OWNER/NAME@vX.Y.Z, fetched at the commit behind that tag."""

import re
from pathlib import Path

from builders.hub.client import Advice, in_words
from builders.hub.patience import patiently
from builders.hub.snapshots import cached_commit, pin, tag_of
from builders.identifiers import COMMIT, HubReference, parse_reference


def adapter_folder(where: Path | str, files: list[str]) -> Path:
    """The folder of an adapter; one on the Hub is fetched, its `files` and nothing else.

    Without a network a cached copy serves, and a warning says so. Raises Invalid for a revision that floats, naming the
    versions that exist, NotFound for one that is not there, and Changed for a tag that points elsewhere than when it was
    last fetched here.
    """
    reference = parse_reference(str(where))
    if Path(where).exists() or not isinstance(reference, HubReference):
        return Path(where)
    return _fetched(reference.repo, tag_of(reference.repo, reference.revision, "model"), files)


def hub_place(folder: Path) -> tuple[str | None, str | None]:
    """The repository and commit of a folder in the Hub's cache (`models--OWNER--NAME/snapshots/COMMIT`); None for another."""
    cached = folder.parent.parent.name.split("--")
    if folder.parent.name != "snapshots" or cached[0] != "models" or not re.fullmatch(COMMIT, folder.name):
        return None, None
    return "/".join(cached[1:]), folder.name


def _fetched(repo: str, tag: str, files: list[str]) -> Path:
    from huggingface_hub import snapshot_download

    pinned = pin(repo, tag, "model", "the adapter")
    # By the tag, so that the cache remembers what it pointed at; without a network, what the cache remembers.
    offline = pinned.files is None
    revision = pinned.commit if offline and cached_commit(repo, tag, "model") is None else tag
    with in_words(f"{repo}@{tag[:12]}", "the adapter", Advice(revision="no such revision")):
        return Path(
            patiently(
                lambda: snapshot_download(repo, revision=revision, allow_patterns=files, local_files_only=offline)
            )
        )
