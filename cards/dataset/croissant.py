"""Croissant metadata (MLCommons, 1.0): the version's files, columns and checksums for machines that read no cards."""

from collections.abc import Mapping
from typing import Any

from cards.dataset.card import CITATIONS

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
URLS = {
    "cc-by-nc-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
}
DESCRIPTIONS = {
    "id": "The source row's id.",
    "instruction": "What is asked, repaired.",
    "input": "What it is asked of; empty in many rows.",
    "output": "The answer, repaired.",
    "origin": "What the id begins with.",
    "prompt": "What the model sees.",
    "completion": "What the model is to write.",
    "status": "kept or dropped.",
    "stage": "The stage that dropped the row.",
    "rule": "The rule that dropped the row.",
    "score": "The rule's score, from 0 to 1.",
    "evidence": "The piece of text, or the words, that the decision rests on.",
    "duplicate_of": "The id of the row that was kept instead.",
    "edits": "What was mended, as field:edit.",
    "flags": "What rules noted without dropping the row.",
    "split": "The split of a kept row.",
    "source_sha256": "Hash of the row as it was read.",
    "row_sha256": "Hash of the row as it was repaired.",
}
LISTS = ("edits", "flags")


def croissant(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of a version, ready for JSON.

    facts: as of `cards.dataset_card.dataset_card`, and hashes: sha256 of every data and ledger file by its path.
    """
    card = facts["card"]
    files = {path: sha256 for path, sha256 in facts["hashes"].items() if path.endswith(".parquet")}
    chat = facts["template"]["chat"]
    citations = [entry for source in card["source_datasets"] for entry in CITATIONS.get(source, ())]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": facts["name"],
        "description": card["summary"] or card["title"] or facts["name"],
        "conformsTo": CONFORMS_TO,
        "version": facts["version"],
        **({"citeAs": citations[0]} if citations else {}),
        "license": URLS.get(card["license"], card["license"]),
        "inLanguage": facts["language"]["code"],
        "keywords": ["instruction-tuning", facts["language"]["name"].lower(), *card["tags"]],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": path,
                "name": path,
                "contentUrl": path,
                "encodingFormat": "application/x-parquet",
                "sha256": sha256,
            }
            for path, sha256 in files.items()
        ],
        "recordSet": [_record_set(path, chat) for path in files],
    }


def _record_set(path: str, chat: bool) -> dict[str, Any]:
    """The columns of one file."""
    folder, name = path.split("/")
    title = f"{folder}-{name.split('-')[0]}" if folder == "data" else folder
    columns = list(DESCRIPTIONS)[:7] if folder == "data" else ["id", *list(DESCRIPTIONS)[7:]]
    return {
        "@type": "cr:RecordSet",
        "@id": title,
        "name": title,
        "description": f"The rows of {path}.",
        "key": {"@id": f"{title}/id"},
        "field": [_field(path, title, column, chat) for column in columns],
    }


def _field(path: str, title: str, column: str, chat: bool) -> dict[str, Any]:
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{title}/{column}",
        "name": column,
        "description": DESCRIPTIONS[column],
    }
    source = {"fileObject": {"@id": path}, "extract": {"column": column}}
    if chat and column in ("prompt", "completion"):
        parts = [
            {
                "@type": "cr:Field",
                "@id": f"{title}/{column}/{part}",
                "name": part,
                "description": f"The message's {part}.",
                "dataType": "sc:Text",
                "source": {**source, "transform": {"jsonPath": part}},
            }
            for part in ("role", "content")
        ]
        return {**field, "repeated": True, "subField": parts}
    repeated = {"repeated": True} if column in LISTS else {}
    return {**field, **repeated, "dataType": "sc:Float" if column == "score" else "sc:Text", "source": source}
