"""What a recorded recipe may not say: where something lies. It comes with a version, so from anyone."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from builders.errors import Invalid


def require_no_places(recipe: BaseModel, where: str) -> None:
    """Raises Invalid for a recorded recipe with a key that no build records, such as source.path: it could name any file."""
    key = next(_places(recipe), None)
    if key:
        raise Invalid(
            f"{where}: names a place with {key}, and no version records one",
            "do not trust this version; fetch or build it again",
        )


def _places(value: object, key: str = "") -> Iterator[str]:
    """Dotted keys of a model that are given and are never recorded."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            inner, dotted = getattr(value, name), f"{key}.{name}" if key else name
            if field.exclude and inner is not None:
                yield dotted
            yield from _places(inner, dotted)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _places(inner, f"{key}.{name}")
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _places(inner, key)
