"""A base station that does not wait for NG Setup (TS 38.413 clause 10.4): it is refused, others are served."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from awase.lab.assemble import assemble
from awase.lab.network_file import load_network
from awase.lab.run import run_network
from awase.model.ids import Plmn, SNssai, Tai
from awase.model.machine import Machine
from awase.model.part import NS_PER_MS, Packet, Part, Services
from awase.protocols.nas import codec as nas_codec
from awase.protocols.nas.elements import FiveGSRegistrationType, RegistrationType, Suci, UeSecurityCapability
from awase.protocols.nas.messages import RegistrationRequest
from awase.protocols.ngap import codec
from awase.protocols.ngap.elements import (
    NRCGI,
    BitString,
    BroadcastPLMNItem,
    Cause,
    GlobalGNBID,
    SupportedTAItem,
    UserLocationInformationNR,
)
from awase.protocols.ngap.messages import (
    ErrorIndication,
    InitialUEMessage,
    NGSetupRequest,
    NGSetupResponse,
    UplinkNASTransport,
)

HERE = Path(__file__).parent
PLMN = Plmn("001", "01")
LOCATION = UserLocationInformationNR(nr_cgi=NRCGI(plmn_identity=PLMN, nr_cell_identity=0x10), tai=Tai(PLMN, 1))
REQUEST = nas_codec.encode(
    RegistrationRequest(
        five_gs_registration_type=FiveGSRegistrationType(value=RegistrationType.initial_registration),
        ngksi=7,
        five_gs_mobile_identity=Suci(plmn=PLMN, scheme_output=bytes.fromhex("0000000010")),
        ue_security_capability=UeSecurityCapability.of(nea=(0, 2), nia=(2,)),
    )
)
SENT = (
    InitialUEMessage(
        ran_ue_ngap_id=1,
        nas_pdu=REQUEST,
        user_location_information=LOCATION,
        rrc_establishment_cause="mo-Signalling",
        ue_context_request="requested",
    ),
    UplinkNASTransport(amf_ue_ngap_id=1, ran_ue_ngap_id=1, nas_pdu=REQUEST, user_location_information=LOCATION),
    NGSetupRequest(
        global_ran_node_id=GlobalGNBID(plmn_identity=PLMN, gnb_id=BitString(0xF100D, 32)),
        ran_node_name="hasty",
        supported_ta_list=(
            SupportedTAItem(
                tac=1,
                broadcast_plmn_list=(
                    BroadcastPLMNItem(plmn_identity=PLMN, tai_slice_support_list=(SNssai(1, "000001"),)),
                ),
            ),
        ),
        default_paging_drx="v128",
    ),
)


class Hasty(Machine):
    """Sends a UE's messages as soon as it is associated, and then NG SETUP REQUEST."""

    def __init__(self, name: str, config: Mapping[str, Any], services: Services) -> None:
        super().__init__(name, services)
        self._amf = config["peers"]["N2"][0]["address"]
        self._association: int | None = None
        self.received: list[object] = []

    def start(self) -> None:
        self.send(Packet("n2", self._amf, kind="connect"))

    def handle(self, packet: Packet) -> None:
        if packet.kind == "up":
            self._association = packet.association
            for number, message in enumerate(SENT):
                self.start_timer(number * NS_PER_MS, partial(self._tell, codec.encode(message)))
        elif packet.kind == "data" and packet.port == "n2":
            assert isinstance(packet.payload, bytes)
            self.received.append(codec.decode(packet.payload))

    def _tell(self, octets: bytes) -> None:
        self.send(Packet("n2", self._amf, octets, "data", self._association, 1, 60))


class HastyType:
    """The part type, for one part."""

    function, versions = "gnb", {"TS 38.413": "17"}

    def __init__(self, part_type: Any) -> None:
        self.ports, self.config_schema = part_type.ports, part_type.config_schema
        self.part: Hasty | None = None

    def build(self, name: str, config: Mapping[str, Any], services: Services) -> Part:
        self.part = Hasty(name, config, services)
        return self.part


def test_messages_before_ng_setup_are_refused_and_change_nothing(tmp_path: Path) -> None:
    assembly = assemble(load_network(str(HERE / "hasty.yaml")))
    (real,) = (part for part in assembly.parts if part.name == "gnb2")
    hasty = HastyType(real.part_type)
    placed = [msgspec.structs.replace(part, part_type=hasty) if part is real else part for part in assembly.parts]
    result = run_network(msgspec.structs.replace(assembly, parts=tuple(placed)), tmp_path / "run")

    assert [(verdict.id, verdict.text) for verdict in result.verdicts if verdict.status != "pass"] == []
    assert hasty.part is not None
    *refused, accepted = hasty.part.received
    assert isinstance(accepted, NGSetupResponse)
    assert len(refused) == 2
    for answer in refused:
        assert isinstance(answer, ErrorIndication)
        assert answer.cause == Cause("protocol", "message-not-compatible-with-receiver-state")
    ladder = (tmp_path / "run" / "ladder.txt").read_text(encoding="utf-8").replace(str(HERE), "networks")
    golden = HERE.parent / "golden" / "before_ng_setup.txt"
    if os.environ.get("AWASE_GOLDEN") == "write":
        golden.write_text(ladder, encoding="utf-8")
    assert ladder == golden.read_text(encoding="utf-8")
