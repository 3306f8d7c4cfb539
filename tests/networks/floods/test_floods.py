"""A base station floods the AMF with UEs that never authenticate; those of another register all the same."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from awase.lab.assemble import assemble
from awase.lab.assembly import PlacedPart
from awase.lab.clockwork import Clockwork
from awase.lab.network_file import load_network
from awase.model.ids import Plmn, SNssai, Tai
from awase.model.machine import Machine
from awase.model.part import NS_PER_MS, NS_PER_S, Event, Packet, Part, Services
from awase.protocols.nas import codec as nas_codec
from awase.protocols.nas.elements import FiveGSRegistrationType, RegistrationType, Suci, UeSecurityCapability
from awase.protocols.nas.messages import RegistrationRequest
from awase.protocols.ngap import codec
from awase.protocols.ngap.elements import (
    NRCGI,
    BitString,
    BroadcastPLMNItem,
    GlobalGNBID,
    SupportedTAItem,
    UserLocationInformationNR,
)
from awase.protocols.ngap.messages import InitialUEMessage, NGSetupRequest

MESSAGES = 100_000
PER_MS = 10
SUBSCRIBERS = 10
PLMN = Plmn("001", "01")
TAI = Tai(PLMN, 1)


class Flooder(Machine):
    """Sets up NG as a gNB does, then sends INITIAL UE MESSAGES, ten in each millisecond, and heeds no answer."""

    def __init__(self, name: str, config: Mapping[str, Any], services: Services) -> None:
        super().__init__(name, services)
        self._amf = config["peers"]["N2"][0]["address"]
        self._association = 0
        self._sent = 0
        # All of a subscriber are alike but for the RAN UE NGAP ID, which is written over this one.
        self._octets = [
            codec.encode(_initial_ue_message(0x7A7A7A7A, number)).split(b"\x7a\x7a\x7a\x7a")
            for number in range(SUBSCRIBERS)
        ]

    def start(self) -> None:
        self.send(Packet("n2", self._amf, kind="connect"))

    def handle(self, packet: Packet) -> None:
        if packet.kind == "up":
            self._association = packet.association or 0
            self._tell(codec.encode(_ng_setup_request()))
            self.start_timer(100 * NS_PER_MS, self._flood)

    def _flood(self) -> None:
        for _ in range(PER_MS):
            self._sent += 1
            before, after = self._octets[self._sent % SUBSCRIBERS]
            self._tell(before + (0x7A000000 + self._sent).to_bytes(4, "big") + after)
        if self._sent < MESSAGES:
            self.start_timer(NS_PER_MS, self._flood)

    def _tell(self, octets: bytes) -> None:
        self.send(Packet("n2", self._amf, octets, "data", self._association, 1, 60))


def _ng_setup_request() -> NGSetupRequest:
    plmn = BroadcastPLMNItem(plmn_identity=PLMN, tai_slice_support_list=(SNssai(1, "000001"),))
    return NGSetupRequest(
        global_ran_node_id=GlobalGNBID(plmn_identity=PLMN, gnb_id=BitString(0xF100D, 32)),
        ran_node_name="flooder",
        supported_ta_list=(SupportedTAItem(tac=1, broadcast_plmn_list=(plmn,)),),
        default_paging_drx="v128",
    )


def _initial_ue_message(ran_ue_ngap_id: int, number: int) -> InitialUEMessage:
    """Of a UE that says it is a subscriber, and will never prove it."""
    request = RegistrationRequest(
        five_gs_registration_type=FiveGSRegistrationType(value=RegistrationType.initial_registration),
        ngksi=7,
        five_gs_mobile_identity=Suci(plmn=PLMN, scheme_output=bytes((0, 0, 0, 1, number << 4))),
        ue_security_capability=UeSecurityCapability.of(nea=(0, 2), nia=(2,)),
    )
    return InitialUEMessage(
        ran_ue_ngap_id=ran_ue_ngap_id,
        nas_pdu=nas_codec.encode(request),
        user_location_information=UserLocationInformationNR(
            nr_cgi=NRCGI(plmn_identity=PLMN, nr_cell_identity=0x10), tai=TAI
        ),
        rrc_establishment_cause="mo-Signalling",
        ue_context_request="requested",
    )


class Played:
    """A part type that keeps what it makes; `make` in place of the part's own."""

    def __init__(self, part_type: Any, make: Any = None) -> None:
        self._make = make or part_type.build
        self.function, self.ports, self.versions = part_type.function, part_type.ports, part_type.versions
        self.config_schema = part_type.config_schema
        self.part: Any = None

    def build(self, name: str, config: Mapping[str, Any], services: Services) -> Part:
        self.part = self._make(name, config, services)
        return self.part


class Tap:
    """Keeps events."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Event]] = []

    def packet(self, *_: Any) -> None:
        pass

    def event(self, _time_ns: int, part: PlacedPart, event: Event) -> None:
        self.events.append((part.name, event))

    def key(self, _record: Any) -> None:
        pass

    def fault(self, *_fault: object) -> None:
        pass


def test_100_000_ues_that_never_authenticate():
    assembly = assemble(load_network(str(Path(__file__).parent / "flood.yaml")))
    played = {part.name: Played(part.part_type, Flooder if part.name == "gnb2" else None) for part in assembly.parts}
    assembly = msgspec.structs.replace(
        assembly,
        parts=tuple(msgspec.structs.replace(part, part_type=played[part.name]) for part in assembly.parts),
    )
    tap = Tap()
    clockwork = Clockwork(assembly, tap)
    clockwork.run(assembly.epoch_ns + 12 * NS_PER_S, lambda: False)

    said = Counter((name, event.name) for name, event in tap.events)
    for ue in ("ue1", "ue2", "ue3"):
        assert (said[ue, "Registered"], said[ue, "SessionEstablished"], said[ue, "PingFinished"]) == (1, 1, 1)
    # What the flood costs: as many UEs as one node may bring, and one event in ten seconds.
    amf = played["amf"].part
    assert len(amf.connections) == 2048 + 3
    assert len(amf.unauthenticated) == 2048
    assert max(len(gnb.released) for gnb in amf.gnbs.values()) <= 8192
    assert len(played["ausf"].part.authentications) <= 2 * 2048 + 3
    first, *others = (event for name, event in tap.events if event.name == "TooManyUnauthenticatedUes")
    assert first.text.startswith("2049 UEs through flooder have not authenticated")
    assert first.config == "limits.unauthenticated_ues_per_gnb"
    assert len(others) <= 1
    assert len(tap.events) < 40
