"""What other libraries raise when memory, space or a file fails, told apart by class, and by message where they have none."""

import errno

import pytest

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from safetensors import SafetensorError

from tests.train.models import files_up_to
from train.failures import in_a_line, is_out_of_memory, is_unread, is_unwritten, no_room


def raised(call):
    with pytest.raises(Exception) as error:
        call()
    return error.value


def test_memory_that_ran_out():
    assert is_out_of_memory(raised(lambda: torch.empty(2**60)))  # torch's own error on a CPU
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA")) and is_out_of_memory(MemoryError())
    assert is_out_of_memory(RuntimeError("CUDA error: out of memory"))
    assert not is_out_of_memory(RuntimeError("size mismatch")) and not is_out_of_memory(OSError("out of memory"))


def test_a_file_that_could_not_be_written(tmp_path):
    with files_up_to(10_000):
        full = raised(lambda: torch.save(torch.zeros(100_000), tmp_path / "x.pt"))
    assert type(full) is RuntimeError and is_unwritten(full)  # torch's own writer
    assert is_unwritten(OSError(errno.ENOSPC, "No space left on device")) and is_unwritten(SafetensorError("io"))
    assert not is_unwritten(RuntimeError("size mismatch"))


def test_weights_that_could_not_be_read(tmp_path):
    (tmp_path / "x.pt").write_bytes(b"PK\x03\x04" + b"\0" * 50)
    assert is_unread(raised(lambda: torch.load(tmp_path / "x.pt", weights_only=True)))  # torch's own reader
    assert is_unread(EOFError()) and not is_unread(RuntimeError("size mismatch"))


def test_what_is_said_of_a_full_disk():
    full = no_room("adaptador", OSError(errno.ENOSPC, "No space left on device"), "free space there")
    torn = no_room("adaptador", SafetensorError("a\n  b"), "free space there")

    assert str(full) == "adaptador: could not be written (No space left on device); free space there"
    assert str(torn) == "adaptador: could not be written (a b); free space there"
    assert len(in_a_line(ValueError("x " * 500))) == 200
