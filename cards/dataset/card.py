"""The dataset card: YAML that the Hub and `datasets` read, and a page that people read."""

import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

from cards.shared.vocabulary import size_category

LICENSES = {
    "cc-by-nc-4.0": (
        "CC BY-NC 4.0 (`https://creativecommons.org/licenses/by-nc/4.0/`), carried from the source: share and adapt with "
        "attribution, and say what you changed; not for commercial purposes, and neither is what is adapted from it. Whether "
        "a model that was trained on these rows is such an adaptation is not settled; treat it as one."
    ),
    "apache-2.0": "Apache License 2.0.",
    "other": "The source's licence was not stated in the recipe; find it out before you publish (`card.license`).",
}
# What is known of sources that recipes name: where the text came from, and whom to cite.
BACTRIAN = "MBZUAI/Bactrian-X"
ORIGINS = {
    BACTRIAN: (
        "Bactrian-X (Li et al. 2023): instructions and inputs are those of alpaca-52k (written by text-davinci-003) and "
        "dolly-15k (written by Databricks' employees), machine-translated with Google Translate; the answers were written in "
        "the rows' own language by gpt-3.5-turbo. OpenAI's terms restrict the use of its models' output to develop competing "
        "models."
    ),
}
CITATIONS = {
    BACTRIAN: (
        "@misc{li2023bactrianx,\n"
        "  title = {Bactrian-X: Multilingual Replicable Instruction-Following Models with Low-Rank Adaptation},\n"
        "  author = {Haonan Li and Fajri Koto and Minghao Wu and Alham Fikri Aji and Timothy Baldwin},\n"
        "  year = {2023}, eprint = {2305.15011}, archivePrefix = {arXiv}, primaryClass = {cs.CL}\n}",
        "@misc{taori2023alpaca,\n"
        "  title = {Stanford Alpaca: An Instruction-following LLaMA model},\n"
        "  author = {Rohan Taori and Ishaan Gulrajani and Tianyi Zhang and Yann Dubois and Xuechen Li and\n"
        "            Carlos Guestrin and Percy Liang and Tatsunori B. Hashimoto},\n"
        "  year = {2023}, howpublished = {\\url{https://github.com/tatsu-lab/stanford_alpaca}}\n}",
        "@online{conover2023dolly,\n"
        "  title = {Free Dolly: Introducing the World's First Truly Open Instruction-Tuned LLM},\n"
        "  author = {Mike Conover and Matt Hayes and Ankit Mathur and Jianwei Xie and Jun Wan and Sam Shah and\n"
        "            Ali Ghodsi and Patrick Wendell and Matei Zaharia and Reynold Xin},\n"
        "  year = {2023}, organization = {Databricks}\n}",
    ),
}
COMPARED = re.compile(r"Since \S+: .+\. Rows: .+\.")  # what `changes_text` writes
UNCOMPARED = "This card was written by the build, which compares with no other version; `aguila diff OLD NEW` does."
LEDGER_FEATURES = [
    *({"name": name, "dtype": "string"} for name in ("id", "status", "stage", "rule")),
    {"name": "score", "dtype": "float64"},
    *({"name": name, "dtype": "string"} for name in ("evidence", "duplicate_of")),
    *({"name": name, "list": "string"} for name in ("edits", "flags")),
    *({"name": name, "dtype": "string"} for name in ("split", "source_sha256", "row_sha256")),
]
MESSAGES = [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]


def dataset_card(facts: Mapping[str, Any]) -> str:
    """The README.md of a version, with marked sections that people may edit (see `cards/shared/sections.py`).

    facts: name, version, card (title, summary, license, source_datasets, tags), language (code, name, whether the
    builder knows it), template (name, text, chat), stages,
    source_rows, kept, statistics, sizes (per config and split: rows, num_bytes, file_bytes), source and parallel (one line;
    parallel may be None), recipe_sha256, content_sha256, gold (true_positives, false_positives, false_negatives by
    decision), gold_rows, charts (description by name of a picture in `charts/`), software.
    """
    import jinja2
    from huggingface_hub.repocard import DatasetCard
    from huggingface_hub.repocard_data import DatasetCardData

    text = (resources.files("cards.dataset") / "card.md.jinja").read_text("utf-8")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # Markdown; what rows say never stands in it
    )
    card = facts["card"]
    named = [source for source in card["source_datasets"] if source in ORIGINS]
    body = environment.from_string(text).render(
        {
            **facts,
            "title": card["title"] or facts["name"],
            "summary": card["summary"],
            "changes": UNCOMPARED,
            "limits": limits(facts),
            "license_text": LICENSES.get(card["license"], f"`{card['license']}`."),
            "origins": [ORIGINS[source] for source in named],
            "citations": [entry for source in named for entry in CITATIONS[source]],
        }
    )
    header = DatasetCardData(**card_data(facts)).to_yaml(line_break="\n")
    return str(DatasetCard(f"---\n{header}\n---\n\n{body}"))


def changes_text(since: str, reason: str, counts: Mapping[str, int]) -> str:
    """What stands in the card's section `changes` once somebody has compared: only who publishes knows the version before.

    since: the version before. reason: what decided the number. counts: rows by what became of them, such as "added".
    """
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items())
    return f"\nSince {since}: {reason}. Rows: {told}.\n"


def changes_by_people(text: str) -> bool:
    """Whether a person wrote the text of the section `changes`: neither the build nor `changes_text` did."""
    return text.strip() not in ("", UNCOMPARED) and not COMPARED.fullmatch(text.strip())


def limits(facts: Mapping[str, Any]) -> list[str]:
    """What a reader should not expect of a version, as far as its facts tell."""
    told = [
        "The rules read text, not facts: a fluent, wrong answer is kept.",
        "What a rule is unsure of is kept and flagged in the ledger; leave flagged rows out where precision matters most.",
    ]
    name = facts["language"]["name"]
    if not facts["language"]["known"]:
        told.append(
            f"The builder knows no {name} yet: the language of the rows was not checked, no rule that reads words ran, and "
            "what instructions begin with is counted by Spanish words."
        )
    language = facts["statistics"].get("language") or {}
    unsure = {side: language.get(side, {}).get("kept", {}).get("undetermined", 0) for side in ("question", "answer")}
    if any(unsure.values()):
        told.append(
            f"Texts of kept rows that are too short or too mixed for their language to be told, counted as {name}: "
            f"{unsure['question']:,} questions, {unsure['answer']:,} answers."
        )
    if BACTRIAN in facts["card"]["source_datasets"]:
        told += [
            "Instructions and inputs are machine translations: stilted wording, wrong gender and untranslatable tasks remain.",
            "The answers are one model's of 2023: its knowledge, its habits and its biases.",
        ]
    if not facts["statistics"]["dropped"]:
        told.append("No row was dropped: the recipe's filters are off or found nothing.")
    return told


def card_data(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The card's YAML: what the Hub shows and how `datasets` finds the files."""
    card, kept = facts["card"], facts["kept"]
    text: list[dict[str, Any]] = [
        {"name": name, "dtype": "string"} for name in ("id", "instruction", "input", "output", "origin")
    ]
    if facts["template"]["chat"]:
        # A list of its own for each: YAML would write the second as an alias of the first, which `datasets` cannot read.
        text += [{"name": name, "list": [dict(field) for field in MESSAGES]} for name in ("prompt", "completion")]
    else:
        text += [{"name": name, "dtype": "string"} for name in ("prompt", "completion")]
    return {
        "pretty_name": card["title"] or facts["name"],
        "language": [facts["language"]["code"]],
        "license": card["license"],
        "task_categories": ["text-generation"],
        "size_categories": [size_category(kept)],
        **({"source_datasets": list(card["source_datasets"])} if card["source_datasets"] else {}),
        "tags": ["instruction-tuning", facts["language"]["name"].lower(), *card["tags"]],
        "configs": [
            {
                "config_name": "default",
                "default": True,
                "data_files": [{"split": split, "path": f"data/{split}-*"} for split in facts["sizes"]["default"]],
            },
            {"config_name": "ledger", "data_files": [{"split": "train", "path": "ledger/train-*"}]},
        ],
        "dataset_info": [
            _info("default", text, facts["sizes"]["default"]),
            _info("ledger", LEDGER_FEATURES, facts["sizes"]["ledger"]),
        ],
    }


def _info(config: str, features: list[dict[str, Any]], sizes: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    return {
        "config_name": config,
        "features": features,
        "splits": [
            {"name": split, "num_bytes": size["num_bytes"], "num_examples": size["rows"]}
            for split, size in sizes.items()
        ],
        "download_size": sum(size["file_bytes"] for size in sizes.values()),
        "dataset_size": sum(size["num_bytes"] for size in sizes.values()),
    }
