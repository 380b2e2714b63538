"""A user's `train.py` (or `builders.py`, `filters.py`, `cards.py`) is never taken for a package of this project."""

import importlib
import os
import subprocess
import sys
import types
from importlib.machinery import ModuleSpec

import pytest

from aguila import own_packages
from aguila.own_packages import HOME, NAMES, leave_current_folder, require_own_packages

RUNS = "open('ran.txt', 'a').write(__name__)\n"
# What a user's folder may hold under a name, and the text of its file.
FORMS = {"file": "{name}.py", "package": "{name}/__init__.py", "folder": "{name}/notes.txt"}
# For each package a command that needs it, and how it ends here.
NEEDS = {
    "builders": (["versions", "nada"], "error: nada: no versions in versions"),
    "filters": (["explain", "nada@1.0.0", "fila-1"], "error: nada@1.0.0: no such version"),
    "cards": (["versions", "nada"], "error: nada: no versions in versions"),
    "click": (["versions", "nada"], "error: nada: no versions in versions"),  # nor is anything else from there
    "train": (["train", "sft", "nada", "--dataset", "nada@1.0.0"], "error: training recipe nada: no such file"),
}


@pytest.fixture
def mine(tmp_path):
    """Put something of the user's own under a name into the current folder: its place."""

    def put(name, form="file"):
        file = tmp_path / FORMS[form].format(name=name)
        file.parent.mkdir(exist_ok=True)
        file.write_text(RUNS)
        return file if form == "file" else file.parent

    return put


@pytest.fixture
def python(tmp_path):
    """Run Python in the user's folder; this project comes after it on the path, as what is installed does."""

    def run(*words, path=str(HOME), **environment):
        return subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True,
            text=True,
            timeout=100,
        )

    return run


# ---- the command line ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "form"), [*((name, "file") for name in NEEDS), ("train", "package"), ("train", "folder")]
)
def test_the_command_never_imports_what_lies_in_the_current_folder(python, mine, tmp_path, name, form):
    mine(name, form)
    words, end = NEEDS[name]

    done = python("-m", "aguila", *words)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith(end)
    assert not (tmp_path / "ran.txt").exists()


SPAWNS = """
import multiprocessing, runpy, sys
from aguila.own_packages import require_own_packages
sys.argv = ["aguila", "--version"]
try:
    runpy.run_module("aguila", run_name="__main__", alter_sys=True)
except SystemExit:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(require_own_packages)
    print("the worker has them, too")
"""


def test_a_worker_that_the_command_spawns_finds_this_project_too(python, mine, tmp_path):
    mine("train")

    done = python("-c", SPAWNS)

    assert done.stdout.splitlines()[-1:] == ["the worker has them, too"], done.stderr
    assert not (tmp_path / "ran.txt").exists()


@pytest.mark.parametrize("name", NAMES)
def test_what_the_path_names_before_this_project_is_one_line(python, mine, tmp_path, name):
    folder = tmp_path / "otra"
    folder.mkdir()
    file = mine(name).rename(folder / f"{name}.py")

    done = python("-m", "aguila", "rules", path=os.pathsep.join((str(folder), str(HOME))))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: {file} is in the way: aguila-data has a package `{name}`, and Python finds this under that name first; "
        "rename it or move it to another folder, then start Python again\n"
    )
    assert not (tmp_path / "ran.txt").exists()


@pytest.mark.parametrize("here", ["", ".", "folder"])
def test_the_current_folder_is_taken_off_the_path(monkeypatch, tmp_path, here):
    monkeypatch.chdir(tmp_path)
    others = [str(HOME), str(tmp_path / "otra"), str(tmp_path.parent)]
    monkeypatch.setattr(sys, "path", [str(tmp_path) if here == "folder" else here, *others])

    leave_current_folder()

    assert sys.path == others


def test_the_folder_of_a_checkout_stays_on_the_path(monkeypatch):
    monkeypatch.chdir(HOME)
    monkeypatch.setattr(sys, "path", [str(HOME), "", *sys.path])
    before = list(sys.path)

    leave_current_folder()

    assert sys.path == before


# ---- the library -----------------------------------------------------------------------------------------------------

IN_THE_WAY = (
    "ImportError: {place} is in the way: aguila-data has a package `{name}`, and Python finds this under that name first; "
    "rename it or move it to another folder, then start Python again"
)


@pytest.mark.parametrize("name", NAMES)
def test_a_program_is_told_which_file_is_in_the_way(python, mine, tmp_path, name):
    place = mine(name)
    (tmp_path / "programa.py").write_text("import aguila\naguila.build\n")

    done = python("programa.py")

    assert done.stderr.splitlines()[-1] == IN_THE_WAY.format(place=place, name=name)
    assert not (tmp_path / "ran.txt").exists()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("from builders import build", ("filters", "cards", "train")),
        ("from builders.versions.registry import build", ("filters",)),
        ("from train.recipes.loading import load_recipe", ("builders",)),
    ],
)
def test_so_is_one_that_imports_a_package_itself(python, mine, tmp_path, line, names):
    for name in names:
        place = mine(name, "package")
        (tmp_path / "programa.py").write_text(line)

        done = python("programa.py")

        assert done.stderr.splitlines()[-1] == IN_THE_WAY.format(place=place, name=name)
        (place / "__init__.py").unlink()
    assert not (tmp_path / "ran.txt").exists()


def test_a_program_may_not_be_called_as_a_package_itself(python, tmp_path):
    (tmp_path / "train.py").write_text(f"{RUNS}from aguila import build\n")

    done = python("train.py")

    assert done.stderr.splitlines()[-1] == IN_THE_WAY.format(place=tmp_path / "train.py", name="train")
    assert (tmp_path / "ran.txt").read_text() == "__main__"  # and not a second time, as `train`


def test_nothing_is_said_where_nothing_is_used(python, mine, tmp_path):
    mine("train")

    assert python("-c", "import aguila; print(aguila.__doc__.splitlines()[0])").stdout.startswith(
        "Make, publish, audit"
    )


# ---- what is in the way, however it is there -------------------------------------------------------------------------


@pytest.fixture
def fresh():
    """The check as it runs the first time."""
    require_own_packages.cache_clear()
    yield
    require_own_packages.cache_clear()


def in_the_way():
    with pytest.raises(ImportError) as error:
        require_own_packages()
    return error.value.name, error.value.path


def test_this_project_is_not_in_its_own_way(fresh):
    assert require_own_packages() is None


def test_a_module_that_was_imported_before(fresh, monkeypatch, mine, tmp_path):
    file = mine("train")
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "train", raising=False)
        patch.syspath_prepend(tmp_path)
        patch.chdir(tmp_path)
        patch.setitem(sys.modules, "train", importlib.import_module("train"))
        file.unlink()

        assert in_the_way() == ("train", str(file))


@pytest.mark.parametrize(
    ("made", "place"), [({}, "a module `train` that is loaded"), ({"__file__": "/x/train.py"}, "/x/train.py")]
)
def test_a_module_that_a_program_made_itself(fresh, monkeypatch, made, place):
    module = types.ModuleType("train")
    vars(module).update(made)
    monkeypatch.setitem(sys.modules, "train", module)

    assert in_the_way() == ("train", place)


def test_a_folder_that_an_editable_install_comes_after(fresh, monkeypatch, tmp_path):
    """Where this project is found by a finder that is asked after the path, a folder without `__init__.py` comes first."""
    (tmp_path / "cards").mkdir()
    spec = ModuleSpec("cards", None)
    spec.submodule_search_locations = [str(tmp_path / "cards")]
    monkeypatch.setattr(own_packages, "find_spec", lambda name: spec)
    monkeypatch.delitem(sys.modules, "cards", raising=False)
    monkeypatch.setattr(own_packages, "NAMES", ("cards",))

    assert in_the_way() == ("cards", str(tmp_path / "cards"))


def test_a_package_that_is_not_there_is_left_to_the_import(fresh, monkeypatch):
    monkeypatch.setattr(own_packages, "NAMES", ("no_such_package",))

    assert require_own_packages() is None
