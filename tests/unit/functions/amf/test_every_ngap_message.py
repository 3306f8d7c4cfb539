"""Every NGAP message that there is, sent by a node, with and without its optional elements (TS 38.413 clause 10)."""

from typing import Any

import msgspec
import pytest

from awase.protocols.nas import messages as nas
from awase.protocols.ngap import messages as ngap
from unit.functions.amf.bench import Bench, Ue
from unit.functions.amf.sessions import ask, with_session
from unit.protocols.ngap.examples import EXAMPLES, without_optional


def addressed(message: Any, ue: Ue) -> Any:
    """The message about a UE that is there."""
    names = {"amf_ue_ngap_id": ue.amf_id, "ran_ue_ngap_id": ue.ran_id, "source_amf_ue_ngap_id": ue.amf_id}
    if isinstance(message, ngap.InitialUEMessage):
        return message
    return msgspec.structs.replace(message, **{n: v for n, v in names.items() if n in message.__struct_fields__})


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("whole", [True, False])
def test_whatever_a_node_sends_other_ues_are_served(message: Any, own: bool, whole: bool) -> None:
    bench = Bench()
    ue = with_session(bench)
    other = Ue(bench.gnb(), 2).register()
    sent = message if whole else without_optional(message)
    for _ in range(2):
        ue.gnb.send(addressed(sent, ue) if own else sent, 1)
    bench.wait(60)
    other.take()
    ask(other)
    assert bench.amf.by_supi[other.supi].sessions  # type: ignore[attr-defined]
    other.uplink(nas.FiveGMMStatus(five_gmm_cause=nas.FiveGMMCause(111)))
    assert bench.event("FiveGMMStatus").subject == other.supi
    assert not bench.amf.by_supi[ue.supi].procedure  # type: ignore[attr-defined]
