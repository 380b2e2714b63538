"""Tests meet no Hub but this one, and nothing of one test is left for the next."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from huggingface_hub import constants, get_token, hf_hub_download

from tests.hub_server.plain import ask

TOLD = """
from datasets import config
from huggingface_hub import constants, get_token, hf_hub_download
path = hf_hub_download("ana/mezcla", "README.md", repo_type="dataset")
print(constants.ENDPOINT, constants.HF_HUB_CACHE, config.HF_DATASETS_CACHE, get_token(), path, sep="\\n")
"""


def test_without_the_fixture_connections_are_refused():
    with pytest.raises(ConnectionRefusedError):
        ask("GET", constants.ENDPOINT)
    assert constants.ENDPOINT.startswith("http://127.0.0.1:")
    assert get_token() is None
    assert "hub" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("time", [1, 2])
def test_each_test_has_a_hub_and_a_cache_of_its_own(hub, time):
    assert hub.store.repos == {} and hub.log == []
    hub.commit("ana/mezcla", {"README.md": f"hola {time}"})
    path = hf_hub_download("ana/mezcla", "README.md", repo_type="dataset")

    assert Path(path).read_text("utf-8") == f"hola {time}"
    assert path.startswith(constants.HF_HUB_CACHE)
    assert [one.method for one in hub.log] == ["HEAD", "GET"]


def test_processes_have_the_same_hub_token_and_cache(hub):
    from datasets import config

    hub.commit("ana/mezcla", {"README.md": "hola"})
    path = hf_hub_download("ana/mezcla", "README.md", repo_type="dataset")
    told = subprocess.run([sys.executable, "-c", TOLD], capture_output=True, text=True, check=True).stdout.splitlines()

    assert told == [hub.url, constants.HF_HUB_CACHE, str(config.HF_DATASETS_CACHE), os.environ["HF_TOKEN"], path]
    assert hub.asked("GET", "/resolve/") == ["GET /datasets/ana/mezcla/resolve/main/README.md"]  # only the first time
