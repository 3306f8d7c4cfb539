"""A real UE and gNB (UERANSIM 3.3, captured with Open5GS) register with our AMF, octet for octet."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from awase.model.ids import Plmn
from awase.protocols.nas import messages as nas
from awase.protocols.nas.codec import decode as decode_nas
from awase.protocols.ngap import codec as ngap_codec
from awase.protocols.ngap import messages as ngap
from awase.protocols.sbi import codec
from awase.protocols.sbi.messages import Request, Response
from awase.security import kdf
from awase.security.milenage import Milenage
from unit.functions.amf.bench import Bench, Gnb

VECTORS = Path(__file__).parents[3] / "vectors" / "ngap"
K = bytes.fromhex("465B5CE8B199B49FAA5F0A2EE238A6BC")
OPC = bytes.fromhex("E8ED289DEBA952E4283B54E88E6183CA")
SUPI = "imsi-999700000000001"
SNN = "5G:mnc070.mcc999.3gppnetwork.org"
FROM_GNB = (ngap.InitialUEMessage, ngap.UplinkNASTransport, ngap.InitialContextSetupResponse)


class Ausf:
    """Gives the challenge that the captured UE was given, and its keys."""

    def __init__(self, challenge: nas.AuthenticationRequest) -> None:
        self.rand = challenge.authentication_parameter_rand or b""
        self.autn = challenge.authentication_parameter_autn or b""
        out = Milenage(K, OPC).f2345(self.rand)
        self.res_star = kdf.res_star(out.ck, out.ik, SNN, self.rand, out.res)
        self.k_seaf = kdf.k_seaf(kdf.k_ausf(out.ck, out.ik, SNN, self.autn[:6]), SNN)

    def authenticate(self, _request: Request) -> Response:
        vector = {
            "rand": self.rand.hex(),
            "autn": self.autn.hex(),
            "hxresStar": kdf.hres_star(self.rand, self.res_star).hex(),
        }
        links = {"5g-aka": {"href": "http://10.0.0.2:8080/nausf-auth/v1/ue-authentications/1/5g-aka-confirmation"}}
        return codec.json_response(201, {"authType": "5G_AKA", "5gAuthData": vector, "_links": links})

    def confirm(self, _request: Request) -> Response:
        return codec.json_response(
            200, {"authResult": "AUTHENTICATION_SUCCESS", "supi": SUPI, "kseaf": self.k_seaf.hex()}
        )


def challenge_of(pdus: list[Any]) -> nas.AuthenticationRequest:
    for pdu in pdus:
        if isinstance(pdu, ngap.DownlinkNASTransport) and pdu.nas_pdu[1:3] == b"\x00\x56":
            request = decode_nas(pdu.nas_pdu)
            assert isinstance(request, nas.AuthenticationRequest)
            return request
    raise AssertionError("no authentication request in the capture")


def answer_as_captured(gnb: Gnb, pdus: list[Any]) -> None:
    """Each message of the captured gNB up to the deregistration, under the identifier that our AMF gave."""
    amf_id = 0
    for pdu in pdus:
        if isinstance(pdu, ngap.InitialUEMessage):
            if amf_id:
                break
            gnb.send(pdu, 1)
            amf_id = gnb.last().amf_ue_ngap_id
        elif isinstance(pdu, FROM_GNB):
            gnb.send(msgspec.structs.replace(pdu, amf_ue_ngap_id=amf_id), 1)


@pytest.mark.parametrize(
    ("capture", "ciphering"),
    [("nea0-kernel-sctp", "NEA0"), ("nea0-usrsctp", "NEA0"), ("nea2-kernel-sctp", "NEA2")],
)
def test_a_captured_ue_registers_asks_for_a_session_and_leaves(capture: str, ciphering: str) -> None:
    path = VECTORS / f"open5gs-2.8-ueransim-3.3-{capture}" / "pdus.txt"
    pdus = [ngap_codec.decode(bytes.fromhex(line)) for line in path.read_text().split()]
    bench = Bench(plmn="999-70", ciphering=[ciphering])
    ausf = Ausf(challenge_of(pdus))
    bench.core.authenticate, bench.core.confirm = ausf.authenticate, ausf.confirm
    gnb = bench.gnb(set_up=False)
    gnb.send(next(pdu for pdu in pdus if isinstance(pdu, ngap.NGSetupRequest)))
    assert gnb.last().plmn_support_list[0].plmn_identity == Plmn("999", "70")
    answer_as_captured(gnb, pdus)
    assert bench.event("Registered").subject == SUPI
    assert [r.path for _, r in bench.core.requests if "sm-contexts" in r.path and r.method == "POST"]
    assert "Deregistered" in bench.names()
    assert "MalformedPacket" not in bench.names()
    assert "NasIntegrityFailure" not in bench.names()
    assert not bench.amf.connections
