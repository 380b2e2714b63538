"""`aguila generate`: an adapter answers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import (
    adapter_argument,
    answering_options,
    json_option,
    seed_option,
    temperature_option,
    top_p_option,
)
from aguila.commands.output import print_json

if TYPE_CHECKING:
    from train.engines import DeviceName, EngineName


@command(
    "generate",
    'aguila generate adapters/tiny "¿Qué es un cenote?"\n'
    'aguila generate adapters/tiny "Resume el texto." --input "Marta perdió el tren."\n'
    "aguila generate adapters/tiny --file preguntas.jsonl\n"
    "aguila generate adapters/tiny --chat --temperature 0.7 --top-p 0.9 --seed 1",
)
@adapter_argument
@click.argument("text", required=False)
@click.option("--input", "given", default="", metavar="TEXT", help="The text that the instruction is about.")
@click.option(
    "--file",
    "questions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Answer a file, as JSON Lines: one instruction a line, or *.jsonl with instruction and input.",
)
@click.option("--chat", is_flag=True, help="Answer line after line, each by itself, until the input ends.")
@temperature_option
@top_p_option
@seed_option
@answering_options
@json_option
def generate(
    adapter: Path,
    text: str | None,
    given: str,
    questions: Path | None,
    chat: bool,
    temperature: float,
    top_p: float,
    seed: int,
    max_tokens: int,
    batch: int,
    base: str | None,
    engine: "EngineName",
    device: "DeviceName",
    as_json: bool,
) -> None:
    """Answer TEXT, a file, or line after line, with the prompt template that ADAPTER was trained on.

    ADAPTER is a folder, or OWNER/NAME@vX.Y.Z on the Hub.
    """
    if (text is not None) + (questions is not None) + chat != 1:
        raise click.UsageError("Give TEXT, or --file FILE, or --chat.")
    if given and text is None:
        raise click.UsageError("--input goes with TEXT.")
    from train.answers.answering import answer_file, answer_lines, answer_one, read_questions

    sampling = aguila.Sampling(max_tokens, temperature, top_p, seed, batch)
    asked = read_questions(questions) if questions else []
    answerer = aguila.open_answerer(adapter, base, engine, device)
    if questions:
        answer_file(answerer, asked, sampling, lambda answered: print_json(answered, None))
    elif chat:
        answer_lines(answerer, sampling, as_json, lambda answered: print_json(answered, None))
    else:
        answered = answer_one(answerer, aguila.Question(text or "", given), sampling, silent=as_json)
        if as_json:
            print_json(answered)
