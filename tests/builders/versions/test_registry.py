import json
import signal

import polars as pl
import pytest

from builders.errors import Problem
from builders.recipes.model import Recipe
from builders.records import plain
from builders.sources.reading import with_source
from builders.versions.references import resolve, versions_in
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.files import ROWS, write_file

OTHER = [{**row, "output": f"{row['output']} Eso es todo."} for row in ROWS]
# Python that a process runs before the command. Pictures and measures, which take a second in each, are not what is tried.
LIGHT = """
import builders.versions.registry as registry, builders.versions.write as write
write.svg = lambda spec: "<svg/>"
registry.gold = lambda language: write.Gold({}, 0)
"""
# Writing waits at half: it says so on stdout and goes on when stdin ends.
PAUSE = f"""
{LIGHT}
import sys
render = registry.render
def render_and_wait(built, gold, staging):
    draft = render(built, gold, staging)
    print("half written", flush=True)
    sys.stdin.read()
    return draft
registry.render = render_and_wait
"""


# Rows of a file that is named later, and their licence.
OPEN = {"source": {"kind": "file"}, "card": {"license": "apache-2.0"}}


def unfiltered(**changes):
    """A recipe that keeps every row as it is, in train."""
    off = {stage: {"enabled": False} for stage in ("repair", "language", "quality", "dedup")}
    return Recipe.model_validate({**OPEN, "name": "plano", "split": {"validation": 0.0}, **off, **changes})


@pytest.fixture
def made(tmp_path):
    """Build rows into the registry tmp_path/versions."""

    def make(rows=ROWS, number=None, **changes):
        recipe = with_source(unfiltered(**changes), str(write_file(tmp_path / "filas.jsonl", rows)), tmp_path)
        return build(recipe, tmp_path / "versions", number)

    return make


@pytest.fixture
def recipe_file(tmp_path):
    """The plain recipe and its rows as files; the words of `aguila build` for them."""
    recipe = tmp_path / "plano.yaml"
    recipe.write_text(unfiltered().to_yaml(), "utf-8")
    rows = write_file(tmp_path / "filas.jsonl")
    return ("build", recipe, "--from", rows, "--out", tmp_path / "versions")


def everything(folder):
    """Every file under a folder with its time of change and its bytes."""
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def whole(version, registry):
    """Does a version's folder hold what its manifest says, and no more?"""
    return all(check.ok for check in verify(version, registry, quick=True))


def listed(registry):
    """What lies beside the versions of `plano`, locks apart."""
    return sorted(path.name for path in (registry / "plano").iterdir() if path.name != ".aguila-lock")


# ---- numbers ---------------------------------------------------------------------------------------------------------


def test_the_first_version_is_1_0_0(made, tmp_path):
    result = made()

    assert (str(result.version.number), result.created, result.reason) == ("1.0.0", True, "the first version")
    assert result.version.path == tmp_path / "versions" / "plano" / "v1.0.0"
    assert whole(result.version, tmp_path / "versions")


def test_nothing_changed_is_the_same_version_and_nothing_is_written(made, tmp_path):
    first = made()
    before = everything(tmp_path / "versions")

    second = made()

    assert (second.version, second.created, second.reason) == (first.version, False, "nothing changed")
    assert everything(tmp_path / "versions") == before


CHANGES = {
    "rows": ({"rows": OTHER}, "1.1.0", "the rows changed"),
    "fewer rows": ({"rows": ROWS[:3]}, "1.1.0", "the rows changed"),
    "splits": ({"split": {"validation": 0.0, "test": 0.3, "seed": 1}}, "1.1.0", "the rows changed"),
    "template": ({"template": "alpaca"}, "2.0.0", "the template changed (instruccion → alpaca)"),
    "template and rows": (
        {"template": "alpaca", "rows": OTHER},
        "2.0.0",
        "the template changed (instruccion → alpaca)",
    ),
    "card": (
        {"card": {"title": "Filas de cocina"}},
        "1.0.1",
        "the rows are the same; the recipe, the ledger or the card changed",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_next_number_says_how_much_changed(made, tmp_path, what):
    changes, number, reason = CHANGES[what]
    first = made()
    before = everything(first.version.path)

    result = made(**changes)

    assert (str(result.version.number), result.created, result.reason) == (number, True, reason)
    assert everything(first.version.path) == before
    assert whole(result.version, tmp_path / "versions")


def test_the_next_number_counts_from_the_latest_version(made):
    made(number="1.9.0")
    made(OTHER, number="1.10.0")

    assert str(made(ROWS[:3]).version.number) == "1.11.0"


def test_versions_are_listed_oldest_first(made, tmp_path):
    for number in ("1.10.0", "v1.9.0", "2.0.0"):
        made(number=number)

    assert [str(number) for number in versions_in(tmp_path / "versions", "plano")] == ["1.9.0", "1.10.0", "2.0.0"]


def test_a_number_that_is_none_is_refused(refused):
    assert refused("--version", "1.0", recipe="demo") == "'1.0' is not a version number; write X.Y.Z, such as 1.0.0"


def test_an_existing_number_with_the_same_content_is_that_version(made, tmp_path):
    made()
    before = everything(tmp_path / "versions")

    result = made(number="1.0.0")

    assert (str(result.version.number), result.created) == ("1.0.0", False)
    assert everything(tmp_path / "versions") == before


def test_an_existing_number_with_other_content_is_refused_and_names_the_next(made, tmp_path):
    made()
    before = everything(tmp_path / "versions")

    with pytest.raises(Problem) as problem:
        made(OTHER, number="1.0.0")

    assert str(problem.value) == (
        f"plano@1.0.0 exists with other content in {tmp_path / 'versions'}; the next free number is 1.1.0 "
        "(leave out --version to take it)"
    )
    assert everything(tmp_path / "versions") == before
    assert listed(tmp_path / "versions") == ["v1.0.0"]


# ---- what is recorded ------------------------------------------------------------------------------------------------


def test_where_the_source_lay_is_written_nowhere_in_the_version(made, tmp_path):
    version = made().version

    files = [path.read_bytes() for path in version.path.rglob("*") if path.is_file()]
    tables = [
        json.dumps(table.to_dicts()).encode() for table in (version.rows(), version.ledger())
    ]  # Parquet is packed
    assert len(files) == 10
    assert [content for content in (*files, *tables) if str(tmp_path).encode() in content] == []
    assert version.manifest.source.root.name == "filas.jsonl"


def test_a_version_made_of_a_folder_does_not_record_the_folder(made, tmp_path):
    first = made().version
    recipe = with_source(unfiltered(name="derivado"), str(first.path), tmp_path)

    version = build(recipe, tmp_path / "versions").version

    assert plain(version.manifest.source) == {
        "kind": "version",
        "name": "plano",
        "version": "1.0.0",
        "content_sha256": first.content_sha256,
    }
    assert [p for p in version.path.rglob("*") if p.is_file() and str(tmp_path).encode() in p.read_bytes()] == []


def test_shuffled_rows_in_another_folder_give_the_same_bytes_but_for_the_hash_of_the_file(made, tmp_path):
    first = made().version
    other = tmp_path / "otra" / "filas.jsonl"
    other.parent.mkdir()
    write_file(other, ROWS[::-1])

    second = build(with_source(unfiltered(), str(other), tmp_path), other.parent / "versions").version

    assert second.content_sha256 == first.content_sha256
    tell_the_source = {"manifest.json", "recipe.yaml", "README.md"}
    same = {
        path.relative_to(first.path).as_posix() for path in first.path.rglob("*") if path.is_file()
    } - tell_the_source
    assert "statistics.json" in same and "charts/lengths.svg" in same and "croissant.json" in same
    assert [path for path in same if (first.path / path).read_bytes() != (second.path / path).read_bytes()] == []


# ---- folders that are not ours ---------------------------------------------------------------------------------------


def test_a_folder_in_the_version_s_place_is_left_alone(made, tmp_path):
    mine = tmp_path / "versions" / "plano" / "v1.0.0" / "tesis.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("No la borres.")

    with pytest.raises(Problem) as problem:
        made(number="1.0.0")
    result = made()

    assert str(problem.value) == (
        f"plano@1.0.0 exists and is not a version that can be read in {tmp_path / 'versions'}; the next free number is 2.0.0 "
        "(leave out --version to take it)"
    )
    assert result.version.label == "plano@2.0.0"
    assert result.reason == "the first version; above 1.0.0, which is there and cannot be read"
    assert mine.read_text() == "No la borres."
    assert listed(tmp_path / "versions") == ["v1.0.0", "v2.0.0"]


BROKEN = {
    "empty": "",
    "cut off": '{"format": 2, "name": "pla',
    "of other software": '{"manifest_version": 3, "name": "una extensión"}',
    "a list": "[]",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_manifest_is_passed_over_and_its_number_not_used_again(made, tmp_path, caplog, broken):
    first = made().version
    for place in ("plano/v1.1.0", "otro/v1.0.0"):
        (tmp_path / "versions" / place).mkdir(parents=True)
        (tmp_path / "versions" / place / "manifest.json").write_text(broken)

    again, other = made(), made(rows=OTHER)

    assert (again.created, again.version.label) == (False, first.label)
    assert other.version.label == "plano@2.0.0"
    assert other.reason == "the rows changed; above 1.1.0, which is there and cannot be read"
    passed_over = f"passed over: {tmp_path / 'versions' / 'plano' / 'v1.1.0' / 'manifest.json'}: "
    assert [record.getMessage().startswith(passed_over) for record in caplog.records] == [True, True]
    assert (tmp_path / "versions" / "plano" / "v1.1.0" / "manifest.json").read_text() == broken


def test_a_broken_manifest_below_the_latest_version_changes_no_number(made, tmp_path):
    made(number="1.3.0")
    (tmp_path / "versions" / "plano" / "v1.2.0").mkdir()

    assert made(rows=OTHER).version.label == "plano@1.4.0"


@pytest.mark.parametrize("place", ["versions", "versions/plano"])
def test_a_file_where_a_folder_must_be_is_left_alone(made, tmp_path, place):
    mine = tmp_path / place
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("No me borres.")

    with pytest.raises(Problem) as problem:
        made()

    assert str(problem.value) == f"{mine}: is a file; versions need a folder there, choose another --out"
    assert mine.read_text() == "No me borres."


def test_other_folders_of_the_registry_are_left_alone(made, tmp_path):
    mine = tmp_path / "versions" / "plano" / "apuntes" / "nota.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("No me borres.")

    made()

    assert mine.read_text() == "No me borres."
    assert listed(tmp_path / "versions") == ["apuntes", "v1.0.0"]


# ---- cut short -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["at the first file", "at the manifest"])
def test_a_full_disk_leaves_no_version_and_the_next_build_succeeds(process, recipe_file, tmp_path, where):
    """A limit on the size of files stands for the disk: the system refuses to write on, as it does when it is full."""
    card = {
        "license": "apache-2.0",
        "tags": [f"filas-{part:04}" for part in range(2_000)],
    }  # makes the manifest the largest file
    (tmp_path / "plano.yaml").write_text(unfiltered(card=card).to_yaml(), "utf-8")
    process(*recipe_file[:-1], tmp_path / "ejemplo", first=LIGHT).communicate()
    example = tmp_path / "ejemplo" / "plano" / "v1.0.0"
    manifest = (example / "manifest.json").stat().st_size
    others = [path.stat().st_size for path in example.rglob("*") if path.is_file() and path.name != "manifest.json"]
    assert manifest > max(others), "a limit just below the largest file is met by the manifest alone"
    limit = {"at the first file": 1_000, "at the manifest": manifest - 1}[where]

    full = process(*recipe_file, first=LIGHT, limit=limit)
    out, err = full.communicate()

    home = tmp_path / "versions" / "plano"
    assert (full.returncode, out) == (1, "")
    assert [line for line in err.splitlines() if not line.endswith(" s")] == [
        f"error: {home}: cannot be written (File too large); free space or choose another --out, then run again"
    ]
    assert listed(tmp_path / "versions") == []

    again = process(*recipe_file, first=LIGHT)
    assert "built plano@1.0.0" in again.communicate()[0]
    assert whole(resolve(str(home / "v1.0.0"), home), home)


def start_and_wait_for_half(process, words):
    child = process(*words, first=PAUSE)
    assert child.stdout.readline() == "half written\n"
    return child


def test_a_build_killed_in_mid_write_leaves_no_version_and_the_next_build_cleans_up(process, recipe_file, tmp_path):
    killed = start_and_wait_for_half(process, recipe_file)
    killed.kill()
    killed.communicate()

    registry = tmp_path / "versions"
    assert killed.returncode == -signal.SIGKILL
    assert listed(registry) == [".aguila-building"]
    assert versions_in(registry, "plano") == {}

    again = process(*recipe_file, first=LIGHT)
    assert "built plano@1.0.0" in again.communicate()[0]
    assert listed(registry) == ["v1.0.0"]
    assert whole(resolve("plano@1.0.0", registry), registry)


def test_an_interrupted_build_ends_with_130_and_leaves_nothing(process, recipe_file, tmp_path):
    interrupted = start_and_wait_for_half(process, recipe_file)
    interrupted.send_signal(signal.SIGINT)
    out, err = interrupted.communicate()

    assert (interrupted.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "interrupted; nothing is left half-written, run again"
    assert "Traceback" not in err
    assert listed(tmp_path / "versions") == []


# ---- two at once -----------------------------------------------------------------------------------------------------

OTHER_TEMPLATE = ("--set", "template=alpaca")


@pytest.mark.parametrize("change", [(), OTHER_TEMPLATE], ids=["the same", "another template"])
def test_two_builds_started_together_make_whole_and_distinct_versions(process, recipe_file, tmp_path, change):
    both = [process(*recipe_file, *words, "--json", first=LIGHT) for words in ((), change)]
    results = [json.loads(child.communicate()[0]) for child in both]

    registry = tmp_path / "versions"
    assert [child.returncode for child in both] == [0, 0]
    assert sorted(result["version"] for result in results) == (["1.0.0", "2.0.0"] if change else ["1.0.0", "1.0.0"])
    assert [result["created"] for result in results].count(True) == (2 if change else 1)
    versions = {result["version"]: resolve(result["path"], registry) for result in results}
    assert listed(registry) == [f"v{number}" for number in sorted(versions)]
    assert all(whole(version, registry) for version in versions.values())
    assert len({version.manifest.template.name for version in versions.values()}) == len(versions)


@pytest.mark.parametrize("change", [(), OTHER_TEMPLATE], ids=["the same", "another template"])
def test_a_build_waits_for_the_one_that_is_writing(process, recipe_file, tmp_path, change):
    first = start_and_wait_for_half(process, recipe_file)
    second = process(*recipe_file, *change, "--json", first=LIGHT)
    # When it has named its last stage its rows are ready, and all that is left to do is to write.
    assert any(line.startswith("template ") for line in iter(second.stderr.readline, ""))

    registry = tmp_path / "versions"
    assert listed(registry) == [".aguila-building"]
    first_out, _ = first.communicate()  # ends its stdin, so that it goes on
    result = json.loads(second.communicate()[0])

    assert "built plano@1.0.0" in first_out
    expected = ("2.0.0", True) if change else ("1.0.0", False)
    assert (result["version"], result["created"]) == expected
    assert listed(registry) == sorted({"v1.0.0", f"v{expected[0]}"})
    assert all(whole(resolve(f"plano@{number}", registry), registry) for number in {"1.0.0", expected[0]})


def test_the_rows_of_a_version_are_those_of_the_source(made):
    rows = made().version.rows()

    assert rows.select("id", "instruction", "input", "output").equals(
        pl.DataFrame(sorted(ROWS, key=lambda row: int(row["id"].removeprefix("receta-"))))
    )
