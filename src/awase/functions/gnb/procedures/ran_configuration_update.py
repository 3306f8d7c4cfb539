"""RAN configuration update (TS 38.413 clause 8.7.2)."""

from __future__ import annotations

from awase.functions.gnb.context import Amf
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures.ng_setup import TIME_TO_WAIT_S, printable, supported_tas
from awase.functions.gnb.states import AmfState
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.ngap.messages import (
    RANConfigurationUpdate,
    RANConfigurationUpdateAcknowledge,
    RANConfigurationUpdateFailure,
)

_ANSWER_NS = 5 * NS_PER_S
_TRIES = 3


def key(amf: Amf) -> tuple[str, int]:
    """What the procedure waits for."""
    return ("ran-configuration-update", amf.index)


def under_way(gnb: Gnb, amf: Amf) -> bool:
    """Whether it runs, or waits until it may run again: it will tell what the gNB is by then."""
    return gnb.waits_for(key(amf)) or gnb.waits_for(_wait_key(amf))


def _wait_key(amf: Amf) -> tuple[str, int]:
    return ("ran-configuration-wait", amf.index)


def _message(gnb: Gnb) -> RANConfigurationUpdate:
    return RANConfigurationUpdate(
        ran_node_name=printable(gnb.ran_node_name),
        supported_ta_list=supported_tas(gnb),
        default_paging_drx=gnb.paging_drx,
    )


def ran_configuration_update(gnb: Gnb, amf: Amf) -> Procedure[bool]:
    """RAN CONFIGURATION UPDATE with all that this gNB is; whether the AMF took it over."""
    for _ in range(_TRIES):
        if amf.state is not AmfState.SERVING:
            # NG Setup will tell it.
            return True
        message = _message(gnb)
        gnb.send_n2(amf, message)
        answer = yield Wait(key(amf), _ANSWER_NS)
        if isinstance(answer, RANConfigurationUpdateAcknowledge):
            if message != _message(gnb):
                continue
            gnb.report("RanConfigurationUpdated", f"{amf.name} took over the new configuration", subject=amf.name)
            return True
        if isinstance(answer, RANConfigurationUpdateFailure):
            gnb.report(
                "RanConfigurationUpdateRefused",
                f"{amf.name} refused the new configuration with {answer.cause or 'no cause'}",
                level="error",
                subject=amf.name,
                config="actions",
                cause=str(answer.cause or ""),
            )
            if answer.time_to_wait is None:
                return False
            # Clause 8.7.2.3: not before the time to wait has passed.
            yield Wait(_wait_key(amf), TIME_TO_WAIT_S[answer.time_to_wait] * NS_PER_S)
    gnb.report("RanConfigurationUpdateUnanswered", f"{amf.name} did not take it over", level="error", subject=amf.name)
    return False
