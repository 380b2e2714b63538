"""The YAML at the head of a card: the keys that we write and vouch for, and those that people add on the Hub."""

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any

import yaml

# What cards of datasets and of adapters are headed with; a version vouches for it. Everything else is people's, tags too.
OURS = frozenset(
    {
        *("annotations_creators", "language_creators", "multilinguality", "language", "license", "license_name"),
        *("license_link", "size_categories", "source_datasets", "task_categories", "pretty_name", "configs"),
        *("dataset_info", "library_name", "pipeline_tag", "base_model", "base_model_relation", "datasets"),
        *("model_name", "model-index"),
    }
)
# Of these, a recipe knows better than the build.
STATED = frozenset({"annotations_creators", "language_creators", "multilinguality"})
TAGS = "tags"
LONGEST = 1 << 20  # characters of a header that is read


def split(card: str) -> tuple[str, str]:
    """A card's header and its page; an empty header where it has none."""
    if not card.startswith("---\n"):
        return "", card
    header, end, page = card.removeprefix("---\n").partition("\n---\n")
    return (header, page) if end else ("", card)


def read(card: str) -> dict[str, Any]:
    """The keys of a card's header, none where it has no header. Raises yaml.YAMLError for one that is not plain YAML."""
    text, _ = split(card.replace("\r\n", "\n"))
    if len(text) > LONGEST:
        raise yaml.YAMLError("longer than a header may be")
    return deepcopy(_keys(text))


@lru_cache(4)
def _keys(text: str) -> dict[str, Any]:
    """The keys of a header. To publish or to verify asks for the same one several times, and YAML takes its time."""
    try:
        found = yaml.load(text, _Loader)
    except (RecursionError, ValueError) as error:
        raise yaml.YAMLError(str(error)) from None
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise yaml.YAMLError("not a mapping of names to values")
    return found


def written(card: str, keys: Mapping[str, Any]) -> str:
    """The card with this header."""
    from huggingface_hub.repocard_data import CardData

    _, page = split(card)
    data = CardData()
    for key, value in keys.items():  # not as arguments: a key may be called as one of these is
        data[key] = value
    return f"---\n{data.to_yaml(line_break=chr(10))}\n---\n{page}"


def with_added(card: str, there: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """The card with what people added to the header of the card that is there.

    there: the header on the Hub. before: what the version of before wrote there itself, of keys that are people's too; of it,
    nothing is carried on.
    """
    new = read(card)
    added = {
        key: value
        for key, value in there.items()
        if key not in OURS and key != TAGS and key not in new and before.get(key) != value
    }
    own, old = _list(new.get(TAGS)), _list(before.get(TAGS))
    tags = [tag for tag in _list(there.get(TAGS)) if tag not in own and tag not in old]
    if not added and not tags:
        return card
    return written(card, {**new, **({TAGS: [*own, *tags]} if own or tags else {}), **added})


def without_added(card: str, own: Mapping[str, Any]) -> str:
    """The card without what people added to its header. own: what the version wrote of the keys that are people's too."""
    keys = read(card)
    left = {key: value for key, value in keys.items() if key in OURS or (key in own and own[key] == value)}
    if TAGS in keys:
        left = {key: left[key] if key in left else _ours(keys[key], own) for key in keys if key in left or key == TAGS}
    return card if left == keys else written(card, left)


def vouched(card: str) -> str:
    """What a version vouches for in its header, in one form however it is written; the text itself where it cannot be read."""
    try:
        keys = read(card)
    except yaml.YAMLError:
        return split(card)[0]
    return json.dumps({key: keys[key] for key in sorted(keys.keys() & OURS)}, ensure_ascii=False, default=str)


def has_tags(card: str, built: str) -> bool:
    """Whether a card has every tag of the one that was built; people may add others."""
    return {*map(str, _list(read(built).get(TAGS)))} <= {*map(str, _list(read(card).get(TAGS)))}


def _ours(tags: Any, own: Mapping[str, Any]) -> list[Any]:
    return [tag for tag in _list(tags) if tag in _list(own.get(TAGS))]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases: a header needs none, and one from the Hub could be made to hold any number of values."""

    def compose_node(self, parent: yaml.nodes.Node | None, index: Any) -> yaml.nodes.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("an alias, and a header has none")
        return super().compose_node(parent, index)
