"""Which characters a normal form takes for combining marks."""

import unicodedata

from filters.normal_form import ALPHABETS_END, normal_form


def test_no_combining_mark_lies_behind_the_alphabets():
    assert not any(unicodedata.combining(chr(code)) for code in range(ALPHABETS_END, 0x110000))
    assert unicodedata.combining("\U0001e94a")  # the last one


def test_a_character_behind_them_is_no_mark_whichever_it_is():
    text = "\U00020000e\u0301" * 20 + "\U0010ffff" * 40

    assert normal_form("NFC", text) == unicodedata.normalize("NFC", text)
    stacked = text + "e" + "\u0323" * 31 + "\U0010ffff"
    assert normal_form("NFC", stacked) == unicodedata.normalize("NFC", text) + "e" + "\u0323" * 31 + "\U0010ffff"
