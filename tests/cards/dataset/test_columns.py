import polars as pl
import pytest

from builders.schema import LEDGER_COLUMNS, MESSAGES, ROW_COLUMNS, Column
from cards.dataset.columns import croissant_field, hub_feature, row_columns

SOURCE = {"fileObject": {"@id": "data/train.parquet"}}


@pytest.mark.parametrize("column", [*ROW_COLUMNS, *LEDGER_COLUMNS, *row_columns(chat=True)], ids=lambda one: one.name)
def test_every_column_of_the_schema_has_a_type_of_the_hub_and_of_croissant(column):
    assert hub_feature(column.name, column.dtype)["name"] == column.name
    field = croissant_field(column, f"rows/{column.name}", SOURCE)
    assert field["description"] == column.meaning
    assert field["@id"] == f"rows/{column.name}" and ("dataType" in field) != ("subField" in field)


@pytest.mark.parametrize(
    ("dtype", "feature", "kind"),
    [
        (pl.String(), {"name": "a", "dtype": "string"}, {"dataType": "sc:Text"}),
        (pl.Float64(), {"name": "a", "dtype": "float64"}, {"dataType": "sc:Float"}),
        (pl.List(pl.String), {"name": "a", "list": "string"}, {"dataType": "sc:Text", "repeated": True}),
    ],
)
def test_types(dtype, feature, kind):
    assert hub_feature("a", dtype) == feature
    field = croissant_field(Column("a", dtype, "An a."), "rows/a", SOURCE)
    assert {key: field[key] for key in ("dataType", "repeated") if key in field} == kind


def test_messages_have_a_role_and_a_content():
    parts = [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]
    field = croissant_field(Column("prompt", MESSAGES, "The question."), "rows/prompt", SOURCE)

    assert hub_feature("prompt", MESSAGES) == {"name": "prompt", "list": parts}
    assert [(one["@id"], one["source"]["transform"]) for one in field["subField"]] == [
        ("rows/prompt/role", {"jsonPath": "role"}),
        ("rows/prompt/content", {"jsonPath": "content"}),
    ]


def test_of_a_chat_prompt_and_completion_are_messages():
    assert {one.name for one in row_columns(chat=True) if one.dtype == MESSAGES} == {"prompt", "completion"}
    assert row_columns(chat=False) == ROW_COLUMNS


def test_a_type_that_nobody_named_is_an_error():
    with pytest.raises(KeyError):
        hub_feature("a", pl.Date())
