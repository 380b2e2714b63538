"""The versions under a registry, as they are listed."""

import pytest

from builders.errors import Problem
from builders.versions.listing import ListedVersion, list_versions
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
