"""YAML as recipes are written in: plain values, each key once, nothing that costs more to read than it has characters.

A recipe may come from anyone (a version on the Hub brings its own), so everything is bounded before a value is made: the text,
the values that it holds once its aliases are followed, and the digits of its numbers.
"""

from collections.abc import Hashable
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

LONGEST = 1 << 20  # characters of a recipe; the longest that is shipped has about 1,000
MOST_VALUES = 100_000  # values and keys of a recipe, every alias counted as what it stands for
LONGEST_NUMBER = 64  # characters of a whole number; Python itself writes none of more than 4,300 digits


def load_yaml(text: str) -> Any:
    """The value of a YAML text. Raises yaml.YAMLError, with the place as its `problem_mark` where that is known."""
    if len(text) > LONGEST:
        raise _error(f"{len(text):,} characters, and {LONGEST:,} are the most that a recipe may have")
    try:
        return yaml.load(text, _Loader)
    except RecursionError:
        raise _error("brackets or lists are nested too deeply") from None
    except ValueError as error:  # a date that does not exist
        raise _error(str(error)) from None


def _error(problem: str, place: Any = None) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=place and place.start_mark)


class _Loader(yaml.SafeLoader):
    """Safe YAML that is bounded, has no tags, and takes a key that is given twice for an error."""

    values = 0

    def get_single_node(self) -> Node | None:
        node = super().get_single_node()
        if node is not None:
            _values(node, {})
        return node

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        self.values += 1
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if self.values > MOST_VALUES:
            raise _error(f"more than {MOST_VALUES:,} values", event)
        if getattr(event, "tag", None) not in (None, "!"):
            raise _error(f"the tag {event.tag[:80]}, and a recipe has no tags", event)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, ScalarNode) and key.value in seen:
                raise _error(f"key {key.value[:80]!r} is given twice", key)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)

    def construct_number(self, node: ScalarNode) -> int:
        """A whole number, unless it has more digits than any key could mean."""
        if len(node.value) > LONGEST_NUMBER:
            raise _error(f"a number of {len(node.value):,} characters", node)
        return int(self.construct_yaml_int(node))


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_number)


def _values(node: Node, known: dict[int, int]) -> int:
    """How many values a node holds with its aliases followed. Raises yaml.YAMLError for too many, and for one in itself.

    known: the counts of nodes by their identity; 0 while a node is being counted, so that a circle is found.
    """
    if (count := known.get(id(node))) is not None:
        if not count:
            raise _error("a value that holds itself by an alias", node)
        return count
    known[id(node)] = 0
    inner: list[Node] = []
    if isinstance(node, SequenceNode):
        inner = node.value
    elif isinstance(node, MappingNode):
        inner = [one for pair in node.value for one in pair]
    count = 1 + sum(_values(one, known) for one in inner)
    if count > MOST_VALUES:
        raise _error(f"aliases that stand for more than {MOST_VALUES:,} values", node)
    known[id(node)] = count
    return count
