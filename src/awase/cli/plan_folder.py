"""A Plan folder: plan.json, plan.csv, risk.json, hanging.json, diversity.csv and plan.html. Written and read back."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from awase.model.calendar import Quarter
from awase.model.plan import PLAN_COLUMNS, Action, PlanResult
from awase.model.rules import Case
from awase.planner.diversity.standings import Standing
from awase.planner.problems import Place, PlanInputError, Problem
from awase.planner.steps import Hanging, Steps
from awase.planner.uncertainty.outlook import Outlook

if TYPE_CHECKING:
    from awase.planner.backbone.study import Study

PLANS = Path("plans")
MOST_OCTETS = 512 * 1024 * 1024


def new_folder(out: Path | None) -> Path:
    """The folder to write, which must not be there yet. Raises PlanInputError."""
    if out is None:
        numbers = [int(path.name) for path in PLANS.glob("*") if path.name.isdigit()]
        return PLANS / str(max(numbers, default=0) + 1)
    if out.exists() or out.is_symlink():
        hint = "name one that does not exist yet; nothing was written"
        raise PlanInputError([Problem(Place(f"--out {out}"), "is there already", hint)])
    return out


def write_folder(
    folder: Path, case: Case, result: PlanResult, outlook: Outlook | None, steps: Steps | None = None
) -> list[str]:
    """Write all files; their names."""
    folder.mkdir(parents=True)
    names = ["plan.json", "plan.csv"]
    head = msgspec.structs.replace(result, actions=())
    (folder / "plan.json").write_bytes(msgspec.json.format(msgspec.json.encode(head), indent=1) + b"\n")
    (folder / "plan.csv").write_text(plan_csv(result), encoding="utf-8")
    if outlook is not None:
        (folder / "risk.json").write_bytes(msgspec.json.format(msgspec.json.encode(outlook), indent=1) + b"\n")
        names.append("risk.json")
    if steps is not None:
        down = Hanging(diversity=steps.diversity, hanging=steps.hanging)
        (folder / "hanging.json").write_bytes(msgspec.json.format(msgspec.json.encode(down), indent=1) + b"\n")
        (folder / "diversity.csv").write_text(diversity_csv(steps.standings), encoding="utf-8")
        names += ["hanging.json", "diversity.csv"]
    (folder / "plan.html").write_text(_page(case, result, outlook, steps), encoding="utf-8")
    return [*names, "plan.html"]


def _page(case: Case, result: PlanResult, outlook: Outlook | None, steps: Steps | None) -> str:
    from awase.report.plan_page import Beside, plan_page

    beside = Beside(
        rules=case.rules,
        limits=case.limits,
        market=case.market,
        outlook=outlook,
        backbone=_backbone(case),
        steps=steps,
    )
    return plan_page(result, case.estate, beside)


def _backbone(case: Case) -> "Study | None":
    """The study of cuts, where the estate has a backbone with traffic."""
    if not case.estate.demands or not (case.estate.links or case.estate.cables):
        return None
    from awase.planner.backbone.sources import backbone_of
    from awase.planner.backbone.study import study

    return study(*backbone_of(case))


def plan_csv(result: PlanResult) -> str:
    """The actions, a row each, under the header of the plan."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(PLAN_COLUMNS)
    for action in result.actions:
        writer.writerow([_safe(getattr(action, name)) for name in PLAN_COLUMNS])
    return text.getvalue()


def diversity_csv(steps: Mapping[Quarter, Sequence[Standing]]) -> str:
    """Who holds which share of what, where and when: a row for each share."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    about = ("per", "place", "kind", "level", "measure", "hhi", "effective", "known")
    writer.writerow(["quarter", *about, "supplier", "share"])
    for quarter, found in steps.items():
        for one in found:
            where = [quarter, *(_safe(getattr(one, name)) for name in about)]
            writer.writerows([*where, _safe(name), share] for name, share in one.shares.items())
    return text.getvalue()


def _safe(value: object) -> object:
    """A text as it is, but never one that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def read_folder(folder: Path) -> PlanResult:
    """A plan with its actions. Raises PlanInputError."""
    try:
        octets = _read(folder / "plan.json")
        result = msgspec.json.decode(octets, type=PlanResult)
        rows = list(csv.DictReader(io.StringIO(_read(folder / "plan.csv").decode("utf-8"))))
        actions = [msgspec.convert(_unsafe(row), Action, strict=False) for row in rows]
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, csv.Error) as error:
        hint = "name a folder that `awase plan` has written"
        raise PlanInputError([Problem(Place(str(folder)), f"is no Plan folder: {error}", hint)]) from None
    return msgspec.structs.replace(result, actions=tuple(actions))


def _unsafe(row: dict[str, str]) -> dict[str, str]:
    return {key: value[1:] if value[:2] in ("'=", "'+", "'-", "'@") else value for key, value in row.items()}


def _read(path: Path) -> bytes:
    if not path.is_file() or path.stat().st_size > MOST_OCTETS:
        hint = "name a folder that `awase plan` has written"
        raise PlanInputError([Problem(Place(str(path)), "is not there, or is too large", hint)])
    return path.read_bytes()
