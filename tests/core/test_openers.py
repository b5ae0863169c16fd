"""Who opens files: what a stranger may have written is read through `core.reading` and nothing else."""

import ast
from pathlib import Path

import pytest

import pongarena

PACKAGE = Path(pongarena.__file__).parent

NAMES = """
    FileLock Image.open SoftFileLock bz2.open configparser.ConfigParser csv.reader fileinput.input
    gzip.open io.FileIO io.open json.load json.loads linecache.getlines lzma.open marshal.load
    mmap.mmap msgspec.json.decode np.fromfile np.genfromtxt np.load np.loadtxt np.memmap np.save
    np.savez np.savez_compressed open os.fdopen os.open pickle.load pickle.loads pygame.image.load
    read_bytes read_text shelve.open shutil.copy shutil.copy2 shutil.copyfile shutil.copytree
    shutil.unpack_archive sqlite3.connect tarfile.open tomllib.load write_bytes write_text
    zipfile.ZipFile zipfile.is_zipfile
"""
"""Ways to read or write a file, or to take JSON apart, as they are written; of methods the name alone."""

OPENERS = set(NAMES.split())

ALLOWED = {
    # the readers and writers themselves
    "core/reading.py": {"os.open", "os.fdopen", "msgspec.json.decode"},
    "core/files.py": {"os.open", "os.fdopen", "open"},
    "jobs/lock.py": {"FileLock"},
    "nn/archive.py": {"open"},  # a part of an archive that `open_zip` has opened
    "library/bundle.py": {"open", "zipfile.ZipFile"},  # parts of archives; the one that is written
    "nn/checkpoint.py": {"open", "zipfile.ZipFile"},  # the archive that is written
    "match/log.py": {"os.fdopen", "np.savez_compressed"},  # of `open_to_append`; into memory
    "jobs/background.py": {"os.fdopen"},  # of `open_to_append`
    "lab/sweep.py": {"os.fdopen"},  # likewise
    "jobs/requests.py": {"os.open"},  # an empty file, which must be new
    "library/duplicate.py": {"shutil.copytree"},  # by `copy_ordinary`
    # the program's own files, and the system's
    "core/compilation.py": {"read_bytes"},
    "jobs/process.py": {"read_text"},
    "jobs/niceness.py": {"write_text"},
    "core/output.py": {"os.open", "os.fdopen"},
    "window/sound.py": {"os.open"},
    "window/soundtrack.py": {"open"},  # of a wave file of its own, which is written
    # the page's own parts, which are installed with the program
    "page/build.py": {"read_text"},
    "shell_answers.py": {"open", "json.load"},
    "cli/man.py": {"read_text"},
    "manual/site.py": {"read_text"},
    # no file: room that is asked for, to see whether there is as much
    "core/memory.py": {"mmap.mmap"},
    # what a process of our own said
    "jobs/executor.py": {"pickle.loads"},
    "jobs/cluster.py": {"pickle.loads"},  # between client and workers, who run each other's code anyway
    "bench/scaling.py": {"read_text"},  # a tournament that it has just had played
    "doctor.py": {"json.loads"},
    "tui/services/measuring.py": {"json.loads"},
    "tui/services/match_jobs.py": {"json.loads"},
    # its own standard input and output; an archive of a player that may run code anyway
    "match/foreign_host.py": {"os.fdopen", "os.open", "json.loads"},
    "match/foreign_agents.py": {"zipfile.ZipFile", "json.loads"},
    "match/foreign.py": {"json.loads"},
    "bench/library.py": {"open", "json.loads", "shutil.copytree"},
    "bench/reference.py": {"json.loads"},
}


def openers(source: str) -> set[str]:
    """The calls in a module's text that open files."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            whole = ast.unparse(node.func)
            last = whole.rpartition(".")[2]
            found |= {whole, last} & OPENERS if not (last == "open" and whole in OPENERS) else {whole}
    return found


def test_nobody_opens_files_but_those_who_are_known():
    known = {path: openers(path.read_text()) for path in PACKAGE.rglob("*.py")}
    found = {path.relative_to(PACKAGE).as_posix(): calls for path, calls in known.items() if calls}
    strange = {name: calls - ALLOWED.get(name, set()) for name, calls in found.items()}
    assert {name: calls for name, calls in strange.items() if calls} == {}, (
        "read a stranger's file with pongarena.core.reading; append with core.files.open_to_append; "
        "lock with jobs.lock.held; or say here why not"
    )
    gone = {name: calls - found.get(name, set()) for name, calls in ALLOWED.items()}
    assert {name: calls for name, calls in gone.items() if calls} == {}, "these are allowed for nothing"


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("path.read_text()", {"read_text"}),
        ("with path.open('rb') as file: pass", {"open"}),
        ("os.open(path, 0)", {"os.open"}),
        ("open(path)", {"open"}),
        ("np.load(path)", {"np.load"}),
        ("open_ordinary(path); screen.update(); Path.cwd()", set()),
    ],
)
def test_openers_are_recognised(source, calls):
    assert openers(source) == calls
