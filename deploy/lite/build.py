"""Build the course as a page that needs no server but one of files: `make lite`.

    python deploy/lite/build.py WHEEL_OF_NNLIB PYODIDE_CORE OUTPUT [PYODIDE_WHOLE]

JupyterLite is JupyterLab in the browser, and Pyodide is Python there. What the page needs is laid
out in the folder OUTPUT-source, and `jupyter lite build` makes OUTPUT of it:

- the lessons;
- the core of Pyodide (PYODIDE_CORE, its package on npm);
- nnlib, and each package that it needs, as wheels. Their versions are those of two lists: that of
  the packages made for this Pyodide (pyodide-lock.json), and the course's own requirements.lock. A
  new pyodide-lock.json names them all, so that Pyodide loads nnlib when a cell first imports it.

Wheels that hold compiled code (numpy, matplotlib, pillow and two that matplotlib needs) are only in
Pyodide's whole distribution, a file of some hundred megabytes. With PYODIDE_WHOLE, that file or the
folder unpacked from it, they are taken from there, and the page asks nothing of another server.
Without it they keep the address in NETWORK, from where the browser fetches them.
"""

import hashlib
import html
import json
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from jupyterlite_pyodide_kernel.constants import (
    PYODIDE_CDN_URL,
    PYODIDE_KERNEL_PLUGIN_ID,
    PYODIDE_PYTHON_VERSION,
    PYODIDE_VERSION,
)

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
NETWORK = PYODIDE_CDN_URL

CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")

# What the kernel starts with, and what is added to the packages made for Pyodide: their names, what
# they need, and the modules that they bring. JupyterLab, the kernel and the front end of the
# widgets, which nnlib[lab] names too, are the page itself.
KERNEL = ("micropip", "comm", "ipython", "jedi")
ADDED = {
    "nnlib": (
        ("numpy", "threadpoolctl", "tqdm", "anywidget", "ipywidgets", "matplotlib", "pillow"),
        ("nnlib",),
    ),
    "anywidget": (("ipywidgets", "psygnal", "typing-extensions"), ("anywidget",)),
    "comm": (("traitlets",), ("comm",)),
    "ipython-pygments-lexers": (("pygments",), ("ipython_pygments_lexers",)),
    "ipywidgets": (("comm", "ipython", "traitlets"), ("ipywidgets",)),
    "psygnal": ((), ("psygnal",)),
}
NEEDED_TOO = {"ipython": ("ipython-pygments-lexers", "jedi")}

# Where what a learner has solved is kept: in the folder that the page keeps in the browser.
ENVIRONMENT = {"NNLIB_PROGRESS": "/drive/.nnlib/progress.json"}


def name_of(package: str) -> str:
    """Return the name of a package in the one way in which lists are searched for it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def versions_of_the_course() -> dict[str, str]:
    """Return {package: version} of requirements.lock, whatever the system."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = (line.partition(";")[0].strip().split("==") for line in lines if "==" in line)
    return {name_of(name): version for name, version in pins}


def entries(given: dict[str, dict]) -> dict[str, dict]:
    """Return what is needed of the packages of Pyodide's list, and ADDED, as such a list.

    Those of ADDED are still without a file.
    """
    known = {name_of(name): entry for name, entry in given.items()}
    versions = versions_of_the_course()
    found: dict[str, dict] = {}
    wanted = ["nnlib", *KERNEL]
    while wanted:
        name = name_of(wanted.pop())
        if name in found:
            continue
        if name in ADDED:
            needs, modules = ADDED[name]
            entry = {
                "name": name,
                "version": versions.get(name, ""),
                "file_name": "",
                "install_dir": "site",
                "sha256": "",
                "package_type": "package",
                "imports": list(modules),
                "depends": list(needs),
                "unvendored_tests": False,
            }
        else:
            entry = dict(known[name])
            entry["depends"] = [*entry["depends"], *NEEDED_TOO.get(name, ())]
        found[name] = entry
        wanted += entry["depends"]
    return dict(sorted(found.items()))


def download(packages: list[str], folder: Path) -> None:
    """Put the wheels of these packages ("name==version"), pure Python, into a folder."""
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"),
            *("--no-deps", "--only-binary=:all:", "--platform=any", "--implementation=py"),
            *("--abi=none", f"--python-version={PYODIDE_PYTHON_VERSION}", f"--dest={folder}"),
            *packages,
        ],
        check=True,
    )


def from_distribution(distribution: Path, names: list[str], folder: Path) -> None:
    """Copy these files of Pyodide's whole distribution, a folder or a .tar.bz2, into a folder."""
    missing = set(names)
    if distribution.is_dir():
        for path in distribution.rglob("*"):
            if path.name in missing:
                shutil.copy(path, folder)
                missing.discard(path.name)
    else:
        with tarfile.open(distribution) as archive:
            for member in archive:
                name = Path(member.name).name
                if name in missing and (file := archive.extractfile(member)):
                    (folder / name).write_bytes(file.read())
                    missing.discard(name)
    if missing:
        raise SystemExit(
            f"{distribution} lacks {', '.join(sorted(missing))}: it should be the whole "
            f"distribution of Pyodide {PYODIDE_VERSION}"
        )


def sha256(path: Path) -> str:
    """Return a file's SHA-256 sum, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lay_out_python(folder: Path, core: Path, wheel: Path, whole: "Path | None") -> None:
    """Put Python's core, the wheels and their list into a folder; it is served as it is."""
    folder.mkdir(parents=True)
    version = json.loads((core / "package.json").read_text(encoding="utf-8"))["version"]
    if version != PYODIDE_VERSION:
        raise SystemExit(
            f"jupyterlite-pyodide-kernel is made for Pyodide {PYODIDE_VERSION}, and {core} is "
            f"{version}: name the former in deploy/lite/package.json"
        )
    for name in CORE:
        shutil.copy(core / name, folder)
    lock = json.loads((core / "pyodide-lock.json").read_text(encoding="utf-8"))
    packages = entries(lock["packages"])
    compiled = {n for n, entry in packages.items() if entry["file_name"].endswith("_wasm32.whl")}
    if whole is not None:
        from_distribution(whole, [packages[name]["file_name"] for name in compiled], folder)
    for name in compiled:
        entry = packages[name]
        if whole is None:
            entry["file_name"] = f"{NETWORK}/{entry['file_name']}"
        elif sha256(folder / entry["file_name"]) != entry["sha256"]:
            raise SystemExit(f"{entry['file_name']} of {whole} is not that of Pyodide {version}")
    pure = packages.keys() - compiled - {"nnlib"}
    download([f"{n}=={packages[n]['version']}" for n in sorted(pure)], folder)
    shutil.copy(wheel, folder)
    here = {name_of(path.name.split("-")[0]): path for path in folder.glob("*.whl")}
    for name in (*pure, "nnlib"):
        path = here[name]
        packages[name] |= {
            "version": path.name.split("-")[1],
            "file_name": path.name,
            "sha256": sha256(path),
        }
    lock["packages"] = packages
    (folder / "pyodide-lock.json").write_text(json.dumps(lock, indent=1), encoding="utf-8")


def lay_out(folder: Path, wheel: Path, core: Path, whole: "Path | None" = None) -> None:
    """Write all that `jupyter lite build` reads."""
    shutil.rmtree(folder, ignore_errors=True)
    lay_out_python(folder / "static" / "pyodide", core, wheel, whole)
    lessons = folder / "lessons"
    lessons.mkdir()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        shutil.copy(path, lessons)
    kernel = {"disablePyPIFallback": True, "loadPyodideOptions": {"env": ENVIRONMENT}}
    settings = {
        "appName": "Neural Networks from Scratch",
        "litePluginSettings": {PYODIDE_KERNEL_PLUGIN_ID: kernel},
    }
    page = {"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}
    (folder / "jupyter-lite.json").write_text(json.dumps(page, indent=1), encoding="utf-8")


def title(notebook: Path) -> str:
    """Return the title of a lesson, the first line of its first cell."""
    first = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
    return "".join(first).partition("\n")[0].lstrip("# ")


def first_page(lessons: Path, whole: bool) -> str:
    """Return the HTML of the page that is seen first: the lessons, and what there is to know."""
    links = "\n".join(
        f'<li><a href="lab/index.html?path={path.name}">{html.escape(title(path))}</a></li>'
        for path in sorted(lessons.glob("*.ipynb"))
    )
    fetched = (
        "Nothing is asked of another server."
        if whole
        else f"numpy, matplotlib and pillow are fetched from {NETWORK.split('/')[2]}, "
        "once, and kept by the browser; all else comes from here."
    )
    text = (HERE / "index.html").read_text(encoding="utf-8")
    return text.replace("LESSONS", links).replace("FETCHED", fetched)


def main(wheel: Path, core: Path, output: Path, whole: "Path | None" = None) -> None:
    """Build the page in the folder `output`."""
    source = output.with_name(f"{output.name}-source")
    lay_out(source, wheel, core, whole)
    shutil.rmtree(output, ignore_errors=True)
    made = subprocess.run(
        [
            *(Path(sys.executable).with_name("jupyter"), "lite", "build", "--apps=lab"),
            *(f"--lite-dir={source}", f"--contents={source / 'lessons'}"),
            *(f"--output-dir={output}", "--no-sourcemaps"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=source,  # where it notes what is done: anew each time
    )
    if made.returncode:
        raise SystemExit(f"{made.stdout}\njupyter lite build failed")
    page = first_page(source / "lessons", whole is not None)
    (output / "index.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:]))
