"""Preference versions from every kind of source, and files of pairs that must be refused."""

import json
from pathlib import Path

import polars as pl
import pytest

from builders.errors import Invalid
from builders.reading.select import Wanted, select
from builders.recipes.loading import load_recipe
from builders.recipes.model import Recipe
from builders.versions.registry import build
from builders.versions.verify import verify
from train.run.data import open_data


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    registry = tmp_path_factory.mktemp("demo")
    return registry, build(load_recipe("demo-preferences"), registry)


@pytest.fixture
def built(tmp_path):
    def run(rows, **changes):
        path = tmp_path / "pairs.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        source = {"kind": "preference-file", "path": str(path), **changes.pop("source", {})}
        recipe = {"kind": "preferences", "name": "p", "source": source, "split": {"validation": 0.0}, **changes}
        return build(Recipe.model_validate(recipe), tmp_path / "out")

    return run


def pair(prompt, chosen, rejected, **more):
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected, **more}


GOOD = pair("¿Qué animal produce la miel?", "Las abejas producen la miel.", "La producen las vacas del prado.", id="a")


def test_rows_are_read_with_both_answers_and_dropped_ones_as_they_were_repaired(built, tmp_path):
    version = built([GOOD, pair("¿Qué es la sal?", "Es sal &amp; nada más.", "Es sal &amp; nada más.", id="b")]).version
    kept, dropped = select(version, Wanted(), tmp_path, str(tmp_path / "pairs.jsonl")).rows

    assert kept.fields()["rejected_output"] == GOOD["rejected"]
    assert (dropped.status, dropped.output, dropped.rejected_output) == ("dropped", *["Es sal & nada más."] * 2)
    assert [one.id for one in select(version, Wanted(status="kept", grep="vacas"), tmp_path).rows] == ["a"]


def reasons(result):
    dropped = result.built.ledger.filter(pl.col("status") == "dropped")
    return dict(dropped.select("id", "rule").iter_rows())


def test_the_demo_has_enough_pairs_each_with_a_reason_and_keeps_them_all(demo):
    registry, result = demo
    rows = result.version.rows()

    assert result.version.manifest.dropped == 0
    assert rows.height >= 120 and (rows["reason"] != "").all()
    assert result.version.statistics().preferences.pairs == rows.height
    assert verify(result.version, registry).result == "same bytes"


def test_length_gives_nothing_away_in_the_demo_and_the_card_says_so(demo):
    version = demo[1].version
    found, card = version.statistics().preferences, (version.path / "README.md").read_text("utf-8")

    assert 0.4 <= found.chosen_longer <= 0.6
    assert f"| pairs whose better answer is longer | {100 * found.chosen_longer:.1f} % |" in card
    assert "| correlation of margin and length | – (0 scored pairs) |" in card
    for title in (
        "where the worse answer comes from",
        "what the worse answer breaks",
        "how the two answers address the reader",
    ):
        assert f"\nPairs: {title}:\n" in card
    assert f"| refusal | {found.rejected_breaks['refusal']} | " in card


def test_pairs_are_opened_by_split_and_instructions_want_another_method(demo):
    registry, result = demo
    pairs = open_data("demo-preferences@1.0.0", registry, kind="preferences")

    assert sum(rows.height for rows in pairs.splits.values()) == result.version.manifest.kept
    with pytest.raises(Invalid, match="aguila train dpo"):
        open_data("demo-preferences@1.0.0", registry)


def test_pairs_of_one_prompt_are_in_one_split(demo):
    splits = demo[1].version.rows().group_by("instruction", "input").agg(pl.col("split").n_unique())

    assert splits["split"].max() == 1


def test_messages_and_repeated_prompts_are_cut(built):
    said = [{"role": "user", "content": "¿Qué gas respiramos?"}]
    answer = {"role": "assistant", "content": "Respiramos sobre todo el oxígeno del aire."}
    other = {"role": "assistant", "content": "Respiramos helio, como los globos de las fiestas."}
    rows = [
        {"chosen": [*said, answer], "rejected": [*said, other], "id": "m"},
        {**GOOD, "chosen": f"{GOOD['prompt']}\n{GOOD['chosen']}"},
    ]
    kept = built(rows).version.rows_by_id()

    assert kept["instruction"].to_list() == [GOOD["prompt"], "¿Qué gas respiramos?"]
    assert kept["output"].to_list() == [GOOD["chosen"], answer["content"]]
    assert kept["rejected_output"][1] == other["content"]


def test_pairs_that_teach_nothing_leave_by_name(built):
    rows = [
        GOOD,
        {**GOOD, "id": "b"},
        pair("Di un color.", "El color azul.", "El  color azul.", id="same"),
        pair("Di un mes.", "El mes de mayo.", "", id="empty"),
        pair("Di una flor.", " ", "La rosa del jardín.", id="nothing"),
        pair("", "Las abejas producen la miel.", "La producen las vacas del prado.", id="unasked"),
        pair("Di un día.", "El lunes.", "El martes.", id="equal", chosen_score=1, rejected_score=1),
        pair("Di un año.", "El año 1999.", "El año 2001.", id="against", chosen_score=1, rejected_score=2),
        pair("¿Té o café?", "Prefiero el té por la tarde.", "Prefiero café siempre.", id="x"),
        pair("¿Té o café?", "Prefiero café siempre.", "Prefiero el té por la tarde.", id="y"),
    ]

    assert reasons(built(rows)) == {
        "b": "exact_duplicate",
        "same": "same_sides",
        "empty": "empty_rejected",
        "nothing": "empty_answer",
        "unasked": "empty_instruction",
        "equal": "equal_scores",
        "against": "scores_against",
        "x": "contradicted",
        "y": "contradicted",
    }


def test_rated_answers_make_a_pair_of_the_best_and_the_worst(built):
    rows = [
        {"prompt": "¿Cuánto es dos más dos?", "text": text, "score": score, "id": str(score)}
        for text, score in (("Dos más dos son cinco.", 1), ("Dos más dos son cuatro.", 5), ("Son tres.", 2))
    ]
    kept = built(rows, source={"columns": {"answer": "text", "score": "score"}}).version.rows()

    assert kept.select("id", "output", "rejected_output", "margin").rows() == [
        ("5", "Dos más dos son cuatro.", "Dos más dos son cinco.", 4.0)
    ]


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([{"prompt": "Hola", "chosen": "Hola."}], "line 1: field 'rejected' is missing"),
        ([{"chosen": "a", "rejected": "b"}], "line 1: field 'prompt' is missing"),
        ([pair("Di un color.", "Azul.", "Azul.")], "no row is left of 1"),
        ([pair("Di un color.", {"a": 1}, "Azul.")], "'chosen' must be text"),
        ([{**GOOD, "chosen_score": "diez", "rejected_score": 1}], "'chosen_score' must be a number"),
    ],
)
def test_files_that_hold_no_pairs_are_refused_in_one_line(built, tmp_path, rows, wrong):
    with pytest.raises(Invalid, match=wrong) as refused:
        built(rows)
    assert "\n" not in str(refused.value)
    assert not list(Path(tmp_path / "out").glob("p/v*"))


def test_held_out_prompts_keep_their_split_and_a_models_answers_need_no_model_again(tmp_path):
    registry = tmp_path / "out"
    sft = build(load_recipe("demo"), registry).version
    rows = sft.rows()
    asked = pl.concat([rows.filter(pl.col("split") == split).head(2) for split in ("validation", "train")])
    made = {"answer": "No sé qué decir de eso, la verdad.", "adapter": "tiny", "seed": 1, "temperature": 0.8}
    lines = [{"id": id, "stopped": "end", **made} for id in asked["id"]]
    lines[-1]["stopped"] = "length"
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    source = {"kind": "answers", "path": str(path), "rows": {"kind": "version", "ref": sft.label}}
    recipe = {"kind": "preferences", "name": "spin", "source": source, "split": {"validation": 0.0}}
    result = build(Recipe.model_validate(recipe), registry)

    assert dict(result.version.rows().select("id", "split").iter_rows()) == dict(
        asked.head(3).select("id", "split").iter_rows()
    )
    assert reasons(result) == {asked["id"][3]: "never_stopped"}
    assert verify(result.version, registry).ok


def test_answers_to_one_prompt_are_judged(tmp_path):
    answers = {
        "r1": "Lo siento, pero como modelo de lenguaje no puedo ayudarte con eso.",
        "r2": "La miel la hacen las abejas.",
    }
    rows = [
        {"id": id, "instruction": "¿Quién hace la miel?", "input": "", "output": one} for id, one in answers.items()
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    source = {"kind": "same-prompt", "rows": {"kind": "file", "path": str(path)}}
    recipe = {"kind": "preferences", "name": "groups", "source": source, "split": {"validation": 0.0}}
    result = build(Recipe.model_validate(recipe), tmp_path / "out")

    (kept,) = result.version.rows().to_dicts()
    assert (kept["parent"], kept["rejected_origin"], kept["rejected_output"]) == ("r2", "row r1", answers["r1"])
    assert kept["margin"] > 0


def test_pairs_of_the_hub_are_pinned_by_their_commit_and_built_again(hub, tmp_path):
    commit = hub.commit("ana/pares", {"pares.jsonl": json.dumps(GOOD)})
    source = {"kind": "preference-hub", "repo": "ana/pares", "revision": commit, "file": "pares.jsonl"}
    recipe = {"kind": "preferences", "name": "p", "source": source, "split": {"validation": 0.0}}
    version = build(Recipe.model_validate(recipe), tmp_path / "out").version

    assert version.recipe.source.revision == commit and version.recipe.source.sha256
    assert version.rows()["output"].to_list() == [GOOD["chosen"]]
    assert verify(version, tmp_path / "out").result == "same bytes"


def test_a_prompt_of_an_evaluation_set_is_no_pair(built, tmp_path):
    asked = "¿Qué guarda el faro más antiguo de la costa norte en su sótano desde el año 1887?"
    (tmp_path / "examen.jsonl").write_text(json.dumps({"question": asked}) + "\n", "utf-8")
    sets = {"sets": [{"name": "examen", "path": str(tmp_path / "examen.jsonl")}]}
    leaked = pair(asked, "Guarda un reloj de bronce.", "No guarda nada.", id="leaked")

    assert reasons(built([GOOD, leaked], decontaminate=sets)) == {"leaked": "contaminated"}
