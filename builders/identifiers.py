"""Names of things, parsed once and without looking anything up: repositories, commits, hashes, datasets, versions, references."""

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from builders.errors import Invalid

DATASET_NAME = r"^[a-z0-9][a-z0-9._-]{0,95}$"
SHA256 = r"^[0-9a-f]{64}$"
COMMIT = r"^[0-9a-f]{40}$"


def whole(pattern: str) -> str:
    """One of the patterns above for msgspec, which asks Python's `re`: there `$` would let a line end pass."""
    return pattern.removesuffix("$") + r"\Z"


_COMMIT = re.compile(r"[0-9a-f]{40}")
_NUMBER = re.compile(r"v?(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})", re.ASCII)
# The Hub's rule (huggingface_hub.utils.validate_repo_id), with an owner: no dot or dash at either end, none twice in a row.
_PART = r"(?!.{97})(?!.*(?:--|\.\.))[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?"
_REPOSITORY = re.compile(rf"(?P<owner>{_PART})/(?P<name>{_PART})(?<!\.git)", re.ASCII)
_LOCAL = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]{0,95})@(?P<version>[^@/]+)")


def is_repository(text: str) -> bool:
    """Whether a text is OWNER/NAME as the Hub writes it."""
    return bool(re.fullmatch(_REPOSITORY, text)) and all(
        re.fullmatch(_PART, part, re.ASCII) for part in text.split("/")
    )


def require_repository(text: str, example: str) -> str:
    """The text, if it is OWNER/NAME. Raises Invalid, showing an example, if not."""
    if not is_repository(text):
        raise Invalid(f"{text}: not a name of a repository", f"write OWNER/NAME, such as {example}")
    return text


def is_commit(text: str) -> bool:
    """Whether a text is a full commit id: 40 hexadecimal digits."""
    return bool(_COMMIT.fullmatch(text))


def _repository(text: str) -> str:
    if not is_repository(text):
        raise ValueError("must be OWNER/NAME")
    return text


# Types of recipe keys.
Repository = Annotated[str, AfterValidator(_repository)]
Commit = Annotated[str, Field(pattern=COMMIT)]
Sha256 = Annotated[str, Field(pattern=SHA256)]


# ---- version numbers -------------------------------------------------------------------------------------------------

Step = Literal["major", "minor", "patch"]


@total_ordering
@dataclass(frozen=True)
class VersionNumber:
    """A semantic version number."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def __lt__(self, other: "VersionNumber") -> bool:
        return (self.major, self.minor, self.patch) < (other.major, other.minor, other.patch)

    @property
    def tag(self) -> str:
        """`v1.2.0`."""
        return f"v{self}"

    def bumped(self, step: Step) -> "VersionNumber":
        """The next number after a change of this size."""
        if step == "major":
            return VersionNumber(self.major + 1, 0, 0)
        if step == "minor":
            return VersionNumber(self.major, self.minor + 1, 0)
        return VersionNumber(self.major, self.minor, self.patch + 1)


FIRST = VersionNumber(1, 0, 0)


def version_number(text: str) -> VersionNumber | None:
    """`1.2.0` or `v1.2.0`; None for anything else."""
    found = _NUMBER.fullmatch(text)
    return VersionNumber(*map(int, found.groups())) if found else None


def require_version_number(text: str) -> VersionNumber:
    """`1.2.0` or `v1.2.0`. Raises Invalid for anything else."""
    number = version_number(text)
    if number is None:
        raise Invalid(f"{text!r} is not a version number", "write X.Y.Z, such as 1.0.0")
    return number


# ---- references ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LocalReference:
    """NAME@VERSION: a version in the registry. What stands after the @ may be no number (see `version_number`)."""

    name: str
    version: str


@dataclass(frozen=True)
class HubReference:
    """OWNER/NAME@REVISION: a version on the Hub. The revision may be a tag, a commit, or something that floats."""

    repo: str
    revision: str


def parse_reference(text: str) -> LocalReference | HubReference | None:
    """What a reference names, None for a text that is neither form (a path, a name alone)."""
    if found := _LOCAL.fullmatch(text):
        return LocalReference(found["name"], found["version"])
    repo, at, revision = text.partition("@")
    if at and revision and "@" not in revision and is_repository(repo):
        return HubReference(repo, revision)
    return None


def is_remote(place: str) -> bool:
    """Whether a place is an address in a store of files, such as `s3://bucket/rows.parquet`, and no path. The web is no store."""
    scheme, found, _ = place.partition("://")
    return bool(found) and scheme.isalnum() and scheme not in ("http", "https", "file")
