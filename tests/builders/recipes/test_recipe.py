import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.errors import Problem
from builders.recipes.loading import load_recipe, recipe_from_yaml, shipped_recipes
from builders.recipes.model import Card, Near, Recipe

COMMIT = "3698480a001cb3f62c61c314d4acb181eb31e983"


@pytest.fixture
def recipe(tmp_path):
    """Write a recipe and load it."""

    def load(text, *overrides, name="receta.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return load_recipe(str(path), overrides)

    return load


# ---- shipped recipes -------------------------------------------------------------------------------------------------


def test_the_shipped_recipes_are_these():
    assert shipped_recipes() == ["bactrian-x", "demo", "demo-preferences", "es-50k", "es-full", "mix", "seed-2024"]


@pytest.mark.parametrize("name", shipped_recipes())
def test_every_shipped_recipe_loads_under_its_own_name(name):
    assert load_recipe(name).name == name
    assert load_recipe(f"{name}.yaml") == load_recipe(name)


@pytest.mark.parametrize("name", ["es-50k", "es-full", "seed-2024"])
def test_recipes_of_bactrian_x_pin_one_file_at_one_commit(name):
    source = load_recipe(name).source

    assert (source.kind, source.repo, source.revision, source.file) == (
        "hub",
        "MBZUAI/Bactrian-X",
        COMMIT,
        "data/es.json.gz",
    )
    assert load_recipe(name).card.license == "cc-by-nc-4.0"


def test_the_recipe_of_all_languages_reads_the_file_of_each_at_the_same_commit():
    recipe, spanish = load_recipe("bactrian-x"), load_recipe("es-full")

    assert (len(recipe.language.codes), recipe.source.file) == (52, "data/{language}.json.gz")
    same = {"language": spanish.language, "name": "es-full", "card": spanish.card, "source": spanish.source}
    assert recipe.model_copy(update=same) == spanish
    assert recipe.source.model_copy(update={"file": spanish.source.file}) == spanish.source


def test_es_50k_takes_50_000_filtered_rows_by_hash():
    shipped = load_recipe("es-50k")

    assert (shipped.sample.rows, shipped.sample.method, shipped.sample.shortfall) == (50_000, "hash", "error")
    assert shipped.template == "instruccion"
    assert shipped.repair.enabled and shipped.language.enabled and shipped.quality.enabled and shipped.dedup.enabled


def test_es_full_takes_all_rows_that_survive():
    assert load_recipe("es-full").sample.rows is None


def test_seed_2024_takes_the_first_50_000_rows_unfiltered_in_alpaca():
    shipped = load_recipe("seed-2024")

    assert (shipped.sample.rows, shipped.sample.method, shipped.template) == (50_000, "first", "alpaca")
    assert not any((shipped.repair.enabled, shipped.language.enabled, shipped.quality.enabled, shipped.dedup.enabled))


# ---- extends and --set -----------------------------------------------------------------------------------------------


def test_extends_keeps_what_it_does_not_change(recipe):
    child = recipe("extends: es-50k\nname: mio\nsample: {seed: 7}\ncard: {title: Otro}\n")
    parent = load_recipe("es-50k")

    assert (child.name, child.sample.seed, child.card.title) == ("mio", 7, "Otro")
    assert (child.sample.rows, child.source, child.card.tags) == (50_000, parent.source, parent.card.tags)


def test_a_source_of_another_kind_replaces_the_whole_source(recipe):
    assert recipe("extends: es-full\nname: mio\nsource: {kind: demo}\n").source.kind == "demo"


def test_extends_is_relative_to_the_recipe_that_says_it(recipe, tmp_path):
    recipe("name: base\ntemplate: bactrian\n", name="base.yaml")
    recipe("extends: ../base.yaml\nname: medio\nsplit: {test: 0.1}\n", name="dentro/medio.yaml")

    last = recipe("extends: dentro/medio.yaml\nname: final\n", name="final.yaml")

    assert (last.name, last.template, last.split.test) == ("final", "bactrian", 0.1)


def test_two_recipes_of_one_name_in_two_folders_make_no_circle(recipe):
    recipe("name: base\ntemplate: bactrian\n", name="dentro/final.yaml")

    assert recipe("extends: dentro/final.yaml\nname: final\n", name="final.yaml").template == "bactrian"


def test_a_file_in_the_way_does_not_change_what_a_shipped_recipe_extends(tmp_path, monkeypatch):
    (tmp_path / "es-full").write_text("name: impostor\n")
    monkeypatch.chdir(tmp_path)

    assert load_recipe("es-50k").source.repo == "MBZUAI/Bactrian-X"


def test_overrides_change_single_values(recipe):
    changed = recipe(
        "name: x\n", "dedup.near.threshold=0.7", "sample.rows=10", "card.tags=[a, b]", "quality.rules.refusal=false"
    )

    assert changed.dedup.near == Near(threshold=0.7)
    assert (changed.sample.rows, changed.card.tags) == (10, ("a", "b"))
    assert not changed.quality.rules["refusal"].enabled


def test_a_later_override_wins(recipe):
    assert recipe("name: x\n", "sample.rows=10", "sample.rows=null").sample.rows is None


# ---- canonical form --------------------------------------------------------------------------------------------------


def test_the_hash_is_that_of_the_canonical_json(recipe):
    one = recipe("name: x\n")

    assert one.sha256() == hashlib.sha256(one.canonical().encode()).hexdigest()
    assert json.loads(one.canonical())["dedup"]["near"]["threshold"] == 0.8


def test_the_order_of_keys_and_what_is_said_anyway_change_nothing(recipe):
    one = recipe("name: x\nsample: {rows: 5, seed: 3}\nquality: {rules: {refusal: false, mojibake: {verdict: flag}}}\n")
    other = recipe(
        "quality: {rules: {mojibake: {verdict: flag}, refusal: {enabled: false}}}\n"
        "sample: {seed: 3, rows: 5, method: hash}\nname: x\n"
    )

    assert (one.sha256(), one.to_yaml()) == (other.sha256(), other.to_yaml())


def test_where_the_source_lies_is_not_part_of_a_recipe(recipe):
    here = recipe("name: x\nsource: {kind: file, path: aquí/filas.jsonl}\n")
    there = recipe("name: x\nsource: {kind: file, path: /allá/filas.jsonl}\n")

    assert here.sha256() == there.sha256()
    assert "filas" not in here.canonical() + here.to_yaml()


def test_any_changed_value_changes_the_hash(recipe):
    hashes = {recipe("name: x\n", override).sha256() for override in ("split.seed=1", "split.test=0.1", "name=y")}

    assert len(hashes | {recipe("name: x\n").sha256()}) == 4


@given(
    title=st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    tags=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), max_size=3),
    threshold=st.floats(0, 1, exclude_min=True),
    seed=st.integers(),
)
def test_a_recipe_comes_back_from_its_yaml(title, tags, threshold, seed):
    one = Recipe.model_validate(
        {
            "name": "x",
            "card": {"title": title, "tags": tags},
            "dedup": {"near": {"threshold": threshold}},
            "split": {"seed": seed},
        }
    )

    assert recipe_from_yaml(one.to_yaml(), "ida y vuelta") == one


@pytest.mark.parametrize("name", shipped_recipes())
def test_a_shipped_recipe_comes_back_from_its_yaml(name):
    one = load_recipe(name)

    assert recipe_from_yaml(one.to_yaml(), name).sha256() == one.sha256()


def test_recipes_do_not_change(recipe):
    with pytest.raises(ValueError, match="frozen"):
        recipe("name: x\n").card.title = "otro"
    assert recipe("name: x\n").card == Card()


# ---- typos -----------------------------------------------------------------------------------------------------------

WRONG = {
    "unknown key": (
        "name: x\ndedupp: {}\n",
        ("unknown key dedupp", "did you mean dedup?", "known here: kind, name, source"),
    ),
    "unknown key further down": (
        "name: x\ndedup: {near: {treshold: 0.7}}\n",
        ("unknown key dedup.near.treshold", "did you mean threshold?", "known here: enabled, threshold"),
    ),
    "unknown key of a rule": (
        "name: x\nquality: {rules: {refusal: {veredict: flag}}}\n",
        ("unknown key quality.rules.refusal.veredict", "did you mean verdict?"),
    ),
    "misspelt key that is needed": (
        "name: x\nsource: {kind: hub, repoo: a/b, revision: main, file: f}\n",
        ("unknown key source.repoo", "did you mean repo?"),
    ),
    "wrong type": ("name: x\nsample: {rows: muchas}\n", ("sample.rows", "valid integer", "not 'muchas'")),
    "value out of range": ("name: x\ndedup: {near: {threshold: 1.5}}\n", ("dedup.near.threshold", "1", "not 1.5")),
    "unknown choice": ("name: x\nsample: {shortfall: todo}\n", ("sample.shortfall", "'error' or 'all'", "not 'todo'")),
    "value where keys belong": ("name: x\ndedup: false\n", ("dedup: must be a mapping of keys", "not False")),
    "nothing left for train": (
        "name: x\nsplit: {validation: 0.6, test: 0.4}\n",
        ("split: validation and test together must leave something for train",),
    ),
    "name that is no folder": ("name: ../x\n", ("name: ", "not '../x'")),
    "no name": ("template: alpaca\n", ("name is missing",)),
    "unknown source kind": (
        "name: x\nsource: {kind: hubb}\n",
        ("unknown source.kind 'hubb'", "did you mean hub?", "there are demo, file, hub, version"),
    ),
    "no source kind": (
        "name: x\nsource: {path: f.jsonl}\n",
        ("source.kind is missing", "there are demo, file, hub, version"),
    ),
    "source without keys": ("name: x\nsource: demo\n", ("source: must be a mapping of keys", "not 'demo'")),
    "floating revision": (
        "name: x\nsource: {kind: hub, repo: a/b, revision: main, file: f}\n",
        ("source.revision", "a commit's 40 hexadecimal digits", "not 'main'"),
    ),
    "one column for two fields": (
        "name: x\nsource: {kind: file, columns: {instruction: texto, output: texto}}\n",
        ("source.columns: each field needs a column of its own", "id, texto, input, texto"),
    ),
    "key twice": ("name: x\nname: y\n", ("line 2", "key 'name' is given twice", "correct it there")),
    "key twice further down": ("name: x\ncard:\n  title: a\n  title: b\n", ("line 4", "key 'title' is given twice")),
    "cut off": ("name: [x\n", ("line 2", "not YAML", "expected ',' or ']'")),
    "tab": ("name: x\n\ttemplate: alpaca\n", ("line 2", "not YAML", "'\\t'")),
    "date that does not exist": ("name: 2024-13-45\n", ("not YAML", "month must be in 1..12")),
    "mapping as a key": ("{a: b}: c\n", ("line 1", "not YAML", "unhashable key")),
    "half a character": ('name: x\ncard: {title: "\\ud800"}\n', ("half a character", "'\\ud800'")),
    "list": ("- name: x\n", ("must be a mapping of keys to values", "such as `name: my-dataset`")),
    "empty": ("", ("must be a mapping of keys to values",)),
    "extends a list": ("extends: [a, b]\nname: x\n", ("extends must be the name or path of one recipe", "['a', 'b']")),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_recipe_is_refused_in_one_line(refused, tmp_path, case):
    text, parts = WRONG[case]
    path = tmp_path / "receta.yaml"
    path.write_text(text, "utf-8")

    line = refused(recipe=path)

    assert line.startswith(f"recipe {path}")
    assert [part for part in parts if part not in line] == []


def test_a_recipe_that_is_not_utf_8_is_refused(refused, tmp_path):
    path = tmp_path / "receta.yaml"
    path.write_bytes("name: x # año\n".encode("latin-1"))

    assert refused(recipe=path) == f"recipe {path}: not UTF-8 text (byte 11); save it as UTF-8"


@pytest.mark.parametrize(
    "card", ["\n  title: Filas: mías", "\n  title: @mías", "\n  title: `mías`", "\n  {title: Filas: mías}"]
)
def test_a_value_that_needs_quotes_says_so(refused, tmp_path, card):
    path = tmp_path / "receta.yaml"
    path.write_text(f"name: x\nextends: mix\ncard:{card}\n", "utf-8")

    line = refused(recipe=path)

    assert line.startswith(f"recipe {path}, line 4: not YAML that can be read: ")
    assert line.endswith('; put the value in quotes, such as title: "Rows: mine"')


@pytest.mark.parametrize(("title", "read"), [("no", "False"), ("2024", "2024"), ("1.10", "1.1")])
def test_a_value_that_yaml_takes_for_no_text_says_so(refused, tmp_path, title, read):
    path = tmp_path / "receta.yaml"
    path.write_text(f"name: x\nextends: mix\ncard:\n  title: {title}\n", "utf-8")

    assert refused(recipe=path).endswith(
        f"card.title: Input should be a valid string, not {read}; "
        "put it in quotes: YAML reads numbers, and words such as no, as something else than text"
    )


def test_recipes_that_extend_each_other_are_refused(refused, tmp_path):
    (tmp_path / "uno.yaml").write_text("extends: dos.yaml\nname: x\n")
    (tmp_path / "dos.yaml").write_text("extends: ./uno.yaml\nname: y\n")

    line = refused(recipe=tmp_path / "uno.yaml")

    assert line == "recipe ./uno.yaml: extends goes in a circle: uno.yaml → dos.yaml → uno.yaml; remove one extends"


def test_a_recipe_that_is_nowhere_names_the_nearest_shipped_one(refused):
    assert refused(recipe="es-50") == (
        "recipe es-50: no such file, and no shipped recipe has that name; did you mean es-50k?; "
        "shipped: bactrian-x, demo, demo-preferences, es-50k, es-full, mix, seed-2024"
    )


def test_a_path_that_is_not_there_is_no_shipped_recipe(refused, tmp_path):
    line = refused(recipe=tmp_path / "demo.yaml")

    assert line.startswith(f"recipe {tmp_path / 'demo.yaml'}: no such file")


def test_an_extended_recipe_that_is_not_there_is_named(refused, tmp_path):
    path = tmp_path / "receta.yaml"
    path.write_text("extends: nada.yaml\nname: x\n")

    assert refused(recipe=path).startswith(f"recipe {path}: extends: recipe nada.yaml: no such file")


WRONG_OVERRIDES = {
    "dedup.near.threshold": "--set dedup.near.threshold: must read KEY=VALUE, such as dedup.near.threshold=0.7",
    "=0.7": "--set =0.7: must read KEY=VALUE, such as dedup.near.threshold=0.7",
    "sample.rows=[": "--set sample.rows=[: the value is not YAML that can be read: expected the node content, but found '<stream end>'; quote it if it is text",
    "card.title=2024-13-45": "--set card.title=2024-13-45: the value is not YAML that can be read: month must be in 1..12; quote it if it is text",
    "card.title=Filas: mías": "--set card.title=Filas: mías: the value reads as a mapping; quote it: --set 'card.title=\"…\"'",
    "dedup.near.treshold=0.7": (
        "recipe demo: unknown key dedup.near.treshold; did you mean threshold?; "
        "known here: enabled, threshold, part_threshold, ngram"
    ),
    "sample.rows=muchas": "recipe demo: sample.rows: Input should be a valid integer, not 'muchas'",
}


@pytest.mark.parametrize("override", WRONG_OVERRIDES)
def test_a_wrong_override_is_refused_in_one_line(refused, override):
    assert refused("--set", override, recipe="demo").startswith(WRONG_OVERRIDES[override])


def test_an_unknown_rule_names_the_nearest_one(refused):
    line = refused("--set", "quality.rules.refusall=false", recipe="demo")

    assert line == ("recipe: unknown rule quality.rules.refusall; did you mean refusal?; `aguila rules` lists them")


def test_an_unknown_template_names_the_nearest_one(refused):
    line = refused("--set", "template=alpca", recipe="demo")

    assert line.startswith(
        "recipe demo: unknown template 'alpca'; did you mean alpaca?; there are instruccion, instruccion-breve"
    )


def test_a_problem_is_what_a_library_user_catches():
    with pytest.raises(Problem, match="no such file"):
        load_recipe("nada")


def test_files_that_a_recipe_names_lie_beside_it(tmp_path, monkeypatch):
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "mine.yaml").write_text(
        "name: mine\nsource: {kind: file, path: rows.csv, parallel: {kind: file, path: en.csv}}\n"
        "decontaminate: {sets: [{name: exam, path: exam.jsonl}]}\n",
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    recipe = load_recipe("recipes/mine.yaml")
    assert recipe.source.path == "recipes/rows.csv"
    assert recipe.source.parallel.path == "recipes/en.csv"
    assert recipe.decontaminate.sets[0].path == "recipes/exam.jsonl"
    assert load_recipe("recipes/mine.yaml", ["source.path=here.csv"]).source.path == "here.csv"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "{kind: hub, repo: a/b, revision: main, file: c.json}",
            "source.revision: must be a commit's 40 hexadecimal digits (a branch or a tag can move), not 'main'",
        ),
        (
            "{kind: hub, repo: solo, revision: " + "0" * 40 + ", file: c.json}",
            "source.repo: must be OWNER/NAME, not 'solo'",
        ),
        ("{kind: file, path: x.csv, sha256: abc}", "source.sha256: must be 64 hexadecimal digits, not 'abc'"),
    ],
)
def test_a_value_of_the_wrong_shape_is_told_the_right_one(tmp_path, source, told):
    recipe = tmp_path / "r.yaml"
    recipe.write_text(f"name: r\nsource: {source}\n", "utf-8")
    with pytest.raises(Problem) as problem:
        load_recipe(str(recipe))

    assert str(problem.value) == f"recipe {recipe}: {told}"


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ('title: "a\\n# b"', "card.title: must be on one line, without control characters"),
        ('title: "\\e[2J"', "card.title: must be on one line, without control characters"),
        ('license_link: "a\\rb"', "card.license_link: must be on one line"),
        ('attribution: ["a\\nb"]', "card.attribution: must be on one line"),
        ('tags: ["<!-- aguila:address -->"]', "card.tags: must not hold the marks by which a card is divided"),
        ('summary: "x <!-- /aguila:editable --> y"', "card.summary: must not hold the marks"),
    ],
)
def test_what_a_recipe_says_for_the_card_leaves_its_parts_where_they_are(refused, tmp_path, card, told):
    (tmp_path / "receta.yaml").write_text(f"name: x\ncard: {{{card}}}\n", "utf-8")

    assert told in refused(recipe=tmp_path / "receta.yaml")
