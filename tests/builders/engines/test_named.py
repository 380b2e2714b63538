import socket
import sys

import pytest

from builders.engines.cluster import lost_work, require_answer
from builders.engines.engine import Local
from builders.engines.named import engine_named
from builders.errors import Exhausted, Invalid, NotFound, Unreachable


def test_the_local_engine_needs_nothing():
    assert isinstance(engine_named(), Local)


@pytest.mark.parametrize("name", ["local", "daft"])
def test_there_is_one_partition_at_least(name):
    with pytest.raises(Invalid, match=r"^--partitions 0: there must be one at least; give 1 or more$"):
        engine_named(name, partitions=0)


@pytest.mark.parametrize("option", [{"ray": "127.0.0.1:6379"}, {"partitions": 4}])
def test_what_the_local_engine_has_not_is_refused(option):
    with pytest.raises(Invalid, match=r"the local engine has none; add --engine daft$"):
        engine_named("local", **option)


def test_without_the_extra_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "daft", None)

    with pytest.raises(NotFound, match=r"^--engine daft: daft is not installed; pip install 'aguila-data\[cluster\]'$"):
        engine_named("daft")


def test_an_address_where_nothing_answers_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"  # bound, and nobody listens

        with pytest.raises(Unreachable, match=f"^--ray {address}: nothing answers .*refused.*ray start --head"):
            require_answer(address)


def test_an_address_without_a_port_means_that_of_ray(monkeypatch):
    asked = []
    monkeypatch.setattr(socket, "create_connection", lambda place, timeout: asked.append(place) or socket.socket())

    require_answer("head.example")
    require_answer("ray://head.example:10001")

    assert asked == [("head.example", 6379), ("head.example", 10001)]


class Died(Exception):
    """As Ray's errors are: of its module."""

    __module__ = "ray.exceptions"


def test_work_that_the_cluster_lost_is_one_line():
    with pytest.raises(Exhausted, match=r"^the cluster lost work .*\(node 3 died\); nothing was written"), lost_work():
        try:
            raise Died("node 3 died\nwith a long story")
        except Died as error:
            raise ValueError("task failed") from error


def test_a_defect_of_ours_keeps_its_traceback_on_a_cluster():
    with pytest.raises(ZeroDivisionError), lost_work():
        _ = 1 // 0
    with pytest.raises(Invalid, match="a problem of the rows"), lost_work():
        raise Invalid("a problem of the rows")
