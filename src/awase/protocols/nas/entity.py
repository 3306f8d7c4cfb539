"""NAS security as both ends do it (TS 24.501 clause 4.4, TS 33.501 clause 6.4)."""

from enum import Enum
from typing import Literal, NamedTuple

import msgspec

from awase.protocols.nas.codec import EPD_5GMM, decode, encode, layout
from awase.protocols.nas.elements import FiveGSMobileIdentity, IdentityType, Suci
from awase.protocols.nas.layout import OpenEnum
from awase.protocols.nas.messages import (
    AuthenticationFailure,
    AuthenticationReject,
    AuthenticationRequest,
    AuthenticationResponse,
    AuthenticationResult,
    DeregistrationAcceptUEOriginating,
    DeregistrationAcceptUETerminated,
    DeregistrationRequestUEOriginating,
    IdentityRequest,
    IdentityResponse,
    Message,
    RegistrationReject,
    RegistrationRequest,
    SecurityModeReject,
    ServiceReject,
    ServiceRequest,
)
from awase.security.kdf import k_nas_enc, k_nas_int
from awase.security.nea import nea as cipher
from awase.security.nia import nia as integrity
from awase.security.nia import same_mac
from awase.wire.errors import DecodeError, EncodeError

BEARER_3GPP_ACCESS = 1
"""NAS connection identifier of 3GPP access (TS 33.501 clause 6.4.2.2)."""

_UPLINK, _DOWNLINK = 0, 1
_MAX_COUNT = (1 << 24) - 1
_WINDOW = 32
"""How far behind the newest a message may come that was overtaken, and still be accepted once."""


class SecurityHeaderType(OpenEnum):
    """Security header type (TS 24.501 table 9.3.1)."""

    plain = 0
    integrity_protected = 1
    integrity_protected_and_ciphered = 2
    integrity_protected_with_new_context = 3
    integrity_protected_and_ciphered_with_new_context = 4

    @property
    def ciphered(self) -> bool:
        """Whether what follows the sequence number is ciphered."""
        return self in (2, 4)


class Refusal(Enum):
    """Why a protected message was not taken."""

    mac = "its MAC is wrong"
    replay = "its NAS COUNT has been used"
    malformed = "it is no security protected message"


class NasSecurityError(DecodeError):
    """A protected message that this context does not take; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class SecuredMessage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A security protected NAS message (TS 24.501 figure 8.2.28.1), not yet checked nor deciphered."""

    security_header_type: SecurityHeaderType
    message_authentication_code: bytes
    sequence_number: int
    payload: bytes


def security_header_type(octets: bytes) -> int | None:
    """0 to 15 for a 5GMM message, None for anything else."""
    return octets[1] & 15 if len(octets) > 1 and octets[0] == EPD_5GMM else None


def parse_secured(octets: bytes) -> SecuredMessage:
    """A security protected message's parts. Raises NasSecurityError."""
    if len(octets) < 8 or octets[0] != EPD_5GMM or octets[1] & 15 not in (1, 2, 3, 4):
        raise NasSecurityError(Refusal.malformed)
    return SecuredMessage(
        security_header_type=SecurityHeaderType(octets[1] & 15),
        message_authentication_code=octets[2:6],
        sequence_number=octets[6],
        payload=octets[7:],
    )


class Opened(NamedTuple):
    """What a protected message held: the plain message, its NAS COUNT, its security header type."""

    plain: bytes
    nas_count: int
    security_header_type: int


class SecurityContext:
    """A 5G NAS security context (TS 24.501 clause 4.4.2) at one side, "ue" or "amf".

    `uplink_count` and `downlink_count` are the next to be sent, or the next expected.
    """

    __slots__ = (
        "_k_nas_enc",
        "_k_nas_int",
        "_seen",
        "downlink_count",
        "k_amf",
        "nea",
        "ngksi",
        "nia",
        "side",
        "uplink_count",
    )

    def __init__(self, side: Literal["ue", "amf"], *, ngksi: int, k_amf: bytes, nea: int, nia: int) -> None:
        self.side = side
        self.ngksi = ngksi
        self.k_amf = k_amf
        self.uplink_count = 0
        self.downlink_count = 0
        self._seen = 0
        self.take(nea, nia)

    def __repr__(self) -> str:
        counts = f"uplink_count={self.uplink_count}, downlink_count={self.downlink_count}"
        return f"SecurityContext({self.side}, ngksi={self.ngksi}, nea={self.nea}, nia={self.nia}, {counts})"

    def take(self, nea: int, nia: int) -> None:
        """Use these algorithms from now on; the counts go on (TS 33.501 clause 6.7.2)."""
        self.nea = nea
        self.nia = nia
        self._k_nas_enc = k_nas_enc(self.k_amf, nea) if nea else bytes(16)
        self._k_nas_int = k_nas_int(self.k_amf, nia) if nia else bytes(16)

    def take_up(self, uplink_count: int, downlink_count: int) -> None:
        """Go on from NAS COUNTs that were kept; nothing below them is accepted any more."""
        self.uplink_count = uplink_count
        self.downlink_count = downlink_count
        self._seen = (1 << _WINDOW) - 1

    def keys(self) -> dict[str, str]:
        """The NAS keys in hexadecimal, for `services.key_log` only."""
        return {"k_nas_enc": self._k_nas_enc.hex(), "k_nas_int": self._k_nas_int.hex()}

    @property
    def send_count(self) -> int:
        """The NAS COUNT of the next message to be sent."""
        return self.uplink_count if self.side == "ue" else self.downlink_count

    @property
    def exhausted(self) -> bool:
        """Whether a NAS COUNT is near its end, so that a new context is needed (TS 33.501 clause 6.4.3.1)."""
        return max(self.uplink_count, self.downlink_count) > _MAX_COUNT - 256

    def protect(self, plain: bytes, header: int = SecurityHeaderType.integrity_protected_and_ciphered) -> bytes:
        """A plain message, protected and counted. Raises EncodeError once the NAS COUNT is used up."""
        count, direction = self.send_count, _UPLINK if self.side == "ue" else _DOWNLINK
        if count > _MAX_COUNT:
            raise EncodeError("the NAS COUNT is used up: a new security context is needed")
        if header in (2, 4):
            plain = cipher(self.nea, self._k_nas_enc, count, BEARER_3GPP_ACCESS, direction, plain)
        covered = bytes((count & 255,)) + plain
        mac = integrity(self.nia, self._k_nas_int, count, BEARER_3GPP_ACCESS, direction, covered)
        if direction == _UPLINK:
            self.uplink_count = count + 1
        else:
            self.downlink_count = count + 1
        return bytes((EPD_5GMM, header)) + mac + covered

    def unprotect(self, octets: bytes) -> Opened:
        """The plain message in a protected one of the peer.

        Its NAS COUNT is estimated from its sequence number and accepted once (TS 24.501 clauses 4.4.3.1 and
        4.4.3.2). Raises NasSecurityError, and then nothing has changed.
        """
        if len(octets) < 8 or octets[0] != EPD_5GMM or octets[1] & 15 not in (1, 2, 3, 4):
            raise NasSecurityError(Refusal.malformed)
        direction = _DOWNLINK if self.side == "ue" else _UPLINK
        expected = self.downlink_count if self.side == "ue" else self.uplink_count
        ahead = (octets[6] - expected) & 255
        if ahead >= 256 - _WINDOW and expected + ahead >= 256:
            ahead -= 256
        count = expected + ahead
        covered = octets[6:]
        mac = integrity(self.nia, self._k_nas_int, count, BEARER_3GPP_ACCESS, direction, covered)
        if count > _MAX_COUNT or not same_mac(mac, octets[2:6]):
            raise NasSecurityError(Refusal.mac)
        self._accept(count, expected, direction)
        plain = octets[7:]
        header = octets[1] & 15
        if header in (2, 4):
            plain = cipher(self.nea, self._k_nas_enc, count, BEARER_3GPP_ACCESS, direction, plain)
        return Opened(plain, count, header)

    def _accept(self, count: int, expected: int, direction: int) -> None:
        """Note a NAS COUNT; bit i of `_seen` is the count `i + 1` below the one expected."""
        if count < expected:
            bit = 1 << expected - 1 - count
            if self._seen & bit:
                raise NasSecurityError(Refusal.replay)
            self._seen |= bit
            return
        self._seen = (self._seen << count - expected + 1 | 1) & (1 << _WINDOW) - 1
        if direction == _DOWNLINK:
            self.downlink_count = count + 1
        else:
            self.uplink_count = count + 1

    def cipher_container(self, octets: bytes, count: int) -> bytes:
        """The value of a NAS message container, ciphered or deciphered under its message's NAS COUNT."""
        return cipher(self.nea, self._k_nas_enc, count, BEARER_3GPP_ACCESS, _UPLINK, octets)


InitialMessage = RegistrationRequest | ServiceRequest | DeregistrationRequestUEOriginating
"""The initial NAS messages that we know (TS 24.501 clause 4.4.6)."""

_CLEARTEXT: dict[type[msgspec.Struct], frozenset[str]] = {
    RegistrationRequest: frozenset(
        {
            "ue_security_capability",
            "ue_status",
            "additional_guti",
            "eps_nas_message_container",
            "nas_message_container",
        }
    ),
    ServiceRequest: frozenset({"nas_message_container"}),
    DeregistrationRequestUEOriginating: frozenset(),
}
"""Optional elements that may go in clear (TS 24.501 clause 4.4.6); the mandatory ones all may."""


def non_cleartext_ies(message: InitialMessage) -> tuple[str, ...]:
    """The elements of an initial message that may not go in clear, by name, in the order of its table."""
    clear = _CLEARTEXT[type(message)]
    names = [
        row.name
        for row in layout(type(message)).optional
        if row.name not in clear and getattr(message, row.name) is not None
    ]
    return (*names, *(f"element {ie.iei:#04x}" for ie in message.unknown_ies))


def cleartext_part(message: InitialMessage) -> InitialMessage:
    """The initial message with only the elements that may go in clear."""
    clear = _CLEARTEXT[type(message)]
    rows = layout(type(message))
    names = [row.name for row in rows.imperative] + [r.name for r in rows.optional if r.name in clear]
    return type(message)(**{name: getattr(message, name) for name in names})


def protect_initial(message: InitialMessage, context: SecurityContext | None) -> bytes:
    """An initial NAS message as it leaves the UE (TS 24.501 clause 4.4.6).

    Without a context only its cleartext elements go; all of it follows in SECURITY MODE COMPLETE. With one
    it is integrity protected, and if it has other elements, all of it goes ciphered in a container.
    """
    if context is None:
        return encode(cleartext_part(message))
    whole = encode(message)
    if non_cleartext_ies(message) and not isinstance(message, DeregistrationRequestUEOriginating):
        container = context.cipher_container(whole, context.send_count)
        part = cleartext_part(message)
        whole = encode(msgspec.structs.replace(part, nas_message_container=container))
    return context.protect(whole, SecurityHeaderType.integrity_protected)


def open_container(message: RegistrationRequest | ServiceRequest, context: SecurityContext, count: int) -> Message:
    """The whole of an initial message: what its NAS message container holds, or itself where it has none.

    `count` is the message's own NAS COUNT. Raises DecodeError where the container holds anything else.
    """
    if message.nas_message_container is None:
        return message
    whole = decode(context.cipher_container(message.nas_message_container, count))
    if type(whole) is not type(message):
        raise DecodeError("the NAS message container holds another message", path=type(message).__name__)
    return whole


_PROTECTED_CAUSES = frozenset({76, 78, 81, 82})
"""5GMM causes that need integrity protection (TS 24.501 clause 4.4.4.2)."""


def ue_accepts_unprotected(message: Message, *, secured: bool) -> bool:
    """Whether a UE may act on a message that is not integrity protected (TS 24.501 clause 4.4.4.2).

    `secured`: secure exchange has been established on this N1 signalling connection.
    """
    if secured:
        return False
    if isinstance(message, IdentityRequest):
        return message.identity_type == IdentityType.suci
    if isinstance(message, RegistrationReject | ServiceReject):
        return message.five_gmm_cause not in _PROTECTED_CAUSES
    return isinstance(
        message,
        AuthenticationRequest | AuthenticationResult | AuthenticationReject | DeregistrationAcceptUEOriginating,
    )


def amf_accepts_unprotected(message: Message, *, secured: bool) -> bool:
    """Whether an AMF may act on a message that is not integrity protected, or whose MAC is wrong.

    TS 24.501 clause 4.4.4.3. `secured`: secure exchange is established on this N1 signalling connection.
    """
    if isinstance(message, IdentityResponse):
        identity: FiveGSMobileIdentity = message.mobile_identity
        return isinstance(identity, Suci)
    if isinstance(message, ServiceRequest):
        return secured
    return isinstance(
        message,
        RegistrationRequest
        | AuthenticationResponse
        | AuthenticationFailure
        | SecurityModeReject
        | DeregistrationRequestUEOriginating
        | DeregistrationAcceptUETerminated,
    )
