"""Files and rows of Hub datasets at a pinned commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from builders.errors import Denied, Invalid, NotFound, Unreachable
from builders.hub.client import NO_ADVICE, Advice, in_words
from builders.hub.patience import patiently


def fetch_file(repo: str, file: str, revision: str, advice: Advice = NO_ADVICE) -> Path:
    """Download one file of a dataset repository at a commit into the Hub cache, or find it there.

    Raises Problem when the repository, the commit or the file does not exist, when access is denied, and when there is
    no network and no cached copy.
    """
    with in_words(f"{repo}@{revision[:12]}", file, advice):
        return downloaded(repo, file, "dataset", revision)


def downloaded(repo: str, file: str, kind: str, revision: str | None) -> Path:
    """One file of a repository (kind: dataset or model) in the Hub cache, downloaded if need be. Raises the client's errors."""
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache

    here = isinstance(try_to_load_from_cache(repo, file, revision=revision, repo_type=kind), str)
    if not here and not constants.HF_HUB_OFFLINE:
        # Without a network this fails at once; the download would ask again for half a minute, line by line.
        url = hf_hub_url(repo, file, repo_type=kind, revision=revision)
        patiently(lambda: get_hf_file_metadata(url))
    return Path(patiently(lambda: hf_hub_download(repo, file, repo_type=kind, revision=revision)))


def fetch_rows(repo: str, revision: str, config: str | None, split: str, advice: Advice = NO_ADVICE) -> pl.DataFrame:
    """All columns of one split of a Hub dataset at a commit, in its own order, by `datasets`.

    Raises Problem as `fetch_file` does, when the config or split does not exist, and for a repository that would need
    its own code to be read: none is run.
    """
    import datasets

    where = f"{repo}@{revision[:12]}"
    with in_words(where, f"split {split}", advice), _datasets_in_words(where, advice):
        builder = patiently(lambda: datasets.load_dataset_builder(repo, config, revision=revision))
        if builder.hash != revision:  # without the Hub, `datasets` gives whatever commit it has in its cache
            raise Unreachable(
                f"{where}: split {split} is not in the cache of `datasets` and the Hub cannot be reached",
                advice.offline,
            )
        patiently(builder.download_and_prepare)
        table = builder.as_dataset(split=split)
    return pl.DataFrame(table.data.table)


def splits_of(repo: str, revision: str, advice: Advice = NO_ADVICE) -> list[str]:
    """The splits of a Hub dataset at a commit, by the names of its files. Raises Problem as `fetch_rows` does."""
    import datasets

    where = f"{repo}@{revision[:12]}"
    with in_words(where, "its splits", advice), _datasets_in_words(where, advice):
        builder = patiently(lambda: datasets.load_dataset_builder(repo, revision=revision))
    return [str(split) for split in builder.config.data_files or builder.info.splits or ()]


@contextmanager
def _datasets_in_words(where: str, advice: Advice) -> Iterator[None]:
    """Turn the errors of `datasets` that are not of the Hub's client into a Problem."""
    import datasets
    from datasets.data_files import EmptyDatasetError

    try:
        yield
    except datasets.exceptions.DatasetNotFoundError:
        raise NotFound(
            f"{where}: no such dataset or commit on the Hub, or no access to it", f"{advice.name}, or `hf auth login`"
        ) from None
    except RuntimeError as error:
        if "scripts are no longer supported" not in str(error):  # `datasets` has no class of its own for it
            raise
        raise Denied(f"{where}: this repository is a script, and no remote code is run", advice.script) from None
    except (ValueError, datasets.exceptions.DatasetsError, EmptyDatasetError) as error:
        raise Invalid(f"{where}: {_first_line(error)}", advice.split) from None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(". ")
