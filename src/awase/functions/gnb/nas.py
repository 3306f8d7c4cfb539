"""The one thing that this gNB knows of NAS: how to leave out what some AMFs reject in clear."""

import msgspec

from awase.protocols.nas import codec
from awase.protocols.nas.messages import RegistrationRequest
from awase.wire.errors import DecodeError, EncodeError


def without_requested_nssai(nas_pdu: bytes) -> bytes:
    """A plain REGISTRATION REQUEST without its requested NSSAI; any other NAS message as it is.

    Not a gNB's business in any TS: nr-gnb of UERANSIM does it, so that its UEs can register with Open5GS, which
    holds to TS 24.501 clause 4.4.6 (the requested NSSAI is no cleartext IE).
    """
    if len(nas_pdu) < 3 or nas_pdu[0] != codec.EPD_5GMM or nas_pdu[1] & 0x0F:
        return nas_pdu
    try:
        request = codec.decode(nas_pdu)
        if not isinstance(request, RegistrationRequest) or request.requested_nssai is None:
            return nas_pdu
        return codec.encode(msgspec.structs.replace(request, requested_nssai=None))
    except (DecodeError, EncodeError):
        return nas_pdu
