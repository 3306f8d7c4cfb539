"""An AMF that refuses a gNB for its slices but says that it does not know the PLMN (TS 38.413 clause 9.3.1.2)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from awase.model.part import Packet, Part
from awase.protocols.ngap import codec
from awase.protocols.ngap.elements import Cause
from awase.protocols.ngap.messages import NGSetupFailure
from awase.quirks.editing import Edited
from awase.wire.errors import DecodeError

_NG_SETUP_FAILURE = b"\x40\x15"
"""unsuccessfulOutcome of procedure 21 (TS 38.413 clause 9.4.7): the first octets of the PDU."""

SLICE_NOT_SUPPORTED = Cause("radioNetwork", "slice-not-supported")
UNKNOWN_PLMN = Cause("misc", "unknown-PLMN-or-SNPN")


def _edit(packet: Packet) -> Packet:
    payload = packet.payload
    if packet.port != "n2" or not isinstance(payload, bytes) or payload[:2] != _NG_SETUP_FAILURE:
        return packet
    try:
        message = codec.decode(payload)
    except DecodeError:
        return packet
    if not isinstance(message, NGSetupFailure) or message.cause != SLICE_NOT_SUPPORTED:
        return packet
    message = msgspec.structs.replace(message, cause=UNKNOWN_PLMN)
    return msgspec.structs.replace(packet, payload=codec.encode(message))


class NgSetupSliceAsUnknownPlmn:
    """The quirk. Cast it, and a gNB with a slice that no AMF serves joins the network, to be refused."""

    id = "ng-setup-slice-as-unknown-plmn"
    function = "amf"
    title = "answers a slice mismatch at NG Setup with the cause unknown-PLMN-or-SNPN"
    report = "https://github.com/open5gs/open5gs/issues/1064"
    clause = "TS 38.413 clause 9.3.1.2"
    message = "NGSetupFailure"
    element = "Cause"
    provocation: Mapping[str, Any] = {
        "parts": {
            "gnb-foreign-slice": {
                "function": "gnb",
                "gnb_id": 0xF0F0F,
                "slices": [{"sst": 200, "sd": "f0f0f0"}],
            }
        },
        "expect": {"gnb-foreign-slice": {"ng_setup": "refused", "cause": "slice-not-supported"}},
    }

    def wrap(self, part: Part) -> Part:
        """The AMF with the quirk."""
        return Edited(part, _edit)


QUIRK = NgSetupSliceAsUnknownPlmn()
