"""The adapter card: every number in it is the record's."""

import copy
import math
import re

import pytest
import yaml

from cards.adapter.card import adapter_card, model_card
from cards.shared.sections import sections, with_sections
from cards.shared.vocabulary import card_faults
from tests.train.records import RECORD, training
from train.adapters.merged import Comparison, MergedAdapter, MergingRecord

CARD = adapter_card(training())
# Numbers that no reader needs: how often and how many checkpoints, the file's own format, what stands elsewhere too.
UNTOLD = {
    *("format", "recipe.train.save_steps", "recipe.train.save_total_limit"),
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


def card_of(values):
    """The card of a record with other values."""
    return adapter_card(training(values))


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
    other = card_of(with_value(path, value * 2 or 7))
    gone = [line for line in CARD.splitlines() if line not in other.splitlines()]
    come = [line for line in other.splitlines() if line not in CARD.splitlines()]

    assert gone and len(gone) == len(come)


@pytest.mark.parametrize(
    "line",
    [
        "Fine-tuned on exactly one version of one dataset, `ana/recetas@v1.2.0`: **47,509** rows with",
        "7,654,321 answer tokens, 11,864 steps.",
        f"| base | [`projecte-aina/aguila-7b`](https://huggingface.co/projecte-aina/aguila-7b/tree/{'a' * 40}), commit `{'a' * 40}` |",
        "| base's shape | `falcon`, 33 layers, 50,257 tokens in its vocabulary |",
        f"| dataset | [`ana/recetas@v1.2.0`](https://huggingface.co/datasets/ana/recetas/tree/{'b' * 40}), commit `{'b' * 40}`, version 1.2.0 of `recetas` |",
        f"| its rows | train 47,511, validation 2,489, content sha256 `{'2' * 64}` |",
        f"| template | `instruccion`, sha256 `{'3' * 64}` |",
        "| LoRA r | 61 |",
        "| lora_dropout | 0.055 |",
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
        for card in (CARD, card_of(RECORD | {"run": slow}))
    ]

    assert cut[0] == cut[1] and len(cut[0]) == 2
    assert (
        "`x86_64` (cpu, 2 processes), 10 s for the steps after 11,000, where it was resumed, 2.0 tokens/s, peak memory 0.00 GiB."
        in card_of(RECORD | {"run": slow})
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
    text = card_of(RECORD | {"base": base, "data": data})

    assert not {"base_model", "base_model_relation", "datasets"} & header(text).keys()
    assert f"| base | `aguila-7b`, fingerprint `{'4' * 64}` |" in text
    assert "| dataset | `recetas@1.2.0`, version 1.2.0 of `recetas` |" in text
    assert card_faults(text, "model") == []


def test_a_run_without_evaluation_claims_none():
    metrics = RECORD["metrics"] | {"first_eval_loss": None, "eval_loss": None, "evaluations": []}
    tokens = {key: value for key, value in RECORD["tokens"].items() if key != "validation"}
    text = card_of(RECORD | {"metrics": metrics, "tokens": tokens})

    assert "model-index" not in header(text)
    assert "- Its loss on unseen rows was not measured." in text
    assert "| tokens | 11,162,657 |" in text.splitlines()


# ---- the page --------------------------------------------------------------------------------------------------------


def test_the_licence_and_where_the_answers_came_from_are_told():
    assert (
        "The dataset's licence, `cc-by-nc-4.0`, is carried over; the base `projecte-aina/aguila-7b` has its own, apache-2.0."
        in CARD
    )
    assert "not for commercial purposes" in CARD and "gpt-3.5-turbo" in CARD and "@misc{li2023bactrianx" in CARD
    other = card_of(RECORD | {"data": RECORD["data"] | {"license": "apache-2.0", "source_datasets": []}})
    assert "gpt-3.5-turbo" not in other and "## Citation" not in other and "commercial" not in other


def test_people_may_edit_two_sections():
    assert list(sections(CARD)) == ["about", "uses-notes", "limits-notes"]
    edited = with_sections(CARD, {"about": "\nNuestro modelo.\n"})
    assert with_sections(edited, {"about": sections(CARD)["about"]}) == CARD


def test_names_cannot_be_markdown():
    record = RECORD | {"run": RECORD["run"] | {"hardware": "a`|<b>\n# no"}}
    assert "`a´¦<b> # no` (cuda" in card_of(record)


def test_a_chat_adapter_is_loaded_with_the_chat_template():
    template = {
        "name": "messages",
        "sha256": "5" * 64,
        "chat": True,
        "text": "{instruction}",
        "text_without_input": "{instruction}",
    }
    text = card_of(RECORD | {"template": template})
    assert "tokenizer.apply_chat_template(chat, add_generation_prompt=True" in text and "prompt.replace" not in text


def test_no_placeholder_is_left_and_what_it_was_made_of_is_linked():
    for placeholder in ("path/or/name", "path/to", "FOLDER", "OWNER/NAME"):
        assert placeholder not in CARD
    assert 'adapter = "."  # where this card lies\n' in CARD
    assert "Source datasets: [MBZUAI/Bactrian-X](https://huggingface.co/datasets/MBZUAI/Bactrian-X)." in CARD
    assert "- Commercial purposes: the licence of its data excludes them." in card_of(
        with_value("data.license", "cc-by-nc-4.0")
    )


def test_the_terms_of_the_data_are_carried_over():
    data = RECORD["data"] | {
        "license": "other",
        "license_name": "de-ana",
        "license_link": "https://ana.example/l",
        "attribution": ["Filas de Ana."],
    }
    card = card_of(RECORD | {"data": data})

    assert "Of the dataset: [de-ana](https://ana.example/l). Filas de Ana." in card
    assert {"license": "other", "license_name": "de-ana", "license_link": "https://ana.example/l"}.items() <= header(
        card
    ).items()
    unknown = card_of(with_value("data.license", "unknown"))
    assert "The dataset's licence is not known; the base" in unknown and "`unknown`" not in unknown


# ---- pairs -----------------------------------------------------------------------------------------------------------


def aligned():
    """A record of a run on pairs of answers."""
    measures = {
        "step": 12,
        "margin": 0.75,
        "accuracy": 0.875,
        "chosen_reward": 0.5,
        "rejected_reward": -0.25,
        "drift": 5.0,
    }
    record = copy.deepcopy(RECORD) | {"kind": "dpo"}
    record["metrics"]["pairs"] = {"train": measures, "validation": [measures]}
    return training(record)


def test_what_was_learnt_from_pairs_is_counted_in_pairs():
    record = aligned()
    card, tokens = adapter_card(record), record.tokens.train

    assert f"**{tokens.rows:,}** pairs with" in card and "Both answers of a pair count; the prompt is read" in card
    assert f"| pairs | {tokens.rows:,} |" in card and "| pairs left out, whose prompt" in card
    assert f"of its {2 * tokens.rows:,} answers were cut" in card
    assert "perplexity" not in card


def test_a_merged_model_of_pairs_has_no_perplexity():
    record = aligned()
    check = Comparison(max_difference=0.01, largest_logit=20.0, tolerance=0.05, tokens=90, same_next_token=89)
    merged = MergingRecord(
        base=record.base,
        adapter=MergedAdapter(name=record.name, training_sha256="2" * 64, weights_sha256="3" * 64),
        data=record.data,
        template=record.template,
        precision="bf16",
        check=check,
        software={"torch": "2.13.0"},
        files={},
    )
    card = " ".join(model_card(record, merged).split())

    assert "perplexity" not in card
    assert f"loss per pair of answers on the dataset's validation pairs: {record.metrics.eval_loss:.4f}" in card
    assert "It prefers the better answer, against the adapter that it went on from, in 87.5 % of them." in card
    plain = " ".join(model_card(training(), merged).split())
    assert f"(perplexity {math.exp(training().metrics.eval_loss):.2f})" in plain


def test_a_card_names_the_languages_that_were_learnt():
    spoken = card_of(with_value("data.languages", {"es": "Spanish", "gl": "Galician", "pt": "Portuguese"}))
    assert header(spoken)["language"] == ["es", "gl", "pt"]
    assert header(spoken)["tags"] == ["lora", "sft", "multilingual", "instruction-tuning", "qlora"]
    assert "follow instructions in Spanish, Galician and Portuguese.\n" in spoken
    assert "other languages than Spanish, Galician and Portuguese.\n" in spoken

    portuguese = card_of(with_value("data.languages", {"pt": "Portuguese"}))
    assert (header(portuguese)["language"], header(portuguese)["tags"][2]) == (["pt"], "instruction-tuning")
