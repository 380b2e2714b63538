"""The YAML header of a card, which the newest client of the Hub must write as this one does."""

import pytest
import yaml

from cards.shared.header import read, split, written

CARD = "---\nlicense: apache-2.0\ntags:\n- español\n---\n\n# Filas\n"


def test_a_header_is_read_and_written_back():
    assert read(CARD) == {"license": "apache-2.0", "tags": ["español"]}
    again = written(CARD, {"license": "apache-2.0", "tags": ["español"], "viewer": False})
    assert read(again) == {"license": "apache-2.0", "tags": ["español"], "viewer": False}
    assert split(again)[1].strip() == "# Filas"


def test_what_is_done_to_the_keys_of_a_header_is_not_read_by_the_next():
    keys = read("---\ntags: [uno]\n---\n")
    keys["tags"].append("dos")

    assert read("---\ntags: [uno]\n---\n") == {"tags": ["uno"]}


def test_a_header_with_an_alias_is_refused():
    with pytest.raises(yaml.YAMLError):
        read("---\na: &one [1]\nb: *one\n---\n# Filas\n")
