"""Engines by name."""

from typing import Literal

from builders.engines.engine import Engine, Local
from builders.errors import Invalid

EngineName = Literal["local", "daft"]
ENGINES: tuple[EngineName, ...] = ("local", "daft")


def engine_named(name: EngineName = "local", ray: str | None = None, partitions: int | None = None) -> Engine:
    """Where `build` works: in this process, or in partitions by Daft (extra `cluster`), here or on a Ray cluster.

    ray: the cluster's address, `HOST:PORT`. partitions: how many parts the rows are worked on in; they change nothing but
    time and memory. Raises Invalid for what the local engine has not or for no partition, NotFound without the extra, and
    Unreachable where no cluster answers.
    """
    if partitions is not None and partitions < 1:
        raise Invalid(f"--partitions {partitions}: there must be one at least", "give 1 or more")
    if name == "local":
        for option, value in (("--ray", ray), ("--partitions", partitions)):
            if value is not None:
                raise Invalid(f"{option} {value}: the local engine has none", "add --engine daft")
        return Local()
    from builders.engines.on_daft import Daft

    return Daft(ray, partitions)
