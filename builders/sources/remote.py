"""Files of a store (`s3://`, `gs://`, `hf://` and what else fsspec reaches): copied here, then read and pinned as any file."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

from builders.errors import Denied, NotFound, Unreachable
from builders.identifiers import is_remote
from builders.sources.languages import PLACE, in_language, is_for_each
from builders.sources.places import NOTES
from builders.sources.shards import WILD


def at_hand(place: str, registry: Path, languages: Sequence[str] = ()) -> Path:
    """A place as a path on this machine: files of a store are copied beside the notes on sources, anew each time.

    languages: those whose files are wanted, where the place is one for each. Raises NotFound where the store has no such file
    or its library is missing, Denied, and Unreachable.
    """
    if not is_remote(place):
        return Path(place)
    here = place_of(place, registry)
    home = here.parents[1] if is_for_each(place) else here.parent
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        if is_for_each(place):
            for code in languages:
                _copy(in_language(place, code), Path(folder) / "files" / code)
        else:
            _copy(place, Path(folder) / "files")
        shutil.rmtree(home, ignore_errors=True)
        (Path(folder) / "files").rename(home)
    return here


def place_of(place: str, registry: Path) -> Path:
    """Where the files of a place are, or will be once they were copied: a file or a pattern, in a folder for each language
    where the place is one for each."""
    if not is_remote(place):
        return Path(place)
    home = registry / NOTES / "remote" / hashlib.sha256(place.encode()).hexdigest()[:16]
    return (home / PLACE if is_for_each(place) else home) / PurePosixPath(place).name


def _copy(address: str, folder: Path) -> None:
    """Copy what an address names: one file, or those that fit the pattern in its last part."""
    try:
        store, path = fsspec.core.url_to_fs(address)
        wild = any(sign in PurePosixPath(path).name for sign in WILD)
        found = [name for name in store.glob(path) if store.isfile(name)] if wild else [path]
        if not found:
            raise FileNotFoundError(address)
        folder.mkdir(parents=True)
        for name in found:
            store.get_file(name, str(folder / PurePosixPath(name).name))
    except ImportError as error:
        raise NotFound(f"{address}: this store needs a library ({error})", "pip install it, then run again") from error
    except FileNotFoundError as error:
        raise NotFound(f"{address}: no such file there", "check the address") from error
    except PermissionError as error:
        raise Denied(f"{address}: may not be read ({_said(error)})", "check the credentials of the store") from error
    except Exception as error:  # each store's library has errors of its own
        raise Unreachable(
            f"{address}: cannot be fetched ({_said(error)})", "check the address, then run again"
        ) from error


def _said(error: Any) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
