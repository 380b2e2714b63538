"""The dataset card: YAML that the Hub and `datasets` read, and a page that people read."""

from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

LICENSES = {
    "cc-by-nc-4.0": (
        "CC BY-NC 4.0, carried from the source: share and adapt with attribution, not for commercial purposes. Instructions "
        "and inputs are machine translations of alpaca-52k and dolly-15k; answers were written by gpt-3.5-turbo."
    ),
    "apache-2.0": "Apache License 2.0.",
    "other": "The source's licence was not stated in the recipe; find it out before you publish (`card.license`).",
}
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
LEDGER_FEATURES = [
    *({"name": name, "dtype": "string"} for name in ("id", "fate", "stage", "rule")),
    {"name": "score", "dtype": "float64"},
    *({"name": name, "dtype": "string"} for name in ("evidence", "twin")),
    *({"name": name, "list": "string"} for name in ("edits", "flags")),
    *({"name": name, "dtype": "string"} for name in ("split", "source_sha256", "row_sha256")),
]
MESSAGES = [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]


def dataset_card(facts: Mapping[str, Any]) -> str:
    """The README.md of a version.

    facts: name, version, card (title, summary, license, source_datasets, tags), template (name, text, chat), stages,
    source_rows, kept, statistics, sizes (per config and split: rows, num_bytes, file_bytes), source (one line),
    recipe_sha256, content_sha256.
    """
    import jinja2

    text = (resources.files("cards") / "templates" / "dataset_card.md.jinja").read_text("utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)
    card = facts["card"]
    body = environment.from_string(text).render(
        {
            **facts,
            "title": card["title"] or facts["name"],
            "summary": card["summary"],
            "license_text": LICENSES.get(card["license"], f"`{card['license']}`."),
        }
    )
    header = yaml.safe_dump(card_data(facts), allow_unicode=True, sort_keys=False, width=100)
    return f"---\n{header}---\n\n{body}"


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
        "language": ["es"],
        "license": card["license"],
        "task_categories": ["text-generation"],
        "size_categories": [next((name for limit, name in SIZES if kept < limit), "n>10M")],
        **({"source_datasets": list(card["source_datasets"])} if card["source_datasets"] else {}),
        "tags": ["instruction-tuning", "spanish", *card["tags"]],
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
