"""Ids are git's own and those of Git LFS."""

import hashlib
import json
import os
import subprocess

from huggingface_hub import HfApi

from tests.hub_server.git import blob_oid, folder_oids, lfs_pointer
from tests.hub_server.plain import ask


def test_blobs_have_the_ids_that_git_gives():
    assert blob_oid(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert blob_oid(b"hello world\n") == "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"


def test_trees_have_the_ids_that_git_gives():
    assert folder_oids({}) == {"": "4b825dc642cb6eb9a060e54bf8d69288fbee4904"}


def test_a_commit_has_the_ids_that_git_gives(hub, tmp_path):
    # names whose order git settles in its own way: a folder sorts as if it ended in a slash
    files = {"a.txt": "uno\n", "a/b/c.txt": "dos\n", "a/ñ.txt": "tres\n", "a-b": "cuatro\n"}
    oid = hub.commit("ana/mezcla", {**files, ".gitattributes": None}, message="v1.0.0")
    commit = hub.repo("ana/mezcla").resolve(oid)

    def git(*words, **options):
        done = subprocess.run(["git", *words], cwd=tmp_path, capture_output=True, text=True, check=True, **options)
        return done.stdout.strip()

    git("init", "--quiet")
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    git("add", "--all")
    tree = git("write-tree")
    assert commit.folders == {"": tree, "a": git("rev-parse", f"{tree}:a"), "a/b": git("rev-parse", f"{tree}:a/b")}

    date = f"{int(commit.date.timestamp())} +0000"
    who = f"ana <ana@users.noreply> {date}"
    text = f"tree {tree}\nparent {commit.parent}\nauthor {who}\ncommitter {who}\n\nv1.0.0\n"
    assert oid == git("hash-object", "-t", "commit", "--literally", "--stdin", input=text)


def test_lfs_files_are_known_by_their_sha256(hub):
    data = b"PAR1" * 10
    hub.commit("ana/mezcla", {"data/a.parquet": data, "nota.txt": "hola\n"})
    sha256 = hashlib.sha256(data).hexdigest()

    note, parquet = HfApi().get_paths_info("ana/mezcla", ["nota.txt", "data/a.parquet"], repo_type="dataset")
    assert (note.size, note.blob_id, note.lfs) == (5, blob_oid(b"hola\n"), None)
    assert (parquet.size, parquet.blob_id) == (40, blob_oid(lfs_pointer(sha256, 40)))
    assert (parquet.lfs.sha256, parquet.lfs.size, parquet.lfs.pointer_size) == (
        sha256,
        40,
        len(lfs_pointer(sha256, 40)),
    )


def test_an_upload_that_is_not_what_was_announced_is_refused(hub):
    HfApi().create_repo("ana/mezcla", repo_type="dataset")
    announced = {"oid": hashlib.sha256(b"uno").hexdigest(), "size": 3}
    body = json.dumps({"operation": "upload", "objects": [announced]}).encode()
    bearer = f"Bearer {os.environ['HF_TOKEN']}"
    batch = ask("POST", f"{hub.url}/datasets/ana/mezcla.git/info/lfs/objects/batch", body, Authorization=bearer).body
    href = json.loads(batch)["objects"][0]["actions"]["upload"]["href"]

    # another hash, another size, the right one, and once more: it serves once
    assert [ask("PUT", href, data).status for data in (b"dos", b"unos", b"uno", b"uno")] == [400, 400, 200, 403]
    assert hub.store.lfs_object(announced["oid"]).read_bytes() == b"uno"
