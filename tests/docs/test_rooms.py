"""What docs/architecture.md says of the rooms: imports run one way, and in no circle."""

import pytest

from docs.rooms import circle, imported, modules, rooms

# What each package may import of the others, as the picture shows it.
BELOW = {
    "aguila": {"train", "builders", "cards", "filters"},
    "train": {"builders", "cards", "filters"},
    "builders": {"cards", "filters"},
    "cards": set(),
    "filters": set(),
}
EVERYONE = {"aguila.own_packages"}  # asks whether a package is ours
CARDS = {"builders.schema"}


def test_every_package_imports_only_those_below_it():
    wrong = []
    for module, path in modules().items():
        package = module.split(".")[0]
        allowed = EVERYONE | (CARDS if package == "cards" else set())
        for name in imported(path) - allowed:
            if name.split(".")[0] not in {package} | BELOW[package]:
                wrong.append(f"{module} imports {name}")
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle():
    known = modules()
    graph = {name: {one for one in imported(path, everywhere=False) if one != name} for name, path in known.items()}

    assert circle(graph) == []


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, ["b", "c", "b"]),
        ({"a": {"a"}}, ["a", "a"]),
    ],
)
def test_a_circle_is_seen(graph, found):
    assert circle(graph) == found


def test_imports_are_seen_in_functions_and_not_for_type_checkers(tmp_path):
    module = tmp_path / "m.py"
    module.write_text(
        "from typing import TYPE_CHECKING\nfrom builders import schema\nfrom builders.errors import Problem\n"
        "if TYPE_CHECKING:\n    from filters.rule import Rule\n"
        "def later():\n    import filters.text\n",
        "utf-8",
    )
    assert imported(module) == {"builders.schema", "builders.errors", "filters.text"}
    assert imported(module, everywhere=False) == {"builders.schema", "builders.errors"}


def test_every_room_is_known():
    assert {"builders/stages", "filters/rules", "cards/dataset", "train/run", "aguila/commands"} <= rooms().keys()
