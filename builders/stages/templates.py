"""Prompts: a row's fields in, prompt and completion out, and back again.

A line of a field that begins like one of the template's markers gets a backslash, and one that begins with backslashes
before such a marker gets one more; parsing takes exactly one away. Where instruction and input are joined by a blank
line instead of a marker, blank lines of the instruction are guarded the same way. So a prompt parses back into the
fields that it was made from, and no text of a row can forge a marker.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from builders.errors import Invalid, NotFound, nearest
from builders.schema import SOURCE_COLUMNS, SPOKEN, plain_id
from builders.stages.outcome import Outcome

# What an id begins with: `alpaca-12` and `dolly_7` tell where a row comes from. A hash or a UUID tells nothing.
PREFIX = r"^([A-Za-z][A-Za-z_]*?)[-_]?\d"
HASH = r"^[0-9a-fA-F]{8}[0-9a-fA-F-]*$"
MIN_SHARE = 0.01  # of all ids, from which a prefix is an origin and no accident
BLANK_LINE = r"(?m)^(\\*)$"
GUARDED_BLANK_LINE = r"(?m)^\\(\\*)$"
# Where a line begins, to whoever reads the text: also after the breaks that only some software shows as such.
LINE_BEGIN = r"(^|[\r\x0B\x0C\x1C-\x1E\x{85}\x{2028}\x{2029}])"


@dataclass(frozen=True)
class Template:
    """How a prompt is written.

    before, before_without_input: what precedes the instruction. input_marker: the line before the input; empty where a
    blank line joins both. output_marker: the line after which the answer begins; empty in a chat. markers: beginnings
    of lines that no row may bring. keeps_empty_input: the input's marker stands even if the input is empty.
    chat: prompt and completion are lists of messages.
    """

    name: str
    before: str
    before_without_input: str
    input_marker: str
    output_marker: str
    markers: tuple[str, ...]
    keeps_empty_input: bool = False
    chat: bool = False

    @property
    def sha256(self) -> str:
        """Hash of everything that decides a prompt's text."""
        text = json.dumps(self.fields(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def fields(self) -> dict[str, Any]:
        """Its fields by name, as they are recorded and hashed."""
        return asdict(self)

    def text(self, *, with_input: bool = True) -> str:
        """The template as people read it, with {instruction} and {input} in their places."""
        instruction, given = "{instruction}", "{input}" if with_input else ""
        return self._assemble(instruction, given)

    def columns(self) -> list[pl.Expr]:
        """Columns `prompt` and `completion` from `instruction`, `input`, `output` (all String)."""
        prompt = _message("user", self._prompt()) if self.chat else self._prompt()
        return [prompt.alias("prompt"), self.answer(pl.col("output")).alias("completion")]

    def answer(self, field: pl.Expr) -> pl.Expr:
        """A column of answers as the template writes them."""
        answer = self._guard(field)
        return _message("assistant", answer) if self.chat else answer

    def render(self, instruction: str, input: str = "") -> Any:
        """The prompt of one row: a string, or a list of messages."""
        row = pl.DataFrame({"instruction": [instruction], "input": [input], "output": [""]})
        return row.select(self.columns())["prompt"].to_list()[0]

    def parse(self, prompt: Any) -> tuple[str, str]:
        """The (instruction, input) that a prompt was made from. Raises Invalid for a text that is no such prompt."""
        text = prompt[0]["content"] if self.chat else prompt
        tail = f"\n\n{self.output_marker}\n" if self.output_marker else ""
        if not text.endswith(tail):
            raise Invalid(f"not a prompt of template {self.name}: it does not end with {self.output_marker!r}")
        body = text[: len(text) - len(tail)]
        separator = f"\n\n{self.input_marker}\n" if self.input_marker else "\n\n"
        if body.startswith(self.before) and (separator in body[len(self.before) :] or self.keeps_empty_input):
            instruction, found, given = body[len(self.before) :].partition(separator)
            if not found:
                raise Invalid(f"not a prompt of template {self.name}: the line {self.input_marker!r} is missing")
        elif body.startswith(self.before_without_input):
            instruction, given = body[len(self.before_without_input) :], ""
        else:
            raise Invalid(f"not a prompt of template {self.name}: it does not begin as one")
        if not self.input_marker:
            instruction = _replaced(instruction, GUARDED_BLANK_LINE, "${1}")
        return self._unguard(instruction), self._unguard(given)

    def parse_completion(self, completion: Any) -> str:
        """The output that a completion was made from."""
        return self._unguard(completion[0]["content"] if self.chat else completion)

    def _assemble(self, instruction: str, given: str) -> str:
        block = ""
        if given or self.keeps_empty_input:
            block = f"\n\n{self.input_marker}\n{given}" if self.input_marker else f"\n\n{given}"
        tail = f"\n\n{self.output_marker}\n" if self.output_marker else ""
        return (
            (self.before if given or self.keeps_empty_input else self.before_without_input) + instruction + block + tail
        )

    def _prompt(self) -> pl.Expr:
        """`_assemble` for whole columns."""
        instruction, given = self._guard(pl.col("instruction")), self._guard(pl.col("input"))
        if not self.input_marker:
            instruction = instruction.str.replace_all(BLANK_LINE, r"\${1}")
        before, after = "\0instruction\0", "\0input\0"
        with_input = re.split("\0instruction\0|\0input\0", self._assemble(before, after))
        without = self._assemble(before, "").split(before)
        filled = pl.concat_str(pl.lit(with_input[0]), instruction, pl.lit(with_input[1]), given, pl.lit(with_input[2]))
        bare = pl.concat_str(pl.lit(without[0]), instruction, pl.lit(without[1]))
        return pl.when(pl.col("input") != "").then(filled).otherwise(bare)

    def _marker_line(self, backslash: str) -> str:
        """Regular expression for the beginning of a line that reads as a marker."""
        return rf"(?mi){LINE_BEGIN}([ \t]*){backslash}(\\*(?:{'|'.join(re.escape(marker) for marker in self.markers)}))"

    def _guard(self, field: pl.Expr) -> pl.Expr:
        return field.str.replace_all(self._marker_line(""), r"${1}${2}\${3}") if self.markers else field

    def _unguard(self, text: str) -> str:
        return _replaced(text, self._marker_line(r"\\"), "${1}${2}${3}") if self.markers else text


def _replaced(text: str, pattern: str, replacement: str) -> str:
    """Replace by the same engine that guarded: Python's takes other letters for the same when case does not matter."""
    return str(pl.Series([text], dtype=pl.String).str.replace_all(pattern, replacement).item())


def _message(role: str, content: pl.Expr) -> pl.Expr:
    return pl.concat_list(pl.struct(pl.lit(role).alias("role"), content.alias("content")))


# Bactrian-X's and Stanford Alpaca's templates as their authors published them (templates/bactrian.json of
# mbzuai-nlp/bactrian-x at b31b751; alpaca's README). `instruccion` is the prompt of the published model's usage example.
_ALPACA = "Below is an instruction that describes a task"
_ALPACA_INPUT = f"{_ALPACA}, paired with an input that provides further context."
_ALPACA_ASK = "Write a response that appropriately completes the request.\n\n### Instruction:\n"
_INSTRUCCION = ("### Instrucción:\n", "### Instrucción:\n", "### Entrada:", "### Respuesta:")
_INSTRUCCION_MARKERS = ("### Instrucción:", "### Entrada:", "### Respuesta:")

TEMPLATES = {
    template.name: template
    for template in (
        Template("instruccion", *_INSTRUCCION, _INSTRUCCION_MARKERS, keeps_empty_input=True),
        Template("instruccion-breve", *_INSTRUCCION, _INSTRUCCION_MARKERS),
        Template(
            "alpaca",
            f"{_ALPACA_INPUT} {_ALPACA_ASK}",
            f"{_ALPACA}. {_ALPACA_ASK}",
            "### Input:",
            "### Response:",
            ("### Instruction:", "### Input:", "### Response:"),
        ),
        Template("bactrian", "### Input:\n", "### Input:\n", "", "### Output:", ("### Input:", "### Output:")),
        Template("messages", "", "", "", "", (), chat=True),
    )
}


def templated(rows: pl.DataFrame, template: Template, origins: Sequence[str]) -> Outcome:
    """The template stage: a version's columns, from `id`, `instruction`, `input`, `output` and `split`.

    origins: prefixes of ids that tell where a row comes from (see `common_origins`), unless the rows have an `origin`.
    """
    told = pl.col("origin") if "origin" in rows.columns else origin(rows, origins)
    return Outcome(rows.select(*SOURCE_COLUMNS, told, SPOKEN, *template.columns(), "split"))


def common_origins(rows: pl.DataFrame) -> list[str]:
    """The prefixes that at least MIN_SHARE of a source's ids have in common, such as `alpaca`; sorted."""
    counts = rows.select(_prefix(rows).alias("prefix")).drop_nulls().group_by("prefix").len()
    return counts.filter(pl.col("len") >= MIN_SHARE * rows.height)["prefix"].sort().to_list()


def origin(rows: pl.DataFrame, origins: Sequence[str]) -> pl.Expr:
    """Column `origin` of these rows: the prefix of `id` where it is one of these, else empty."""
    prefix = _prefix(rows)
    return pl.when(prefix.is_in(list(origins))).then(prefix).otherwise(pl.lit("")).alias("origin")


def _prefix(rows: pl.DataFrame) -> pl.Expr:
    id = plain_id(rows)
    return pl.when(~id.str.contains(HASH)).then(id.str.extract(PREFIX))


def template_named(name: str) -> Template:
    """A template by name. Raises NotFound, naming those that exist."""
    if name not in TEMPLATES:
        raise NotFound(f"unknown template {name!r}{nearest(name, TEMPLATES)}", f"there are {', '.join(TEMPLATES)}")
    return TEMPLATES[name]
