import json

import pytest

from cards.shared.page import embedded, environment, write_page


def test_a_page_is_written_whole_or_not_at_all(tmp_path):
    write_page(tmp_path / "diff.html", "uno")
    write_page(tmp_path / "diff.html", "dos ñ")
    with pytest.raises(UnicodeEncodeError):
        write_page(tmp_path / "diff.html", "tres \ud800")

    assert [path.name for path in tmp_path.iterdir()] == ["diff.html"]
    assert (tmp_path / "diff.html").read_text("utf-8") == "dos ñ"


@pytest.mark.parametrize(("place", "fault"), [("nada/diff.html", FileNotFoundError), ("carpeta", IsADirectoryError)])
def test_a_page_that_cannot_be_written_is_named_as_it_was_asked_for(tmp_path, place, fault):
    (tmp_path / "carpeta").mkdir()

    with pytest.raises(fault) as raised:
        write_page(tmp_path / place, "uno")

    assert raised.value.filename == str(tmp_path / place)
    assert [path.name for path in tmp_path.rglob("*")] == ["carpeta"]


def test_embedded_json_holds_no_markup_and_nothing_that_steers():
    text = embedded({"fields": [("same", "</script> & \u2028 \x1b[31m \u202e")], "score": 1.0, "note": None})

    assert not set("<>&\u2028\x1b\u202e") & set(text)
    assert json.loads(text) == {
        "fields": [["same", "</script> & \\u2028 \\x1b[31m \\u202e"]],
        "score": 1.0,
        "note": None,
    }


def test_a_template_escapes_and_shows_what_it_is_given():
    written = environment().from_string("<p>{{ text }}</p>").render(text="<b> \u202e")

    assert written == "<p>&lt;b&gt; \\u202e</p>"
