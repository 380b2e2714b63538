"""What the Hub checks in the YAML header of a card. The vocabulary is the part of the Hub's that a text dataset can need."""

import re
from typing import Any

import yaml

# fmt: off
LICENSES = frozenset({
    "apache-2.0", "mit", "openrail", "bigscience-openrail-m", "bigscience-bloom-rail-1.0", "creativeml-openrail-m",
    "afl-3.0", "artistic-2.0", "bsl-1.0", "bsd", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear", "c-uda",
    "cc", "cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0",
    "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0",
    "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "cdla-sharing-1.0", "cdla-permissive-1.0",
    "cdla-permissive-2.0", "wtfpl", "ecl-2.0", "epl-1.0", "epl-2.0", "etalab-2.0", "eupl-1.1", "eupl-1.2",
    "agpl-3.0", "gfdl", "gpl", "gpl-2.0", "gpl-3.0", "lgpl", "lgpl-2.1", "lgpl-3.0", "isc", "lppl-1.3c", "ms-pl",
    "mpl-2.0", "odc-by", "odbl", "openrail++", "osl-3.0", "postgresql", "ofl-1.1", "ncsa", "unlicense", "zlib",
    "pddl", "lgpl-lr", "llama2", "llama3", "llama3.1", "llama3.2", "llama3.3", "llama4", "gemma", "unknown",
    "other",
})
# fmt: on
SIZES = (
    "n<1K",
    "1K<n<10K",
    "10K<n<100K",
    "100K<n<1M",
    "1M<n<10M",
    "10M<n<100M",
    "100M<n<1B",
    "1B<n<10B",
    "10B<n<100B",
    "100B<n<1T",
    "n>1T",
)
# fmt: off
TASKS = frozenset({
    "text-classification", "token-classification", "table-question-answering", "question-answering",
    "zero-shot-classification", "translation", "summarization", "feature-extraction", "text-generation",
    "text2text-generation", "fill-mask", "sentence-similarity", "text-to-speech", "text-to-audio",
    "automatic-speech-recognition", "audio-to-audio", "audio-classification", "text-retrieval", "table-to-text",
    "multiple-choice", "text-ranking", "tabular-to-text", "other",
})
# fmt: on


def problems(content: str) -> tuple[list[str], list[str]]:
    """Errors and warnings about a card's header."""
    found = re.match(r"---[ \t]*\r?\n(.*?)\r?\n---", content, re.S)
    if not found:
        return [], ["empty or missing yaml metadata in repo card"]
    try:
        header = yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        return [f"Invalid YAML: {error}"], []
    if not isinstance(header, dict):
        return ["metadata must be a mapping"], []
    vocabulary = (("license", LICENSES), ("size_categories", SIZES), ("task_categories", TASKS))
    errors = [
        f'"{key}" must be one of [{", ".join(sorted(words))}], not {value!r}'
        for key, words in vocabulary
        for value in listed(header.get(key))
        if value not in words
    ]
    errors += [
        f'"language" must be an ISO 639-1, 639-2 or 639-3 code, not {value!r}'
        for value in listed(header.get("language"))
        if not (isinstance(value, str) and re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]{2,4})?|code|multilingual", value))
    ]
    return errors, []


def listed(value: Any) -> list[Any]:
    """One value or several, as several."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
