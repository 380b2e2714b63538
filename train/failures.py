"""What torch, safetensors and the operating system raise when memory, space or a file fails, told apart.

Where a library has no class for it, its message is looked at, here and nowhere else.
"""

from builders.errors import Exhausted


def in_a_line(error: BaseException) -> str:
    """Another library's message, short enough to be quoted in ours."""
    return " ".join(str(error).split())[:200]


def is_out_of_memory(error: BaseException) -> bool:
    """Did memory run out? torch has a class for it on a GPU; its CPU allocator raises a plain RuntimeError."""
    import torch

    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    said = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in said or "can't allocate memory" in said)


def is_unwritten(error: BaseException) -> bool:
    """Could a file not be written? torch's own writer raises a plain RuntimeError, whatever the reason."""
    said = str(error)
    return not isinstance(error, RuntimeError) or "PytorchStreamWriter" in said or "unexpected pos" in said


def is_unread(error: BaseException) -> bool:
    """Could a file of weights not be read? torch's own reader raises a plain RuntimeError, whatever the reason."""
    return not isinstance(error, RuntimeError) or "PytorchStreamReader" in str(error)


def no_room(folder: object, error: BaseException, hint: str) -> Exhausted:
    """The error for a file that could not be written."""
    reason = getattr(error, "strerror", None) or in_a_line(error)
    return Exhausted(f"{folder}: could not be written ({reason})", hint)
