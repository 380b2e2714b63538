"""The adapter card: YAML that the Hub reads, and a page that says what a model was made of and how well it learnt."""

import json
import math
from importlib import resources
from typing import TYPE_CHECKING, Any

from cards.shared.sources import BACTRIAN, CITATIONS, INSTALL, ORIGINS, dataset_link, license_text, model_link
from cards.shared.words import in_words

if TYPE_CHECKING:
    from train.adapters.merged import MergingRecord
    from train.run.record import DataPin, Training

METHODS = {"sft": "supervised fine-tuning (sft)", "dpo": "direct preference optimization (dpo)"}
# Licences of bases that recipes name, as their repositories state them.
BASE_LICENSES = {"projecte-aina/aguila-7b": "apache-2.0"}
# Every tag that such a card may have of its own.
OWN_TAGS = ("lora", "qlora", *METHODS, "spanish", "multilingual", "instruction-tuning")
SPANISH = {"es": "Spanish"}  # what a record of Spanish data alone leaves out
# Recipe keys that say nothing of how an adapter was made.
UNSHOWN = ("template", "save_steps", "save_total_limit")
TOKEN_ROWS = (
    ("rows", "rows"),
    ("tokens", "tokens"),
    ("answer_tokens", "of them in answers, which are learnt"),
    ("median", "median of a row"),
    ("longest", "longest row"),
    ("truncated", "rows whose answer the window cuts"),
)


def adapter_card(record: "Training") -> str:
    """The README.md of an adapter, with marked sections that people may edit (see `cards/shared/sections.py`).

    record: `training.json` without the hashes of files. What depends on the clock or the machine (`run`) is in one section,
    "Hardware and time"; everything else is the same on every run.
    """
    return _page("card.md.jinja", card_data(record), record)


def model_card(record: "Training", merged: "MergingRecord") -> str:
    """The README.md of a model that an adapter was merged into; `record` is the adapter's."""
    data = card_data(record)
    for name in ("base_model_relation", "eval_results", "model_name"):  # an adapter's
        data.pop(name, None)
    tags = ["sft" if tag == "lora" else tag for tag in data["tags"] if tag not in ("qlora", record.kind)]
    relation = {"base_model_relation": "finetune"} if record.base.repo else {}
    header = data | relation | {"library_name": "transformers", "tags": tags}
    return _page("model.md.jinja", header, record, merged=merged)


def _page(template: str, data: dict[str, Any], record: "Training", **more: Any) -> str:
    import jinja2
    from huggingface_hub import ModelCardData
    from huggingface_hub.repocard import ModelCard

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (resources.files("cards.adapter") / name).read_text("utf-8")),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # Markdown; names go through `code` and `literal`
    )
    environment.filters |= {"code": _code, "literal": _literal, "value": _value, "exp": math.exp}
    body = environment.get_template(template).render(record=record, **_derived(record), **more)
    header = ModelCardData(**data).to_yaml(line_break="\n")
    return str(ModelCard(f"---\n{header}\n---\n\n{body}"))


def card_data(record: "Training") -> dict[str, Any]:
    """The card's YAML. A base or dataset that is on no Hub has no name there, and is named in the text alone."""
    base, data, loss = record.base, record.data, record.metrics.eval_loss
    languages = data.languages or SPANISH
    spoken = ["spanish"] if languages == SPANISH else ["multilingual"] if len(languages) > 1 else []
    tags = ["lora", record.kind, *spoken, "instruction-tuning"]
    return {
        "language": list(languages),
        "license": data.license,
        **({"license_name": data.license_name} if data.license_name else {}),
        **({"license_link": data.license_link} if data.license_link else {}),
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "tags": [*tags, "qlora"] if record.recipe.quantization.kind == "nf4" else tags,
        **({"base_model": base.repo, "base_model_relation": "adapter"} if base.repo else {}),
        **({"datasets": [data.repo]} if data.repo else {}),
        **({"model_name": record.name, "eval_results": _results(record, loss)} if loss is not None else {}),
    }


def _results(record: "Training", loss: float) -> list[Any]:
    """Loss, and perplexity or the accuracy on pairs, on the version's validation rows, as the Hub's model-index has them."""
    from huggingface_hub import EvalResult

    data, pairs = record.data, record.metrics.pairs
    accuracy = [("preference accuracy", pairs.validation[-1].accuracy)] if pairs and pairs.validation else []
    more = accuracy if pairs else [("perplexity", math.exp(loss))]
    return [
        EvalResult(
            task_type="text-generation",
            dataset_type=data.repo or data.name,
            dataset_name=data.reference,
            dataset_split="validation",
            dataset_revision=data.commit,
            metric_type=name,
            metric_name=f"validation {name}",
            metric_value=round(value, 4),
        )
        for name, value in (("loss", loss), *more)
    ]


def _derived(record: "Training") -> dict[str, Any]:
    """What the page says that is not in the record as it is."""
    recipe, tokens = record.recipe, record.tokens
    what = "pairs" if record.metrics.pairs else "rows"
    sources = [source for source in record.data.source_datasets if source in ORIGINS]
    splits = {"train": tokens.train, **({"validation": tokens.validation} if tokens.validation else {})}
    left_out = {"train": tokens.train.left_out.count}
    if tokens.validation:
        left_out["validation"] = tokens.validation.left_out
    return {
        "base_name": _base_name(record),
        "spoken": _spoken(record),
        "base_link": model_link(record.base.repo, record.base.revision) if record.base.repo else _base_name(record),
        "data_link": _data_link(record.data),
        "install": INSTALL,
        "out_of_scope": _out_of_scope(record),
        "sources": [dataset_link(source) for source in record.data.source_datasets],
        "falcon": record.base.model_type == "falcon",
        "quantized": recipe.quantization.kind == "nf4",
        "dtype": {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}[record.precision],
        "method": METHODS.get(record.kind, record.kind),
        "hyperparameters": {
            "LoRA r": recipe.lora.r,
            **{key: value for key, value in recipe.lora if key != "r"},
            "quantization": recipe.quantization.kind,
            **{key: value for key, value in recipe.quantization if key != "kind"},
            **{key: value for key, value in recipe.train if key not in UNSHOWN},
            "precision": record.precision,
            "optim": record.optimizer,
        },
        "splits": splits,
        "pair_rows": _pair_rows(record),
        "token_rows": [(key, label.replace("row", what[:-1])) for key, label in TOKEN_ROWS],
        "what": what,
        "left_out": left_out,
        "limits": _limits(record),
        "license_text": _license_text(record),
        "origins": [ORIGINS[source] for source in sources],
        "citations": [entry for source in sources for entry in CITATIONS[source]],
    }


def _pair_rows(record: "Training") -> list[tuple[str, Any]]:
    """Measures of pairs: the last epoch's on train pairs, then each evaluation; none where none were learnt."""
    found = record.metrics.pairs
    return [("train", found.train), *(("validation", one) for one in found.validation)] if found else []


def _limits(record: "Training") -> list[str]:
    tokens = record.tokens.train
    limits = [
        "It was trained on single questions and answers: it remembers nothing of what was said before.",
        "It may state what is wrong, fluently; nothing here measures whether its answers are true.",
        "It says what its base says, biases included, wherever the answers that it learnt did not change that.",
    ]
    if BACTRIAN in record.data.source_datasets:
        limits.append(
            "Its answers were learnt from gpt-3.5-turbo's of 2023, to machine-translated instructions: their knowledge, "
            "their habits and their mistakes."
        )
    if tokens.truncated:
        limits.append(
            f"{tokens.truncated:,} of its {tokens.rows * (2 if record.metrics.pairs else 1):,} answers were cut at the window, "
            "so they do not end."
        )
    if not record.metrics.evaluations:
        limits.append("Its loss on unseen rows was not measured.")
    return limits


def _out_of_scope(record: "Training") -> list[str]:
    """What the model is not made for."""
    found = [
        "Medical, legal or financial advice, decisions about people, or anything where a wrong answer harms.",
        f"Conversations of several turns, and other languages than {_spoken(record)}.",
    ]
    if "-nc" in record.data.license:
        found.append("Commercial purposes: the licence of its data excludes them.")
    return found


def _license_text(record: "Training") -> str:
    """What the licences of data and base say about the adapter."""
    data, known = record.data, BASE_LICENSES.get(record.base.repo or "")
    stated = None if data.license == "unknown" else data.license
    its_own = f"the base {_base_name(record)} has its own{f', {known}' if known else '; look it up'}"
    of_rows = license_text(stated, data.license_name, data.license_link, data.attribution)
    carried = (
        f"The dataset's licence, `{data.license}`, is carried over" if stated else "The dataset's licence is not known"
    )
    return f"{carried}; {its_own}. Of the dataset: {of_rows}"


def _data_link(data: "DataPin") -> str:
    """The version that was trained on, with a link where it is on the Hub."""
    name = _code(data.reference)
    return f"[{name}](https://huggingface.co/datasets/{data.repo}/tree/{data.commit})" if data.repo else name


def _spoken(record: "Training") -> str:
    """The languages that were learnt, in words."""
    return in_words(list((record.data.languages or SPANISH).values()))


def _base_name(record: "Training") -> str:
    """The base's repository, or the name of its folder."""
    return _code(record.base.repo or record.base.name)


def _code(text: str) -> str:
    """A name as a code span, in which nothing can be Markdown, nor end a table's cell."""
    return f"`{' '.join(str(text).split()).replace('`', '´').replace('|', '¦')}`"


def _literal(value: Any) -> str:
    """A Python literal."""
    return json.dumps(value, ensure_ascii=False)


def _value(value: Any) -> str:
    """A setting's value: numbers as they are, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
