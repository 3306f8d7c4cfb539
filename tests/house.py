"""The rules of the house that no linter knows: each takes a tree, and gives findings: "file:line: what"."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

Rule = Callable[[Path], list[str]]

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 50
MAX_PUBLIC_POSITIONAL = 5

TABLES = ("messages.py", "elements.py", "causes.py", "transfers.py", "layout.py", "grammar.py")
"""Files that are tables of a standard, exempt from the length rule by name."""

NO_ROOMS = {"utils", "util", "common", "helpers", "helper", "base", "misc", "lib", "tools"}
OS_ROOMS = ("transports", "suppliers", "lab", "cli")
WORKPLACE = re.compile(r"/work/|\.library|pypi-more|/opt/wheels|shared/golden|shared/vectors|\bhelper-\d")


def modules(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Every module of the package, parsed."""
    for path in sorted((root / "src" / "awase").rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _at(root: Path, path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(root)}:{line}: {what}"


def files_are_small(root: Path) -> list[str]:
    """No file over 500 lines, but tables."""
    findings = []
    for path, _ in modules(root):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_FILE_LINES and path.name not in TABLES:
            findings.append(_at(root, path, lines, f"{lines} lines, more than {MAX_FILE_LINES}"))
    return findings


def functions_are_short(root: Path) -> list[str]:
    """No function over 50 lines."""
    findings = []
    for path, tree in modules(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                lines = node.end_lineno - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    findings.append(_at(root, path, node.lineno, f"{node.name} has {lines} lines"))
    return findings


def rooms_have_names(root: Path) -> list[str]:
    """There is no utils, common, helpers, base or misc."""
    return [
        _at(root, path, 1, f"{path.stem} is no name for a room")
        for path in sorted((root / "src" / "awase").rglob("*"))
        if path.stem in NO_ROOMS
    ]


def protocols_have_one_shape(root: Path) -> list[str]:
    """Every protocol has messages.py and codec.py."""
    findings = []
    for room in sorted((root / "src" / "awase" / "protocols").iterdir()):
        if room.is_dir() and room.name not in ("__pycache__", "ip"):
            for name in ("messages.py", "codec.py"):
                if not (room / name).exists():
                    findings.append(_at(root, room, 1, f"has no {name}"))
    return findings


def functions_have_one_shape(root: Path) -> list[str]:
    """Every network function has part.py and config.py, and a test of the same name."""
    findings = []
    for room in sorted((root / "src" / "awase" / "functions").iterdir()):
        if room.is_dir() and room.name != "__pycache__":
            for name in ("part.py", "config.py"):
                if not (room / name).exists():
                    findings.append(_at(root, room, 1, f"has no {name}"))
            if not (root / "tests" / "unit" / "functions" / room.name).is_dir():
                findings.append(_at(root, room, 1, "has no tests/unit/functions folder"))
    return findings


def _is_set(node: ast.expr) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")


def nothing_hangs_on_hash_seeds(root: Path) -> list[str]:
    """No iteration over a set made on the spot, no hash()."""
    findings = []
    for path, tree in modules(root):
        for node in ast.walk(tree):
            iterated: list[ast.expr] = []
            if isinstance(node, ast.For | ast.comprehension):
                iterated.append(node.iter)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id == "hash":
                    findings.append(_at(root, path, node.lineno, "hash() depends on PYTHONHASHSEED"))
                if node.func.id in ("list", "tuple", "enumerate", "iter", "next"):
                    iterated.extend(node.args[:1])
            if any(_is_set(expression) for expression in iterated):
                line = getattr(node, "lineno", getattr(iterated[0], "lineno", 1))
                findings.append(_at(root, path, line, "the order of a set depends on PYTHONHASHSEED"))
    return findings


def modules_say_what_they_are(root: Path) -> list[str]:
    """Each module starts with a docstring; those of protocols and security cite their specification."""
    findings = []
    cited = re.compile(r"\b(TS|TR|RFC|IEEE|FIPS|SEC)\s?\d|UERANSIM \d|clause|SP 800", re.IGNORECASE)
    for path, tree in modules(root):
        docstring = ast.get_docstring(tree)
        if not docstring:
            findings.append(_at(root, path, 1, "has no docstring"))
            continue
        room = path.relative_to(root / "src" / "awase").parts[0]
        own = path.name != "__init__.py" and room in ("protocols", "security")
        if own and not cited.search(path.read_text(encoding="utf-8")):
            findings.append(_at(root, path, 1, "cites no specification"))
    return findings


def messages_are_frozen(root: Path) -> list[str]:
    """Dataclasses and structs in messages.py are frozen, and dataclasses slotted and keyword-only."""
    findings = []
    for path, tree in modules(root):
        if path.name != "messages.py":
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef):
                continue
            for decorator in node.decorator_list:
                text = ast.unparse(decorator)
                wanted = ("frozen=True", "slots=True", "kw_only=True")
                if text.startswith("dataclass") and not all(word in text for word in wanted):
                    findings.append(_at(root, path, node.lineno, f"{node.name} is not {', '.join(wanted)}"))
    return findings


def oracles_stay_outside(root: Path) -> list[str]:
    """pycrate is an oracle of tests and a source of tools, and is never imported by the package."""
    findings = []
    for path, tree in modules(root):
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.startswith("pycrate") for name in names):
                findings.append(_at(root, path, getattr(node, "lineno", 1), "imports pycrate"))
    return findings


def keys_are_not_generated(root: Path) -> list[str]:
    """Outside the rooms that own the operating system no key is generated inside a library."""
    findings = []
    for path, tree in modules(root):
        if path.relative_to(root / "src" / "awase").parts[0] in OS_ROOMS:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in (
                "generate",
                "generate_private_key",
                "generate_key",
            ):
                findings.append(_at(root, path, node.lineno, f"{node.attr}: keys come from services.random_bytes"))
    return findings


def nothing_of_the_workplace(root: Path) -> list[str]:
    """No path or name of the machine it was written on."""
    findings = []
    tracked = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False)
    for name in tracked.stdout.split("\n"):
        path = root / name
        if not path.is_file() or path.suffix in (".pcapng", ".bin") or path.name == Path(__file__).name:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if WORKPLACE.search(line):
                findings.append(_at(root, path, number, "names the workplace"))
    return findings


def no_test_is_skipped(root: Path) -> list[str]:
    """Tests run, or fail: none is skipped or expected to fail."""
    findings = []
    forbidden = re.compile(r"pytest\.(skip|importorskip)\(|mark\.(skip|skipif|xfail)\b")
    for path in sorted((root / "tests").rglob("*.py")):
        if path.name == Path(__file__).name:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if forbidden.search(line):
                findings.append(_at(root, path, number, "skips"))
    return findings


RULES: tuple[Rule, ...] = (
    files_are_small,
    functions_are_short,
    rooms_have_names,
    protocols_have_one_shape,
    functions_have_one_shape,
    nothing_hangs_on_hash_seeds,
    modules_say_what_they_are,
    messages_are_frozen,
    oracles_stay_outside,
    keys_are_not_generated,
    nothing_of_the_workplace,
    no_test_is_skipped,
)


def linted(root: Path, *command: str) -> list[str]:
    """The findings of a linter run on a tree; none if it is content."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines() or ["failed silently"]
