"""What lies beside a version's files in a repository and does harm there: nobody could load the version, or not as it is."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from builders.schema import OWN_FOLDERS, YANKED

# Read by `datasets` in place of the card's header, or beside it (datasets.config: DATASETDICT_INFOS_FILENAME,
# REPOYAML_FILENAME).
BEFORE_THE_CARD = ("dataset_infos.json", ".huggingface.yaml")
DATA = frozenset({".parquet", ".arrow", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".gz", ".zst", ".zip"})


def harm(path: str, repo: str) -> str:
    """Why a file that is no part of the version must not lie beside it, "" where it does no harm."""
    if path == YANKED:
        return ""
    if path == f"{repo.split('/')[-1]}.py":
        return "a script named after the repository: `datasets` loads nothing from a repository that has one"
    if path in BEFORE_THE_CARD:
        return "`datasets` would read it in place of the card"
    if path.startswith(OWN_FOLDERS):
        return "not part of the version, in a folder of the version"
    if PurePosixPath(path).suffix in DATA:
        return "data that is not part of the version"
    return ""


def harmful(paths: Iterable[str], repo: str) -> list[str]:
    """`PATH: why` for each file that must not be there."""
    return [f"{path}: {why}" for path in sorted(paths) if (why := harm(path, repo))]
