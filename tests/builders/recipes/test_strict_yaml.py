"""YAML that was written to stop a reader: bounded before a value is made, and one line says what is wrong."""

import time

import pytest
import yaml

from builders.errors import Problem
from builders.recipes import strict_yaml
from builders.recipes.loading import load_recipe, recipe_from_yaml
from builders.recipes.model import Recipe
from builders.recipes.strict_yaml import LONGEST, load_yaml


def bomb(levels):
    """A list of nine lists of nine lists …, each the one before it nine times over."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]" for at in range(1, levels)]
    return "\n".join(lines)


REFUSED = {
    "an alias bomb": (bomb(9), "aliases that stand for more than 100,000 values"),
    "an alias bomb of merges": (
        "a0: &a0 {x: 1, y: 2}\n" + "\n".join(f"a{at}: &a{at} {{<<: [{', '.join([f'*a{at - 1}'] * 9)}]}}" for at in range(1, 8)),
        "aliases that stand for more than 100,000 values",
    ),
    "a long text": (f"a: {'x' * LONGEST}", "1,048,579 characters, and 1,048,576 are the most"),
    "a list in itself": ("&a [*a]", "a value that holds itself by an alias"),
    "a merge with itself": ("&a\nname: x\n<<: *a\n", "a value that holds itself by an alias"),
    "deep brackets": ("[" * 100_000, "nested too deeply"),
    "a long decimal number": ("a: 1" + "0" * 5_000, "a number of 5,001 characters"),
    "a long hexadecimal number": ("a: 0x" + "f" * 5_000, "a number of 5,002 characters"),
    "a number to the base of sixty": ("a: 1" + ":59" * 5_000, "a number of 15,001 characters"),
    "a tag": ("a: !!map x", "the tag tag:yaml.org,2002:map, and a recipe has no tags"),
    "a tag of an empty number": ("a: !!int ''", "and a recipe has no tags"),
    "a tag of Python": ("a: !!python/object/apply:os.system [ls]", "and a recipe has no tags"),
    "a key twice": ("a: 1\na: 2\n", "key 'a' is given twice"),
    "a list as a key": ("? [a]\n: b\n", "found unhashable key"),
    "a date that does not exist": ("a: 2024-13-45", "month must be in 1..12"),
    "a control character": ("a: \x07", "special characters are not allowed"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_refused_soon(text, problem):
    begun = time.process_time()
    with pytest.raises(yaml.YAMLError) as error:
        load_yaml(text)

    assert problem in str(error.value)
    assert time.process_time() - begun < 15


def test_many_values_are_refused(monkeypatch):
    monkeypatch.setattr(strict_yaml, "MOST_VALUES", 1_000)
    with pytest.raises(yaml.YAMLError, match="more than 1,000 values"):
        load_yaml(f"a: [{'1,' * 1_000}]")


READ = {
    "aliases": ("a: &x [1, 2]\nb: *x\n", {"a": [1, 2], "b": [1, 2]}),
    "a merge": ("a: &x {b: 1}\nc: {<<: *x, d: 2}\n", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
    "a mark of the byte order": ("\ufeffname: x\n", {"name": "x"}),
    "old line ends": ("name: x\rb: y\r", {"name": "x", "b": "y"}),
    "a line separator": ("name: x\u2028b: y\n", {"name": "x", "b": "y"}),
    "a large number": ("a: 18446744073709551616", {"a": 2**64}),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("text", "value"), READ.values(), ids=READ)
def test_what_is_read(text, value):
    assert load_yaml(text) == value


@pytest.mark.parametrize("levels", [4, 9])
def test_an_error_quotes_little_of_a_value(levels, tmp_path):
    path = tmp_path / "receta.yaml"
    path.write_text(f"name:\n  {bomb(levels)}\n".replace("\n", "\n  ").rstrip() + "\n", "utf-8")

    for read in (lambda: load_recipe(str(path)), lambda: recipe_from_yaml(path.read_text("utf-8"), str(path))):
        with pytest.raises(Problem) as problem:
            read()
        assert len(str(problem.value)) < len(str(path)) + 200


# ---- recorded recipes ------------------------------------------------------------------------------------------------

HASH = "a" * 64
PLACES = {
    "source.path": {"source": {"kind": "file", "path": "/dev/zero", "name": "x.jsonl", "sha256": HASH}},
    "source.ref": {"source": {"kind": "version", "ref": "/etc"}},
    "source.parallel.path": {
        "source": {"kind": "file", "name": "x", "sha256": HASH, "parallel": {"kind": "file", "path": "/etc/passwd"}}
    },
    "decontaminate.sets.path": {"decontaminate": {"sets": [{"name": "xquad", "path": "/etc/passwd"}]}},
}


@pytest.mark.parametrize(("key", "values"), PLACES.items(), ids=PLACES)
def test_a_recorded_recipe_names_no_place(key, values):
    text = yaml.safe_dump({"name": "ajena", **values})

    with pytest.raises(Problem) as problem:
        recipe_from_yaml(text, "versions/ajena/v1.0.0/recipe.yaml")

    assert str(problem.value) == (
        f"versions/ajena/v1.0.0/recipe.yaml: names a place with {key}, and no version records one; do not trust this "
        "version; fetch or build it again"
    )
    assert Recipe.model_validate({"name": "ajena", **values}), "a recipe that people write may name one"


@pytest.mark.parametrize("file", ["../../etc/passwd", "/etc/passwd", "a/../b", "a//b", "a\nb", "a\0b", ""])
def test_a_file_of_a_repository_lies_within_it(file, tmp_path):
    path = tmp_path / "receta.yaml"
    source = {"kind": "hub", "repo": "ana/filas", "revision": "a" * 40, "file": file}
    path.write_text(yaml.safe_dump({"name": "ajena", "source": source}), "utf-8")

    with pytest.raises(Problem, match=r"source\.file: must be the path of a file within the repository"):
        load_recipe(str(path))
