"""The MBS containers of 5GSM (TS 24.501 clauses 9.11.4.30 and 9.11.4.31). Shapes and errors as in `elements`."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Self

import msgspec

from awase.model.ids import Plmn
from awase.protocols.nas.elements import GprsTimer3, TaiList
from awase.protocols.nas.layout import OpenEnum, counted, cut, with_length
from awase.wire.errors import DecodeError, EncodeError

_TMGI, _IPV4, _IPV6 = 1, 2, 3
"""Type of multicast MBS session ID (TS 24.501 table 9.11.4.30.1)."""


class MbsOperation(OpenEnum):
    """MBS operation (TS 24.501 table 9.11.4.30.1)."""

    join_multicast_mbs_session = 1
    leave_multicast_mbs_session = 2


class MbsDecision(OpenEnum):
    """MBS decision (TS 24.501 table 9.11.4.31.1)."""

    mbs_service_area_update = 1
    mbs_join_is_accepted = 2
    mbs_join_is_rejected = 3
    remove_ue_from_multicast_mbs_session = 4
    mbs_security_information_update = 5


class MbsRejectionCause(OpenEnum):
    """Rejection cause (TS 24.501 table 9.11.4.31.1)."""

    no_additional_information_provided = 0
    insufficient_resources = 1
    user_is_not_authorized_to_use_mbs_service = 2
    multicast_mbs_session_has_not_started_or_will_not_start_soon = 3
    user_is_outside_of_local_mbs_service_area = 4
    session_context_not_found = 5
    multicast_mbs_session_is_released = 6


class Tmgi(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A TMGI (TS 24.008 clause 10.5.6.13 from octet 2 on): MBMS service ID of 24 bit, and its PLMN."""

    service_id: int
    plmn: Plmn | None = None

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From the octets after its length."""
        if len(octets) not in (3, 6):
            raise DecodeError("a TMGI has 3 or 6 octets")
        plmn = Plmn.from_octets(octets[3:]) if len(octets) == 6 else None
        return cls(service_id=int.from_bytes(octets[:3], "big"), plmn=plmn)

    def encode(self) -> bytes:
        """To the octets after its length."""
        return self.service_id.to_bytes(3, "big") + (b"" if self.plmn is None else self.plmn.octets())


class SourceSpecificAddress(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A source specific IP multicast address: unicast source and multicast destination, both IPv4 or both IPv6."""

    source: str
    destination: str

    @classmethod
    def take(cls, octets: bytes, i: int, *, ipv6: bool) -> tuple[Self, int]:
        """From the octets at `i`, and where it ends."""
        kind, size = (IPv6Address, 16) if ipv6 else (IPv4Address, 4)
        value, i = cut(octets, i, 2 * size)
        return cls(source=str(kind(value[:size])), destination=str(kind(value[size:]))), i

    @property
    def ipv6(self) -> bool:
        """Whether it is of IPv6."""
        return ip_address(self.source).version == 6

    def encode(self) -> bytes:
        """To octets."""
        source, destination = ip_address(self.source), ip_address(self.destination)
        if source.version != destination.version:
            raise EncodeError("the source is of one version of IP, the destination of another")
        return source.packed + destination.packed


class RequestedMbsInformation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Multicast MBS session information (TS 24.501 figure 9.11.4.30.2): what the UE asks of which session."""

    operation: MbsOperation
    session: Tmgi | SourceSpecificAddress

    def encode(self) -> bytes:
        """To octets."""
        if self.operation > 3:
            raise EncodeError("an MBS operation has two bits")
        if isinstance(self.session, Tmgi):
            return bytes((self.operation << 2 | _TMGI,)) + with_length(self.session.encode())
        kind = _IPV6 if self.session.ipv6 else _IPV4
        return bytes((self.operation << 2 | kind,)) + self.session.encode()


class RequestedMbsContainer(msgspec.Struct, frozen=True, gc=False):
    """Requested MBS container (TS 24.501 clause 9.11.4.30)."""

    sessions: tuple[RequestedMbsInformation, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 0
        while i < len(octets):
            kind, operation = octets[i] & 3, MbsOperation(octets[i] >> 2 & 3)
            session: Tmgi | SourceSpecificAddress
            if kind == _TMGI:
                value, i = counted(octets, i + 1)
                session = Tmgi.decode(value)
            elif kind in (_IPV4, _IPV6):
                session, i = SourceSpecificAddress.take(octets, i + 1, ipv6=kind == _IPV6)
            else:
                raise DecodeError("a type of multicast MBS session ID that is reserved")
            found.append(RequestedMbsInformation(operation=operation, session=session))
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(session.encode() for session in self.sessions)


class NrCgi(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An NR CGI (TS 24.501 clause 9.11.4.31): NR cell identity of 36 bit, and its PLMN."""

    nr_cell_id: int
    plmn: Plmn

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From eight octets."""
        return cls(nr_cell_id=int.from_bytes(octets[:5], "big") >> 4, plmn=Plmn.from_octets(octets[5:8]))

    def encode(self) -> bytes:
        """To eight octets."""
        return (self.nr_cell_id << 4).to_bytes(5, "big") + self.plmn.octets()


class MbsSecurityKeys(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An MBS security keys set (TS 24.501 clause 9.11.4.31): identifiers, the MSK, and the MTK if there is one."""

    key_domain_id: bytes
    msk_id: bytes
    msk: bytes
    mtk_id: bytes | None = None
    encrypted_mtk: bytes = b""

    def __repr__(self) -> str:
        return f"MbsSecurityKeys(msk_id={self.msk_id!r}, mtk_id={self.mtk_id!r})"  # The rest is keys.

    @classmethod
    def take(cls, octets: bytes, i: int) -> tuple[Self, int]:
        """From the octets at `i`, and where it ends."""
        head, i = cut(octets, i, 24)
        mtk, i = cut(octets, i, 18 if head[0] & 1 else 0)
        return cls(
            key_domain_id=head[1:4],
            msk_id=head[4:8],
            msk=head[8:],
            mtk_id=mtk[:2] if mtk else None,
            encrypted_mtk=mtk[2:],
        ), i

    def encode(self) -> bytes:
        """To octets."""
        mtk = self.encrypted_mtk if self.mtk_id is None else self.mtk_id + self.encrypted_mtk
        lengths = len(self.key_domain_id), len(self.msk_id), len(self.msk), len(mtk)
        if lengths != (3, 4, 16, 0 if self.mtk_id is None else 18):
            raise EncodeError("an MBS security keys set has identifiers of 3, 4 and 2 octets, and keys of 16")
        return bytes((self.mtk_id is not None,)) + self.key_domain_id + self.msk_id + self.msk + mtk


class ReceivedMbsInformation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Received MBS information (TS 24.501 figure 9.11.4.31.2): what the network decided of which session.

    The service area is its TAIs, its cells or both. A session has a start time (48 bits as they lie there) or a
    back-off timer. `security` is there, if empty, where the MBS security container is.
    """

    decision: MbsDecision
    tmgi: Tmgi
    rejection_cause: MbsRejectionCause = MbsRejectionCause.no_additional_information_provided
    address: SourceSpecificAddress | None = None
    tai_list: TaiList | None = None
    nr_cgis: tuple[NrCgi, ...] | None = None
    start_time: bytes | None = None
    back_off_timer: GprsTimer3 | None = None
    security: tuple[MbsSecurityKeys, ...] | None = None

    @classmethod
    def take(cls, octets: bytes, i: int) -> tuple[Self, int]:
        """From the octets at `i`, and where it ends."""
        (first, second), i = cut(octets, i, 2)
        tmgi, i = counted(octets, i)
        address = tai_list = nr_cgis = None
        if second & 1:
            address, i = SourceSpecificAddress.take(octets, i, ipv6=second & 16 != 0)
        if first & 8:
            tais, i = counted(octets, i)
            tai_list = TaiList.decode(tais)
        if first & 16:
            cells, i = counted(octets, i)
            if len(cells) % 8:
                raise DecodeError("an NR CGI has 8 octets")
            nr_cgis = tuple(NrCgi.decode(cells[j : j + 8]) for j in range(0, len(cells), 8))
        timers, i = cut(octets, i, {1: 6, 2: 1}.get(second >> 1 & 3, 0))
        security, i = _security(octets, i) if second & 8 else (None, i)
        found = cls(
            decision=MbsDecision(first & 7),
            tmgi=Tmgi.decode(tmgi),
            rejection_cause=MbsRejectionCause(first >> 5),
            address=address,
            tai_list=tai_list,
            nr_cgis=nr_cgis,
            start_time=timers if len(timers) == 6 else None,
            back_off_timer=GprsTimer3.decode(timers) if len(timers) == 1 else None,
            security=security,
        )
        return found, i

    def encode(self) -> bytes:
        """To octets."""
        if self.decision > 7 or self.rejection_cause > 7:
            raise EncodeError("an MBS decision and a rejection cause have three bits each")
        if self.start_time is not None and (self.back_off_timer is not None or len(self.start_time) != 6):
            raise EncodeError("a session has a start time of 6 octets or a back-off timer, not both")
        area = (self.tai_list is not None) << 3 | (self.nr_cgis is not None) << 4
        timers = (self.start_time is not None) << 1 | (self.back_off_timer is not None) << 2
        ipv6 = self.address is not None and self.address.ipv6
        flags = (self.address is not None) | timers | (self.security is not None) << 3 | ipv6 << 4
        out = bytes((self.decision | area | self.rejection_cause << 5, flags)) + with_length(self.tmgi.encode())
        if self.address is not None:
            out += self.address.encode()
        if self.tai_list is not None:
            out += with_length(self.tai_list.encode())
        if self.nr_cgis is not None:
            out += with_length(b"".join(cell.encode() for cell in self.nr_cgis))
        out += (self.start_time or b"") + (b"" if self.back_off_timer is None else self.back_off_timer.encode())
        if self.security is not None:
            out += bytes((len(self.security),)) + b"".join(keys.encode() for keys in self.security)
        return out


def _security(octets: bytes, i: int) -> tuple[tuple[MbsSecurityKeys, ...], int]:
    """The MBS security container (TS 24.501 clause 9.11.4.31)."""
    count, i = octets[i], i + 1
    found = []
    for _ in range(count):
        keys, i = MbsSecurityKeys.take(octets, i)
        found.append(keys)
    return tuple(found), i


class ReceivedMbsContainer(msgspec.Struct, frozen=True, gc=False):
    """Received MBS container (TS 24.501 clause 9.11.4.31)."""

    sessions: tuple[ReceivedMbsInformation, ...] = ()

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From octets."""
        found = []
        i = 0
        while i < len(octets):
            session, i = ReceivedMbsInformation.take(octets, i)
            found.append(session)
        return cls(tuple(found))

    def encode(self) -> bytes:
        """To octets."""
        return b"".join(session.encode() for session in self.sessions)
