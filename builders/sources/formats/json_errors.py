"""What is wrong with JSON, in words."""

import json
import re

from builders.errors import Invalid

HALF = re.compile("[\ud800-\udfff]")


def line_at(data: bytes, offset: int) -> int:
    """The number of the line in which a byte stands, from 1."""
    return data.count(b"\n", 0, offset) + 1


def place_in(data: bytes, error: Exception) -> str:
    """Where in a whole document a decoder stopped."""
    if isinstance(error, UnicodeDecodeError):
        return f"line {line_at(data, error.start)}"
    byte = re.search(r"\(byte (\d+)\)", str(error))
    half = _half_character(data) if not byte else None
    return f"line {line_at(data, int(byte[1]) if byte else half[0] if half else len(data))}"


def invalid_json(place: str, error: Exception, data: bytes) -> Invalid:
    """A decoder's complaint in the words of the data contract. data: what it was given."""
    if isinstance(error, UnicodeDecodeError):
        return not_utf8(place, error)
    if isinstance(error, RecursionError):
        return Invalid(f"{place}: nested too deep to be read", "take that value out")
    text = str(error)  # msgspec tells what it expected in no other way
    if wrong := re.search(r"Expected `(.+?)`, got `(.+?)`", text):
        return Invalid(
            f"{place}: the row must be an object with the fields id, instruction, input, output, not {wrong[2]}",
            "correct it",
        )
    if half := _half_character(data):
        return Invalid(
            f"{place}: a lone surrogate ({half[1]}), half of a character such as an emoji", "complete or remove it"
        )
    if "truncated" in text:
        return Invalid(f"{place}: the JSON is cut off here", "fetch the file again")
    reason = text.removeprefix("JSON is malformed: ")
    return Invalid(f"{place}: not JSON ({reason})", "correct it, or fetch the file again")


def _half_character(data: bytes) -> tuple[int, str] | None:
    """The offset and the escape of a lone surrogate in what is sound JSON otherwise; Python's reader lets one through."""
    try:
        found = HALF.search(json.dumps(json.loads(data), ensure_ascii=False))
    except (ValueError, RecursionError):
        return None
    if not found:
        return None
    escape = f"\\u{ord(found[0]):04x}"
    return max(data.lower().find(escape.encode()), 0), escape


def not_utf8(place: str, error: UnicodeDecodeError) -> Invalid:
    """The error for text that is not UTF-8."""
    byte = error.object[error.start]
    return Invalid(f"{place}: invalid UTF-8 (byte 0x{byte:02x} at offset {error.start})", "save the file as UTF-8")
