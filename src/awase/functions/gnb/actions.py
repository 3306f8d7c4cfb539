"""What the operator has the gNB do at a time (`actions` of its configuration)."""

from __future__ import annotations

from awase.functions.gnb.config import Action
from awase.functions.gnb.context import UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures import ue_context_release
from awase.functions.gnb.procedures.ng_reset import ng_reset
from awase.functions.gnb.procedures.path_switch_request import path_switch_request
from awase.functions.gnb.procedures.pdu_session_resource_modify_indication import key as modification
from awase.functions.gnb.procedures.pdu_session_resource_modify_indication import modify_indication
from awase.functions.gnb.procedures.pdu_session_resource_notify import notify
from awase.functions.gnb.procedures.ran_configuration_update import ran_configuration_update, under_way
from awase.functions.gnb.qos import unmet
from awase.functions.gnb.states import AmfState
from awase.model.ids import SNssai


def do(gnb: Gnb, action: Action) -> None:
    """Do it to those that it names; that there are none is said."""
    if action.do == "update_configuration":
        _update_configuration(gnb, action)
        return
    if action.do == "change_capacity":
        _change_capacity(gnb, action)
        return
    if action.do == "reset" and action.ue is None:
        _reset(gnb)
        return
    ues = [ue for ue in gnb.ues.values() if action.ue in (None, ue.number) and ue.amf_ue_ngap_id is not None]
    if not [ue for ue in ues if _do(gnb, ue, action)]:
        gnb.report(
            "ActionWithoutEffect", f"{action.do}: there is no UE that it concerns", level="warning", config="actions"
        )


def _do(gnb: Gnb, ue: UeContext, action: Action) -> bool:
    sessions = [session for session in ue.sessions.values() if action.session in (None, session.id)]
    if action.do == "notify":
        return notify(gnb, ue, action.session, action.qfis, fulfilled=action.fulfilled)
    if action.do == "modify_indication":
        if not sessions or gnb.waits_for(modification(ue)):
            return False
        gnb.run(modify_indication(gnb, ue, sessions))
    elif action.do == "path_switch":
        if not sessions:
            return False
        gnb.run(path_switch_request(gnb, ue))
    elif action.do == "reset":
        if ue.amf is None or gnb.waits_for(("ng-reset", ue.amf.index)):
            return False
        gnb.run(ng_reset(gnb, ue.amf, [ue]))
    else:
        ue_context_release.request(gnb, ue, ue_context_release.USER_INACTIVITY)
    return True


def _reset(gnb: Gnb) -> None:
    for amf in gnb.amfs:
        if amf.state is AmfState.SERVING and not gnb.waits_for(("ng-reset", amf.index)):
            gnb.run(ng_reset(gnb, amf))


def _update_configuration(gnb: Gnb, action: Action) -> None:
    """Be another gNB, and say so to the UEs and to every AMF."""
    if action.name is not None:
        gnb.ran_node_name = action.name
    if action.paging_drx is not None:
        gnb.paging_drx = action.paging_drx
    if action.slices:
        gnb.slices = tuple(SNssai(item.sst, item.sd) for item in action.slices)
    if action.tac is not None:
        gnb.move_to(action.tac)
    gnb.cell_changed()
    for amf in gnb.amfs:
        if amf.state is AmfState.SERVING and not under_way(gnb, amf):
            gnb.run(ran_configuration_update(gnb, amf))


def _change_capacity(gnb: Gnb, action: Action) -> None:
    """Have more or less to guarantee, and tell of the flows that this concerns (TS 23.501 clause 5.7.2.4)."""
    before = unmet(gnb)
    gnb.gbr_capacity_mbps = action.gbr_capacity_mbps
    after = unmet(gnb)
    for flows, others, fulfilled in ((after, before, False), (before, after, True)):
        changed: dict[int, list[int]] = {}
        for teid, qfi in flows:
            if (teid, qfi) not in others:
                changed.setdefault(teid, []).append(qfi)
        for teid, qfis in changed.items():
            session = gnb.tunnels[teid]
            notify(gnb, session.ue, session.id, qfis, fulfilled=fulfilled)
