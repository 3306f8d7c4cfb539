"""One session with Open5GS's configuration: N1 and N2 octets are those that Open5GS sent."""

import json
from pathlib import Path
from typing import Any

from awase.protocols.nas import codec as nas
from awase.protocols.pfcp import messages as n4
from awase.protocols.pfcp.elements import FTeid
from awase.protocols.sbi import bhttp, multipart
from awase.protocols.sbi.messages import Response
from unit.functions.smf.fakes import Bench, Upf

H = bytes.fromhex
V = json.loads((Path(__file__).parents[3] / "vectors/smf/open5gs-2.8/session.json").read_text(encoding="utf-8"))


class ThatUpf(Upf):
    """It chooses the F-TEID that Open5GS's chose."""

    def _establish(self, message: n4.SessionEstablishmentRequest, node_id: Any) -> n4.Message:
        answer = super()._establish(message, node_id)
        assert isinstance(answer, n4.SessionEstablishmentResponse)
        tunnel = FTeid(teid=V["uplink"]["teid"], ipv4_address=V["uplink"]["address"])
        return n4.SessionEstablishmentResponse(
            node_id=answer.node_id,
            cause=1,
            up_f_seid=answer.up_f_seid,
            created_pdr=(n4.CreatedPdr(pdr_id=2, f_teid=(tunnel,)),),
        )


def parts(message: Any) -> dict[str, bytes]:
    content = multipart.decode(message.header("content-type"), message.body)
    return {part.content_id: part.content for part in content[1:]}


def octets_of(bench: Bench) -> list[dict[str, bytes]]:
    """The containers of every N1N2MessageTransfer from now on."""
    seen: list[dict[str, bytes]] = []

    def watch(packet: Any) -> bool:
        if packet.kind == "request" and b"/n1-n2-messages" in packet.payload:
            seen.append(parts(bhttp.decode_request(packet.payload)))
        return False

    bench.drop = watch
    return seen


def make() -> Bench:
    bench = Bench(
        upfs=(ThatUpf("10.0.0.4"),),
        dnns=[{"name": "internet", "pool": "10.45.0.0/16", "dns": ["8.8.8.8"]}],
    )
    bench.udm.dnns = V["subscription"][0]["dnnConfigurations"]
    return bench


def test_establishment_and_release_have_open5gs_octets() -> None:
    bench = make()
    sent = octets_of(bench)
    bench.create(n1=H(V["establishment_request"]))
    # Open5GS rounds the session-AMBR of the NAS message down to 39,062 times 256 kbit/s, we round it up.
    ours, theirs = sent[0]["5gnas-sm"], H(V["establishment_accept"])
    assert ours.replace(H("059897"), H("059896")) == theirs
    assert sent[0]["ngap-sm"] == H(V["setup_request_transfer"])
    answer = bench.answers[bench.modify("1", n2=H(V["setup_response_transfer"]), kind="PDU_RES_SETUP_RSP")]
    assert answer.status == 204
    command: Response = bench.answers[bench.modify("1", H(V["release_request"]))]
    assert parts(command)["5gnas-sm"] == H(V["release_command"])
    assert parts(command)["ngap-sm"] == H(V["release_command_transfer"])
    answer = bench.answers[bench.modify("1", n2=H(V["release_response_transfer"]), kind="PDU_RES_REL_RSP")]
    assert answer.status == 204
    assert bench.answers[bench.modify("1", nas.decode(H(V["release_complete"])))].status == 204
    assert not len(bench.smf.sessions)
