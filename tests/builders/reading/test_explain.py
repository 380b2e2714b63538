import pytest

from builders.errors import NotFound, Problem
from builders.reading.explain import explain
from builders.recipes.model import Quality, RuleSetting, Sample
from builders.versions.registry import build
from cards.rows.records import KeptRow, Message, RuleScore, Texts
from filters import all_rules
from tests.builders.rows import ROWS, small_recipe, small_version, write_rows


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    return small_version(tmp_path_factory.mktemp("explained"))


@pytest.fixture(scope="module")
def story(version):
    """The story of a row of that version."""
    return lambda id: explain(version, id, version.path.parents[1])


LEDGER_KEYS = ["id", "status", "stage", "rule", "score", "evidence", "duplicate_of", "edits", "flags", "split"]


def entry(story):
    return [getattr(story, key) for key in LEDGER_KEYS]


def test_a_kept_row(story):
    shown = story("fila-1")

    assert entry(shown) == ["fila-1", "kept", None, None, None, None, None, [], [], "train"]
    _, instruction, input, output = ROWS[0]
    source = {"id": "fila-1", "instruction": instruction, "input": input, "output": output}
    assert shown.source == shown.repaired == Texts(**source)
    assert shown.source_sha256 == shown.row_sha256
    assert shown.row == KeptRow(
        **source,
        origin="fila",
        prompt=f"### Instrucción:\n{instruction}\n\n### Entrada:\n\n\n### Respuesta:\n",
        completion=output,
        split="train",
    )
    assert (shown.duplicate_row, shown.note, shown.language.answer) == (None, None, "es")
    assert {rule.action for rule in shown.rules} == {"none"}


def test_an_edited_row_before_and_after(story):
    shown = story("fila-2")

    assert entry(shown) == ["fila-2", "kept", None, None, None, None, None, ["output:entities"], [], "validation"]
    assert shown.source.output == "La merienda de Ana lleva pan &amp; queso, y una manzana."
    assert shown.repaired.output == "La merienda de Ana lleva pan & queso, y una manzana."
    assert shown.row.completion == shown.repaired.output
    assert shown.source_sha256 != shown.row_sha256


def of_rule(shown, name):
    return next(rule for rule in shown.rules if rule.rule == name)


def test_a_flagged_row(story):
    shown = story("fila-3")

    evidence = "english_form: palabras que rimen"
    assert entry(shown) == ["fila-3", "kept", None, None, 1.0, evidence, None, [], ["english_form"], "train"]
    assert of_rule(shown, "english_form") == RuleScore(
        "english_form", 1.0, all_rules()["english_form"].threshold, "flag", "palabras que rimen"
    )


def test_what_decided_and_what_flagged_is_explained(story):
    rule = all_rules()["refusal"]
    (reason,) = story("fila-4").reasons
    assert (reason.rule, reason.reason, reason.version) == ("refusal", rule.reason, rule.version)
    assert (reason.verdict, reason.threshold) == ("drop", rule.threshold)
    assert reason.caught == (rule.caught[0].instruction, rule.caught[0].output)
    assert reason.spared == (rule.spared[0].instruction, rule.spared[0].output)
    assert [one.rule for one in story("fila-3").reasons] == ["english_form"]
    (reason,) = story("fila-8").reasons
    assert (reason.rule, reason.version) == ("near_duplicate", None)
    assert reason.reason.startswith("Another row says nearly the same")


def test_a_row_that_a_rule_dropped(story):
    shown = story("fila-4")

    evidence = "Lo siento, no tengo acceso a información en tiempo real"
    assert entry(shown) == ["fila-4", "dropped", "quality", "refusal", 1.0, evidence, None, [], [], None]
    assert of_rule(shown, "refusal") == RuleScore("refusal", 1.0, all_rules()["refusal"].threshold, "drop", evidence)
    assert (shown.row, shown.source.id) == (None, "fila-4")


def test_a_row_in_another_language(story):
    shown = story("fila-5")

    assert entry(shown)[:4] == ["fila-5", "dropped", "language", "answer_language"]
    language = shown.language
    assert (language.answer, language.answer_score, language.answer_evidence) == (
        "other",
        shown.score,
        shown.evidence,
    )
    assert shown.row is None


@pytest.mark.parametrize(
    ("id", "rule", "duplicate_of"),
    [
        ("fila-6", "exact_duplicate", "fila-1"),
        ("fila-8", "near_duplicate", "fila-7"),
        ("fila-9", "same_prompt", "fila-1"),
    ],
)
def test_a_duplicate_and_the_row_that_was_kept_for_it(story, id, rule, duplicate_of):
    shown = story(id)

    assert entry(shown)[:4] == [id, "dropped", "dedup", rule]
    assert shown.duplicate_of == shown.duplicate_row.id == duplicate_of
    assert shown.duplicate_row.output == {row[0]: row[3] for row in ROWS}[duplicate_of]
    assert shown.row is None


def test_a_row_that_was_not_sampled(tmp_path):
    version = small_version(tmp_path, sample=Sample(rows=6))
    left_out = version.ledger().filter(stage="sample")["id"].item()

    shown = explain(version, left_out, tmp_path / "versions")

    assert entry(shown) == [left_out, "dropped", "sample", "not_sampled", None, None, None, [], [], None]


def test_a_duplicate_that_was_not_sampled_is_told_all_the_same(tmp_path):
    # Of the seven rows that are left, one is sampled; every duplicate's kept row but one has no row in the version.
    version = small_version(tmp_path, sample=Sample(rows=1))
    kept = version.rows()["id"].item()
    id, duplicate_of = ("fila-8", "fila-7") if kept != "fila-7" else ("fila-6", "fila-1")

    shown = explain(version, id, tmp_path / "versions")

    texts = zip(("id", "instruction", "input", "output"), ROWS[int(duplicate_of[5:]) - 1], strict=True)
    assert shown.duplicate_row == Texts(**dict(texts))


def test_every_rule_that_was_applied_is_told_in_the_order_in_which_rules_claim_a_row(version, story):
    applied = version.manifest.rules

    assert [rule.rule for rule in story("fila-1").rules] == [name for name in all_rules() if name in applied]
    assert {"refusal", "english_form"} <= applied.keys()


def test_rules_are_told_as_the_recipe_sets_them(tmp_path):
    quality = Quality(rules={"refusal": RuleSetting(verdict="flag"), "english_form": RuleSetting(enabled=False)})
    version = small_version(tmp_path, quality=quality)

    shown = explain(version, "fila-4", tmp_path / "versions")

    assert (shown.status, shown.flags, of_rule(shown, "refusal").action) == ("kept", ["refusal"], "flag")
    assert "english_form" not in {rule.rule for rule in shown.rules}


def test_a_chat_is_told_message_by_message(tmp_path):
    row = explain(small_version(tmp_path, template="messages"), "fila-11", tmp_path / "versions").row

    assert row.prompt == [Message("user", "Nombra la capital de Chile.")]
    assert row.completion == [Message("assistant", "La capital de Chile es la ciudad de Santiago.")]


@pytest.mark.parametrize(("asked", "near"), [("Fila-12", "fila-12"), ("fila12", "fila-12"), ("fila-012", "fila-12")])
def test_an_unknown_id_names_a_near_one(story, asked, near):
    with pytest.raises(Problem) as problem:
        story(asked)

    assert str(problem.value) == f"{asked!r}: no such row in the source of filas@1.0.0; did you mean {near}?"


def test_among_many_ids_the_near_one_is_found_wherever_it_stands(tmp_path):
    rows = [
        (f"fila-{number}", f"Di la palabra número {number}.", "", f"Palabra {number}") for number in range(1, 3_000)
    ]
    recipe = small_recipe(write_rows(tmp_path / "muchas.jsonl", rows))
    version = build(recipe, tmp_path / "versions").version

    with pytest.raises(Problem, match=r"did you mean fila-2987\?$"):
        explain(version, "fila-02987", tmp_path / "versions")


def test_without_the_source_the_ledger_and_the_version_still_tell_their_part(version, tmp_path):
    shown = explain(version, "fila-2", tmp_path / "no-registry")

    assert entry(shown)[:2] == ["fila-2", "kept"]
    assert shown.row.instruction == "Di qué lleva la merienda de Ana."
    assert [getattr(shown, key) for key in ("source", "repaired", "rules", "language")] == [None] * 4
    assert shown.note.startswith("the source text is not at hand: the source is filas.jsonl (sha256 ")
    assert shown.note.endswith("give it with --from FILE")


def test_another_file_is_not_taken_for_the_source(version, tmp_path):
    other = write_rows(tmp_path / "otras.jsonl", ROWS[1:])

    shown = explain(version, "fila-2", tmp_path, where=str(other))

    assert shown.source is None
    assert "another source than the recipe pins" in shown.note


def test_the_source_may_have_moved(version, tmp_path):
    moved = write_rows(tmp_path / "en-otro-sitio.jsonl")

    assert explain(version, "fila-2", tmp_path, where=str(moved)).note is None


@pytest.mark.parametrize("id", ["7", "fila_7", "Fila-007"])
def test_an_unknown_id_suggests_the_one_with_its_number(story, id):
    with pytest.raises(NotFound, match=rf"'{id}': no such row in the source of filas@1.0.0; did you mean fila-7\?"):
        story(id)


def test_where_no_id_is_near_the_span_of_ids_is_told(story):
    with pytest.raises(
        NotFound,
        match=r"'99999': no such row in the source of filas@1.0.0; its [\d,]+ ids go from fila-\d+ to fila-\d+$",
    ):
        story("99999")


def test_without_its_number_the_most_alike_is_suggested(story):
    with pytest.raises(NotFound, match=r"did you mean fila-1"):
        story("fila-1111")
