"""Which base it is, as it is recorded: exactly one, and no path of a machine."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from builders.identifiers import COMMIT, is_repository, whole
from builders.manifest import Hash


class BasePin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one base: a repository of the Hub at a commit, or a folder by its name and its fingerprint."""

    kind: Literal["hub", "folder"]
    repo: str | None
    revision: Annotated[str, Meta(pattern=whole(COMMIT))] | None
    name: str
    sha256: Hash | None

    def __post_init__(self) -> None:
        """Raises ValueError for a pin that pins nothing; who reads a record turns it into Invalid."""
        if self.kind == "hub" and (self.repo is None or self.revision is None or not is_repository(self.repo)):
            raise ValueError("a base on the Hub has a repo OWNER/NAME and a revision")
        if self.kind == "folder" and (self.sha256 is None or self.repo is not None):
            raise ValueError("a base in a folder has a sha256 and no repo")

    @property
    def label(self) -> str:
        """The base in a word, for people: no path."""
        return f"{self.repo}@{str(self.revision)[:12]}" if self.repo else self.name
