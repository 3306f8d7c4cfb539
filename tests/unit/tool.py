"""The generators of tools/, which are no package, for tests."""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType


@cache
def tool(name: str) -> ModuleType:
    """A module of tools/."""
    path = Path(__file__).parents[2] / "tools" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"awase_tool_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
