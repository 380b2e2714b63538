"""Folders that appear whole, and stay so when the power fails.

A rename is one step to whoever looks, and none to a disk that loses its power: names may be written before what is in the files.
So everything in the folder is written to the disk first, then the rename, then the folder that has the new name.
"""

import os
from pathlib import Path


def move_into_place(made: Path, target: Path) -> None:
    """Rename a finished folder so that it is at `target` whole or not at all, whenever the machine stops. Raises OSError."""
    for folder, _, files in os.walk(made, topdown=False):
        for name in files:
            _sync(Path(folder, name))
        _sync(Path(folder))
    made.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    """Have what is in a file or folder written to the disk. Where a system cannot do so for folders, it needs no asking."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        if os.name == "nt" and path.is_dir():  # Windows opens no folders
            return
        raise
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
