import copy
import json
import re

import msgspec
import pytest

from builders.errors import Invalid, NotFound, OtherFormat, Problem
from builders.identifiers import FIRST
from builders.manifest import Contents, Manifest, TemplateRecord, parse_manifest, read_manifest
from builders.records import LARGEST, NotARecord, plain, to_json
from builders.schema import FORMAT
from builders.stages.templates import TEMPLATES, template_named
from tests.builders.rows import small_version

AGAIN = "; fetch or build the version again"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    return small_version(tmp_path_factory.mktemp("manifiesto")).manifest


@pytest.fixture
def values(manifest):
    """The manifest as plain values, for the test to spoil."""
    return copy.deepcopy(plain(manifest))


def refusal(data, kind=Invalid):
    """What is said of bytes, or values, that are no manifest; one line, and of exactly this class."""
    with pytest.raises(Problem) as problem:
        parse_manifest(data if isinstance(data, bytes) else json.dumps(data).encode(), "aquí")
    assert type(problem.value) is kind
    line = str(problem.value)
    assert line.startswith("aquí: ") and "\n" not in line and len(line) < 400
    return line.removeprefix("aquí: ")


# ---- what is one -----------------------------------------------------------------------------------------------------


def test_a_manifest_comes_back_from_its_json(manifest):
    again = parse_manifest(to_json(manifest).encode(), "aquí")

    assert again == manifest
    assert to_json(again) == to_json(manifest)
    assert again.number == FIRST


def test_a_manifest_is_what_its_file_holds(manifest, tmp_path):
    (tmp_path / "manifest.json").write_text(to_json(manifest), "utf-8")

    assert read_manifest(tmp_path / "manifest.json") == manifest


def test_json_is_sorted_and_indented_and_holds_letters_as_they_are(manifest):
    text = to_json(manifest)

    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    assert to_json({"b": "ñ", "a": (1,)}) == '{\n  "a": [\n    1\n  ],\n  "b": "ñ"\n}\n'


def test_nothing_of_a_manifest_can_be_changed(manifest):
    with pytest.raises(AttributeError):
        manifest.kept = 0
    with pytest.raises(AttributeError):
        manifest.template.chat = True


def test_a_manifest_is_written_by_any_software_of_its_format(values):
    """Order and space are nobody's business, and numbers that are whole may be written so."""
    values["rules"] = {name: {**rule, "threshold": 1} for name, rule in values["rules"].items()}
    data = json.dumps(dict(reversed(values.items())), indent=None).encode()

    assert {rule.threshold for rule in parse_manifest(data, "aquí").rules.values()} == {1.0}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_recorded_template_is_the_template(name):
    record = TemplateRecord.of(template_named(name))

    assert record.template() == template_named(name)
    assert msgspec.json.decode(msgspec.json.encode(record), type=TemplateRecord) == record


def test_a_recorded_template_that_was_changed_is_refused():
    record = TemplateRecord.of(template_named("instruccion"))
    changed = msgspec.structs.replace(record, before=record.before + " ")

    with pytest.raises(Invalid, match="the recorded template is not what its hash says; build or fetch it again"):
        changed.template()


# ---- fields ----------------------------------------------------------------------------------------------------------

LOOKED_FOR = {"name", "version", "content_sha256", "files"}  # without these it does not even look like one
OPTIONAL = {"labels"}  # of a version that was made without, it is not there
FIELDS = [name for name in (*Contents.__struct_fields__, "version", "card_sha256", "files") if name not in OPTIONAL]


def test_these_are_all_fields(values):
    assert {*FIELDS} == {*Manifest.__struct_fields__} - OPTIONAL == values.keys()


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_is_missing_is_named(values, field):
    del values[field]

    kind = NotARecord if field in LOOKED_FOR | {"format"} else Invalid
    assert f"`{field}`" in refusal(values, kind)


@pytest.mark.parametrize("wrong", [None, True, -1, 1.5, "nada", [], [1], {"a": None}], ids=repr)
@pytest.mark.parametrize("field", [field for field in FIELDS if field not in ("recipe", "source")])
def test_a_field_of_another_type_is_named(values, field, wrong):
    right = values[field]
    if isinstance(wrong, type(right)) and not isinstance(right, bool | int):
        if isinstance(right, dict) or not wrong:
            wrong = {"../x": None} if isinstance(right, dict) else [None]
        elif isinstance(right, str) and field == "name":
            wrong = "Nada"
    values[field] = wrong

    if field == "format" and wrong == -1:
        assert refusal(values, OtherFormat).startswith("written in format -1")
        return
    kind = Invalid if field not in LOOKED_FOR | {"format"} or _looks_right(field, wrong) else NotARecord
    line = refusal(values, kind)
    assert (
        f"$.{field}" in line
        or (field == "version" and "is no version number" in line)
        or (field == "files" and "it names a file that cannot belong to it" in line)
    )
    assert line.endswith(AGAIN)


def _looks_right(field, value):
    return (field in ("name", "version") and isinstance(value, str)) or (field == "files" and isinstance(value, dict))


INSIDE = [
    ("splits", "train", -1),
    ("splits", "train", "4"),
    ("stages", 0, {"stage": "read", "rows_in": 1}),
    ("stages", 0, {"stage": 1, "rows_in": 1, "rows_out": 1}),
    ("stages", 0, {"stage": "read", "rows_in": 1, "rows_out": 1, "más": 1}),
    ("rules", "refusal", {}),
    ("rules", "refusal", None),
    ("charts", "funnel", 1),
    ("gold", "refusal", {"true_positives": 1}),
    ("template", "chat", "no"),
    ("template", "sha256", "a" * 63),
    ("template", "nuevo", 1),
    ("columns", 0, None),
    ("sizes", "default", {"train": 7}),
    ("models", "fasttext", "x" * 201),
    ("software", "polars", None),
    ("files", "README.md", {"bytes": 1}),
    ("files", "README.md", {"bytes": -1, "sha256": "a" * 64}),
    ("files", "README.md", {"bytes": 1, "sha256": "A" * 64}),
    ("files", "README.md", {"bytes": 1, "sha256": "a" * 64 + "\n"}),
]


@pytest.mark.parametrize(("field", "key", "wrong"), INSIDE, ids=lambda value: json.dumps(value)[:60])
def test_what_is_wrong_inside_a_field_is_named(values, field, key, wrong):
    values[field][key] = wrong

    assert f"$.{field}" in refusal(values)


@pytest.mark.parametrize(
    ("part", "key", "wrong", "named"),
    [
        ("recipe", "name", "No es", "recipe.name: "),
        ("recipe", "dedup", {"near": {"threshold": "mucho"}}, "recipe.dedup.near.threshold: "),
        ("recipe", "nuevo", 1, "recipe.nuevo: "),
        ("recipe", "source", 3, "recipe.source"),
        ("source", "kind", "nada", "kind"),
        ("source", "sha256", "a", "sha256: "),
    ],
)
def test_what_is_wrong_in_the_recorded_recipe_is_named(values, part, key, wrong, named):
    values[part][key] = wrong

    line = refusal(values)
    assert line.startswith("not sound (") and named in line and line.endswith(AGAIN)


@pytest.mark.parametrize("part", ["recipe", "source"])
@pytest.mark.parametrize("wrong", [None, 3, "nada", [], {}], ids=repr)
def test_a_recorded_recipe_that_is_none(values, part, wrong):
    values[part] = wrong

    assert refusal(values).startswith("not sound (")


@pytest.mark.parametrize(
    "name",
    [
        "../README.md",
        "/etc/passwd",
        ".gitattributes",
        "data/../x",
        "a//b",
        "a\\b",
        "",
        "data/*",
        "ñ",
        "x\n",
        "x/" * 4 + "x",
        "x" * 101,
    ],
)
def test_a_file_that_no_version_has_is_not_named_to_anyone(values, name):
    values["files"][name] = {"bytes": 1, "sha256": "a" * 64}

    assert refusal(values) == f"not sound (it names a file that cannot belong to it){AGAIN}"


@pytest.mark.parametrize("version", ["1.0", "v1.0.0.0", "", "1.0.0\n", "main"])
def test_a_version_that_is_no_number_is_named(values, version):
    values["version"] = version

    assert refusal(values) == f"not sound ({version!r} is no version number){AGAIN}"


def test_a_field_that_nobody_knows_is_named(values):
    values["nuevo"] = 1

    assert refusal(values) == f"not sound (Object contains unknown field `nuevo`){AGAIN}"


# ---- formats ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (FORMAT - 1, "build the version again with this software"),
        (0, "build the version again with this software"),
        (FORMAT + 1, "upgrade aguila-data"),
        (10**9, "upgrade aguila-data"),
    ],
)
def test_another_format_is_told_from_a_broken_file_whatever_else_it_holds(values, number, hint):
    values["format"] = number
    del values["kept"]
    values["nuevo"] = 1

    said = f"written in format {number}, this software reads {FORMAT}; {hint}"
    assert refusal(values, OtherFormat) == said


# ---- what anyone may send --------------------------------------------------------------------------------------------


def spoiled(manifest, field, value):
    """The bytes of a manifest with one field's value written as it stands here."""
    text, times = re.subn(
        rf'(?m)^  "{field}": .+?(,?)$', lambda found: f'  "{field}": {value}{found[1]}', to_json(manifest)
    )
    assert times == 1
    return text.encode()


@pytest.mark.parametrize(
    "value", ["1" + "0" * 400, "1e400", "9007199254740993", "-0.5", "NaN", "Infinity", "1" + "0" * 5_000]
)
def test_a_count_beyond_all_counts_is_named(manifest, value):
    kind = NotARecord if value in ("NaN", "Infinity") else Invalid  # that is no JSON
    line = refusal(spoiled(manifest, "kept", value), kind)

    assert "$.kept" in line or "malformed" in line or "out of range" in line


@pytest.mark.parametrize(
    "deep", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000, "[" * 100_000]
)
@pytest.mark.parametrize("field", ["kept", "nuevo"])
def test_what_is_nested_too_deeply_is_refused(manifest, deep, field):
    data = (
        spoiled(manifest, "kept", deep) if field == "kept" else f'{{"nuevo": {deep}, {to_json(manifest)[1:]}'.encode()
    )

    with pytest.raises(Invalid) as problem:
        parse_manifest(data, "aquí")
    assert "nested too deeply" in str(problem.value) or "truncated" in str(problem.value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe{}",
        b"{",
        b"[]",
        b"3",
        b"null",
        b'"nada"',
        b"{} {}",
        b"\x00",
        b"PAR1",
        b"# README",
        b'{"name": "filas"}',
    ],
    ids=repr,
)
def test_what_does_not_even_look_like_one(data):
    line = refusal(data, NotARecord)

    assert line.startswith("not the manifest of a version (") and line.endswith(AGAIN)


def test_text_that_is_no_utf_8_is_refused(manifest):
    data = to_json(manifest).encode()
    for spoiled_data in (data.replace(b'"instruction"', b'"instr\xffction"', 1), data.decode().encode("utf-16")):
        assert spoiled_data != data
        with pytest.raises(Invalid) as problem:
            parse_manifest(spoiled_data, "aquí")
        assert str(problem.value).isascii() is False and "\ufffd" not in str(problem.value)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('  "kept": ', '  "kept": 0,\n  "kept": ', "kept"),
        ('  "card_sha256"', '  "files": {},\n  "card_sha256"', "files"),
        ('  "splits": {', '  "splits": {\n    "train": 1,', "train"),
        (
            '    "README.md": ',
            f'    "README.md": {{"bytes": 1, "sha256": "{"a" * 64}"}},\n    "README.md": ',
            "README.md",
        ),
        ('      "sha256": ', f'      "sha256": "{"a" * 64}",\n      "sha256": ', "sha256"),
    ],
)
def test_a_key_that_is_given_twice_is_named(manifest, old, new, key):
    """Two readers might take it for two different values."""
    data = to_json(manifest).replace(old, new, 1).encode()
    assert msgspec.json.decode(data)  # it is JSON

    assert refusal(data) == f"not sound (key {key!r} is given twice){AGAIN}"


def test_a_huge_file_is_not_even_read(tmp_path):
    path = tmp_path / "manifest.json"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)  # a hole: it takes no space

    with pytest.raises(NotARecord) as problem:
        read_manifest(path, "aquí")
    assert str(problem.value) == f"aquí: too large to be the manifest of a version ({LARGEST + 1:,} bytes){AGAIN}"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(NotFound) as problem:
        read_manifest(tmp_path / "manifest.json", "aquí")

    assert str(problem.value) == f"{tmp_path}: not a version (it has no manifest.json)"


def test_a_folder_in_its_place_is_none(tmp_path):
    (tmp_path / "manifest.json").mkdir()

    with pytest.raises(NotFound, match="not a version"):
        read_manifest(tmp_path / "manifest.json")
