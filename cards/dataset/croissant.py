"""Croissant metadata (MLCommons, 1.0): the version's files, columns and checksums for machines that read no cards."""

from collections.abc import Sequence
from itertools import groupby

from builders.schema import LEDGER_COLUMNS, Column, split_of
from cards.dataset.card import own_tags
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
    parts = {pattern: list(shards) for pattern, shards in groupby(files, _pattern)}
    codes = [one.code for one in facts.languages]
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
        "inLanguage": codes if facts.multilingual else codes[0],
        "keywords": own_tags([one.name for one in facts.languages], card.tags),
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
        ]
        + [_file_set(pattern) for pattern, shards in parts.items() if len(shards) > 1],
        "recordSet": [
            _record_set(pattern, shards, row_columns(facts.template.chat, facts.kind, facts.multilingual))
            for pattern, shards in parts.items()
        ],
    }


def _pattern(path: str) -> str:
    """`data/train-*.parquet` for a shard of train."""
    folder, _, name = path.partition("/")
    return f"{folder}/{name.split('-')[0]}-*.parquet"


def _file_set(pattern: str) -> JsonObject:
    """The shards of a split, or of the ledger, as one."""
    return {
        "@type": "cr:FileSet",
        "@id": pattern,
        "name": pattern,
        "encodingFormat": "application/x-parquet",
        "includes": pattern,
    }


def _record_set(pattern: str, shards: Sequence[str], columns: Sequence[Column]) -> JsonObject:
    """The columns of one file, or of several that are alike. columns: those of a file of rows."""
    one = len(shards) == 1
    source: JsonObject = {"fileObject": {"@id": shards[0]}} if one else {"fileSet": {"@id": pattern}}
    path = shards[0] if one else pattern
    split = split_of(path)
    if split:
        return _fields(path, source, f"data-{split}", columns)
    return _fields(path, source, "ledger", LEDGER_COLUMNS)


def _fields(path: str, source: JsonObject, title: str, columns: Sequence[Column]) -> JsonObject:
    return {
        "@type": "cr:RecordSet",
        "@id": title,
        "name": title,
        "description": f"The rows of {path}.",
        "key": {"@id": f"{title}/id"},
        "field": [
            croissant_field(column, f"{title}/{column.name}", {**source, "extract": {"column": column.name}})
            for column in columns
        ],
    }


def _license(card: CardText) -> JsonObject:
    """The licence by its address, where there is one; nothing where it is not known."""
    if card.license is None:
        return {}
    return {"license": card.license_link or URLS.get(card.license, card.license)}
