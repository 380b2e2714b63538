"""Rows in a language that has no room in `filters/languages` yet: what runs, what does not, and what is said of it."""

import json
import logging

import pytest
import yaml

from builders.reading.explain import explain
from builders.recipes.model import Dedup, Language, Split
from builders.versions.registry import build
from builders.versions.verify import verify
from filters import rules_of
from tests.builders.rows import small_recipe, write_rows

BREAD = (
    "Mistura a farinha, a água, o sal e o fermento, amassa durante dez minutos e deixa a massa descansar uma hora num "
    "sítio morno. Depois faz uma bola, corta-a por cima com uma faca e coze o pão no forno bem quente."
)
PORTUGUESE = [
    ("linha-1", "O que é um moinho de vento?", "", "Uma casa com velas que o vento faz girar para moer o trigo."),
    ("linha-2", "o que é um moinho de vento", "", "Uma casa com velas, que o vento faz girar para moer o trigo"),
    ("linha-3", "Explica como se faz pão em casa.", "", BREAD),
    ("linha-4", "Explica como se faz pão em casa.", "", BREAD.replace("morno", "quente")),
    ("linha-5", "Diz o nome de uma ilha dos Açores.", "", " \n"),
    ("linha-6", "…", "", "Em que posso ajudar?"),
    ("linha-7", "Resume a frase.", "A cria\ufffda perdeu o comboio.", "A criança ficou em terra."),
    ("linha-8", "Quanto são sete vezes oito?", "", "7 × 8 = 54"),
    ("linha-9", "Que tempo faz hoje em Braga?", "", "Lamento, como modelo de linguagem não tenho acesso à previsão."),
    ("linha-10", "Di qué lleva la merienda.", "", "La merienda de hoy lleva pan con queso y una manzana."),
    ("linha-11", "Completa: a Ana come pão &amp; …", "", "A Ana come pão e queijo."),
]
RULES = [name for name, rule in rules_of("pt").items() if not rule.needs]
SAID = (
    "language.of pt: Portuguese has no room in filters/languages yet, so the language of its rows is not checked and no rule "
    f"that reads words runs; repair, dedup, sampling and templates run, and of the rules {', '.join(RULES)}"
)


def of_languages(notes):
    """What was noted of languages; builds note other things, too."""
    return [note for note in notes if note.startswith("language.of")]


def recipe_of(code, path, **changes):
    return small_recipe(path, language=Language(of=code), **changes)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The version, the folder of versions, and what the build noted."""
    folder = tmp_path_factory.mktemp("pt")
    notes = []
    handler = logging.Handler()
    handler.emit = lambda record: notes.append(record.getMessage())
    logging.getLogger("builders").addHandler(handler)
    try:
        version = build(recipe_of("pt", write_rows(folder / "linhas.jsonl", PORTUGUESE)), folder / "versions").version
    finally:
        logging.getLogger("builders").removeHandler(handler)
    return version, folder / "versions", notes


def test_rules_without_words_repair_and_dedup_run_and_nothing_spanish_does(built):
    version, _, _ = built
    ledger = {row["id"]: row for row in version.ledger_by_id().to_dicts()}

    assert {id: row["rule"] for id, row in ledger.items() if row["status"] == "dropped"} == {
        "linha-2": "exact_duplicate",
        "linha-4": "near_duplicate",
        "linha-5": "blank_answer",
        "linha-6": "empty_instruction",
        "linha-7": "broken_text",
    }
    assert {id: row["flags"] for id, row in ledger.items() if row["flags"]} == {"linha-8": ["wrong_arithmetic"]}
    assert {id: row["edits"] for id, row in ledger.items() if row["edits"]} == {"linha-11": ["instruction:entities"]}
    # A Portuguese refusal and a Spanish row: nobody knows the words of the one, nor asks for the language of the other.
    assert ledger["linha-9"]["status"] == ledger["linha-10"]["status"] == "kept"
    assert sorted(version.manifest.rules) == sorted(RULES)


def test_the_build_says_in_one_line_what_is_not_there(built):
    assert of_languages(built[2]) == [SAID]


def test_a_build_of_spanish_rows_says_nothing_of_languages(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "builders"):
        build(small_recipe(write_rows(tmp_path / "filas.jsonl")), tmp_path / "versions")
    assert of_languages(caplog.messages) == []


def test_the_command_shows_it_as_a_note(aguila, tmp_path):
    path = write_rows(tmp_path / "linhas.jsonl", PORTUGUESE)
    shown = aguila("build", "mix", "--from", path, "--set", "language.of=pt", "--out", tmp_path / "versions")
    assert shown.code == 0
    assert f"note: {SAID}" in shown.err.splitlines()


def test_the_card_and_its_metadata_name_the_language_and_claim_nothing_that_was_not_done(built):
    version, _, _ = built
    header, page = (version.path / "README.md").read_text("utf-8").split("---\n", 2)[1:]
    metadata = json.loads((version.path / "croissant.json").read_text("utf-8"))

    assert (yaml.safe_load(header)["language"], yaml.safe_load(header)["tags"]) == (
        ["pt"],
        ["instruction-tuning", "portuguese"],
    )
    assert (metadata["inLanguage"], metadata["keywords"]) == ("pt", ["instruction-tuning", "portuguese"])
    assert [line for line in page.splitlines() if "Spanish" in line] == [
        "- The builder knows no Portuguese yet: the language of the rows was not checked, no rule that reads words ran, and what "
        "instructions begin with is counted by Spanish words."
    ]
    # What was measured on Spanish rows is no measure of these.
    assert (version.manifest.gold, version.manifest.gold_rows) == ({}, 0)
    assert "labelled rows" not in page


def test_the_version_verifies_and_its_rows_are_explained_without_a_language(built):
    version, registry, _ = built
    assert [check for check in verify(version, registry) if not check.ok] == []

    story = explain(version, "linha-9", registry)
    assert (story.language, story.repaired.id) == (None, "linha-9")
    assert [rule.rule for rule in story.rules] == RULES
    assert version.rows().filter(id="linha-9")["prompt"].item().startswith("### Instrucción:\nQue tempo faz")


def test_writing_that_needs_invisible_letters_keeps_them_and_the_build_says_so(tmp_path, caplog):
    # The zero-width non-joiner parts the prefix from its verb; in Spanish rows it is dirt.
    rows = [
        (f"radif-{n}", f"یک جملهٔ ساده با عدد {n} بنویس.", "", f"من هر روز {n} کتاب می\u200cخوانم.") for n in range(2, 6)
    ]
    path = write_rows(tmp_path / "radif.jsonl", rows)
    off = Dedup(enabled=False)
    with caplog.at_level(logging.WARNING, "builders"):
        persian = build(recipe_of("fa", path, dedup=off, split=Split(validation=0)), tmp_path / "versions").version
    (said,) = of_languages(caplog.messages)
    assert said.endswith("; invisible signs stay, for its writing needs them")
    assert persian.rows()["output"].str.contains("\u200c").all()
    swahili = build(
        recipe_of("sw", path, name="sw", dedup=off, split=Split(validation=0)), tmp_path / "versions"
    ).version
    assert not swahili.rows()["output"].str.contains("\u200c").any()
