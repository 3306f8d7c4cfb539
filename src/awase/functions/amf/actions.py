"""What the operator does at set times, by the network file."""

from __future__ import annotations

from collections.abc import Callable

from awase.functions.amf.config import Action
from awase.functions.amf.context import Gnb, NgConnection, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import (
    amf_configuration_update,
    configuration_update,
    congestion,
    deregistration,
    ng_reset,
    re_authentication,
    ue_radio_capability_check,
)
from awase.functions.amf.served import snssai
from awase.functions.amf.states import State
from awase.model.ids import Supi
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause


def schedule(amf: Amf) -> None:
    """Wind the operator's clock."""
    for i, action in enumerate(amf.config.actions):
        _at(amf, action, f"actions[{i}]")


def _at(amf: Amf, action: Action, path: str) -> None:
    amf.start_timer(round(action.at_s * NS_PER_S), lambda: _do(amf, action, path))


def _do(amf: Amf, action: Action, path: str) -> None:
    why = _DO[action.do](amf, action)
    if why:
        amf.report("ActionFailed", f"{action.do}: {why}", level="warning", subject=action.supi, config=path)


def _registered(amf: Amf, supi: str) -> Ue | None:
    ue = amf.by_supi.get(Supi(supi))
    return ue if ue is not None and ue.state is State.REGISTERED else None


def _deregister(amf: Amf, action: Action) -> str:
    ue = _registered(amf, action.supi)
    if ue is None:
        return f"{action.supi or 'no SUPI'} is not registered"
    cause = None if action.cause is None else FiveGMMCause(action.cause)
    deregistration.by_network(amf, ue, re_registration_required=action.reregistration_required, cause=cause)
    return ""


def _update_configuration(amf: Amf, action: Action) -> str:
    ue = _registered(amf, action.supi)
    if ue is None:
        return f"{action.supi or 'no SUPI'} is not registered"
    change = configuration_update.Change(
        guti=action.guti,
        network_name=action.network_name,
        time_zone_minutes=action.time_zone_minutes,
        allowed=tuple(snssai(item, "slices") for item in action.slices),
        configured=tuple(snssai(item, "configured_slices") for item in action.configured_slices),
        registration_requested=action.registration_requested,
    )
    return "" if configuration_update.reach(amf, ue, change) else f"{action.supi} is not reachable"


def _congest(amf: Amf, action: Action) -> str:
    congestion.begin(amf, action.congestion, action.for_s)
    return ""


def _update_amf(amf: Amf, action: Action) -> str:
    if action.relative_amf_capacity is not None:
        amf.relative_capacity = action.relative_amf_capacity
    amf_configuration_update.update(amf)
    return ""


def _reset(amf: Amf, action: Action) -> str:
    gnb = _gnb(amf, action.gnb)
    if gnb is None:
        return f"no node {action.gnb or '(none named)'} is set up"
    connections: list[NgConnection] = []
    for supi in action.supis:
        ue = amf.by_supi.get(Supi(supi))
        if ue is None or ue.connection is None or ue.connection.gnb is not gnb:
            return f"{supi} is not connected through {gnb.name}"
        connections.append(ue.connection)
    ng_reset.reset(amf, gnb, connections)
    return ""


def _gnb(amf: Amf, name: str) -> Gnb | None:
    return next((gnb for gnb in amf.gnbs.values() if gnb.set_up and gnb.name == name), None)


def _status(amf: Amf, _action: Action) -> str:
    amf_configuration_update.unavailable(amf)
    return ""


def _check_radio_capability(amf: Amf, action: Action) -> str:
    ue = _registered(amf, action.supi)
    if ue is None or ue.connection is None:
        return f"{action.supi or 'no SUPI'} is not connected"
    ue_radio_capability_check.start(amf, ue.connection)
    return ""


def _reauthenticate(amf: Amf, action: Action) -> str:
    ue = _registered(amf, action.supi)
    if ue is None or not re_authentication.start(amf, ue):
        return f"{action.supi or 'no SUPI'} is not connected, or something else runs for it"
    return ""


_DO: dict[str, Callable[[Amf, Action], str]] = {
    "deregister": _deregister,
    "update_configuration": _update_configuration,
    "congest": _congest,
    "update_amf": _update_amf,
    "reset": _reset,
    "status": _status,
    "reauthenticate": _reauthenticate,
    "check_radio_capability": _check_radio_capability,
}
"""Each does it, or says why it cannot be done."""
