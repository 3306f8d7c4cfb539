"""Which elements UERANSIM's UE reads in each NAS message: those of Release 15 (WIRE 1.2, `src/lib/nas`).

Another one, and it drops the message ("Bad constructed NAS message").
"""

from collections.abc import Mapping

from awase.protocols.nas import messages as nas
from awase.protocols.nas.optional import optional_elements

ACCEPTED: Mapping[type, frozenset[int]] = {
    nas.RegistrationAccept: frozenset((
        0x9, 0xA, 0xB, 0x77, 0x4A, 0x54, 0x15, 0x11, 0x31, 0x21, 0x50, 0x26, 0x72, 0x79, 0x27, 0x5E, 0x5D, 0x16, 0x34,
        0x7A, 0x73, 0x78, 0x76, 0x51,
    )),
    nas.RegistrationReject: frozenset((0x5F, 0x16, 0x78)),
    nas.ServiceAccept: frozenset((0x50, 0x26, 0x72, 0x78)),
    nas.ConfigurationUpdateCommand: frozenset((
        0xD, 0x77, 0x54, 0x15, 0x27, 0x43, 0x45, 0x46, 0x47, 0x49, 0x79, 0xB, 0x9, 0x31, 0x11, 0x76, 0xF,
    )),
    nas.SecurityModeCommand: frozenset((0xE, 0x57, 0x36, 0x78, 0x38, 0x19)),
    nas.DLNASTransport: frozenset((0x12, 0x24, 0x58, 0x37)),
    nas.AuthenticationRequest: frozenset((0x21, 0x20, 0x78)),
    nas.PDUSessionEstablishmentAccept: frozenset((0x59, 0x29, 0x56, 0x22, 0x8, 0x7F, 0x78, 0x79, 0x7B, 0x25)),
    nas.PDUSessionEstablishmentReject: frozenset((0x37, 0xF, 0x78, 0x7B)),
    nas.PDUSessionReleaseCommand: frozenset((0x37, 0x78, 0x7B)),
    nas.DeregistrationRequestUETerminated: frozenset((0x58, 0x5F)),
}  # fmt: skip
"""By message, the IEIs of its optional elements."""


def unread_elements() -> tuple[str, ...]:
    """The 5GMM elements that it does not read, as the AMF's `omit_elements` names them."""
    return tuple(
        f"{kind.__name__}.{name}"
        for kind, accepted in ACCEPTED.items()
        if issubclass(kind, nas.FiveGMMMessage)
        for name, iei in optional_elements(kind).items()
        if iei not in accepted
    )
