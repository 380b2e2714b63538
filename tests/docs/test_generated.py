"""The generated parts of docs/ are up to date, and what makes them sees what it should."""

import runpy
import sys
from typing import Annotated, Literal

import pytest
from msgspec import Meta, Struct
from pydantic import Field

from builders.identifiers import Repository
from builders.recipes.base import Frozen
from docs import generate
from docs.generate import ROOT, compact, made, pages
from docs.records import MissingMeaning, about, shape, table, type_in_words


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_is_up_to_date(page):
    assert page.read_text("utf-8") == made(page), "run `make docs`"


def test_every_part_is_on_a_page():
    shown = [part["name"] for page in pages() for part in generate.PART.finditer(page.read_text("utf-8"))]

    assert sorted(shown) == sorted(generate.PARTS)


def test_check_names_a_stale_page_and_writes_nothing(tmp_path, monkeypatch, capsys):
    page = tmp_path / "docs" / "a.md"
    page.parent.mkdir()
    page.write_text("# A\n\n<!-- generated: rows -->\nold\n<!-- end -->\n", "utf-8")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])

    with pytest.raises(SystemExit) as ended:
        generate.main()

    assert ended.value.code == "stale: docs/a.md; run `make docs`"
    assert "old" in page.read_text("utf-8")


def test_writing_puts_the_part_between_its_marks(tmp_path, monkeypatch, capsys):
    page = tmp_path / "docs" / "a.md"
    page.parent.mkdir()
    page.write_text("# A\n\n<!-- generated: rows -->\nold\n<!-- end -->\n\nrest\n", "utf-8")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["generate"])

    generate.main()

    text = page.read_text("utf-8")
    assert "old" not in text and text.endswith("\n\n<!-- end -->\n\nrest\n")
    assert "| `id` | String | Identifier of the row, unique in its source. |" in text


def test_the_script_runs_as_the_makefile_calls_it(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(ROOT / "docs" / "generate.py", run_name="__main__")

    assert ended.value.code == 0


# ---- records ---------------------------------------------------------------------------------------------------------


class Inner(Struct, frozen=True):
    """A part. size: bytes."""

    size: Annotated[int, Meta(ge=0)]


class Near(Frozen):
    """How near. It says more: as here.

    threshold: from which it counts. kind, other: one of two; null is neither. repo: a repository.
    """

    threshold: Annotated[float, Field(gt=0.0, le=1.0)] = 0.8
    kind: Literal["a", "b"] | None = None
    other: tuple[str, ...] = ("x",)
    repo: Repository


class Silent(Frozen):
    """A record that says nothing of its key."""

    key: int = 1


def test_meanings_are_found_in_the_docstring():
    about_it = about(type("Near", (Near,), {"__module__": "builders.x", "__doc__": Near.__doc__}))

    assert about_it == (
        "How near. It says more: as here.",
        {
            "threshold": "From which it counts.",
            "kind": "One of two; null is neither.",
            "other": "One of two; null is neither.",
            "repo": "A repository.",
        },
    )


def test_a_table_shows_type_default_and_meaning():
    kind = type("Near", (Near,), {"__module__": "builders.x", "__doc__": Near.__doc__})

    assert table(kind, {})[2:] == [
        "| `threshold` | number, above 0 to 1 | `0.8` | From which it counts. |",
        "| `kind` | `a`, `b` or null | `null` | One of two; null is neither. |",
        '| `other` | list of text | `["x"]` | One of two; null is neither. |',
        "| `repo` | OWNER/NAME | required | A repository. |",
    ]


def test_a_key_without_a_meaning_is_an_error():
    silent = type("Silent", (Silent,), {"__module__": "builders.x", "__doc__": Silent.__doc__})

    with pytest.raises(MissingMeaning, match=r"builders\.x\.Silent: its docstring does not say what key is"):
        table(silent, {})


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Annotated[int, Field(ge=1)], "whole number, from 1"),
        (Annotated[int, Meta(ge=0, le=2**53)], "whole number"),
        (dict[str, tuple[int, ...]], "mapping of list of whole number"),
        (Inner, "[a part](#a-part)"),
        (tuple[Inner, ...] | None, "list of [a part](#a-part) or null"),
    ],
)
def test_types_in_words(kind, words):
    assert type_in_words(kind, {Inner: "a part"}) == words


def test_the_shape_of_a_record():
    assert shape(dict[str, Inner | None]) == {"*": {"one of": [{"size": "<int>"}, "<null>"]}}
    assert shape(int | None) == "<int|null>"


def test_json_is_compact_where_it_fits():
    assert compact({"a": "<int>", "b": ["<str|null>"]}) == '{"a": int, "b": [str|null]}'
    long = compact({"a": {f"k{n}": "<int>" for n in range(12)}, "b": []})
    assert long.splitlines()[0] == "{" and long.splitlines()[-1] == "}"
    assert long.splitlines()[-2] == '  "b": []'
