"""The versions under a registry, as they are listed."""

import pytest

from builders.errors import Problem
from builders.versions.listing import ListedVersion, list_versions
from builders.versions.references import last_built
from tests.builders.publications import make, spoken


@pytest.fixture
def registry(tmp_path):
    """recetas@1.0.0 and 1.1.0, and cocina@1.0.0, in a registry with other things."""
    make(tmp_path)
    make(tmp_path, spoken())
    make(tmp_path, name="cocina")
    folder = tmp_path / "versions"
    (folder / "recetas" / "v1.2.0").mkdir()  # no version: it has no manifest
    (folder / "apuntes").mkdir()
    return folder


def test_versions_of_a_dataset_oldest_first(registry):
    listed = list_versions(registry, "recetas")

    assert [(one.name, one.version) for one in listed] == [("recetas", "1.0.0"), ("recetas", "1.1.0")]


def test_what_is_listed_of_a_version(registry):
    (listed,) = list_versions(registry, "cocina")

    version = registry / "cocina" / "v1.0.0"
    assert listed == ListedVersion("cocina", "1.0.0", 4, listed.content_sha256, None, version)
    assert f'"content_sha256": "{listed.content_sha256}"' in (version / "manifest.json").read_text("utf-8")


def test_versions_of_all_datasets_by_name(registry):
    assert [f"{one.name}@{one.version}" for one in list_versions(registry)] == [
        *("cocina@1.0.0", "recetas@1.0.0", "recetas@1.1.0"),
    ]


def test_a_dataset_without_versions_is_a_problem_and_a_registry_without_any_is_not(registry, tmp_path):
    with pytest.raises(Problem) as problem:
        list_versions(registry, "nada")
    assert str(problem.value) == f"nada: no versions in {registry}; build one with `aguila build`"
    assert list_versions(tmp_path / "nada") == []


@pytest.mark.parametrize("broken", ["", "{}", '{"format": "dos"}'])
def test_a_broken_manifest_is_named_and_passed_over(registry, caplog, broken):
    manifest = registry / "recetas" / "v1.2.0" / "manifest.json"
    manifest.write_text(broken)

    assert [one.version for one in list_versions(registry, "recetas")] == ["1.0.0", "1.1.0"]
    assert len(list_versions(registry)) == 3
    assert last_built(registry).label == "cocina@1.0.0"  # the one before the broken one
    assert [record.getMessage().startswith(f"passed over: {manifest}: ") for record in caplog.records] == [True] * 3


def test_where_every_manifest_is_broken_there_is_no_version(tmp_path, caplog):
    manifest = tmp_path / "recetas" / "v1.0.0" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.touch()

    assert list_versions(tmp_path) == [] and last_built(tmp_path) is None
    with pytest.raises(Problem, match="recetas: no versions in"):
        list_versions(tmp_path, "recetas")
