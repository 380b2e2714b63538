"""What is known of licences, and of the sources that recipes name: where the text came from, and whom to cite."""

import re
from collections.abc import Iterable

NOT_STATED = (
    "Not known: the recipe states no licence for its source (`card.license`). Find it out before you use the rows."
)
LICENSES = {
    "cc-by-nc-4.0": (
        "[CC BY-NC 4.0](https://creativecommons.org/licenses/by-nc/4.0/), carried from the source: share and adapt with "
        "attribution, and say what you changed; not for commercial purposes, and the same goes for adaptations. Whether "
        "a model that was trained on these rows is such an adaptation is not settled; treat it as one."
    ),
    "apache-2.0": "[Apache License 2.0](https://www.apache.org/licenses/LICENSE-2.0).",
    "other": "Another licence than the Hub lists; the recipe does not name it (`card.license_name`, `card.license_link`).",
}
BACTRIAN = "MBZUAI/Bactrian-X"
# How the software that writes cards is installed.
INSTALL = "pip install aguila-data"
# Who wrote the text of a source, in the Hub's words.
LANGUAGE_CREATORS = {BACTRIAN: "machine-generated"}
ORIGINS = {
    BACTRIAN: (
        "[Bactrian-X](https://huggingface.co/datasets/MBZUAI/Bactrian-X) ([Li et al. 2023](https://arxiv.org/abs/2305.15011)): "
        "instructions and inputs are those of [alpaca-52k](https://github.com/tatsu-lab/stanford_alpaca) (written by "
        "text-davinci-003) and [dolly-15k](https://huggingface.co/datasets/databricks/databricks-dolly-15k) (written by "
        "Databricks' employees), machine-translated with Google Translate; the answers were written in "
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


def dataset_link(name: str) -> str:
    """A link to a dataset on the Hub; the name alone where it is none of a repository."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name, re.ASCII):
        return f"`{name}`".replace("\n", " ")
    return f"[{name}](https://huggingface.co/datasets/{name})"


def model_link(name: str, revision: str | None = None) -> str:
    """A link to a model on the Hub, at a commit if one is given."""
    return f"[`{name}`](https://huggingface.co/{name}{f'/tree/{revision}' if revision else ''})"


def license_text(license: str | None, name: str | None, link: str | None, attribution: Iterable[str]) -> str:
    """What a card says of the licence of rows, and whom it asks to name."""
    if license is None:
        return NOT_STATED
    text = LICENSES.get(license, f"`{license}`.")
    if name or link:
        text = f"[{name or license}]({link})." if link else f"{name}."
    return " ".join([text, *attribution])
