"""Datasets on the Hub by their address: OWNER/NAME[@REVISION], hf://datasets/OWNER/NAME[@REVISION]/PATH."""

import logging
import re
from dataclasses import dataclass

from builders.errors import Invalid, NotFound
from builders.hub.client import Advice, client, in_words
from builders.hub.files import splits_of
from builders.hub.patience import patiently
from builders.identifiers import is_commit, is_repository
from builders.schema import MANIFEST
from builders.sources.formats import is_data_file
from builders.sources.languages import is_for_each

log = logging.getLogger(__name__)
ADDRESS = re.compile(r"hf://datasets/(?P<repo>[^/@]+/[^/@]+)(?:@(?P<revision>[^/]+))?(?:/(?P<path>.+))?")
FORM = "write hf://datasets/OWNER/NAME[@REVISION][/FILE]"


@dataclass(frozen=True)
class Address:
    """A dataset on the Hub as a person names it. path: one of its files; None for all of it."""

    repo: str
    revision: str | None = None
    path: str | None = None

    def __str__(self) -> str:
        return self.repo + (f"@{self.revision}" if self.revision else "")


@dataclass(frozen=True)
class Located:
    """The commit behind an address, and the part of the dataset that is meant: a file or a split, as a recipe records them."""

    repo: str
    revision: str
    file: str | None = None
    split: str | None = None


def address_of(text: str) -> Address | None:
    """What an address names; None for a text that is none. Raises Invalid for an hf:// address of anything but a dataset."""
    if text.startswith("hf://"):
        found = ADDRESS.fullmatch(text)
        if not found or not is_repository(found["repo"]):
            raise Invalid(f"{text}: not the address of a dataset", FORM)
        return Address(found["repo"], (found["revision"] or "").replace("%2F", "/") or None, found["path"])
    repo, at, revision = text.partition("@")
    if not is_repository(repo) or (at and not revision):
        return None
    return Address(repo, revision or None)


def locate(address: Address) -> Located | None:
    """The commit behind an address and what of it is read; None where it is a version of ours, which is none of this.

    A single data file is read as it is; of several, `datasets` says which splits they are, and `train` is read, or the only
    one. Raises Problem where there is no such dataset, revision or file, or several splits and no `train`.
    """
    with in_words(str(address), "the dataset", Advice(revision="no such revision")):
        info = patiently(lambda: client().dataset_info(address.repo, revision=address.revision))
    files = [one.rfilename for one in info.siblings or ()]
    commit = str(info.sha)
    if address.path is None and MANIFEST in files:
        return None
    if not (address.revision and is_commit(address.revision)):
        log.warning(
            "%s: revision %s is commit %s, which is recorded", address.repo, address.revision or "main", commit[:12]
        )
    if address.path is not None:
        if address.path not in files and not is_for_each(address.path):
            named = ", ".join(one for one in files if is_data_file(one)) or "none"
            raise NotFound(f"{address}: has no file {address.path!r}", f"its data files: {named}")
        return Located(address.repo, commit, file=address.path)
    data = [one for one in files if is_data_file(one)]
    if len(data) == 1:
        return Located(address.repo, commit, file=data[0])
    return Located(address.repo, commit, split=_split(address, commit))


def _split(address: Address, commit: str) -> str:
    where = f"hf://datasets/{address.repo}/FILE"
    advice = Advice(split=f"name one of its files as {where}, or config and split in a recipe (kind: hub)")
    splits = splits_of(address.repo, commit, advice)
    named = ", ".join(splits)
    if "train" not in splits and len(splits) != 1:
        raise Invalid(f"{address}: which split? It has {named}", advice.split)
    chosen = "train" if "train" in splits else splits[0]
    if len(splits) > 1:
        log.warning("%s: split %s is read, of %s", address, chosen, named)
    return chosen
