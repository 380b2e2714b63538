"""An answer while it is written, piece by piece."""

import re
from collections.abc import Callable
from typing import Any

from builders.stages.templates import Template

LINE_BREAK = re.compile(
    "[\\n\\r\\x0b\\x0c\\x1c-\\x1e\\x85\\u2028\\u2029]"
)  # as builders/stages/templates.py reads them
# The beginning of a line that may turn out to hold a guarded marker.
UNDECIDED = re.compile(r"[ \t]*(?:\\.*)?\Z", re.S)


def parsed(template: Template, text: str) -> str:
    """A completion that the model wrote, as plain text: what guards the template's markers is taken away."""
    return template.parse_completion([{"content": text}] if template.chat else text)


class Pieces:
    """A completion while it is written: pieces of the answer are shown once nothing that follows can change them."""

    def __init__(self, template: Template, show: Callable[[str], None]) -> None:
        self.template, self.show = template, show
        self.completion, self.shown = "", ""

    def streamer(self, tokenizer: Any) -> Any:
        """What `generate` hands tokens to: transformers' own, which waits for whole words."""
        from transformers import TextStreamer

        add = self.add

        class Streamer(TextStreamer):  # type: ignore[misc]
            def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
                add(text)

        return Streamer(tokenizer, skip_prompt=True, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def add(self, text: str) -> None:
        """More of the completion."""
        self.completion += text
        begin = max((match.end() for match in LINE_BREAK.finditer(self.completion)), default=0)
        undecided = UNDECIDED.match(self.completion, begin)
        self.rest(parsed(self.template, self.completion[:begin] if undecided else self.completion))

    def rest(self, answer: str) -> None:
        """Show what was not shown yet of an answer."""
        if len(answer) > len(self.shown):
            self.show(answer[len(self.shown) :])
            self.shown = answer
