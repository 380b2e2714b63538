import dataclasses
import json

import polars as pl
import pytest

from builders.engines import partitions as parts
from builders.engines.engine import Local
from builders.labels.applied import labels_of, with_labels
from builders.pipeline import run
from builders.recipes.loading import load_recipe
from builders.recipes.model import Dedup, DemoSource, Quality, Recipe, Split
from builders.sources.demo import read_demo
from builders.sources.order import in_natural_order
from builders.sources.read import Read
from builders.sources.reading import read_source
from builders.stages import buckets
from builders.versions.write import Gold, render
from tests.builders.engines.in_parts import InParts
from tests.builders.rows import ROWS, TORTILLA

RECIPE = load_recipe("demo")
READ = read_demo(DemoSource())


SMALL = Recipe(name="filas", quality={"enabled": False}, language={"enabled": False})
SHARDS = Split(validation=0.3, shard_bytes=1_000)
WORDS = [
    "pan",
    "sal",
    "sol",
    "mar",
    "luz",
    "voz",
    "paz",
    "pez",
    "col",
    "gol",
    "rol",
    "don",
    "son",
    "tren",
    "flor",
    "miel",
]


def rows_of(rows):
    """What is read of rows (id, instruction, input, output)."""
    frame = pl.DataFrame(rows, ("id", "instruction", "input", "output"), orient="row")
    return Read(in_natural_order(frame, "filas"), DemoSource())


FEW = rows_of(ROWS)
MANY = rows_of(
    [(f"{id}-{copy}", ask, input, f"{output} Número {copy}.") for copy in range(9) for id, ask, input, output in ROWS]
)


def built(recipe=RECIPE, labels=None, engine=None, read=READ):
    return run(recipe, lambda: read, labels=labels, engine=engine)


def differences(one, other):
    """The parts of two builds that are not the same; the seconds never are."""
    fields = ["rows", *(field.name for field in dataclasses.fields(one) if field.name != "content")]
    named = {name: (getattr(one, name), getattr(other, name)) for name in fields}
    named["stages"] = tuple([dataclasses.replace(count, seconds=0) for count in some] for some in named["stages"])
    same = {name: a.equals(b) if isinstance(a, pl.DataFrame | pl.Series) else a == b for name, (a, b) in named.items()}
    return [name for name, equal in same.items() if not equal]


@pytest.fixture(scope="module")
def here():
    return built()


def test_a_build_in_parts_is_the_same(here):
    assert differences(here, built(engine=InParts(4))) == []


@pytest.mark.parametrize("count", [1, 5, 12])
def test_the_number_of_parts_changes_nothing(count):
    assert differences(built(SMALL, read=FEW), built(SMALL, read=FEW, engine=InParts(count))) == []


def test_more_parts_than_rows_are_as_many_as_rows():
    assert [part.height for part in parts.cut(READ.rows[:3], 7)] == [1, 1, 1]
    assert [part.height for part in parts.cut(READ.rows[:10], 4)] == [2, 3, 2, 3]


def test_a_crowded_bucket_gives_the_same_in_parts(monkeypatch):
    alike = [(f"fila-{number}", "Explica cómo se hace.", word, TORTILLA) for number, word in enumerate(WORDS)]
    read, pairs = rows_of(alike), []
    whole = built(SMALL, read=read)

    monkeypatch.setattr(buckets, "CROWD", 5)
    monkeypatch.setattr(buckets, "HEADS", 1)
    monkeypatch.setattr(buckets, "NEIGHBOURS", 1)
    monkeypatch.setattr(
        Local, "near_pairs", lambda *asked, call=Local.near_pairs: pairs.append(call(*asked)) or pairs[-1]
    )
    crowded = built(SMALL, read=read)

    assert 2 * len(WORDS) - 3 <= pairs[0].height < len(WORDS) * (len(WORDS) - 1) // 2, "not every pair was compared"
    assert differences(whole, crowded) == [], "all resemble the best"
    assert differences(crowded, built(SMALL, read=read, engine=InParts(4))) == []


@pytest.mark.parametrize("template", ["instruccion", "messages"])
def test_files_that_parts_write_are_those_of_the_whole(tmp_path, template):
    recipe = SMALL.model_copy(update={"dedup": Dedup(enabled=False), "template": template, "split": SHARDS})
    drafts = []
    for name, engine in (("una", None), ("partes", InParts(4))):
        (tmp_path / name).mkdir()
        drafts.append(render(built(recipe, read=MANY, engine=engine), Gold({}, 0), tmp_path / name))

    assert len(drafts[0].files) > 20, "several shards of each split"
    assert drafts[0] == drafts[1]


def test_pairs_of_answers_are_judged_in_parts_and_compared_here(tmp_path):
    recipe = load_recipe("demo-preferences")
    read = read_source(recipe, tmp_path)

    assert differences(built(recipe, read=read), built(recipe, read=read, engine=InParts(3))) == []


@pytest.mark.parametrize("changes", [{"enabled": False}, {"near": {"enabled": False}}])
def test_what_a_recipe_leaves_out_is_left_out_in_parts(changes):
    recipe = SMALL.model_copy(update={"dedup": Dedup.model_validate(changes)})

    assert differences(built(recipe, read=FEW), built(recipe, read=FEW, engine=InParts(3))) == []


def test_labels_are_used_once_whatever_the_number_of_parts(tmp_path):
    recipe = SMALL.model_copy(update={"quality": Quality()})
    hashes = dict(built(SMALL, read=FEW).ledger.select("id", "row_sha256").iter_rows())
    hashes |= {"fila-11": "0" * 64, "no-es": "1" * 64}
    labels = [
        {"id": id, "row_sha256": hashes[id], "verdict": "drop"} for id in ("fila-1", "fila-10", "fila-11", "no-es")
    ]
    (tmp_path / "etiquetas.jsonl").write_text("".join(json.dumps(one) + "\n" for one in labels), "utf-8")
    recipe = with_labels(recipe, str(tmp_path / "etiquetas.jsonl"))
    judged = labels_of(recipe, tmp_path)

    whole, in_parts = (built(recipe, judged, engine, FEW) for engine in (None, InParts(4)))

    assert (whole.label_use.used, whole.label_use.changed, whole.label_use.absent) == (2, 1, 1)
    assert differences(whole, in_parts) == []
