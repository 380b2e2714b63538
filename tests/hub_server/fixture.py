"""The fixture `hub`, and the environment in which tests run: no Hub but this one, no token but its own."""

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hub_server.port import Port

if TYPE_CHECKING:
    from tests.hub_server.hub import Hub


@dataclass(frozen=True)
class Session:
    """What all tests share: the port of every Hub, and the cache of the tests that have none."""

    port: Port
    home: tempfile.TemporaryDirectory[str]


_sessions: list[Session] = []


def prepare() -> None:
    """Keep a port and point the Hub's clients at it. They read this when imported, so it comes before."""
    imported = sorted({"huggingface_hub", "datasets", "transformers"} & sys.modules.keys())
    if imported:
        raise RuntimeError(f"{', '.join(imported)} was imported before the tests' environment was set")
    port, home = Port(), tempfile.TemporaryDirectory(prefix="aguila-tests-")
    _sessions.append(Session(port, home))
    mine = ("HF_", "HUGGING", "TRANSFORMERS_OFFLINE", "SSL_CERT_FILE")
    for name in [name for name in os.environ if name.startswith(mine)]:
        del os.environ[name]
    os.environ |= {
        "HF_ENDPOINT": port.url,
        "HF_HOME": home.name,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        # No certificates: each client would read all of the world's, in a twentieth of a second, and none is needed here.
        "SSL_CERT_DIR": home.name,
    }


def end() -> None:
    """Give back the port and remove what clients cached."""
    session = _sessions.pop()
    session.port.close()
    session.home.cleanup()


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> "Iterator[Hub]":
    """A fresh Hub that serves; the clients of this process and of those it starts use it, as ana, with an empty cache."""
    from tests.hub_server.hub import Hub

    place = tmp_path_factory.mktemp("hub")
    hub = Hub(place / "store", _sessions[-1].port)
    monkeypatch.setenv("HF_TOKEN", hub.add_user("ana"))
    use_cache(place / "home", monkeypatch)
    hub.plug()
    yield hub
    hub.unplug()
    forget()


def use_cache(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `home` the folder where the clients cache, here (they have read the environment) and in processes to come."""
    from datasets import config
    from huggingface_hub import constants

    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setattr(constants, "HF_HOME", str(home))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HUGGINGFACE_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.setattr(constants, "HF_STORED_TOKENS_PATH", str(home / "stored_tokens"))
    monkeypatch.setattr(config, "HF_CACHE_HOME", str(home))
    monkeypatch.setattr(config, "HF_DATASETS_CACHE", home / "datasets")
    monkeypatch.setattr(config, "DOWNLOADED_DATASETS_PATH", home / "datasets" / "downloads")
    monkeypatch.setattr(config, "EXTRACTED_DATASETS_PATH", home / "datasets" / "downloads" / "extracted")


def forget() -> None:
    """What the clients remember of the Hub in memory: connections, and file systems with their listings."""
    from huggingface_hub import HfFileSystem, close_session

    HfFileSystem.clear_instance_cache()
    close_session()
