"""F-TEIDs and UE addresses that a session's rules are given or leave to the UPF (TS 29.244 clauses 5.5.3 and 5.21)."""

from awase.functions.upf.context import Context, Pool, Refusal, Session
from awase.functions.upf.rule import Pdr
from awase.functions.upf.rule_elements import F_TEID, NETWORK_INSTANCE, UE_IP_ADDRESS
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import Cause, FTeid, UeIpAddress
from awase.wire.addresses import ipv4_octets, ipv4_text, ipv6_octets, ipv6_text


def set_ue_addresses(pdr: Pdr, pdi: m.Pdi) -> None:
    """Take over the UE addresses that the SMF gives: of each version the first. Raises Refusal."""
    for element in pdi.ue_ip_address:
        pdr.destination = element.destination
        if element.ipv4_address is not None:
            pdr.address4 = ipv4_octets(element.ipv4_address)
        if element.ipv6_address is not None:
            if element.ipv6_prefix_length not in (None, 64) or element.ipv6_prefix_delegation_bits:
                raise Refusal(
                    Cause.SERVICE_NOT_SUPPORTED,
                    f"PDR {pdr.pdr_id} has an IPv6 prefix of another length than 64 bits",
                    offending_ie=UE_IP_ADDRESS,
                )
            pdr.address6 = ipv6_octets(element.ipv6_address)[:8]


class Allocation:
    """What one request has chosen: `commit` keeps it, `release` gives it back. `own_addresses`: by interface."""

    def __init__(self, context: Context, session: Session, own_addresses: dict[int, str]) -> None:
        self._context = context
        self._session = session
        self._own_addresses = own_addresses
        self._chosen: dict[int, int] = {}
        """TEIDs by CHOOSE ID."""
        self._teids: list[int] = []
        self._addresses: list[tuple[str, bytes]] = []
        self.created_pdrs: list[m.CreatedPdr] = []

    def release(self) -> None:
        """Give back what was chosen."""
        for teid in self._teids:
            if not self._context.by_teid.get(teid):
                self._context.by_teid.pop(teid, None)
        for key in self._addresses:
            self._context.reserved.pop(key, None)

    def commit(self) -> None:
        """What was chosen is the session's."""
        self._session.own_addresses += tuple(self._addresses)
        for teid in self._teids:
            self._context.by_teid.pop(teid, None)

    def allocate(self, pdr: Pdr, pdi: m.Pdi) -> None:
        """Take or choose the F-TEID, choose UE addresses. Raises Refusal."""
        f_teid = self._f_teid(pdr, pdi.f_teid) if pdi.f_teid is not None else None
        addresses = tuple(
            self._ue_address(pdr, element)
            for element in pdi.ue_ip_address
            if element.choose_ipv4 or element.choose_ipv6
        )
        if f_teid is not None or addresses:
            self.created_pdrs.append(
                m.CreatedPdr(pdr_id=pdr.pdr_id, f_teid=() if f_teid is None else (f_teid,), ue_ip_address=addresses)
            )

    def _f_teid(self, pdr: Pdr, f_teid: FTeid) -> FTeid | None:
        """Clause 5.5.3: chosen here, or given by the SMF. The F-TEID where it was chosen."""
        own_address = self._own_addresses.get(pdr.source_interface, self._own_addresses[0])
        if f_teid.teid is not None:
            if f_teid.ipv4_address not in self._own_addresses.values():
                raise Refusal(
                    Cause.INVALID_F_TEID_ALLOCATION_OPTION,
                    f"the F-TEID of PDR {pdr.pdr_id} has another address than this UPF's {own_address}",
                    offending_ie=F_TEID,
                    config="addresses.n3",
                )
            if f_teid.teid == 0:
                raise Refusal(Cause.MANDATORY_IE_INCORRECT, "TEID 0 is no tunnel", offending_ie=F_TEID)
            pdr.teid, pdr.given_teid = f_teid.teid, True
            return None
        if not f_teid.choose_ipv4:
            raise Refusal(
                Cause.NO_RESOURCES_AVAILABLE,
                f"PDR {pdr.pdr_id} asks for an IPv6 F-TEID, but N3 has IPv4 only",
                offending_ie=F_TEID,
                config="addresses.n3",
            )
        if not self._context.chooses_f_teids:
            raise Refusal(
                Cause.INVALID_F_TEID_ALLOCATION_OPTION,
                f"PDR {pdr.pdr_id} leaves its F-TEID to this UPF, which has not the feature FTUP",
                offending_ie=F_TEID,
                config="up_features",
            )
        choose_id = f_teid.choose_id
        if choose_id is not None and choose_id in self._chosen:
            pdr.teid = self._chosen[choose_id]
        else:
            pdr.teid = self._context.new_teid()
            # Kept for us until the rules are committed.
            self._context.by_teid[pdr.teid] = ()
            self._teids.append(pdr.teid)
            if choose_id is not None:
                self._chosen[choose_id] = pdr.teid
        return FTeid(teid=pdr.teid, ipv4_address=own_address)

    def _ue_address(self, pdr: Pdr, element: UeIpAddress) -> UeIpAddress:
        text4 = text6 = None
        if element.choose_ipv4:
            pdr.address4 = self._choose(pdr, self._context.pools, 4)
            text4 = ipv4_text(pdr.address4)
        if element.choose_ipv6:
            pdr.address6 = self._choose(pdr, self._context.pools6, 8)
            text6 = ipv6_text(pdr.address6 + bytes(8))
        pdr.destination = element.destination
        return UeIpAddress(ipv4_address=text4, ipv6_address=text6, destination=element.destination)

    def _choose(self, pdr: Pdr, pools: dict[str, Pool], width: int) -> bytes:
        # All rules of a session get the same one.
        for _, address in (*self._addresses, *self._session.own_addresses):
            if len(address) == width:
                return address
        context, network_instance = self._context, pdr.network_instance
        pool = pools.get(network_instance or "") or (next(iter(pools.values())) if len(pools) == 1 else None)
        if pool is None:
            raise Refusal(
                Cause.NO_RESOURCES_AVAILABLE,
                f"network instance {network_instance!r} has no pool of UE addresses",
                offending_ie=NETWORK_INSTANCE,
                config="dnns",
            )
        name = context.space_of(network_instance or self._session.dnn)
        chosen = pool.choose(context.spaces[name], context.reserved, name)
        if chosen is None:
            raise Refusal(
                Cause.ALL_DYNAMIC_ADDRESSES_ARE_OCCUPIED,
                f"all addresses of {pool.text} are taken",
                offending_ie=UE_IP_ADDRESS,
                config="dnns",
            )
        context.reserved[name, chosen] = None
        self._addresses.append((name, chosen))
        return chosen
