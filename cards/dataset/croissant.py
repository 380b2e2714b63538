"""Croissant metadata (MLCommons, 1.0): the version's files, columns and checksums for machines that read no cards."""

from collections.abc import Sequence

from builders.schema import LEDGER_COLUMNS, Column, split_of
from cards.dataset.columns import croissant_field, row_columns
from cards.dataset.facts import CardFacts, CardText
from cards.shared.records import JsonObject
from cards.shared.sources import CITATIONS

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
CONTEXT: JsonObject = {
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


def croissant(facts: CardFacts) -> JsonObject:
    """The metadata of a version, ready for JSON."""
    card = facts.card
    files = {path: sha256 for path, sha256 in facts.hashes.items() if path.endswith(".parquet")}
    citations = [entry for source in card.source_datasets for entry in CITATIONS.get(source, ())]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": facts.name,
        "description": card.summary or facts.title,
        "conformsTo": CONFORMS_TO,
        "version": facts.version,
        **({"citeAs": citations[0]} if citations else {}),
        **_license(card),
        "inLanguage": facts.language.code,
        "keywords": ["instruction-tuning", facts.language.name.lower(), *card.tags],
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
        "recordSet": [_record_set(path, facts.template.chat) for path in files],
    }


def _record_set(path: str, chat: bool) -> JsonObject:
    """The columns of one file."""
    split = split_of(path)
    if split:
        return _fields(path, f"data-{split}", row_columns(chat))
    return _fields(path, "ledger", LEDGER_COLUMNS)


def _fields(path: str, title: str, columns: Sequence[Column]) -> JsonObject:
    return {
        "@type": "cr:RecordSet",
        "@id": title,
        "name": title,
        "description": f"The rows of {path}.",
        "key": {"@id": f"{title}/id"},
        "field": [
            croissant_field(
                column, f"{title}/{column.name}", {"fileObject": {"@id": path}, "extract": {"column": column.name}}
            )
            for column in columns
        ],
    }


def _license(card: CardText) -> JsonObject:
    """The licence by its address, where there is one; nothing where it is not known."""
    if card.license is None:
        return {}
    return {"license": card.license_link or URLS.get(card.license, card.license)}
