"""What docs/architecture.md shows of the rooms is read from the code (tests/test_architecture.py holds which may import which)."""

from docs.rooms import imported, rooms


def test_imports_are_seen_in_functions_and_not_for_type_checkers(tmp_path):
    module = tmp_path / "m.py"
    module.write_text(
        "from typing import TYPE_CHECKING\nfrom builders import schema\nfrom builders.errors import Problem\n"
        "if TYPE_CHECKING:\n    from filters.rule import Rule\n"
        "def later():\n    import filters.text\n",
        "utf-8",
    )
    assert imported(module) == {"builders.schema", "builders.errors", "filters.text"}


def test_every_room_is_known():
    assert {"builders/stages", "filters/rules", "cards/dataset", "train/run", "aguila/commands"} <= rooms().keys()
