"""What every model of a recipe is: frozen, and strict about its keys."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Frozen(BaseModel):
    """Base of every recipe model: immutable, and an unknown key is an error.

    quiet: keys that are recorded, and hashed, only where they differ from their default, so that a recipe which does not
    use them has the hash that it had before they existed.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", strict=True, populate_by_name=True)
    quiet: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _record(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = plain(self)
        fields = type(self).model_fields
        silent = {key for key in self.quiet if getattr(self, key) == fields[key].default}
        return {key: value for key, value in values.items() if key not in silent}


def listed(value: Any) -> Any:
    """A YAML list as the tuple that a frozen model holds."""
    if value is not None and not isinstance(value, list | tuple):
        raise ValueError("must be a list")
    return None if value is None else tuple(value)
