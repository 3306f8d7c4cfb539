"""IPv6 and IPv4v6 sessions, router solicitations to the SMF, data networks whose addresses overlap, N9."""

import pytest

from awase.functions.upf.sdf import matches, rule_of
from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.ip import icmpv6, ipv6, udp
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import (
    ApplyAction,
    Cause,
    FSeid,
    FTeid,
    GateStatus,
    Interface,
    NodeId,
    OuterHeaderCreation,
    OuterHeaderRemoval,
    SdfFilter,
    UeIpAddress,
)
from unit.functions.upf.bench import (
    CP_SEID,
    GNB,
    GNB_PORT,
    GNB_TEID,
    SERVER,
    SMF,
    UE,
    UPF,
    Bench,
    establishment,
    gtpu,
    n6,
    ping,
    to_gnb,
)

PREFIX = bytes.fromhex("20010db800450002")
UE6 = PREFIX + bytes(7) + b"\1"
SERVER6 = bytes.fromhex("20010db8004500000000000000000001")


def ping6(source=UE6, destination=SERVER6):
    return icmpv6.encode_packet(icmpv6.Echo(icmpv6.ECHO_REQUEST, 1, 1, b"x"), source, destination)


def addresses(destination, v4=None):
    return (UeIpAddress(ipv4_address=v4, ipv6_address="2001:db8:45:2::", destination=destination),)


def dual(v4=None, **more):
    """A session with a prefix (and an address), whose router solicitations go to the SMF."""
    f_teid = FTeid(choose_ipv4=True, choose_id=1)
    removal = OuterHeaderRemoval(description=0)
    pdrs = (
        m.CreatePdr(
            pdr_id=1,
            precedence=255,
            pdi=m.Pdi(source_interface=Interface.ACCESS, f_teid=f_teid, ue_ip_address=addresses(False, v4)),
            outer_header_removal=removal,
            far_id=1,
            qer_id=(1,),
        ),
        m.CreatePdr(
            pdr_id=2,
            precedence=255,
            pdi=m.Pdi(source_interface=Interface.CORE, ue_ip_address=addresses(True, v4)),
            far_id=2,
            qer_id=(1,),
        ),
        m.CreatePdr(
            pdr_id=3,
            precedence=1,
            pdi=m.Pdi(
                source_interface=Interface.ACCESS,
                f_teid=f_teid,
                sdf_filter=(SdfFilter(flow_description="permit out 58 from ff02::2/128 to assigned"),),
            ),
            outer_header_removal=removal,
            far_id=3,
        ),
    )
    fars = (
        *establishment().create_far,
        m.CreateFar(
            far_id=3,
            apply_action=ApplyAction.FORW,
            forwarding_parameters=m.ForwardingParameters(
                destination_interface=Interface.CP_FUNCTION,
                outer_header_creation=OuterHeaderCreation(description=0x0100, teid=0x55, ipv4_address=SMF),
            ),
        ),
    )
    return {"pdrs": pdrs, "fars": fars, **more}


def test_an_ipv6_session_forwards_both_ways_for_every_address_of_its_prefix():
    bench = Bench()
    _, teid = bench.establish(**dual())
    other = PREFIX + bytes.fromhex("0011223344556677")
    for address in (UE6, other):
        assert n6(bench.give("n3", encode_g_pdu(teid, ping6(address), 1, uplink=True), GNB_PORT)) == [ping6(address)]
        ((peer, message),) = gtpu(bench.give("n6", ping6(SERVER6, address)))
        assert (peer, message.teid, message.payload) == (GNB_PORT, GNB_TEID, ping6(SERVER6, address))
    stranger = bytes.fromhex("20010db800450003") + bytes(8)
    assert bench.give("n3", encode_g_pdu(teid, ping6(stranger), 1, uplink=True), GNB_PORT) == []
    assert {entry.key for entry in bench.upf.books() if entry.book == "routed addresses"} == {
        "internet/2001:db8:45:2::/64"
    }


def test_a_session_of_both_versions_takes_both():
    bench = Bench()
    _, teid = bench.establish(**dual("10.45.0.2"))
    for packet in (ping(), ping6()):
        assert n6(bench.give("n3", encode_g_pdu(teid, packet, 1, uplink=True), GNB_PORT)) == [packet]
    assert len(gtpu(bench.give("n6", [ping(SERVER, UE), ping6(SERVER6, UE6)]))) == 2


def test_a_router_solicitation_goes_to_the_smf_and_nothing_else_from_a_link_local_address():
    bench = Bench()
    _, teid = bench.establish(**dual())
    source = ipv6.link_local(bytes(7) + b"\1")
    solicitation = icmpv6.encode_packet(icmpv6.RouterSolicitation(), source, ipv6.ALL_ROUTERS)
    ((peer, message),) = gtpu(bench.give("n3", encode_g_pdu(teid, solicitation, 1, uplink=True), GNB_PORT))
    assert (peer, message.teid, message.payload) == (f"{SMF}:2152", 0x55, solicitation)
    assert bench.give("n3", encode_g_pdu(teid, ping6(source), 1, uplink=True), GNB_PORT) == []


def test_the_upf_chooses_prefixes_but_not_the_gateways():
    bench = Bench(dnns=[{"name": "internet", "pool": "10.45.0.0/29", "pool6": "2001:db8:45::/62"}])
    bench.associate()
    chosen = []
    for _ in range(4):
        pdis = [m.Pdi(source_interface=1, ue_ip_address=(UeIpAddress(choose_ipv6=True, destination=True),))]
        pdrs = tuple(m.CreatePdr(pdr_id=i, precedence=1, pdi=pdi, far_id=2) for i, pdi in enumerate(pdis, 1))
        response = bench.ask(establishment(pdrs=pdrs))
        if response.cause == 1:
            chosen.append(response.created_pdr[0].ue_ip_address[0].ipv6_address)
    assert chosen == ["2001:db8:45:1::", "2001:db8:45:2::", "2001:db8:45:3::"]
    assert response.cause == Cause.ALL_DYNAMIC_ADDRESSES_ARE_OCCUPIED


def two_networks():
    peers = [{"part": name, "function": "data_network", "address": ""} for name in ("internet", "ims")]
    dnns = [{"name": name, "pool": "10.45.0.0/29"} for name in ("internet", "ims")]
    return Bench(peers={"N6": peers}, dnns=dnns)


def in_network(name, **changes):
    pdrs = []
    for pdr in establishment().create_pdr:
        fields = {key: getattr(pdr, key) for key in pdr.__struct_fields__}
        pdi = {key: getattr(pdr.pdi, key) for key in pdr.pdi.__struct_fields__}
        pdrs.append(m.CreatePdr(**{**fields, "pdi": m.Pdi(**{**pdi, "network_instance": name})}))
    return establishment(pdrs=tuple(pdrs), **changes)


def test_two_data_networks_may_have_the_same_addresses():
    bench = two_networks()
    bench.associate()
    teids = {}
    for name, gnb_teid in (("internet", 0x11), ("ims", 0x22)):
        response = bench.ask(in_network(name))
        assert response.cause == 1
        teids[name] = response.created_pdr[0].f_teid[0].teid
        bench.ask(to_gnb(gnb_teid), response.up_f_seid.seid)
    for name, gnb_teid in (("internet", 0x11), ("ims", 0x22)):
        (packet,) = bench.give("n3", encode_g_pdu(teids[name], ping(), 1, uplink=True), GNB_PORT)
        assert (packet.port, packet.peer) == ("n6", name)
        ((_, message),) = gtpu(bench.give("n6", ping(SERVER, UE), name))
        assert message.teid == gnb_teid


def test_one_address_twice_in_a_data_network_is_refused():
    bench = two_networks()
    bench.associate()
    assert bench.ask(in_network("ims")).cause == 1
    assert bench.ask(in_network("ims")).cause == Cause.RULE_CREATION_MODIFICATION_FAILURE


def intermediate():
    """The request for a UPF between a base station and another UPF."""
    removal = OuterHeaderRemoval(description=0)

    def tunnel(interface, teid, address):
        return m.ForwardingParameters(
            destination_interface=interface,
            outer_header_creation=OuterHeaderCreation(description=0x0100, teid=teid, ipv4_address=address),
        )

    return m.SessionEstablishmentRequest(
        node_id=NodeId(ipv4_address=SMF),
        cp_f_seid=FSeid(seid=CP_SEID, ipv4_address=SMF),
        create_pdr=tuple(
            m.CreatePdr(
                pdr_id=number,
                precedence=255,
                pdi=m.Pdi(source_interface=source, f_teid=FTeid(choose_ipv4=True)),
                outer_header_removal=removal,
                far_id=number,
            )
            for number, source in ((1, Interface.ACCESS), (2, Interface.CORE))
        ),
        create_far=(
            m.CreateFar(
                far_id=1,
                apply_action=ApplyAction.FORW,
                forwarding_parameters=tunnel(Interface.CORE, 0x99, "10.200.0.2"),
            ),
            m.CreateFar(
                far_id=2,
                apply_action=ApplyAction.FORW,
                forwarding_parameters=tunnel(Interface.ACCESS, GNB_TEID, GNB),
            ),
        ),
    )


@pytest.mark.parametrize("n9", [None, "10.200.0.1"])
def test_between_a_base_station_and_another_upf_packets_keep_flow_and_direction(n9):
    addresses_ = {"n3": f"{UPF}:2152", "n4": f"{UPF}:8805", **({"n9": f"{n9}:2152"} if n9 else {})}
    bench = Bench(addresses=addresses_)
    bench.associate()
    response = bench.ask(intermediate())
    assert response.cause == 1
    up, down = (created.f_teid[0] for created in response.created_pdr)
    assert (up.ipv4_address, down.ipv4_address) == (UPF, n9 or UPF)
    (packet,) = bench.give("n3", encode_g_pdu(up.teid, ping(), 7, uplink=True), GNB_PORT)
    assert (packet.port, packet.peer) == ("n9" if n9 else "n3", "10.200.0.2:2152")
    assert packet.payload == encode_g_pdu(0x99, ping(), 7, uplink=True)
    (packet,) = bench.give("n9" if n9 else "n3", encode_g_pdu(down.teid, ping(SERVER, UE), 7), "10.200.0.2:2152")
    assert (packet.port, packet.peer) == ("n3", GNB_PORT)
    assert packet.payload == encode_g_pdu(GNB_TEID, ping(SERVER, UE), 7)


def test_a_filter_may_look_at_class_label_and_index():
    plain = udp.encode_packet(udp.Udp(1, 2, b"x"), SERVER, UE)
    marked = plain[:1] + b"\xb8" + plain[2:]
    by_class = rule_of(SdfFilter(tos_traffic_class=b"\xb8\xfc"))
    assert (matches(by_class, marked, False), matches(by_class, plain, False)) == (True, False)
    labelled = ipv6.encode(ipv6.Ipv6(SERVER6, UE6, 17, b"\0\1\0\2abcd", 64, 0xB8, 0x12345))
    by_label = rule_of(SdfFilter(flow_label=b"\x01\x23\x45"))
    assert (matches(by_label, labelled, False), matches(by_label, plain, False)) == (True, False)
    assert matches(by_class, labelled, False)
    esp = ipv6.encode(ipv6.Ipv6(SERVER6, UE6, 50, b"\0\0\1\2rest"))
    by_index = rule_of(SdfFilter(security_parameter_index=b"\0\0\1\2"))
    assert (matches(by_index, esp, False), matches(by_index, labelled, False)) == (True, False)
    authenticated = ipv6.encode(ipv6.Ipv6(SERVER6, UE6, 51, b"\x11\x04\0\0\0\0\1\2" + bytes(16) + b"\0\1\0\2"))
    assert matches(by_index, authenticated, False)
    ports = rule_of(SdfFilter(flow_description="permit out 17 from 2001:db8:45::/48 1 to assigned 2"))
    assert (matches(ports, authenticated, False), matches(ports, labelled, False)) == (True, True)


def test_a_filter_that_is_described_once_serves_both_directions():
    bench = Bench()
    request = establishment()
    described = SdfFilter(flow_description="permit out 17 from any 53 to assigned", sdf_filter_id=4)
    pdrs = list(request.create_pdr)
    for original, element in zip(request.create_pdr, (described, SdfFilter(sdf_filter_id=4)), strict=True):
        fields = {key: getattr(original, key) for key in original.__struct_fields__}
        pdi = {key: getattr(original.pdi, key) for key in original.pdi.__struct_fields__}
        if pdi["f_teid"] is not None:
            pdi["f_teid"] = FTeid(choose_ipv4=True, choose_id=1)
        fields |= {
            "pdr_id": original.pdr_id + 10,
            "precedence": 1,
            "qer_id": (2,),
            "pdi": m.Pdi(**{**pdi, "sdf_filter": (element,)}),
        }
        pdrs.append(m.CreatePdr(**fields))
    fields = {key: getattr(request, key) for key in request.__struct_fields__}
    fields |= {"create_pdr": tuple(pdrs)}
    fields["create_qer"] += (m.CreateQer(qer_id=2, gate_status=GateStatus(ul_gate=1, dl_gate=0), qfi=9),)
    bench.associate()
    response = bench.ask(m.SessionEstablishmentRequest(**fields))
    assert response.cause == 1
    bench.ask(to_gnb(), response.up_f_seid.seid)
    teid = response.created_pdr[0].f_teid[0].teid
    question = udp.encode_packet(udp.Udp(5000, 53, b"?"), UE, SERVER)
    assert bench.give("n3", encode_g_pdu(teid, question, 1, uplink=True), GNB_PORT) == []
    assert bench.names()[-1] == "GateClosed"
    ((_, message),) = gtpu(bench.give("n6", udp.encode_packet(udp.Udp(53, 5000, b"!"), SERVER, UE)))
    assert message.container.qfi == 9
