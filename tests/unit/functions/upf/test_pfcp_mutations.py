"""Messages to a UPF, with each element missing, empty, cut, doubled, of unknown values, huge (TS 29.244 clause 7.6).

Each is answered as the standard says, and what is refused changes nothing.
"""

import typing

import pytest
from msgspec.structs import fields

from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode, encode, is_session_message
from awase.protocols.pfcp.element_table import ELEMENTS
from awase.protocols.pfcp.elements import (
    ApplyAction,
    BitRates,
    Cause,
    GateStatus,
    Interface,
    MeasurementMethod,
    NodeId,
    OuterHeaderCreation,
    ReportingTrigger,
    SdfFilter,
    Volume,
)
from unit.functions.upf.bench import SMF, SMF_PORT, Bench, establishment

NODE = NodeId(ipv4_address=SMF)


def full_establishment():
    """A session with a rule of each kind."""
    urr = m.CreateUrr(
        urr_id=9,
        measurement_method=int(MeasurementMethod.VOLUM),
        reporting_triggers=int(ReportingTrigger.VOLTH),
        volume_threshold=Volume(total_bytes=10**6),
    )
    pdrs = []
    for pdr in establishment(ue="10.45.0.5").create_pdr:
        values = {name: getattr(pdr, name) for name in pdr.__struct_fields__}
        pdrs.append(m.CreatePdr(**{**values, "urr_id": (9,)}))
    fars = (
        establishment().create_far[0],
        m.CreateFar(far_id=2, apply_action=ApplyAction.BUFF | ApplyAction.NOCP, bar_id=1),
    )
    return establishment(
        pdrs=tuple(pdrs),
        fars=fars,
        create_urr=(urr,),
        create_bar=m.CreateBar(bar_id=1, suggested_buffering_packets_count=3),
    )


def full_modification():
    """A change of each kind of rule."""
    return m.SessionModificationRequest(
        update_far=(
            m.UpdateFar(
                far_id=2,
                apply_action=ApplyAction.FORW,
                update_forwarding_parameters=m.UpdateForwardingParameters(
                    destination_interface=Interface.ACCESS,
                    outer_header_creation=OuterHeaderCreation(description=0x0100, teid=1, ipv4_address="10.9.9.9"),
                ),
            ),
        ),
        create_qer=(m.CreateQer(qer_id=5, gate_status=GateStatus(), mbr=BitRates(ul_kbps=1, dl_kbps=1), qfi=5),),
        update_pdr=(
            m.UpdatePdr(
                pdr_id=2,
                precedence=3,
                qer_id=(5,),
                pdi=m.Pdi(
                    source_interface=Interface.CORE,
                    ue_ip_address=(m.UeIpAddress(ipv4_address="10.45.0.2", destination=True),),
                    sdf_filter=(SdfFilter(flow_description="permit out ip from any to assigned"),),
                ),
            ),
        ),
        update_qer=(m.UpdateQer(qer_id=1, gate_status=GateStatus(ul_gate=1)),),
        pfcpsm_req_flags=1,
    )


MESSAGES = {
    "association setup": m.AssociationSetupRequest(node_id=NodeId(ipv4_address="10.66.0.1"), recovery_time_stamp=5),
    "association update": m.AssociationUpdateRequest(node_id=NODE, pfcpau_req_flags=1),
    "association release": m.AssociationReleaseRequest(node_id=NODE),
    "session establishment": full_establishment(),
    "session modification": full_modification(),
}


def elements(octets, start, stop):
    """The elements between two offsets: type, content's start, content's stop."""
    while start < stop:
        number, length = int.from_bytes(octets[start : start + 2]), int.from_bytes(octets[start + 2 : start + 4])
        yield number, start + 4, start + 4 + length
        start += 4 + length


def replaced(octets, enclosing, start, stop, new):
    """The message with octets replaced, the lengths of it and of the groups around made to fit."""
    more = len(new) - (stop - start)
    out = bytearray(octets[:start] + new + octets[stop:])
    for at in enclosing:
        out[at : at + 2] = (int.from_bytes(out[at : at + 2]) + more).to_bytes(2)
    return bytes(out)


def walk(cls, octets, start, stop, enclosing):
    """Each element of a group and of the groups in it: its group, its name and type, where it is."""
    names = {ELEMENTS[field.name][0]: field for field in fields(cls) if field.name != "unknown"}
    for number, at, end in elements(octets, start, stop):
        field = names[number]
        yield cls, field, number, (at - 4, at, end), enclosing
        inner = ELEMENTS[field.name][1]
        if isinstance(inner, type):
            yield from walk(inner, octets, at, end, (*enclosing, at - 2))


def cases():
    for title, message in MESSAGES.items():
        session = is_session_message(m.NUMBER_OF_MESSAGE[type(message)])
        octets = encode(message, sequence_number=700, seid=0 if session else None)
        seen = {}
        for cls, field, number, (head, _, end), enclosing in walk(
            type(message), octets, 16 if session else 8, len(octets), (2,)
        ):
            name = f"{title}-{cls.__name__}.{field.name}"
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1:
                continue
            alone = sum(1 for n, *_ in elements(octets, *_extent(octets, enclosing, session)) if n == number) == 1
            required = field.required and alone
            yield pytest.param(
                octets,
                replaced(octets, enclosing, head, end, b""),
                (Cause.MANDATORY_IE_MISSING, number) if required else None,
                id=f"{name}-missing",
            )
            grouped = isinstance(ELEMENTS[field.name][1], type)
            empty = replaced(octets, enclosing, head + 2, end, b"\0\0")
            text = _kind(field) is str
            if not grouped and not text:
                yield pytest.param(octets, empty, (Cause.INVALID_LENGTH, number), id=f"{name}-empty")
            if not grouped:
                # What no enumeration and no flag stands for, and more than anybody sends.
                for what, octet in (("zeros", b"\0"), ("ones", b"\xff")):
                    filled = replaced(octets, enclosing, head + 4, end, octet * (end - head - 4))
                    yield pytest.param(octets, filled, None, id=f"{name}-{what}")
                much = (65_000).to_bytes(2) + octets[head + 4 : end].ljust(65_000, b"x")
                yield pytest.param(octets, replaced(octets, enclosing, head + 2, end, much), None, id=f"{name}-65000")
            long = octets[: head + 2] + b"\xff\xff" + octets[head + 4 :]
            yield pytest.param(octets, long, (Cause.INVALID_LENGTH, number), id=f"{name}-too-long")
            twice = replaced(octets, enclosing, end, end, octets[head:end])
            yield pytest.param(octets, twice, None, id=f"{name}-twice")
            strange = replaced(octets, enclosing, end, end, b"\x7f\x00\x00\x01x\xff\x00\x00\x03\x12\x34y")
            yield pytest.param(octets, strange, "as before", id=f"{name}-with-unknown")


def _extent(octets, enclosing, session):
    if len(enclosing) == 1:
        return (16 if session else 8), len(octets)
    at = enclosing[-1]
    return at + 2, at + 2 + int.from_bytes(octets[at : at + 2])


def _kind(field):
    kinds = [kind for kind in typing.get_args(field.type) if kind not in (type(None), Ellipsis)]
    return kinds[0] if kinds else field.type


def state(bench):
    """All that a UPF knows, in comparable form."""
    context = bench.upf.context
    return (
        sorted(context.associations),
        sorted(bench.upf.books()),
        sorted(context.by_teid),
        {
            seid: (sorted(s.pdrs), sorted(s.fars), sorted(s.qers), sorted(s.urrs))
            for seid, s in context.sessions.items()
        },
        sorted(context.reserved),
        [(far.actions, far.peer) for s in context.sessions.values() for far in s.fars.values()],
        [(p.precedence, p.qer_ids, len(p.filters)) for s in context.sessions.values() for p in s.pdrs.values()],
    )


def given(octets):
    """The answer of a UPF with one session to a message, and the UPF."""
    bench = Bench()
    bench.associate()
    seid = bench.ask(establishment()).up_f_seid.seid
    if octets[0] & 1 and octets[1] in (52, 54):
        octets = octets[:4] + seid.to_bytes(8) + octets[12:]
    before = state(bench)
    answers = [packet for packet in bench.give("n4", octets, SMF_PORT) if packet.port == "n4"]
    return bench, before, [decode(packet.payload)[1] for packet in answers]


@pytest.mark.parametrize(("whole", "mutated", "expected"), list(cases()))
def test_a_mutated_message_is_answered_and_changes_nothing_where_refused(whole, mutated, expected):
    bench, before, answers = given(mutated)
    (answer,) = answers
    offending = getattr(answer, "offending_ie", None)
    if expected == "as before":
        assert type(answer) is type(given(whole)[2][0])
        assert answer.cause == given(whole)[2][0].cause
    elif expected is not None:
        cause, number = expected
        assert answer.cause == cause
        assert offending in (number, None)
        if hasattr(answer, "offending_ie"):
            assert offending is not None
    else:
        assert answer.cause in (*range(1, 4), *range(64, 82))
    if answer.cause >= 64:
        assert state(bench) == before


def test_every_whole_message_is_accepted():
    for title, message in MESSAGES.items():
        session = is_session_message(m.NUMBER_OF_MESSAGE[type(message)])
        octets = encode(message, sequence_number=700, seid=0 if session else None)
        (answer,) = given(octets)[2]
        assert answer.cause == Cause.REQUEST_ACCEPTED, title
