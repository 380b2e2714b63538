"""How many heaps the threads of a process have."""

import os
import subprocess
import sys

import pytest

HEAPS = """
import ctypes, sys, threading
from aguila.process import share_heaps

share_heaps()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
waiting = threading.Barrier(100)


def work():
    libc.malloc(ctypes.c_size_t(1000))
    waiting.wait(60)


threads = [threading.Thread(target=work) for _ in range(100)]
[one.start() for one in threads]
[one.join() for one in threads]
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or "glibc" not in os.confstr("CS_GNU_LIBC_VERSION"), reason="only glibc has several heaps"
)
def test_threads_share_as_many_heaps_as_there_are_cores(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}

    subprocess.run([sys.executable, "-c", HEAPS, str(tmp_path / "heaps.xml")], env=environment, check=True)

    assert (tmp_path / "heaps.xml").read_text().count("<heap nr=") <= max(2, os.cpu_count())
