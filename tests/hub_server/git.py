"""Object ids as git and Git LFS compute them."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def blob_oid(data: bytes) -> str:
    """Id of a file's bytes."""
    return _oid("blob", data)


def lfs_pointer(sha256: str, size: int) -> bytes:
    """The small text that git stores in place of a file kept by LFS."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()


def folder_oids(blobs: Mapping[str, str]) -> dict[str, str]:
    """Id of every folder of a tree, the root under "", from the blob id of each path.

    Raises ValueError when a path is both a file and a folder.
    """
    root: dict[str, Any] = {}
    for path, oid in blobs.items():
        *folders, name = path.split("/")
        place = root
        for folder in folders:
            place = place.setdefault(folder, {})
            if not isinstance(place, dict):
                break
        if not isinstance(place, dict) or name in place:
            raise ValueError(f"{path} is within a file, or is a folder too")
        place[name] = oid
    oids: dict[str, str] = {}
    _tree_oid(root, "", oids)
    return oids


def _tree_oid(tree: dict[str, Any], path: str, oids: dict[str, str]) -> str:
    entries = []
    for name, what in tree.items():
        folder = isinstance(what, dict)
        oid = _tree_oid(what, f"{path}/{name}" if path else name, oids) if folder else what
        # git sorts a folder as if its name ended in a slash
        line = (b"40000 " if folder else b"100644 ") + name.encode() + b"\0" + bytes.fromhex(oid)
        entries.append((name.encode() + (b"/" if folder else b""), line))
    oids[path] = _oid("tree", b"".join(line for _, line in sorted(entries)))
    return oids[path]


def commit_oid(tree: str, parent: str | None, author: str, date: datetime, message: str) -> str:
    """Id of a commit by its tree, its parent, who made it, when, and its message."""
    who = f"{author} <{author}@users.noreply> {int(date.timestamp())} +0000"
    parents = f"parent {parent}\n" if parent else ""
    return _oid("commit", f"tree {tree}\n{parents}author {who}\ncommitter {who}\n\n{message}\n".encode())


def _oid(kind: str, data: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(data)}\0".encode() + data).hexdigest()
