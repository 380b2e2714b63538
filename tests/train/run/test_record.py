"""training.json at the door: what it says is kept, what it may not say is refused in one line."""

import json

import pytest

from builders.errors import Invalid, NotFound, OtherFormat
from builders.records import NotARecord, to_json
from tests.train.records import RECORD, training
from train.run.record import FORMAT, NEEDED, read_training

FILE = {"bytes": 3, "sha256": "6" * 64}
WHOLE = {**RECORD, "files": dict.fromkeys((*NEEDED, "README.md"), FILE)}


@pytest.fixture
def read(tmp_path):
    """Write a training.json and read it."""

    def write(values):
        data = values if isinstance(values, bytes) else json.dumps(values).encode()
        (tmp_path / "training.json").write_bytes(data)
        return read_training(tmp_path)

    return write


@pytest.fixture
def refused(read, tmp_path):
    """What is said of a training.json that cannot be used, without the place and the advice."""

    def refuse(values, error=Invalid):
        with pytest.raises(error) as problem:
            read(values)
        assert type(problem.value) is error and "\n" not in str(problem.value)
        return str(problem.value).removeprefix(f"{tmp_path / 'training.json'}: ")

    return refuse


def changed(path, value):
    """The whole record with another value at a dotted place; nothing there for the value `...`."""
    record = json.loads(json.dumps(WHOLE))
    place = record
    *way, last = path.split(".")
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return record


# ---- what is read ----------------------------------------------------------------------------------------------------


def test_a_record_comes_back_as_it_was_written(read):
    record = read(WHOLE)

    assert json.loads(to_json(record)) == WHOLE
    assert to_json(record) == json.dumps(WHOLE, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    assert (record.data.commit, record.tokens.validation.left_out, record.weights_sha256) == ("b" * 40, 1, "6" * 64)
    assert record.recipe.train.gradient_accumulation_steps == 13


def test_what_is_not_there_is_not_written():
    tokens = {key: value for key, value in RECORD["tokens"].items() if key != "validation"}
    padded = {**RECORD, "tokens": {**tokens, "filling": {"padded": 0.5}}}

    assert json.loads(to_json(training(padded))) == padded


def test_a_base_in_a_folder_and_a_version_of_this_machine(read):
    base = RECORD["base"] | {"kind": "folder", "repo": None, "revision": None, "sha256": "4" * 64}
    data = RECORD["data"] | {"repo": None, "commit": None, "reference": "recetas@1.2.0"}
    record = read(WHOLE | {"base": base, "data": data})

    assert (record.base.label, record.data.reference) == ("aguila-7b", "recetas@1.2.0")


# ---- what is refused -------------------------------------------------------------------------------------------------

WRONG = {
    "an unknown key": ("run.clima", "soleado", "Object contains unknown field `clima` - at `$.run`"),
    "a key missing": ("data.content_sha256", ..., "Object missing required field `content_sha256` - at `$.data`"),
    "no files": ("files", {}, "files lacks adapter_config.json, adapter_model.safetensors, template.json"),
    "a file elsewhere": ("files", {**WHOLE["files"], "../otro": FILE}, "it names a file that cannot belong to it"),
    "a file in a folder": ("files", {**WHOLE["files"], "a/b": FILE}, "it names a file that cannot belong to it"),
    "a hidden file": ("files", {**WHOLE["files"], ".git": FILE}, "it names a file that cannot belong to it"),
    "a hash too short": ("template.sha256", "3" * 63, "Expected `str` matching regex"),
    "a hash in capitals": ("data.content_sha256", "A" * 64, "Expected `str` matching regex"),
    "another type": ("steps", "11864", "Expected `int`, got `str` - at `$.steps`"),
    "a count below nothing": ("tokens.train.rows", -1, "Expected `int` >= 0 - at `$.tokens.train.rows`"),
    "a name that is no name": ("name", "../x", "Expected `str` matching regex"),
    "another device": ("run.device", "tpu", "Invalid enum value 'tpu' - at `$.run.device`"),
    "a split that is none": ("data.rows", {"todo": 3}, "Invalid enum value 'todo'"),
    "a commit without a repository": ("data.repo", None, "repo and commit belong together - at `$.data`"),
    "a repository that is none": ("data.repo", "../..", "repo must be OWNER/NAME - at `$.data`"),
    "a base nowhere": ("base.repo", None, "a base on the Hub has a repo OWNER/NAME and a revision - at `$.base`"),
    "a base that floats": (
        "base.revision",
        "main",
        "Expected `str` matching regex '^[0-9a-f]{40}\\\\Z' - at `$.base.revision`",
    ),
    "a folder without a hash": ("base.kind", "folder", "a base in a folder has a sha256 and no repo - at `$.base`"),
    "another recipe": ("recipe", {"name": "x"}, "recipe.base: Field required"),
    "a recipe's key of former times": ("recipe.train.length", 8, "recipe.train.length: Extra inputs are not permitted"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_record_may_not_say_is_refused_in_one_line(refused, case):
    path, value, reason = WRONG[case]
    line = refused(changed(path, value))

    assert line.startswith(f"not sound ({reason}")
    assert line.endswith("); train or fetch the adapter again")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "Input data was truncated"),
        (b"[]", "Expected `object`, got `array`"),
        (b"\xff{}", "JSON is malformed"),
        (b"{}", "Object missing required field `format`"),
        (b'{"format": 2, "otra": ' + b"[" * 100_000, "nested too deeply"),
        (changed("files", ...), "Object missing required field `files`"),
        (changed("recipe_sha256", "x"), "Expected `str` matching regex"),
    ],
)
def test_what_is_no_record_at_all_is_refused_in_one_line(refused, data, reason):
    assert refused(data, NotARecord).startswith(f"not the record of an adapter ({reason}")


def test_another_format_is_refused_by_name(refused):
    assert refused(WHOLE | {"format": 1}, OtherFormat) == (
        f"written in format 1, this software reads {FORMAT}; train the adapter again with this software"
    )
    newer = WHOLE | {"format": FORMAT + 1, "tokens": 7, "más": "nuevo"}
    assert refused(newer, OtherFormat).endswith(f"this software reads {FORMAT}; upgrade aguila-data")


def test_a_record_without_end_is_not_read(refused, monkeypatch):
    monkeypatch.setattr("builders.records.LARGEST", 1000)

    assert refused(WHOLE, NotARecord).startswith("too large to be the record of an adapter (")


def test_a_folder_without_a_record_is_no_adapter(tmp_path):
    (tmp_path / "fichero").write_text("x")
    for folder, why in (
        (tmp_path, "not an adapter (it has no training.json, which is written last)"),
        (tmp_path / "fichero", "not an adapter (it has no training.json, which is written last)"),
        (tmp_path / "nada", "no such folder, so no adapter"),
    ):
        with pytest.raises(NotFound) as problem:
            read_training(folder)
        assert str(problem.value) == f"{folder}: {why}"
