import polars as pl
import pyarrow.parquet as pq
import pytest

from builders.recipes.model import Split
from builders.schema import (
    CARD,
    COLUMNS,
    CROISSANT,
    DECISION,
    ENTRY,
    FIELDS,
    LEDGER_COLUMNS,
    LEDGER_SCHEMA,
    MANIFEST,
    MESSAGES,
    OWN_FOLDERS,
    RECIPE,
    ROW_COLUMNS,
    SOURCE_COLUMNS,
    SPLITS,
    STAGES,
    STATISTICS,
    TEMPLATE_COLUMNS,
    chart_file,
    data_file,
    ledger_file,
    split_of,
)
from tests.builders.rows import small_version


@pytest.fixture(scope="module", params=["instruccion", "messages"])
def version(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("esquema")
    return small_version(folder, template=request.param, split=Split(validation=0.3, test=0.3))


def held(path):
    """Columns of a Parquet file, in their order, with their types as polars reads them."""
    return dict(pl.read_parquet_schema(path))


def test_the_rows_columns_are_those_of_the_files(version):
    chat = version.manifest.template.chat
    promised = {
        column.name: MESSAGES if chat and column.name in TEMPLATE_COLUMNS else column.dtype for column in ROW_COLUMNS
    }

    for split in SPLITS:
        assert list(held(version.path / data_file(split)).items()) == list(promised.items())
    assert version.manifest.columns == COLUMNS == tuple(promised)


def test_the_ledger_s_columns_are_those_of_the_file(version):
    promised = {column.name: column.dtype for column in LEDGER_COLUMNS}

    assert list(held(version.path / ledger_file()).items()) == list(promised.items())
    assert promised == LEDGER_SCHEMA
    assert {*DECISION} < {*ENTRY} < {*promised}


def test_a_version_holds_the_files_that_are_named_and_no_other(version):
    charts = {chart_file(name) for name in version.manifest.charts}
    named = {CARD, MANIFEST, RECIPE, STATISTICS, CROISSANT, ledger_file(), *map(data_file, SPLITS), *charts}

    found = {path.relative_to(version.path).as_posix() for path in version.path.rglob("*") if path.is_file()}
    assert found == named == {*version.manifest.files, MANIFEST}
    assert {path.split("/")[0] + "/" for path in found if "/" in path} == {*OWN_FOLDERS}


def test_the_stages_are_those_that_a_version_counts(version):
    assert tuple(stage.stage for stage in version.manifest.stages) == STAGES
    decided = {stage for stage in version.ledger()["stage"].unique() if stage}
    assert decided and decided <= {*STAGES}


def test_the_values_that_are_named_are_those_that_occur(version):
    ledger = version.ledger()

    assert {*ledger["status"]} == {"kept", "dropped"}
    assert {split for split in ledger["split"] if split} == {*SPLITS}
    assert ledger["score"].drop_nulls().is_between(0, 1).all()


def test_where_nulls_are(version):
    """What the meanings promise: null where nothing dropped a row, and never in a row's own text."""
    assert [name for name in COLUMNS if version.rows()[name].null_count()] == []
    kept, dropped = (version.ledger().filter(status=status) for status in ("kept", "dropped"))
    assert kept["stage"].null_count() == kept["rule"].null_count() == kept.height
    assert dropped["split"].null_count() == dropped.height
    assert kept["split"].null_count() == dropped["stage"].null_count() == dropped["rule"].null_count() == 0


def test_every_column_has_a_meaning_in_one_sentence():
    for column in (*ROW_COLUMNS, *LEDGER_COLUMNS):
        assert column.meaning.endswith(".") and column.meaning[0] not in " ."
        assert "\n" not in column.meaning
    assert SOURCE_COLUMNS == ("id", *FIELDS) == COLUMNS[:4]


def test_parquet_says_the_same_to_readers_without_polars(version):
    schema = pq.read_schema(version.path / ledger_file())

    assert schema.names == list(LEDGER_SCHEMA)


@pytest.mark.parametrize(
    ("path", "split"),
    [
        *((data_file(split), split) for split in SPLITS),
        (ledger_file(), None),
        (CARD, None),
        ("otra/train-0.parquet", None),
    ],
)
def test_the_split_of_a_file(path, split):
    assert split_of(path) == split
