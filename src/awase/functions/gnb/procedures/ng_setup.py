"""The way to an AMF: SCTP association and NG Setup (TS 38.412 clause 7, TS 38.413 clause 8.7.1)."""

from __future__ import annotations

from awase.functions.gnb.context import Amf
from awase.functions.gnb.core import Gnb
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S, Packet
from awase.protocols.ngap.elements import (
    BitString,
    BroadcastPLMNItem,
    GlobalGNBID,
    SupportedTAItem,
)
from awase.protocols.ngap.messages import NGSetupFailure, NGSetupRequest, NGSetupResponse

ASSOCIATION_NS = 10 * NS_PER_S
UP, DOWN = "up", "down"

TIME_TO_WAIT_S = {"v1s": 1, "v2s": 2, "v5s": 5, "v10s": 10, "v20s": 20, "v60s": 60}


def ng_setup_request(gnb: Gnb) -> NGSetupRequest:
    """What this gNB says of itself (TS 38.413 clause 9.2.6.1)."""
    config = gnb.config
    return NGSetupRequest(
        global_ran_node_id=GlobalGNBID(plmn_identity=gnb.plmn, gnb_id=BitString(gnb.gnb_id, config.gnb_id_length)),
        ran_node_name=printable(gnb.ran_node_name),
        supported_ta_list=supported_tas(gnb),
        default_paging_drx=gnb.paging_drx,
    )


def supported_tas(gnb: Gnb) -> tuple[SupportedTAItem, ...]:
    """The tracking area of this gNB's cell, with its slices."""
    plmn = BroadcastPLMNItem(plmn_identity=gnb.plmn, tai_slice_support_list=gnb.slices)
    return (SupportedTAItem(tac=gnb.tai.tac, broadcast_plmn_list=(plmn,)),)


def printable(name: str) -> str:
    """RANNodeName is a PrintableString of 1 to 150 characters (clause 9.3.1.5, ITU-T X.680 table 10)."""
    return "".join(c if c.isascii() and (c.isalnum() or c in " '()+,-./:=?") else "-" for c in name)[:150]


def keep_connected(gnb: Gnb, amf: Amf) -> Procedure[None]:
    """Associate, set up, wait until the association is lost, and again: for ever."""
    failures = 0
    while True:
        if (yield from _associate(gnb, amf)) and (yield from _set_up(gnb, amf)):
            failures = 0
            while (yield Wait(amf.key, None)) != DOWN:
                pass
        else:
            failures += 1
        amf.move("down")
        config = gnb.config
        wait_s = min(config.ng_retry_s * 2 ** min(failures, 16), config.ng_retry_max_s)
        yield Wait(("n2-retry", amf.index), int(wait_s * NS_PER_S))


def _associate(gnb: Gnb, amf: Amf) -> Procedure[bool]:
    amf.move("connect")
    gnb.send(Packet("n2", amf.address, kind="connect"))
    answer = yield Wait(amf.key, ASSOCIATION_NS)
    if answer == UP:
        return amf.move("up")
    gnb.report_rarely(
        "AmfUnreachable",
        f"{amf.name} at {amf.address} does not accept an SCTP association",
        config=f"peers.N2[{amf.index}].address",
        subject=amf.name,
    )
    return False


def _set_up(gnb: Gnb, amf: Amf) -> Procedure[bool]:
    """Ask until the AMF accepts; False when the association is lost meanwhile."""
    timer_ns = int(gnb.config.ng_setup_s * NS_PER_S)
    attempts = 0
    while True:
        gnb.send_n2(amf, ng_setup_request(gnb))
        answer = yield Wait(amf.key, timer_ns)
        if isinstance(answer, NGSetupResponse):
            _accepted(gnb, amf, answer)
            return True
        if answer == DOWN:
            return False
        attempts += 1
        wait_s = min(gnb.config.ng_retry_s * 2 ** min(attempts, 16), gnb.config.ng_retry_max_s)
        if isinstance(answer, NGSetupFailure):
            amf.move("failure")
            _refused(gnb, amf, answer)
            # TS 38.413 clause 8.7.1.3: not before the time to wait has passed.
            wait_s = max(TIME_TO_WAIT_S.get(answer.time_to_wait or "", 0), wait_s)
            if (yield Wait(amf.key, int(wait_s * NS_PER_S))) == DOWN:
                return False
            amf.move("retry")
        else:
            gnb.report_rarely("NgSetupUnanswered", f"{amf.name} does not answer NG Setup", subject=amf.name)


def _accepted(gnb: Gnb, amf: Amf, response: NGSetupResponse) -> None:
    amf.move("response")
    amf.unavailable = ()
    amf.guamis = tuple(item.guami for item in response.served_guami_list)
    amf.plmn_slices = {item.plmn_identity: item.slice_support_list for item in response.plmn_support_list}
    if response.relative_amf_capacity is not None:
        amf.capacity = response.relative_amf_capacity
    amf.name = response.amf_name or amf.name
    gnb.report("NgSetupComplete", f"NG Setup with {amf.name} complete", subject=amf.name)
    slices = amf.plmn_slices.get(gnb.plmn)
    if slices is None:
        gnb.report(
            "PlmnNotServed",
            f"{amf.name} accepted NG Setup, but does not serve PLMN {gnb.plmn}",
            level="warning",
            subject=amf.name,
            config="plmn",
        )
    elif not any(item in slices for item in gnb.slices):
        gnb.report(
            "SlicesNotServed",
            f"{amf.name} accepted NG Setup, but serves none of the slices {_words(gnb)}",
            level="warning",
            subject=amf.name,
            config="slices",
        )


def _refused(gnb: Gnb, amf: Amf, failure: NGSetupFailure) -> None:
    cause = str(failure.cause) if failure.cause is not None else "no cause"
    config = "slices" if "slice" in cause else "plmn" if "PLMN" in cause else "tac"
    gnb.report(
        "NgSetupRefused",
        f"{amf.name} refused NG Setup with {cause}; asked for PLMN {gnb.plmn}, TAC {gnb.tai.tac}, slices {_words(gnb)}",
        level="error",
        subject=amf.name,
        config=config,
        cause=cause,
        time_to_wait=failure.time_to_wait or "",
    )


def _words(gnb: Gnb) -> str:
    return ", ".join(map(str, gnb.slices)) or "none"
