"""An adapter by its reference: a folder, or OWNER/NAME@vX.Y.Z, fetched at the commit behind that tag."""

import logging
from pathlib import Path

from builders.errors import Problem
from builders.hub.client import COMMIT, Advice, client, in_words, patiently, unreachable
from builders.hub.snapshots import published
from builders.versions.version_number import NUMBER, parse_number
from builders.versions.references import HUB

log = logging.getLogger(__name__)


def adapter_folder(where: Path | str, files: list[str]) -> Path:
    """The folder of an adapter; one on the Hub is fetched, its `files` and nothing else.

    Without a network a cached copy serves, and a warning says so. Raises Problem for a revision that floats, naming the
    versions that exist, for one that is not there, and for a tag that points elsewhere than when it was last fetched here.
    """
    on_hub = HUB.fullmatch(str(where))
    if Path(where).exists() or on_hub is None:
        return Path(where)
    repo, revision = on_hub["repo"], on_hub["version"]
    if not COMMIT.fullmatch(revision) and not NUMBER.fullmatch(revision):
        raise Problem(f"{where}: not a version, it may change at any time; {_existing(repo)}")
    return _fetched(repo, revision if COMMIT.fullmatch(revision) else f"v{parse_number(revision)}", files)


def _fetched(repo: str, tag: str, files: list[str]) -> Path:
    from huggingface_hub import snapshot_download, try_to_load_from_cache

    named = f"{repo}@{tag}"
    found = try_to_load_from_cache(repo, files[0], revision=tag)
    cached = Path(found).parent if isinstance(found, str) else None
    try:
        with in_words(named, "the adapter", Advice(revision="no such revision")):
            try:
                commit = str(patiently(lambda: client().model_info(repo, revision=tag)).sha)
            except Exception as error:
                if cached is None or not unreachable(error):
                    raise
                log.warning("the Hub cannot be reached; %s is the copy in the cache", named)
                return cached
            if cached and cached.name != commit:
                raise Problem(
                    f"{named}: the tag was moved: it pointed at {cached.name}, and now at {commit}; name the commit that you "
                    f"mean, as {repo}@{cached.name}"
                )
            # By the tag, so that the cache remembers what it pointed at.
            folder = Path(patiently(lambda: snapshot_download(repo, revision=tag, allow_patterns=files)))
    except Problem as problem:
        if "no such revision" in str(problem):
            raise Problem(f"{named}: no such version; {_existing(repo)}") from None
        raise
    return folder


def _existing(repo: str) -> str:
    known = published(repo, "model")
    return f"versions of {repo}: {', '.join(one.tag for one in known.values()) or 'none'}"
