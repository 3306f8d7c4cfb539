"""Open5GS: the documents of its MongoDB collection `subscribers`, as mongoexport and its web page have them."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv6Network
from typing import Any

from awase.model.settings import Ambr, Arp, PduSessionType, Slice, SubscribedDnn, Subscriber
from awase.suppliers.subscriber_documents.records import (
    FIVE_QI,
    Noted,
    RecordError,
    checked,
    digits,
    items,
    own_sessions,
    sd_of,
    session_of,
    table,
    text,
    whole,
)

_UNITS_BPS = (1, 1_000, 1_000_000, 1_000_000_000, 1_000_000_000_000)
"""What the numbers of `unit` stand for: bit/s, kbit/s, ... Tbit/s."""
_TYPES: Mapping[int, tuple[PduSessionType, ...]] = {1: ("ipv4",), 2: ("ipv6",), 3: ()}
"""Its session types; 3, IPv4v6, is no restriction."""
_DISABLED, _ENABLED = 1, 2
"""What it writes for pre-emption capability and vulnerability."""
_MAX_SQN = (1 << 48) - 1

_NOT_KEPT = ("msisdn", "imeisv")


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether a record looks like one of these."""
    return "imsi" in record and "security" in record


def read(record: Mapping[str, Any]) -> Noted:
    """A subscriber from its document. Raises RecordError."""
    notes: list[tuple[str, str, str]] = []
    imsi = text(record, "imsi", "imsi")
    security = table(record, "security", "security")
    opc = digits(security, "opc", "security.opc", "") or None
    # Its web page writes OP and OPc both, the unused one null or empty.
    op = None if opc else digits(security, "op", "security.op", "") or None
    slices, sessions = _slices(items(record, "slice", "slice"), notes)
    subscribed = [_session(session) for session in sessions]
    session_ambr = next((session.session_ambr for session in subscribed if session.session_ambr), Ambr())
    if record.get("pdn"):
        notes.append(("pdn", "is not kept", "Open5GS has written slices instead since its version 2.2"))
    for name in _NOT_KEPT:
        if record.get(name):
            notes.append((name, "is not kept", "awase's subscribers have none"))
    if any(session.get("pcc_rule") for session in sessions):
        notes.append(("slice.session.pcc_rule", "is not kept", "flows of a DNN are in the network file"))
    subscriber = Subscriber(
        supi=f"imsi-{imsi}",
        k=digits(security, "k", "security.k"),
        opc=opc,
        op=op,
        amf=digits(security, "amf", "security.amf", "8000"),
        sqn=f"{whole(security.get('sqn') or 0, 'security.sqn', 0, _MAX_SQN):012x}",
        slices=slices,
        dnns=tuple(dict.fromkeys(session.dnn for session in subscribed)),
        ambr=_ambr(record, "ambr"),
        session_ambr=session_ambr,
        sessions=own_sessions(subscribed, session_ambr),
    )
    return Noted(checked(subscriber), notes)


def _session(session: Mapping[str, Any]) -> SubscribedDnn:
    qos = table(session, "qos", "slice.session.qos")
    addresses = table(session, "ue", "slice.session.ue")
    address6 = text(addresses, "addr6", "slice.session.ue.addr6", "")
    try:
        prefix = str(IPv6Network((address6, 64), strict=False)) if address6 else None
    except ValueError:
        raise RecordError("slice.session.ue.addr6", f"{address6[:60]!r} is no IPv6 address") from None
    kind = whole(session.get("type", 3), "slice.session.type", 1, len(_TYPES))
    return SubscribedDnn(
        dnn=text(session, "name", "slice.session.name"),
        session_ambr=_ambr(session, "slice.session.ambr"),
        five_qi=whole(qos.get("index", FIVE_QI), "slice.session.qos.index", 1, 255),
        arp=_arp(table(qos, "arp", "slice.session.qos.arp")),
        types=_TYPES[kind],
        address=text(addresses, "addr", "slice.session.ue.addr", "") or None,
        prefix=prefix,
    )


def _arp(arp: Mapping[str, Any]) -> Arp:
    field = "slice.session.qos.arp"
    default = Arp()
    return Arp(
        priority_level=whole(arp.get("priority_level", default.priority_level), f"{field}.priority_level", 1, 15),
        may_pre_empt=arp.get("pre_emption_capability", _DISABLED) == _ENABLED,
        pre_emptable=arp.get("pre_emption_vulnerability", _ENABLED) == _ENABLED,
    )


def _slices(
    entries: Sequence[Mapping[str, Any]], notes: list[tuple[str, str, str]]
) -> tuple[tuple[Slice, ...], list[Mapping[str, Any]]]:
    """The slices, default ones first, and all their sessions."""
    ordered = sorted(entries, key=lambda entry: not entry.get("default_indicator"))
    found: list[Slice] = []
    by_slice: list[list[Mapping[str, Any]]] = []
    for entry in ordered:
        sst = whole(entry.get("sst"), "slice.sst", 0, 255)
        found.append(Slice(sst=sst, sd=sd_of(text(entry, "sd", "slice.sd", ""))))
        by_slice.append(items(entry, "session", "slice.session"))
    names = [[session.get("name") for session in sessions] for sessions in by_slice]
    if any(others != names[0] for others in names):
        notes.append(("slice.session", "differs between slices", "every DNN is kept, for all slices"))
    return tuple(found), [session for sessions in by_slice for session in sessions]


def _ambr(holder: Mapping[str, Any], field: str) -> Ambr:
    ambr = table(holder, "ambr", field)
    default = Ambr()
    return Ambr(
        downlink_mbps=_mbps(ambr.get("downlink"), f"{field}.downlink", default.downlink_mbps),
        uplink_mbps=_mbps(ambr.get("uplink"), f"{field}.uplink", default.uplink_mbps),
    )


def _mbps(rate: Any, field: str, default: float) -> float:
    if rate is None:
        return default
    if isinstance(rate, Mapping):
        unit = whole(rate.get("unit", 0), f"{field}.unit", 0, len(_UNITS_BPS) - 1)
        value = rate.get("value")
    else:
        # Before schema version 1 a rate was kbit/s.
        unit, value = 1, rate
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e18:
        raise RecordError(f"{field}.value", "is no rate", "a number, to be multiplied by the unit")
    return value * _UNITS_BPS[unit] / 1e6


def write(subscriber: Subscriber) -> dict[str, Any]:
    """The document of a subscriber. Raises RecordError for what Open5GS cannot keep."""
    if subscriber.algorithm != "milenage":
        raise RecordError("algorithm", f"Open5GS knows no {subscriber.algorithm}", "it takes MILENAGE only")
    if subscriber.authentication_method != "5G_AKA":
        what = f"Open5GS knows no {subscriber.authentication_method}"
        raise RecordError("authentication_method", what, "it takes 5G AKA only")
    sessions = [_written_session(session_of(subscriber, name)) for name in subscriber.dnns]
    return {
        "schema_version": 1,
        "imsi": subscriber.supi.removeprefix("imsi-"),
        "msisdn": [],
        "imeisv": [],
        "mme_host": [],
        "mme_realm": [],
        "purge_flag": [],
        "security": {
            "k": subscriber.k,
            "op": subscriber.op,
            "opc": subscriber.opc,
            "amf": subscriber.amf,
            "sqn": int(subscriber.sqn, 16),
        },
        "ambr": _written(subscriber.ambr),
        "slice": [
            {"sst": item.sst, **({} if item.sd is None else {"sd": item.sd}), "default_indicator": not index,
             "session": sessions}
            for index, item in enumerate(subscriber.slices)
        ],
        "access_restriction_data": 32,
        "subscriber_status": 0,
        "network_access_mode": 0,
        "subscribed_rau_tau_timer": 12,
        "__v": 0,
    }  # fmt: skip


def _written_session(session: SubscribedDnn) -> dict[str, Any]:
    arp = session.arp or Arp()
    written: dict[str, Any] = {
        "name": session.dnn,
        "type": next((kind for kind, types in _TYPES.items() if types == session.types), 3),
        "qos": {
            "index": session.five_qi,
            "arp": {
                "priority_level": arp.priority_level,
                "pre_emption_capability": _ENABLED if arp.may_pre_empt else _DISABLED,
                "pre_emption_vulnerability": _ENABLED if arp.pre_emptable else _DISABLED,
            },
        },
        "ambr": _written(session.session_ambr or Ambr()),
        "pcc_rule": [],
    }
    addresses = {"addr": session.address, "addr6": (session.prefix or "").partition("/")[0] or None}
    if any(addresses.values()):
        written["ue"] = {name: address for name, address in addresses.items() if address}
    return written


def _written(ambr: Ambr) -> dict[str, dict[str, int]]:
    return {"downlink": _rate(ambr.downlink_mbps), "uplink": _rate(ambr.uplink_mbps)}


def _rate(mbps: float) -> dict[str, int]:
    value, unit = round(mbps * 1e6), 0
    while value % 1000 == 0 and unit < len(_UNITS_BPS) - 1:
        value, unit = value // 1000, unit + 1
    return {"value": value, "unit": unit}
