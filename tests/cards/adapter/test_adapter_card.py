"""The adapter card: every number in it is the record's."""

import copy
import math
import re

import pytest
import yaml

from cards.adapter.card import adapter_card
from cards.shared.sections import sections, with_sections
from cards.shared.vocabulary import card_faults

RECORD = {
    "format": 1,
    "kind": "sft",
    "name": "recetas",
    "recipe": {
        "name": "recetas",
        "base": {"repo": "projecte-aina/aguila-7b", "revision": "a" * 40, "sha256": None, "pad_token": None},
        "lora": {"r": 61, "alpha": 17, "dropout": 0.055, "targets": None},
        "quantization": {"kind": "nf4", "double": True},
        "train": {
            "template": None,
            "length": 2047,
            "packing": True,
            "batch": 11,
            "accumulation": 13,
            "epochs": 2.5,
            "steps": None,
            "optimizer": "paged_adamw_32bit",
            "learning_rate": 0.00023,
            "schedule": "cosine",
            "warmup": 19,
            "weight_decay": 3e-06,
            "max_grad_norm": 1.25,
            "precision": "auto",
            "gradient_checkpointing": True,
            "evaluate": 250,
            "save": 270,
            "checkpoints": 3,
            "seed": 2031,
        },
        "report_to": "none",
    },
    "recipe_sha256": "1" * 64,
    "base": {
        "kind": "hub",
        "repo": "projecte-aina/aguila-7b",
        "revision": "a" * 40,
        "name": "aguila-7b",
        "sha256": None,
        "model_type": "falcon",
        "layers": 33,
        "vocabulary": 50257,
    },
    "data": {
        "reference": "ana/recetas@v1.2.0",
        "name": "recetas",
        "version": "1.2.0",
        "repo": "ana/recetas",
        "commit": "b" * 40,
        "content_sha256": "2" * 64,
        "rows": {"train": 47511, "validation": 2489},
        "license": "cc-by-nc-4.0",
        "source_datasets": ["MBZUAI/Bactrian-X"],
    },
    "template": {
        "name": "instruccion",
        "sha256": "3" * 64,
        "chat": False,
        "text": "### Instrucción:\n{instruction}\n\n### Entrada:\n{input}\n\n### Respuesta:\n",
        "text_without_input": "### Instrucción:\n{instruction}\n\n### Entrada:\n\n\n### Respuesta:\n",
    },
    "tokens": {
        "train": {
            "rows": 47509,
            "tokens": 11162657,
            "answer_tokens": 7654321,
            "median": 207,
            "longest": 2046,
            "truncated": 37,
            "left_out": {"count": 2, "first": ["es-7", "es-9"]},
        },
        "validation": {
            "rows": 2488,
            "tokens": 584931,
            "answer_tokens": 401234,
            "median": 209,
            "longest": 1999,
            "truncated": 5,
            "left_out": 1,
        },
        "windows": 5602,
        "filling": {"padded": 0.4321, "packed": 0.0123},
    },
    "steps": 11864,
    "metrics": {
        "train_loss": 1.3456,
        "first_train_loss": 2.2345,
        "last_train_loss": 1.1987,
        "first_eval_loss": 2.1697,
        "eval_loss": 1.2354,
        "evaluations": [{"step": 0, "loss": 2.1697}, {"step": 5932, "loss": 1.2481}, {"step": 11864, "loss": 1.2354}],
    },
    "engine": "unsloth",
    "precision": "bf16",
    "optimizer": "paged_adamw_32bit",
    "software": {"python": "3.11.7", "aguila-data": "0.1.0", "torch": "2.13.0", "transformers": "5.17.0"},
    "run": {
        "seconds": 24635.4,
        "after_step": 0,
        "tokens_per_second": 906.2,
        "peak_memory_bytes": 12345678901,
        "device": "cuda",
        "hardware": "NVIDIA H200",
        "processes": 1,
    },
}
CARD = adapter_card(RECORD)
# Numbers that no reader needs: how often and how many checkpoints, the file's own format, what stands elsewhere too.
UNTOLD = {
    *("format", "recipe.train.save", "recipe.train.checkpoints"),
    *("metrics.first_eval_loss", "metrics.eval_loss"),  # in the table, as the first and the last evaluation
}


def numbers(value, path=""):
    if isinstance(value, bool | str) or value is None:
        return
    if isinstance(value, int | float):
        yield path, value
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield from numbers(inner, f"{path}.{key}" if path else str(key))


def with_value(path, value):
    record = copy.deepcopy(RECORD)
    place = record
    *way, last = path.split(".")
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place[key]
    place[int(last) if isinstance(place, list) else last] = value
    return record


def header(card):
    return yaml.safe_load(card.removeprefix("---\n").partition("\n---\n")[0])


# ---- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value"), [one for one in numbers(RECORD) if one[0] not in UNTOLD], ids=lambda one: str(one)
)
def test_every_number_of_the_record_is_told_and_follows_it(path, value):
    other = adapter_card(with_value(path, value * 2 or 7))
    gone = [line for line in CARD.splitlines() if line not in other.splitlines()]
    come = [line for line in other.splitlines() if line not in CARD.splitlines()]

    assert gone and len(gone) == len(come)


@pytest.mark.parametrize(
    "line",
    [
        "Fine-tuned on exactly one version of one dataset, `ana/recetas@v1.2.0`: **47,509** rows with",
        "7,654,321 answer tokens, 11,864 steps.",
        f"| base | `projecte-aina/aguila-7b`, commit `{'a' * 40}` |",
        "| base's shape | `falcon`, 33 layers, 50,257 tokens in its vocabulary |",
        f"| dataset | `ana/recetas@v1.2.0`, commit `{'b' * 40}`, version 1.2.0 of `recetas` |",
        f"| its rows | train 47,511, validation 2,489, content sha256 `{'2' * 64}` |",
        f"| template | `instruccion`, sha256 `{'3' * 64}` |",
        "| LoRA r | 61 |",
        "| LoRA dropout | 0.055 |",
        "| learning_rate | 0.00023 |",
        "| weight_decay | 3e-06 |",
        "| tokens | 11,162,657 | 584,931 |",
        "| rows whose answer the window cuts | 37 | 5 |",
        "| rows left out, whose prompt alone fills the window | 2 | 1 |",
        "Filling, packed: 1.23 % of the tokens of an epoch.",
        "| 5,932 | 1.2481 | 3.48 |",
        "Train loss: 2.2345 at the first step, 1.1987 at the last, 1.3456 on average.",
        "`NVIDIA H200` (cuda, 1 process), 24,635 s, 906.2 tokens/s, peak memory 11.50 GiB.",
        "- 37 of its 47,509 answers were cut at the window, so they do not end.",
    ],
)
def test_what_the_card_says(line):
    assert line in CARD.splitlines()


def test_every_number_on_the_page_is_one_of_the_record():
    """The other way round: no number in the card's tables comes from elsewhere."""
    known = set()
    for _, value in numbers(RECORD):
        known |= {f"{value:,}", str(value), f"{value:.4f}", f"{100 * value:.2f}"}
        known |= {f"{math.exp(value):.2f}"} if value < 10 else set()
    tables = [
        line for line in CARD.splitlines() if line.startswith("| ") and "sha256" not in line and "software" not in line
    ]
    shown = {number for line in tables for number in re.findall(r"(?<![\w.-])\d[\d,.]*(?:e-\d+)?(?![\w.-])", line)}

    assert len(shown) > 30 and shown - known == {"1.2.0"}


# ---- what depends on the machine -------------------------------------------------------------------------------------


def test_only_one_section_depends_on_clock_and_machine():
    slow = {
        "seconds": 9.5,
        "after_step": 11000,
        "tokens_per_second": 2.0,
        "peak_memory_bytes": 5,
        "device": "cpu",
        "hardware": "x86_64",
        "processes": 2,
    }
    cut = [
        re.split(r"^## Hardware and time\n.*?^## ", card, flags=re.M | re.S)
        for card in (CARD, adapter_card(RECORD | {"run": slow}))
    ]

    assert cut[0] == cut[1] and len(cut[0]) == 2
    assert (
        "`x86_64` (cpu, 2 processes), 10 s for the steps after 11,000, where it was resumed, 2.0 tokens/s, peak memory 0.00 GiB."
        in adapter_card(RECORD | {"run": slow})
    )


# ---- the header ------------------------------------------------------------------------------------------------------


def test_the_header_is_what_the_hub_reads():
    assert header(CARD) == {
        "language": ["es"],
        "license": "cc-by-nc-4.0",
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "tags": ["lora", "sft", "spanish", "instruction-tuning", "qlora"],
        "base_model": "projecte-aina/aguila-7b",
        "base_model_relation": "adapter",
        "datasets": ["ana/recetas"],
        "model-index": [
            {
                "name": "recetas",
                "results": [
                    {
                        "task": {"type": "text-generation"},
                        "dataset": {
                            "name": "ana/recetas@v1.2.0",
                            "type": "ana/recetas",
                            "split": "validation",
                            "revision": "b" * 40,
                        },
                        "metrics": [
                            {"type": "loss", "value": 1.2354, "name": "validation loss"},
                            {"type": "perplexity", "value": 3.4398, "name": "validation perplexity"},
                        ],
                    }
                ],
            }
        ],
    }
    assert card_faults(CARD, "model") == []


def test_the_hubs_client_reads_the_metrics_back():
    from huggingface_hub import ModelCard

    data = ModelCard(CARD).data
    assert [(one.metric_type, one.metric_value) for one in data.eval_results] == [
        ("loss", 1.2354),
        ("perplexity", 3.4398),
    ]


def test_what_is_on_no_hub_has_no_name_there():
    base = RECORD["base"] | {"kind": "folder", "repo": None, "revision": None, "sha256": "4" * 64}
    data = RECORD["data"] | {"repo": None, "commit": None, "reference": "recetas@1.2.0"}
    card = adapter_card(RECORD | {"base": base, "data": data})

    assert not {"base_model", "base_model_relation", "datasets"} & header(card).keys()
    assert f"| base | `aguila-7b`, fingerprint `{'4' * 64}` |" in card
    assert "| dataset | `recetas@1.2.0`, version 1.2.0 of `recetas` |" in card
    assert card_faults(card, "model") == []


def test_a_run_without_evaluation_claims_none():
    metrics = RECORD["metrics"] | {"first_eval_loss": None, "eval_loss": None, "evaluations": []}
    tokens = {key: value for key, value in RECORD["tokens"].items() if key != "validation"}
    card = adapter_card(RECORD | {"metrics": metrics, "tokens": tokens})

    assert "model-index" not in header(card)
    assert "- Its loss on unseen rows was not measured." in card
    assert "| tokens | 11,162,657 |" in card.splitlines()


# ---- the page --------------------------------------------------------------------------------------------------------


def test_the_licence_and_where_the_answers_came_from_are_told():
    assert (
        "The dataset's licence, `cc-by-nc-4.0`, is carried over; the base `projecte-aina/aguila-7b` has its own, apache-2.0."
        in CARD
    )
    assert "not for commercial purposes" in CARD and "gpt-3.5-turbo" in CARD and "@misc{li2023bactrianx" in CARD
    other = adapter_card(RECORD | {"data": RECORD["data"] | {"license": "apache-2.0", "source_datasets": []}})
    assert "gpt-3.5-turbo" not in other and "## Citation" not in other and "commercial" not in other


def test_people_may_edit_two_sections():
    assert list(sections(CARD)) == ["about", "limits-notes"]
    edited = with_sections(CARD, {"about": "\nNuestro modelo.\n"})
    assert with_sections(edited, {"about": sections(CARD)["about"]}) == CARD


def test_names_cannot_be_markdown():
    record = RECORD | {"run": RECORD["run"] | {"hardware": "a`|<b>\n# no"}}
    assert "`a´¦<b> # no` (cuda" in adapter_card(record)


def test_a_chat_adapter_is_loaded_with_the_chat_template():
    template = {
        "name": "messages",
        "sha256": "5" * 64,
        "chat": True,
        "text": "{instruction}",
        "text_without_input": "{instruction}",
    }
    card = adapter_card(RECORD | {"template": template})
    assert "tokenizer.apply_chat_template(chat, add_generation_prompt=True" in card and "prompt.replace" not in card
