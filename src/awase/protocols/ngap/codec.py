"""NGAP messages to octets and back (TS 38.413 clauses 9 and 10, aligned PER of ITU-T X.691)."""

from functools import cache
from importlib.resources import files
from typing import TypeVar, cast

from awase.protocols.ngap.elements import CriticalityDiagnosticsIEItem
from awase.protocols.ngap.messages import Message
from awase.protocols.ngap.shapes import CONTAINERS, MESSAGES, TRANSFERS, shapes
from awase.wire import criticality
from awase.wire.elementary import ElementaryCodec
from awase.wire.errors import EncodeError
from awase.wire.per import Codec, Grammar

T = TypeVar("T")


class AbstractSyntaxError(criticality.AbstractSyntaxError):
    """A message that decodes but breaks TS 38.413 clause 10.3: not comprehended, missing, falsely built.

    `reject` tells whether the procedure is rejected (by its failure message if it has one, else by an Error Indication)
    or only reported; `cause` is the name in group protocol to answer with; `procedure_code`, `triggering_message`,
    `procedure_criticality` and `ies` are what its CriticalityDiagnostics hold.
    """

    @property
    def amf_ue_ngap_id(self) -> int | None:
        """The AMF UE NGAP ID, if it could be read."""
        return self.identifiers.get("amf_ue_ngap_id")

    @property
    def ran_ue_ngap_id(self) -> int | None:
        """The RAN UE NGAP ID, if it could be read."""
        return self.identifiers.get("ran_ue_ngap_id")


@cache
def grammar() -> Grammar:
    """The types of NGAP."""
    return Grammar.load(files(__package__).joinpath("grammar.json").read_bytes())


@cache
def generic() -> Codec:
    """Every type of NGAP by its ASN.1 name, in the shapes of `wire.per`."""
    return Codec(grammar(), aligned=True)


@cache
def _typed() -> ElementaryCodec:
    return ElementaryCodec(
        Codec(grammar(), aligned=True, shapes=shapes(list(grammar().types))),
        pdu="NGAP-PDU",
        messages=MESSAGES,
        containers=CONTAINERS,
        identifiers=("amf_ue_ngap_id", "ran_ue_ngap_id"),
        error=AbstractSyntaxError,
    )


def encode(message: Message) -> bytes:
    """The octets of an NGAP-PDU. Raises EncodeError."""
    return _typed().encode(message)


def decode(octets: bytes, notify: list[CriticalityDiagnosticsIEItem] | None = None) -> Message:
    """The message in an NGAP-PDU. Raises DecodeError, or AbstractSyntaxError where clause 10.3 says so.

    Elements not comprehended whose criticality is notify are appended to `notify` (clause 10.3.4.2: to report in an
    Error Indication or the answer); the message stands. A procedure not comprehended whose criticality is ignore comes
    as a RawMessage.
    """
    return cast(Message, _typed().decode(octets, notify))


def encode_transfer(transfer: object) -> bytes:
    """The octets of one of the structures of `transfers`. Raises EncodeError."""
    name = TRANSFERS.get(type(transfer))
    if name is not None:
        return _typed().codec.encode(name, transfer)
    if type(transfer) not in CONTAINERS.values():
        raise EncodeError(f"{type(transfer).__name__} is no transfer")
    return _typed().encode_container(transfer)


def decode_transfer(kind: type[T], octets: bytes) -> T:
    """One of the structures of `transfers`, whose class is `kind`, from its octets. Raises DecodeError."""
    name = TRANSFERS.get(kind)
    if name is not None:
        return cast(T, _typed().codec.decode(name, octets))
    if kind not in CONTAINERS.values():
        raise TypeError(f"{kind.__name__} is no transfer")
    return cast(T, _typed().decode_container(kind, octets))


def describe(octets: bytes) -> str:
    """The name of the message in an NGAP-PDU, from its first two octets; "" if they are not of one."""
    return _typed().describe(octets)
