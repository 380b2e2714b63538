"""What the core depends on: why, under which licence, and as a bill of materials."""

import re

import pytest

from docs.dependencies import WHY, bill, direct, licence, needed

LESSER = {"python-stdnum"}  # the LGPL lets a library be used as it is by software under any licence
PERMISSIVE = re.compile(
    r"(MIT|BSD-[23]-Clause|0BSD|Apache-2\.0|MPL-2\.0|PSF-2\.0|Zlib|CC0-1\.0|ISC|Unlicense)( (AND|OR) |$)"
)


def permissive(terms):
    """Whether an expression names nothing but licences that ask for little."""
    return bool(terms) and PERMISSIVE.sub("", terms) == ""


def test_every_dependency_says_what_it_is_for():
    assert sorted(WHY) == direct()


@pytest.mark.parametrize("distribution", needed(), ids=lambda one: one.metadata["Name"])
def test_no_dependency_of_the_core_is_under_the_gpl(distribution):
    terms = licence(distribution)

    if distribution.metadata["Name"] in LESSER:
        assert terms.startswith("LGPL-2.1")
    else:
        assert permissive(terms), terms


@pytest.mark.parametrize(
    ("terms", "fine"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-2-Clause", True),
        ("BSD-3-Clause AND 0BSD AND MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND AGPL-3.0-or-later", False),
        ("LGPL-2.1-or-later", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_what_counts_as_permissive(terms, fine):
    assert permissive(terms) == fine


def test_the_bill_of_materials_names_everything_once_and_joins_up():
    made = bill()

    references = [one["bom-ref"] for one in made["components"]]
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert len(references) == len(set(references)) >= len(direct()) - 1
    assert all(
        one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" and one["licenses"] for one in made["components"]
    )
    known = {*references, made["metadata"]["component"]["bom-ref"]}
    assert {one["ref"] for one in made["dependencies"]} == known
    assert all(set(one["dependsOn"]) <= known for one in made["dependencies"])
    assert made == bill(), "nothing in it depends on the clock"
