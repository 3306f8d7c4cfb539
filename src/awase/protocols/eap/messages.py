"""EAP packets (RFC 3748 clause 4) and the messages and attributes of EAP-AKA' (RFC 4187 clauses 9, 10, RFC 5448)."""

from enum import IntEnum
from typing import ClassVar, TypeVar

import msgspec

TYPE_NAK = 3
TYPE_AKA_PRIME = 50
"""Method types (RFC 3748 clause 5.3, RFC 5448 clause 6.1)."""

KDF_DEFAULT = 1
"""The key derivation function of RFC 5448 clause 3.3, the only one there is."""

UNABLE_TO_PROCESS_PACKET = 0
"""A client error code (RFC 4187 clause 10.20)."""

PHASE_BIT = 0x4000
"""P of a notification code: it is before the challenge's round (RFC 4187 clause 6.1)."""


class Code(IntEnum):
    """Which of the two packets of a method it is (RFC 3748 clause 4)."""

    request = 1
    response = 2


class Subtype(IntEnum):
    """A message of EAP-AKA' (RFC 4187 clause 11)."""

    challenge = 1
    authentication_reject = 2
    synchronization_failure = 4
    identity = 5
    notification = 12
    reauthentication = 13
    client_error = 14


class Attribute(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An attribute of EAP-AKA' (RFC 4187 clause 10)."""

    attribute_type: ClassVar[int]

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class AtRand(Attribute, frozen=True, kw_only=True, gc=False):
    """RFC 4187 clause 10.6: 16 octets."""

    attribute_type = 1
    rand: bytes


class AtAutn(Attribute, frozen=True, kw_only=True, gc=False):
    """RFC 4187 clause 10.7: 16 octets."""

    attribute_type = 2
    autn: bytes


class AtRes(Attribute, frozen=True, kw_only=True, gc=False):
    """RFC 4187 clause 10.8: 4 to 16 octets."""

    attribute_type = 3
    res: bytes


class AtAuts(Attribute, frozen=True, kw_only=True, gc=False):
    """RFC 4187 clause 10.9: 14 octets."""

    attribute_type = 4
    auts: bytes


class AtMac(Attribute, frozen=True, kw_only=True, gc=False):
    """RFC 4187 clause 10.15, RFC 5448 clause 3.4.2: 16 octets."""

    attribute_type = 11
    mac: bytes


class AtNotification(Attribute, frozen=True, kw_only=True, gc=False):
    """RFC 4187 clause 10.19."""

    attribute_type = 12
    notification_code: int


class AtClientErrorCode(Attribute, frozen=True, kw_only=True, gc=False):
    """RFC 4187 clause 10.20."""

    attribute_type = 22
    client_error_code: int


class AtKdfInput(Attribute, frozen=True, kw_only=True, gc=False):
    """RFC 5448 clause 3.1: the network name, in 5G the serving network name."""

    attribute_type = 23
    network_name: bytes


class AtKdf(Attribute, frozen=True, kw_only=True, gc=False):
    """RFC 5448 clause 3.2."""

    attribute_type = 24
    key_derivation_function: int


class AtCheckcode(Attribute, frozen=True, kw_only=True, gc=False):
    """RFC 4187 clause 10.13: nothing, or the hash of the identity rounds (32 octets in RFC 5448 clause 3.4.1)."""

    attribute_type = 134
    checkcode: bytes


class AtOther(Attribute, frozen=True, kw_only=True, gc=False):
    """An attribute that 5G does not use, as it came; below 128 it must not be skipped (RFC 4187 clause 8.1)."""

    attribute_type = -1
    type: int
    value: bytes


A = TypeVar("A", bound=Attribute)


class AkaPrime(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A request or response of EAP-AKA' (RFC 4187 clause 8.1, type 50)."""

    code: Code
    identifier: int
    subtype: Subtype
    attributes: tuple[Attribute, ...] = ()

    def find(self, kind: type[A]) -> A | None:
        """The first attribute of a kind."""
        return next((attribute for attribute in self.attributes if isinstance(attribute, kind)), None)

    @property
    def kdfs(self) -> tuple[int, ...]:
        """The key derivation functions that are offered or chosen, in their order."""
        return tuple(each.key_derivation_function for each in self.attributes if isinstance(each, AtKdf))

    @property
    def has_unknown(self) -> bool:
        """Whether it holds an attribute that must not be skipped and that we do not know (RFC 4187 clause 8.1)."""
        return any(isinstance(each, AtOther) and each.type < 128 for each in self.attributes)


class OtherMethod(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A request or response of another type (RFC 3748 clause 5)."""

    code: Code
    identifier: int
    type: int
    data: bytes = b""


class Success(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """EAP-Success (RFC 3748 clause 4.2)."""

    identifier: int


class Failure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """EAP-Failure (RFC 3748 clause 4.2)."""

    identifier: int


Packet = AkaPrime | OtherMethod | Success | Failure
