"""Where a recipe's rows come from: what names a source, what pins it, and how its rows are read."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from builders.identifiers import Commit, Repository, Sha256
from builders.recipes.base import Frozen, listed


class Columns(Frozen):
    """Which column of the source holds which field; a column inside another by a dotted path, such as `inputs.question`.

    id: the column with ids; null makes ids from the row's content. instruction: the column with what is asked. input: the
    column with what the instruction is about; null where there is none. output: the column with the answer. messages: where a
    source has conversations, the column with their turns: instruction, input and output come from them. A key that a recipe
    leaves out is looked for in the source (see `builders/sources/mapping/recognition.py`), and recorded. origin: the column
    that says where a row comes from; without it, what many ids begin with says so. language: the column that says which language
    a row is meant to be in, by its code; of rows in several languages (`language.of`).
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"messages", "origin", "language"})
    id: str | None = "id"
    instruction: str = "instruction"
    input: str | None = "input"
    output: str = "output"
    messages: str | None = None
    origin: str | None = None
    language: str | None = None

    @model_validator(mode="after")
    def _one_field_each(self) -> Self:
        columns = self.used
        if len(set(columns)) < len(columns):
            raise ValueError(f"each field needs a column of its own, and these are {', '.join(columns)}")
        return self

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that are read."""
        fields = (self.instruction, self.input, self.output) if self.messages is None else (self.messages,)
        return tuple(column for column in (self.id, *fields, self.origin, self.language) if column is not None)

    @property
    def told(self) -> tuple[str, ...]:
        """What columns tell of a row besides its id and fields: its origin, its language, or neither."""
        return tuple(name for name in ("origin", "language") if getattr(self, name) is not None)

    @model_serializer(mode="wrap")
    def _record(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = plain(self)
        unused = {"messages"} if self.messages is None else {"instruction", "input", "output"}
        unused |= {"origin", "language"} - {*self.told}
        return {key: value for key, value in values.items() if key not in unused}


class DemoSource(Frozen):
    """The rows embedded in this package.

    kind: which kind of source this is. sha256: hash of the embedded file; filled in by the build.
    """

    kind: Literal["demo"] = "demo"
    sha256: Sha256 | None = None


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

    @field_validator("file")
    @classmethod
    def _inside(cls, file: str | None) -> str | None:
        if file is not None and (not file.isprintable() or {"", ".", ".."} & set(file.split("/"))):
            raise ValueError("must be the path of a file within the repository, such as data/es.json.gz")
        return file

    @model_validator(mode="after")
    def _file_or_split(self) -> Self:
        if (self.file is None) == (self.split is None):
            raise ValueError("name either a file of the repository or a split (with its config, if it has several)")
        if self.config is not None and self.split is None:
            raise ValueError("a config needs a split; add split, such as split: train")
        return self


class Shard(Frozen):
    """One of several files that are a source together.

    name: the file's name. sha256: hash of the file. language: the code of the language that its rows are in, where a source has
    a file for each.
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"language"})
    name: str
    sha256: Sha256
    language: str | None = None


class Limits(Frozen):
    """What a source may hold, so that no file fills the memory.

    max_row_bytes: the most that one row may take (16 MiB), its line in the file as well as its texts together: a longer one is a
    file in the wrong place. max_expansion: how many times its packed size a file may hold, unpacked (any may hold 64 MiB).
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"max_row_bytes", "max_expansion"})
    max_row_bytes: int = Field(default=16 << 20, ge=1)
    max_expansion: int = Field(default=100, ge=1)


class Reading(Limits):
    """How rows are read where it is not the plain way. What is left out is found out from the source, told, and recorded.

    encoding: the encoding of text that is not UTF-8. delimiter: the sign between two cells. lenient_quotes: whether
    quotation marks inside a quoted cell need not be doubled. records: the key of a JSON object under which the rows are.
    shape: `tree` where a row is one message that names its parent. turns: which pairs of a conversation become rows: the
    first, the last, or all (the second of row ID is `ID#2`). duplicates: what happens to ids that are there more than once:
    an error, only the first row stays (the source's order decides which that is), or all stay and are numbered (`ID (2)`).
    """

    quiet: ClassVar[frozenset[str]] = frozenset(
        Limits.quiet | {"encoding", "delimiter", "lenient_quotes", "records", "shape", "turns", "duplicates"}
    )
    encoding: str | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    lenient_quotes: bool = False
    records: str | None = None
    shape: Literal["tree"] | None = None
    turns: Literal["first", "last", "all"] | None = None
    duplicates: Literal["error", "keep_first", "number"] = "error"


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
        if self.parallel and self.parallel.columns.language:
            raise ValueError("parallel rows are English; leave parallel.columns.language out")
        return self


class _OfFiles(Frozen):
    """A source that may be several files.

    files: of several, each one's name and hash; filled in by the build.
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"files"})
    files: tuple[Shard, ...] | None = None

    @field_validator("files", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return listed(value)


class FileSource(_OfFiles, Reading, _WithParallel, ParallelFile):
    """Rows of a file on disk, or of several: a folder of them, a pattern such as `train-*.parquet`, or one for each language.

    path: where it is now, relative to the recipe; never recorded. Of several languages, `{language}` stands for the code of
    each, as in `rows/{language}.jsonl` and `rows/{language}/*.parquet`.
    """

    quiet: ClassVar[frozenset[str]] = _OfFiles.quiet | Reading.quiet | _WithParallel.quiet


class HubSource(_OfFiles, Reading, _WithParallel, ParallelHub):
    """Rows of one file or split of a Hub dataset at a pinned commit, or of one for each language.

    file: path of the file in the repository. Of several languages, `{language}` stands for the code of each. config: the config
    of the split, where the dataset has several; `{language}` likewise.
    """

    quiet: ClassVar[frozenset[str]] = _OfFiles.quiet | Reading.quiet | _WithParallel.quiet | ParallelHub.quiet


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


Source = Annotated[DemoSource | FileSource | HubSource | VersionSource, Field(discriminator="kind")]
