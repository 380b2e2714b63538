"""Where rows come from, as a recipe says it: the demo, a file, a Hub dataset at a commit, another version; and where the
evaluation sets are that it keeps out."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from builders.identifiers import Commit, Repository, Sha256
from builders.recipes.frozen import Frozen, listed


class Columns(Frozen):
    """Which column of the source holds which field.

    id: the column with ids; null derives ids from the rows' text. instruction: the column with what is asked. input: the
    column with what the instruction is about; null where there is none. output: the column with the answer.
    """

    id: str | None = "id"
    instruction: str = "instruction"
    input: str | None = "input"
    output: str = "output"

    @model_validator(mode="after")
    def _one_field_each(self) -> Self:
        columns = [column for column in (self.id, self.instruction, self.input, self.output) if column is not None]
        if len(set(columns)) < len(columns):
            raise ValueError(f"each field needs a column of its own, and these are {', '.join(columns)}")
        return self


class DemoSource(Frozen):
    """The rows embedded in this package.

    kind: which kind of source this is. sha256: hash of the embedded file; filled in by the build.
    """

    kind: Literal["demo"] = "demo"
    sha256: Sha256 | None = None

    def describe(self) -> str:
        """The pinned rows in one line, for the card."""
        return f"the embedded demo rows, sha256 `{self.sha256}`"


class ParallelFile(Frozen):
    """A file on disk, recorded by name and content.

    kind: which kind of source this is. path: where it is now, relative to the recipe; never recorded. name: what the file
    was called; filled in by the build. sha256: hash of the file; filled in by the build, and checked where it is given.
    columns: which column holds which field.
    """

    kind: Literal["file"] = "file"
    path: str | None = Field(default=None, exclude=True)
    name: str | None = None
    sha256: Sha256 | None = None
    columns: Columns = Columns()

    def describe(self) -> str:
        """The pinned file in one line, for the card."""
        return f"file `{self.name}`, sha256 `{self.sha256}`"


class ParallelHub(Frozen):
    """One file of a Hub dataset at a pinned commit, or one split of it as `datasets` reads it.

    kind: which kind of source this is. repo: the dataset's repository. revision: the commit; branches and tags are refused.
    file: path of the file in the repository. config: the config of the split, where the dataset has several. split: the
    split, in place of a file. sha256: hash of the file, or of a split's rows as JSON Lines; filled in by the build, and
    checked where it is given. columns: which column holds which field.
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"file", "config", "split"})
    kind: Literal["hub"] = "hub"
    repo: Repository
    revision: Commit
    file: str | None = None
    config: str | None = None
    split: str | None = None
    sha256: Sha256 | None = None
    columns: Columns = Columns()

    @model_validator(mode="after")
    def _file_or_split(self) -> Self:
        if (self.file is None) == (self.split is None):
            raise ValueError("name either a file of the repository or a split (with its config, if it has several)")
        if self.config is not None and self.split is None:
            raise ValueError("a config needs a split; add split, such as split: train")
        return self

    def describe(self) -> str:
        """The pinned file or split in one line, for the card."""
        part = f"file `{self.file}`"
        if self.split:
            part = f"split `{self.split}`" + (f" of config `{self.config}`" if self.config else "")
        return f"`{self.repo}` at commit `{self.revision}`, {part}, sha256 `{self.sha256}`"


Parallel = Annotated[ParallelFile | ParallelHub, Field(discriminator="kind")]


class _WithParallel(Frozen):
    """A source that may name the English rows which its rows were translated from.

    parallel: those rows, joined on id, for the rules of `filters/rules/parallel.py`; null where there are none.
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"parallel"})
    parallel: Parallel | None = None

    @model_validator(mode="after")
    def _joined_on_id(self) -> Self:
        if self.parallel and None in (self.parallel.columns.id, self.columns.id):  # type: ignore[attr-defined]
            raise ValueError("rows and their parallel source are joined on id; name its column, not columns.id: null")
        return self


class FileSource(_WithParallel, ParallelFile):
    """Rows of a file on disk."""


class HubSource(_WithParallel, ParallelHub):
    """Rows of one file or split of a Hub dataset at a pinned commit."""

    quiet: ClassVar[frozenset[str]] = _WithParallel.quiet | ParallelHub.quiet


class VersionSource(Frozen):
    """The kept rows of another version.

    kind: which kind of source this is. ref: the version, as a folder, NAME@X.Y.Z or OWNER/NAME@vX.Y.Z; never recorded.
    name: of its dataset; filled in by the build, as are the following. version: its number. content_sha256: hash of its
    rows. repo: its repository, if it is on the Hub. commit: the commit behind its tag, if it is on the Hub.
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"repo", "commit"})
    kind: Literal["version"] = "version"
    ref: str | None = Field(default=None, exclude=True)
    name: str | None = None
    version: str | None = None
    content_sha256: Sha256 | None = None
    repo: Repository | None = None
    commit: Commit | None = None

    def describe(self) -> str:
        """The pinned version in one line, for the card."""
        on_hub = f" of `{self.repo}` at commit `{self.commit}`" if self.commit else ""
        return f"version `{self.name}@{self.version}`{on_hub}, content sha256 `{self.content_sha256}`"


Source = Annotated[DemoSource | FileSource | HubSource | VersionSource, Field(discriminator="kind")]


# ---- evaluation sets -------------------------------------------------------------------------------------------------


class EvaluationSet(Frozen):
    """One file of text that a version must not hold: on disk, recorded by name and content, or of a Hub dataset.

    name: what the ledger calls it. path: where a file on disk is now; never recorded. repo: the dataset's repository.
    revision: its commit. file: path of the file in the repository; of a file on disk its name, filled in by the build.
    sha256: hash of the file; filled in by the build, and checked where it is given. columns: those that are read; null reads
    every column that holds text.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]{0,95}$")]
    path: str | None = Field(default=None, exclude=True)
    repo: Repository | None = None
    revision: Commit | None = None
    file: str | None = None
    sha256: Sha256 | None = None
    columns: Annotated[tuple[str, ...], Field(min_length=1)] | None = None

    @field_validator("columns", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return listed(value)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        on_hub = (self.repo, self.revision)
        if on_hub == (None, None):
            if self.path is None and self.sha256 is None:
                raise ValueError("say where it is: path, or repo, revision and file")
        elif None in (*on_hub, self.file) or self.path is not None:
            raise ValueError("a set on the Hub has repo, revision and file, and no path")
        return self


class Decontaminate(Frozen):
    """Evaluation sets whose word n-grams no kept row may hold (see `builders/stages/decontamination.py`).

    ngram: words that must agree in a row. sets: the sets, each with a name of its own.
    """

    ngram: Annotated[int, Field(ge=1, le=100)] = 13
    sets: Annotated[tuple[EvaluationSet, ...], Field(min_length=1)]

    @field_validator("sets", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return listed(value)

    @model_validator(mode="after")
    def _names(self) -> Self:
        names = [one.name for one in self.sets]
        if len(set(names)) < len(names):
            raise ValueError(f"each set needs a name of its own, and these are {', '.join(names)}")
        return self
