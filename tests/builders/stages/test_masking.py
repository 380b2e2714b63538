"""A version that is built with masking spreads nobody's data, and its ledger says where it masked."""

import polars as pl
import pytest

from builders.reading.explain import explain
from builders.recipes.model import Repair
from builders.stages.repair import repair
from builders.versions.registry import build
from tests.builders.rows import ROWS, small_recipe, write_rows

# Made up, with valid check digits.
SECRETS = {
    "dni": "48213975H",
    "correo": "lucia.robledo@gmail.com",
    "teléfono": "634 258 197",
    "tarjeta": "4539 5787 6362 1486",
    "cuenta": "ES98 2038 5778 9830 0076 0236",
    "ip": "83.45.112.207",
}
FICHA = "Nombre: Lucía Robledo. DNI: {dni}. Correo: {correo}. Teléfono: {teléfono}.".format(**SECRETS)
PERSONAL_ROWS = [
    ("dato-1", "Resume la ficha en una frase.", FICHA, "Es la ficha de Lucía Robledo, con DNI {dni}.".format(**SECRETS)),
    ("dato-2", "¿A qué cuenta pago, y desde qué tarjeta?", "", "Pague a {cuenta} desde {tarjeta}.".format(**SECRETS)),
    ("dato-3", "Explica desde dónde entró el intruso.", "", "Entró desde la IP &#56;3.45.112.207 de madrugada."),
    # Dropped, and the rule that drops it shows the answer.
    ("dato-4", "Escribe a {correo} antes del jueves.".format(**SECRETS), "", "Escribe a {correo} antes del jueves.".format(**SECRETS)),
]  # fmt: skip


@pytest.fixture
def built(tmp_path):
    def make(**repair):
        source = write_rows(tmp_path / "filas.jsonl", ROWS + PERSONAL_ROWS)
        return build(small_recipe(source, repair=Repair(**repair)), tmp_path / "versions").version

    return make


def everything(version):
    """All that stands in the files of a version, tables written out."""
    texts = []
    for path in sorted(version.path.rglob("*")):
        if path.suffix == ".parquet":
            texts.append(pl.read_parquet(path).write_json())
        elif path.is_file():
            texts.append(path.read_text("utf-8"))
    return "\n".join(texts)


def test_a_masked_version_holds_no_personal_data_anywhere_in_its_folder(built):
    text = everything(built(personal_data=True))
    assert [secret for secret in SECRETS.values() if secret in text] == []
    assert [secret for secret in SECRETS.values() if secret.replace(" ", "") in text] == []


def test_a_version_is_not_masked_by_default(built):
    text = everything(built())
    assert [secret for secret in SECRETS.values() if secret not in text] == []


def test_the_ledger_names_each_masked_field_after_the_other_edits(built):
    ledger = built(personal_data=True).ledger()
    edits = dict(ledger.filter(pl.col("edits").list.len() > 0).select("id", "edits").iter_rows())
    assert edits == {
        "fila-2": ["output:entities"],
        "dato-1": ["input:personal_data", "output:personal_data"],
        "dato-2": ["output:personal_data"],
        "dato-3": ["output:entities", "output:personal_data"],
        "dato-4": ["instruction:personal_data", "output:personal_data"],
    }


def test_masked_rows_keep_their_words_and_their_hash_of_the_source(built):
    version = built(personal_data=True)
    rows = {row["id"]: row for row in version.rows().to_dicts()}
    assert rows["dato-1"]["input"] == "Nombre: Lucía Robledo. DNI: [documento]. Correo: [correo]. Teléfono: [teléfono]."
    assert rows["dato-1"]["output"] == "Es la ficha de Lucía Robledo, con DNI [documento]."
    assert rows["dato-2"]["output"] == "Pague a [cuenta] desde [tarjeta]."
    assert rows["dato-3"]["output"] == "Entró desde la IP [dirección IP] de madrugada."
    hashes = version.ledger().filter(pl.col("id") == "dato-1")
    assert hashes["source_sha256"].item() != hashes["row_sha256"].item()


def test_a_dropped_row_is_masked_in_the_evidence_that_dropped_it(built):
    dropped = built(personal_data=True).ledger().filter(pl.col("id") == "dato-4")
    assert dropped.select("status", "rule", "evidence").rows() == [
        ("dropped", "echo", "Escribe a [correo] antes del jueves.")
    ]


def test_personal_data_is_flagged_unless_it_is_masked(built):
    flagged = pl.col("flags").list.contains("personal_data")
    assert built().ledger().filter(flagged)["id"].to_list() == ["dato-1", "dato-2", "dato-3", "dato-4"]
    assert built(personal_data=True).ledger().filter(flagged).is_empty()


def test_a_flag_shows_the_kinds_and_beginnings_alone(built):
    ledger = built().ledger()
    evidence = ledger.filter(pl.col("id") == "dato-1")["evidence"].item()
    assert evidence == "personal_data: dni: 482…; correo: luc…; teléfono: 634…"


def test_masking_is_one_edit_among_those_that_repair_false_switches_off(built):
    text = everything(built(enabled=False, personal_data=True))
    assert SECRETS["correo"] in text


def test_an_explained_row_shows_what_was_masked(built, tmp_path):
    story = explain(built(personal_data=True), "dato-2", tmp_path / "versions")
    assert SECRETS["tarjeta"] in story.source.output
    assert story.repaired.output == "Pague a [cuenta] desde [tarjeta]."


def test_a_masked_question_has_no_english_parallel_row_to_be_compared_with():
    rows = pl.DataFrame(
        {
            "row": [0, 1],
            "instruction": ["Escribe a lucia.robledo@gmail.com.", "Escribe a la oficina."],
            "input": ["", ""],
            "output": ["Hecho.", "Hecho."],
            "instruction_en": ["Write to lucia.robledo@gmail.com.", "Write to the office."],
            "input_en": ["", ""],
        },
        schema_overrides={"row": pl.UInt32},
    )
    masked, _ = repair(rows, Repair(personal_data=True))
    assert masked["instruction"].to_list() == ["Escribe a [correo].", "Escribe a la oficina."]
    assert masked["instruction_en"].to_list() == [None, "Write to the office."]
    assert masked["input_en"].to_list() == [None, ""]


def test_a_recipe_records_the_choice_to_mask_and_only_that(built):
    assert "personal_data: true" in (built(personal_data=True).path / "recipe.yaml").read_text("utf-8")
    assert "personal_data" not in (built().path / "recipe.yaml").read_text("utf-8")
