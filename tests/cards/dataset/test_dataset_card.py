import json
import re
from dataclasses import replace

import msgspec
import pytest
import yaml

from builders.schema import LEDGER_COLUMNS, ROW_COLUMNS
from cards.audit.evidence import Estimate, Evidence, RuleEvidence
from cards.dataset.card import FIRST, UNCOMPARED, UNREAD, card_data, changes_by_people, changes_text, dataset_card
from cards.dataset.facts import CardFacts, CardLanguage, CardTemplate, CardText
from cards.dataset.sensitive import NOT_LOOKED_FOR
from cards.shared.records import FileSize, Measure, RuleCounts, StageCounts
from cards.shared.sections import sections, with_sections
from cards.shared.sources import BACTRIAN, CITATIONS, LICENSES, ORIGINS
from cards.shared.vocabulary import card_faults
from cards.statistics.asks import Asks
from cards.statistics.counting import Summary
from cards.statistics.languages import Languages, Statuses
from cards.statistics.lengths import Lengths
from cards.statistics.register import Registers
from cards.statistics.rules import Overlap
from tests.cards.two_versions import NEW

NO_SIZES = Summary(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0)


def words(mean, p50, p95, longest, total):
    return Lengths(NO_SIZES, Summary(mean, 0.0, 0.0, p50, 0.0, p95, 0.0, longest, total))


STATISTICS = msgspec.structs.replace(
    NEW.statistics,
    splits={"train": 10_000, "validation": 1_000},
    with_input=0.402,
    length={
        "instruction": words(12.34, 11.0, 20.0, 99, 135_740),
        "output": words(40.0, 31.0, 210.0, 1_204, 440_000),
    },
    dropped={"dedup": {"near_duplicate": 6}, "quality": {"refusal": 1_294, "empty_answer": 45}},
    overlap={"refusal": Overlap(drops=1_310, first=1_300, alone=1_200, others={"echo": 110})},
    asks=Asks(questions=4_000, recognised=6_500, neither=500, verbs={"escribir": 5_000}),
    language=Languages(
        question=Statuses(kept={"es": 10_988, "undetermined": 12}, dropped={"ca": 3}),
        answer=Statuses(kept={"es": 6_493, "undetermined": 4_507}, dropped={"es": 3}),
    ),
    flags={"placeholder": 7},
    edits={"output:entities": 8},
)
FACTS = CardFacts(
    name="mezcla",
    version="1.2.0",
    card=CardText(
        title="Filas: una mezcla",
        summary="Filas que alguien escribió.",
        license="cc-by-nc-4.0",
        source_datasets=("MBZUAI/Bactrian-X",),
        tags=("bactrian-x",),
    ),
    languages=[CardLanguage("es", "Spanish", known=True)],
    template=CardTemplate("instruccion", "### Instrucción:\n{instruction}\n", chat=False),
    source="file `filas.jsonl`, sha256 `ab12`",
    parallel=None,
    source_rows=12_345,
    kept=11_000,
    stages=(
        StageCounts("read", 0, 12_345),
        StageCounts("quality", 12_345, 11_006),
        StageCounts("dedup", 11_006, 11_000),
    ),
    statistics=STATISTICS,
    rows={
        "train": FileSize(rows=10_000, num_bytes=900, file_bytes=90),
        "validation": FileSize(rows=1_000, num_bytes=100, file_bytes=10),
    },
    ledger={"train": FileSize(rows=12_345, num_bytes=300, file_bytes=30)},
    charts={"funnel": "Rows from source to version: source 12,345.", "verbs": "Rows by verb: escribir 5,000."},
    gold={"refusal": Measure(30, 1, 2), "placeholder": Measure(0, 0, 4)},
    gold_rows=480,
    recipe_sha256="cd34",
    content_sha256="ef56",
    software={"aguila-data": "0.1.0", "polars": "9.9.9"},
    hashes={},
    rules={"refusal": RuleCounts(1, "drop", 0.8, drops=1_294, flags=0, signals=0)},
)


def facts(card=None, statistics=None, **changes):
    """The facts above, some of them changed; also some of the card's text or of the statistics."""
    changed = replace(FACTS, **changes)
    return replace(
        changed,
        card=replace(changed.card, **(card or {})),
        statistics=msgspec.structs.replace(changed.statistics, **(statistics or {})),
    )


def parts(card):
    """The card's YAML and its page."""
    opening, header, body = card.split("---\n", 2)
    assert opening == ""
    return yaml.safe_load(header), body


# ---- the YAML --------------------------------------------------------------------------------------------------------


def test_the_yaml_says_what_the_hub_shows():
    header, _ = parts(dataset_card(FACTS))

    assert header == card_data(FACTS).to_dict()
    assert card_faults(dataset_card(FACTS)) == []
    assert {key: header[key] for key in header if key not in ("configs", "dataset_info")} == {
        "pretty_name": "Filas: una mezcla",
        "language": ["es"],
        "license": "cc-by-nc-4.0",
        "annotations_creators": ["machine-generated"],
        "language_creators": ["machine-generated"],
        "multilinguality": ["monolingual"],
        "task_categories": ["text-generation"],
        "size_categories": ["10K<n<100K"],
        "source_datasets": ["MBZUAI/Bactrian-X"],
        "tags": ["instruction-tuning", "spanish", "bactrian-x"],
    }


def test_the_yaml_names_the_files_of_both_configs():
    assert card_data(FACTS).configs == [
        {
            "config_name": "default",
            "default": True,
            "data_files": [
                {"split": "train", "path": "data/train-*"},
                {"split": "validation", "path": "data/validation-*"},
            ],
        },
        {"config_name": "ledger", "data_files": [{"split": "train", "path": "ledger/train-*"}]},
    ]


def test_the_yaml_counts_rows_and_bytes():
    default, ledger = card_data(FACTS).dataset_info

    assert default["splits"] == [
        {"name": "train", "num_bytes": 900, "num_examples": 10_000},
        {"name": "validation", "num_bytes": 100, "num_examples": 1_000},
    ]
    assert (default["download_size"], default["dataset_size"]) == (100, 1_000)
    assert ledger["splits"] == [{"name": "train", "num_bytes": 300, "num_examples": 12_345}]


def features(header, config):
    return next(info for info in header["dataset_info"] if info["config_name"] == config)["features"]


def test_the_yaml_names_every_column_and_its_type():
    header, _ = parts(dataset_card(FACTS))

    columns = ("id", "instruction", "input", "output", "origin", "prompt", "completion")
    assert features(header, "default") == [{"name": name, "dtype": "string"} for name in columns]
    text, texts = {"dtype": "string"}, {"list": "string"}
    assert {feature.pop("name"): feature for feature in features(header, "ledger")} == {
        **dict.fromkeys(("id", "status", "stage", "rule", "evidence", "duplicate_of"), text),
        **dict.fromkeys(("split", "source_sha256", "row_sha256"), text),
        **dict.fromkeys(("edits", "flags"), texts),
        "score": {"dtype": "float64"},
    }


def test_a_chat_has_messages_for_prompt_and_completion():
    card = dataset_card(facts(template=CardTemplate("messages", "{instruction}", chat=True)))
    header, _ = parts(card)

    messages = [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]
    assert features(header, "default")[-2:] == [{"name": name, "list": messages} for name in ("prompt", "completion")]
    # `datasets` takes the features apart as it reads them, so no two may be one YAML node (&id001 and *id001).
    assert "&id" not in card


@pytest.mark.parametrize(
    ("kept", "size"),
    [
        (1, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (50_000, "10K<n<100K"),
        (100_000, "100K<n<1M"),
        (1_000_000, "1M<n<10M"),
        (10_000_000, "10M<n<100M"),
    ],
)
def test_the_size_category(kept, size):
    assert card_data(facts(kept=kept)).size_categories == [size]


def test_a_card_without_title_or_source_datasets():
    header, body = parts(dataset_card(facts(card={"title": None, "source_datasets": [], "tags": []})))

    assert header["pretty_name"] == "mezcla"
    assert "source_datasets" not in header
    assert body.startswith("\n# mezcla\n")


@pytest.mark.parametrize(
    "title", ["Filas: «a» & 'b' #1", "- lista", "null", "{x}", "100 %", "año\u2028nuevo", "{{ name }}"]
)
def test_any_title_stays_what_it_is(title):
    header, body = parts(dataset_card(facts(card={"title": title})))

    assert header["pretty_name"] == title
    assert body.startswith(f"\n# {title}\n")


# ---- the page --------------------------------------------------------------------------------------------------------


def tables(body):
    """Every table of the page: rows of cells, headers and rules left out."""
    found = re.findall(r"(?m)^\|.*\|\n\|[ :|-]+\|\n((?:\|.*\|\n)+)", body)
    return [[[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()] for table in found]


def test_each_decision_is_explained_by_its_first_sentence():
    reasons = {"refusal": "It says yes | no; more of it. And more.", "placeholder": "A blank is left."}
    _, body = parts(dataset_card(replace(FACTS, reasons=reasons)))

    assert "| quality | refusal | 1,294 | 1,200 | It says yes \\| no |" in body
    assert "| placeholder | 7 | A blank is left |" in body


def test_the_page_says_first_what_to_look_at():
    statistics = msgspec.structs.replace(FACTS.statistics, flagged=7)
    _, body = parts(dataset_card(replace(FACTS, statistics=statistics)))

    told = (
        "- 7 kept rows (0.1 %) carry a flag, most often placeholder (7). `aguila rows mezcla@1.2.0 --kept --flagged`\n"
    )
    assert f"## What to look at\n\n<!-- aguila:address -->\n{told}<!-- /aguila:address -->\n\n## From source" in body
    assert "What to look at" not in parts(dataset_card(FACTS))[1]


def test_the_page_counts_rows_stages_rules_flags_and_edits():
    _, body = parts(dataset_card(FACTS))

    assert "Version 1.2.0: **11,000** of 12,345 source rows are kept." in body
    assert tables(body) == [
        [["read", "0", "12,345", "0"], ["quality", "12,345", "11,006", "1,339"], ["dedup", "11,006", "11,000", "6"]],
        [
            ["quality", "refusal", "1,294", "1,200", ""],
            ["quality", "empty_answer", "45", "–", ""],
            ["dedup", "near_duplicate", "6", "–", ""],
        ],
        [["placeholder", "7", ""]],
        [["output:entities", "8"]],
        [["refusal", "0.97 (30/31)", "0.94 (30/32)"], ["placeholder", "–", "0.00 (0/4)"]],
        [["train", "10,000"], ["validation", "1,000"]],
        [[f"`{column.name}`", column.meaning] for column in ROW_COLUMNS],
        [[f"`{column.name}`", column.meaning] for column in LEDGER_COLUMNS],
        [["instruction", "12.3", "11", "20", "99", "135,740"], ["output", "40.0", "31", "210", "1,204", "440,000"]],
        [
            ["source", "file `filas.jsonl`, sha256 `ab12`"],
            ["recipe", "[recipe.yaml](recipe.yaml), sha256 `cd34`"],
            ["content", "sha256 `ef56`"],
            [
                "made with",
                "aguila-data 0.1.0, polars 9.9.9; everything else that can change a byte is in [manifest.json](manifest.json)",
            ],
        ],
    ]
    assert "These decisions were measured on 480 labelled rows" in body
    assert "promises nothing for other rows. Not measured: empty_answer, near_duplicate.\n" in body
    assert (
        "4,000 instructions begin with a question, 6,500 with a verb that the builder knows, 500 with neither." in body
    )
    assert "40.2 % of the rows have an input; the median answer has 31 words." in body


def test_a_page_without_drops_flags_or_edits_leaves_their_tables_out():
    _, body = parts(dataset_card(facts(statistics={"dropped": {}, "flags": {}, "edits": {}})))

    assert len(tables(body)) == 6
    assert "Why rows were dropped" not in body and "labelled" not in body
    assert "with a flag" not in body and "with the edit" not in body
    assert "No row was dropped" in body


@pytest.mark.parametrize("left_out", [[], ["dropped"], ["flags", "edits"], ["dropped", "flags", "edits"]])
def test_blocks_of_the_page_are_one_blank_line_apart(left_out):
    _, body = parts(dataset_card(facts(statistics={key: {} for key in left_out})))

    assert "\n\n\n" not in body
    for heading in (
        *("## From source to version", "## What is in it", "## Uses", "## What changed", "## Known limits"),
        *("## Personal and sensitive data", "## Bias, risks and recommendations"),
        *("## How to load", "## How to rebuild and check", "## Licence and where the text came from", "## Citation"),
        "## Contact",
    ):
        assert f"\n\n{heading}\n\n" in body


def test_the_page_shows_the_template_and_how_to_load():
    _, body = parts(dataset_card(FACTS))

    assert "```text\n### Instrucción:\n{instruction}\n\n```" in body
    assert 'rows = load_dataset("versions/mezcla/v1.2.0")  # splits train, validation\n' in body
    assert 'ledger = load_dataset("versions/mezcla/v1.2.0", name="ledger")\n' in body
    assert "path/or/name" not in body and "OWNER/NAME" not in body


def test_a_bar_in_a_file_name_does_not_cut_the_table():
    _, body = parts(dataset_card(facts(source="file `a|b.jsonl`, sha256 `ab12`")))

    assert "| source | file `a\\|b.jsonl`, sha256 `ab12` |\n" in body


@pytest.mark.parametrize(
    ("license", "text"), [*LICENSES.items(), ("mit", "`mit`.")], ids=[*LICENSES, "one that the card has no words for"]
)
def test_the_licence_is_told_in_words(license, text):
    header, body = parts(dataset_card(facts(card={"license": license})))

    assert header["license"] == license
    assert f"\n## Licence and where the text came from\n\n{text}\n" in body


def test_the_licence_of_bactrian_x_is_carried():
    _, body = parts(dataset_card(FACTS))

    assert (
        "[CC BY-NC 4.0](https://creativecommons.org/licenses/by-nc/4.0/)" in body and "carried from the source" in body
    )
    assert "not for commercial purposes" in body
    assert ORIGINS[BACTRIAN] in body
    assert "Google Translate" in body and "gpt-3.5-turbo" in body
    fenced = re.search(r"What it was made of:\n\n```bibtex\n(.*)\n```\n\n## Contact", body, re.S)[1]
    assert fenced == "\n\n".join(CITATIONS[BACTRIAN])
    assert re.findall(r"@\w+\{(\w+),", fenced) == ["li2023bactrianx", "taori2023alpaca", "conover2023dolly"]


def test_a_source_of_which_nothing_is_known_has_no_origin_and_no_citation():
    _, body = parts(dataset_card(facts(card={"source_datasets": ["ana/otra-cosa"]})))

    assert "made of" not in body and "Bactrian-X" not in body
    link = "[ana/otra-cosa](https://huggingface.co/datasets/ana/otra-cosa)"
    assert f"{LICENSES['cc-by-nc-4.0']}\n\nSource datasets: {link}.\n\n## Citation\n" in body


# ---- what it is for, and what is in it ---------------------------------------------------------------------------------


def test_decisions_without_a_mistake_are_one_sentence():
    gold = {"refusal": Measure(4, 0, 0), "empty_answer": Measure(7, 0, 0), "near_duplicate": Measure(5, 0, 0)}
    _, body = parts(dataset_card(facts(gold={**gold, "placeholder": Measure(4, 0, 0), "echo": Measure(1, 1, 1)})))

    told = "4 of these decisions made no mistake (precision and recall\n1.00, each on 4 to 7 rows with the defect). The rules"
    assert told in body and "Not measured" not in body
    assert "| precision |" not in body, "echo neither dropped nor flagged a row"


def test_the_page_links_sources_papers_and_the_licence():
    _, body = parts(dataset_card(FACTS))

    for link in (
        "[MBZUAI/Bactrian-X](https://huggingface.co/datasets/MBZUAI/Bactrian-X)",
        "https://arxiv.org/abs/2305.15011",
        "https://github.com/tatsu-lab/stanford_alpaca",
        "https://huggingface.co/datasets/databricks/databricks-dolly-15k",
        "https://creativecommons.org/licenses/by-nc/4.0/",
    ):
        assert link in body
    assert "With the software that built it (`pip install aguila-data`" in body


def test_a_source_that_is_no_repository_is_no_link():
    _, body = parts(dataset_card(facts(card={"source_datasets": ["original", "ana/x](http://otra.example"]})))

    assert "Source datasets: `original`, `ana/x](http://otra.example`." in body


def test_the_page_says_what_the_rows_are_for():
    _, body = parts(dataset_card(FACTS))
    _, free = parts(dataset_card(facts(card={"license": "mit"})))

    assert "Meant for:\n\n- Fine-tuning a language model" in body and "Not meant for:\n\n- Evaluation:" in body
    assert "- Commercial purposes: the licence excludes them.\n" in body
    assert "Commercial purposes" not in free


def section(card, heading):
    """The lines of a list under a heading."""
    return re.search(rf"\n## {heading}\n\n((?:- .*\n)+)\n", card)[1].removeprefix("- ").rstrip().split("\n- ")


RULES = {"personal_data": RuleCounts(1, "flag", 0.8, drops=0, flags=9, signals=0)}
KINDS = "E-mail addresses, telephone, identity, card and account numbers, and IP addresses"
SHOWN = "the ledger shows the kind and at most three characters of each."


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ["Nothing looked for personal data in these rows."]),
        (
            {"rules": RULES},
            [
                f"Nothing is masked. {KINDS} are looked for by the rule `personal_data`: 0 kept rows flagged, 0 rows dropped.",
                NOT_LOOKED_FOR,
            ],
        ),
        (
            {
                "rules": RULES,
                "masks": True,
                "statistics": {
                    "edits": {"output:personal_data": 2, "input:personal_data": 1, "output:nfc": 5},
                    "flags": {"personal_data": 1},
                    "dropped": {"quality": {"personal_data": 3}},
                },
            },
            [
                f"{KINDS} are masked by placeholders such as `[correo]` (`repair.personal_data`): in 1 input, 2 outputs of the "
                "source rows.",
                f"What is left was looked for by the rule `personal_data`: 1 kept row flagged, 3 rows dropped; {SHOWN}",
                NOT_LOOKED_FOR,
            ],
        ),
        (
            {"masks": True},
            [
                f"{KINDS} are masked by placeholders such as `[correo]` (`repair.personal_data`): none was found.",
                NOT_LOOKED_FOR,
            ],
        ),
    ],
    ids=["nothing looked", "looked for", "masked and looked for", "masked, the rule off"],
)
def test_the_page_says_what_was_done_about_personal_data(changes, told):
    assert section(dataset_card(facts(**changes)), "Personal and sensitive data") == told


def test_the_page_says_what_was_counted_and_is_known_of_bias():
    told = {
        "register": Registers(instruction={"tú": 90, "vos": 10}),
        "origins": {"alpaca": 9_000, "dolly": 2_000},
    }
    lines = section(dataset_card(facts(statistics=told)), "Bias, risks and recommendations")
    bare = section(dataset_card(facts(card={"source_datasets": ()})), "Bias, risks and recommendations")

    assert lines[1:-1] == [
        "The answers are those of one model of 2023: its knowledge, its habits and its biases.",
        "Of 100 instructions whose form of address is certain, 90.0 % say tú; the others are learned from fewer rows.",
        "81.8 % of the rows come from one origin, `alpaca`.",
    ]
    assert bare == [lines[0], lines[-1]] and lines[0].startswith("No rule looks for stereotypes")


def test_a_version_is_cited_by_its_number_and_the_hash_of_its_rows():
    _, body = parts(dataset_card(facts(card={"title": "Filas & más: 100 % \\ {a}_b`\n#1"})))

    assert (
        "\n```bibtex\n"
        "@misc{mezcla-1.2.0,\n"
        "  title = {Filas \\& más: 100 \\% \\textbackslash{} \\{a\\}\\_b' \\#1},\n"
        '  howpublished = "unpublished, version 1.2.0",\n'
        "  version = {1.2.0},\n"
        "  note = {content sha256 ef56}\n"
        "}\n```\n"
    ) in body


def test_labels_are_told_with_their_intervals():
    sure, few = Estimate(0.97, 0.91, 0.99, 120), Estimate(1.0, 0.51, 1.0, 4)
    said = Evidence(
        labels=130,
        used=124,
        changed=4,
        absent=2,
        drawn="drawn by hash from 3 parts of the rows, and weighted by their sizes",
        rules={"refusal": RuleEvidence(sure, None, ""), "echo": RuleEvidence(few, few, "label 30 more")},
        dropped=sure,
        kept=None,
    )
    _, body = parts(dataset_card(facts(evidence=said)))

    assert tables(body)[5:7] == [
        [
            ["echo", "1.00 (0.51 to 1.00; 4)", "1.00 (0.51 to 1.00; 4)", "label 30 more"],
            ["refusal", "0.97 (0.91 to 0.99; 120)", "–", ""],
        ],
        [
            ["not fit, of the dropped rows", "0.97 (0.91 to 0.99; 120)"],
            ["labels used", "124 of 130; not used: 4 of rows that have changed, 2 of rows that are not in the source"],
            ["how they were drawn", "drawn by hash from 3 parts of the rows, and weighted by their sizes"],
        ],
    ]
    assert "\n\n\n" not in body


def test_sample_rows_are_clipped_and_cannot_act():
    hostile = {
        "id": "```\n# Título",
        "output": "<!-- aguila:editable about -->\n```\n<!-- /aguila:editable --> \u202e\x1b[2J" + "x" * 400,
    }
    card = dataset_card(facts(samples=[hostile]))
    _, body = parts(card)

    sample = re.search(r"```json\n(.*?)\n```\n", body, re.S)[1]
    shown = json.loads(sample)
    assert shown["id"] == hostile["id"] and shown["output"].endswith("x…") and len(shown["output"]) < 320
    assert "\u202e" not in sample and "<!--" not in sample
    assert all(line[:1] in ("{", " ", "}") for line in sample.split("\n")), "no line ends the block of code"
    assert sections(card)["about"] == "\nFilas que alguien escribió.\n"


def test_more_keys_of_the_recipe_are_in_the_head():
    extra = {"thumbnail": "https://ana.example/foto.png", "language_creators": ["found"], "viewer": False}
    header, _ = parts(dataset_card(facts(card={"extra": extra})))

    assert {key: header[key] for key in extra} == extra


# ---- pictures, sections, sources -------------------------------------------------------------------------------------


def test_the_pictures_are_in_the_repository_and_told_in_words():
    _, body = parts(dataset_card(FACTS))

    assert re.findall(r"!\[(.*?)\]\((.*?)\)", body) == [
        ("Rows from source to version: source 12,345.", "charts/funnel.svg"),
        ("Rows by verb: escribir 5,000.", "charts/verbs.svg"),
    ]


def test_a_parallel_source_is_told():
    _, body = parts(dataset_card(facts(parallel="file `en.jsonl`, sha256 `ee99`")))

    assert "| parallel source | file `en.jsonl`, sha256 `ee99` |\n" in body


def test_people_may_edit_the_marked_sections():
    card = dataset_card(FACTS)

    assert sections(card).keys() == {"about", "changes", "uses-notes", "limits-notes"}
    assert sections(card)["about"] == "\nFilas que alguien escribió.\n"
    assert sections(card)["limits-notes"] == "\n"


def test_what_changed_is_written_by_who_knows_the_version_before():
    text = changes_text("v1.1.0", "the rows changed", {"added": 1_200, "removed": 3})
    card = with_sections(dataset_card(FACTS), {"changes": text})

    assert (
        "\n## What changed\n\n<!-- aguila:editable changes -->\nSince v1.1.0: the rows changed. Rows: 1,200 added, 3 removed.\n"
        in card
    )


@pytest.mark.parametrize(
    ("text", "by_people"),
    [
        ("", False),
        (f"\n{UNCOMPARED}\n", False),
        (f"\n{FIRST}\n", False),
        (f"\n{UNREAD}\n", False),
        (changes_text("ana/recetas@v1.1.0", "the rows changed", {"added": 1_200, "removed": 3}), False),
        ("\r\nSince v1.1.0: the rows changed. Rows: 3 added.\r\n", False),
        ("\nQuité las recetas repetidas.\n", True),
        (changes_text("v1.1.0", "the rows changed", {"added": 3}) + "Quité las recetas repetidas.\n", True),
    ],
)
def test_who_wrote_what_changed(text, by_people):
    assert changes_by_people(text) is by_people


def test_one_text_is_one_question():
    mixed = Languages(question=Statuses(kept={"undetermined": 1}, dropped={}))

    assert "counted as Spanish: 1 question, 0 answers." in dataset_card(facts(statistics={"language": mixed}))


def test_a_picture_that_has_no_place_of_its_own_comes_with_its_caption(monkeypatch):
    monkeypatch.setattr("cards.dataset.card.captions", lambda: {"tildes": "How many texts have accents"})
    _, body = parts(dataset_card(facts(charts={"tildes": "Rows with accents: 7."})))

    assert (
        "\n\nHow many texts have accents:\n\n![Rows with accents: 7.](charts/tildes.svg)\n\nThe prompt (template"
        in body
    )


def test_the_limits_count_rows_without_a_language():
    _, body = parts(dataset_card(FACTS))

    unsure = "too short or too mixed to tell their language, counted as Spanish: 12 questions, 4,507 answers.\n"
    assert f"- Texts of kept rows that are {unsure}" in body
    assert "- Instructions and inputs are machine translations" in body


def test_the_limits_say_where_no_rule_looked():
    told, none = section(dataset_card(FACTS), "Known limits"), section(dataset_card(facts(rules={})), "Known limits")

    assert told[0].startswith("The rules read text, not facts") and told[1].startswith("What a rule is unsure of")
    assert none[0] == "No rule looked at these rows: the recipe switches all of them off."
    assert not any("flagged" in line or "The rules" in line for line in none)


def test_the_client_reads_the_card_back():
    from huggingface_hub import DatasetCard

    card = dataset_card(FACTS)
    read = DatasetCard(card)

    assert read.data.to_dict() == card_data(FACTS).to_dict()
    assert str(read) == card
