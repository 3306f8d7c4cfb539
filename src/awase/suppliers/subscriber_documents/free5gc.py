"""free5GC: the subscriber documents of its web console's API (`/api/subscriber/{ueId}/{plmnID}`)."""

import re
from collections.abc import Mapping
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

_AUTHENTICATION = "AuthenticationSubscription"
_ACCESS = "AccessAndMobilitySubscriptionData"
_SESSIONS = "SessionManagementSubscriptionData"
_SELECTION = "SmfSelectionSubscriptionData"

_BIT_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?) (bps|Kbps|Mbps|Gbps|Tbps)\Z")
"""BitRate of TS 29.571 table 5.5.2-1."""
_TYPES: Mapping[str, PduSessionType] = {"IPV4": "ipv4", "IPV6": "ipv6", "IPV4V6": "ipv4v6"}
_SSC_MODES = ("SSC_MODE_1", "SSC_MODE_2", "SSC_MODE_3")
_BPS = {"bps": 1, "Kbps": 1_000, "Mbps": 1_000_000, "Gbps": 1_000_000_000, "Tbps": 1_000_000_000_000}


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether a record looks like one of these."""
    return "ueId" in record or _AUTHENTICATION in record


def read(record: Mapping[str, Any]) -> Noted:
    """A subscriber from its document. Raises RecordError."""
    notes: list[tuple[str, str, str]] = []
    keys = table(record, _AUTHENTICATION, _AUTHENTICATION)
    access = table(record, _ACCESS, _ACCESS)
    nssai = table(access, "nssai", f"{_ACCESS}.nssai")
    slices = [
        _slice(item, f"{_ACCESS}.nssai.{key}")
        for key in ("defaultSingleNssais", "singleNssais")
        for item in items(nssai, key, f"{_ACCESS}.nssai.{key}")
    ]
    dnns, sessions = _sessions(record)
    session_ambr = next((session.session_ambr for session in sessions if session.session_ambr), Ambr())
    if record.get("FlowRules") or record.get("QosFlows"):
        notes.append(("FlowRules", "are not kept", "flows of a DNN are in the network file"))
    if access.get("gpsis"):
        notes.append((f"{_ACCESS}.gpsis", "is not kept", "awase's subscribers have none"))
    opc = _value(keys, "opc", "opcValue", "encOpcKey")
    milenage = table(keys, "milenage", f"{_AUTHENTICATION}.milenage")
    subscriber = Subscriber(
        supi=text(record, "ueId", "ueId"),
        k=_value(keys, "permanentKey", "permanentKeyValue", "encPermanentKey")
        or text({}, "", f"{_AUTHENTICATION}.permanentKey.permanentKeyValue"),
        opc=opc,
        op=None if opc else _value(milenage, "op", "opValue", ""),
        amf=digits(keys, "authenticationManagementField", f"{_AUTHENTICATION}.authenticationManagementField", "8000"),
        sqn=_sqn(keys),
        authentication_method=text(keys, "authenticationMethod", f"{_AUTHENTICATION}.authenticationMethod", "5G_AKA"),
        slices=tuple(dict.fromkeys(slices)),
        dnns=dnns,
        ambr=_ambr(access, "subscribedUeAmbr", f"{_ACCESS}.subscribedUeAmbr"),
        session_ambr=session_ambr,
        sessions=own_sessions(sessions, session_ambr),
    )
    return Noted(checked(subscriber), notes)


def _value(keys: Mapping[str, Any], name: str, inner: str, enc: str) -> str | None:
    """A key as free5GC up to version 3 wraps it, or as version 4 names it; "" is none."""
    field = f"{_AUTHENTICATION}.{name}"
    holder = table(keys, name, field)
    if holder.get("encryptionAlgorithm"):
        raise RecordError(field, "is encrypted", "export it in clear: encryptionAlgorithm 0")
    wrapped = digits(holder, inner, f"{field}.{inner}", "")
    return wrapped or (digits(keys, enc, f"{_AUTHENTICATION}.{enc}", "") if enc else "") or None


def _sqn(keys: Mapping[str, Any]) -> str:
    field = f"{_AUTHENTICATION}.sequenceNumber"
    number = keys.get("sequenceNumber")
    if isinstance(number, Mapping):
        return text(number, "sqn", f"{field}.sqn", "000000000000")
    return text(keys, "sequenceNumber", field, "000000000000")


def _slice(item: Mapping[str, Any], field: str) -> Slice:
    return Slice(sst=whole(item.get("sst"), f"{field}.sst", 0, 255), sd=sd_of(text(item, "sd", f"{field}.sd", "")))


def _sessions(record: Mapping[str, Any]) -> tuple[tuple[str, ...], list[SubscribedDnn]]:
    """The DNNs, and what there is in each."""
    # Some of its scripts call the list a list.
    key = _SESSIONS if _SESSIONS in record else f"{_SESSIONS}List"
    names: dict[str, None] = {}
    sessions: list[SubscribedDnn] = []
    for item in items(record, key, key):
        for name, configuration in table(item, "dnnConfigurations", f"{key}.dnnConfigurations").items():
            names[name] = None
            if isinstance(configuration, Mapping):
                sessions.append(_session(name, configuration, f"{key}.dnnConfigurations.{name[:60]}"))
    infos = table(table(record, _SELECTION, _SELECTION), "subscribedSnssaiInfos", f"{_SELECTION}.subscribedSnssaiInfos")
    for info in infos.values():
        for dnn in items(info, "dnnInfos", f"{_SELECTION}.dnnInfos") if isinstance(info, Mapping) else ():
            names[text(dnn, "dnn", f"{_SELECTION}.dnnInfos.dnn")] = None
    return tuple(names), sessions


def _session(name: str, configuration: Mapping[str, Any], field: str) -> SubscribedDnn:
    profile = table(configuration, "5gQosProfile", f"{field}.5gQosProfile")
    arp, default = table(profile, "arp", f"{field}.5gQosProfile.arp"), Arp()
    static = items(configuration, "staticIpAddress", f"{field}.staticIpAddress")
    addresses = {key: value for entry in static for key, value in entry.items()}
    return SubscribedDnn(
        dnn=name,
        session_ambr=_ambr(configuration, "sessionAmbr", f"{field}.sessionAmbr"),
        five_qi=whole(profile.get("5qi", FIVE_QI), f"{field}.5gQosProfile.5qi", 1, 255),
        arp=Arp(
            priority_level=whole(
                arp.get("priorityLevel", default.priority_level), f"{field}.5gQosProfile.arp.priorityLevel", 1, 15
            ),
            may_pre_empt=arp.get("preemptCap") == "MAY_PREEMPT",
            # Its page leaves both empty.
            pre_emptable=arp.get("preemptVuln") != "NOT_PREEMPTABLE",
        ),
        types=_types(table(configuration, "pduSessionTypes", f"{field}.pduSessionTypes"), f"{field}.pduSessionTypes"),
        ssc_modes=_ssc_modes(table(configuration, "sscModes", f"{field}.sscModes"), f"{field}.sscModes"),
        address=text(addresses, "ipv4Addr", f"{field}.staticIpAddress.ipv4Addr", "") or None,
        prefix=text(addresses, "ipv6Prefix", f"{field}.staticIpAddress.ipv6Prefix", "") or None,
    )


def _types(types: Mapping[str, Any], field: str) -> tuple[PduSessionType, ...]:
    """The session types, the default one first; () where every kind of IP is allowed."""
    allowed = types.get("allowedSessionTypes") or []
    if not isinstance(allowed, list):
        raise RecordError(f"{field}.allowedSessionTypes", "is no list")
    named = [text(types, "defaultSessionType", f"{field}.defaultSessionType", ""), *allowed]
    kinds = tuple(dict.fromkeys(_TYPES[name] for name in named if isinstance(name, str) and name in _TYPES))
    return () if len(kinds) == len(_TYPES) else kinds


def _ssc_modes(modes: Mapping[str, Any], field: str) -> tuple[int, ...]:
    """The SSC modes, the default one first; () for the first alone."""
    allowed = modes.get("allowedSscModes") or []
    if not isinstance(allowed, list):
        raise RecordError(f"{field}.allowedSscModes", "is no list")
    named = [text(modes, "defaultSscMode", f"{field}.defaultSscMode", ""), *allowed]
    numbers = tuple(dict.fromkeys(_SSC_MODES.index(name) + 1 for name in named if name in _SSC_MODES))
    return () if numbers == (1,) else numbers


def _ambr(holder: Mapping[str, Any], key: str, field: str) -> Ambr:
    ambr, default = table(holder, key, field), Ambr()
    return Ambr(
        downlink_mbps=_mbps(ambr, "downlink", field, default.downlink_mbps),
        uplink_mbps=_mbps(ambr, "uplink", field, default.uplink_mbps),
    )


def _mbps(ambr: Mapping[str, Any], key: str, field: str, default: float) -> float:
    words = text(ambr, key, f"{field}.{key}", "")
    if not words:
        return default
    match = _BIT_RATE.match(words)
    if match is None:
        raise RecordError(f"{field}.{key}", f"{words[:40]!r} is no bit rate", 'write for example "200 Mbps"')
    return float(match[1]) * _BPS[match[2]] / 1e6


def write(subscriber: Subscriber, plmn: str) -> dict[str, Any]:
    """The document of a subscriber; `plmn` as "00101". Raises RecordError for what free5GC cannot keep."""
    if subscriber.algorithm != "milenage":
        raise RecordError("algorithm", f"its web console takes no {subscriber.algorithm}", "it takes MILENAGE only")
    slices = [_written(item) for item in subscriber.slices]
    configurations = {name: _configuration(session_of(subscriber, name)) for name in subscriber.dnns}
    infos = {
        f"{item.sst:02x}{item.sd or ''}": {"dnnInfos": [{"dnn": name} for name in subscriber.dnns]}
        for item in subscriber.slices
    }
    return {
        "plmnID": plmn,
        "ueId": subscriber.supi,
        _AUTHENTICATION: {
            "authenticationMethod": subscriber.authentication_method,
            "permanentKey": {"permanentKeyValue": subscriber.k, "encryptionKey": 0, "encryptionAlgorithm": 0},
            "sequenceNumber": subscriber.sqn,
            "authenticationManagementField": subscriber.amf,
            "milenage": {"op": {"opValue": subscriber.op or "", "encryptionKey": 0, "encryptionAlgorithm": 0}},
            "opc": {"opcValue": subscriber.opc or "", "encryptionKey": 0, "encryptionAlgorithm": 0},
        },
        _ACCESS: {
            "gpsis": [],
            "subscribedUeAmbr": _rates(subscriber.ambr),
            "nssai": {"defaultSingleNssais": slices[:1], "singleNssais": slices[1:]},
        },
        _SESSIONS: [{"singleNssai": item, "dnnConfigurations": configurations} for item in slices],
        _SELECTION: {"subscribedSnssaiInfos": infos},
        "AmPolicyData": {"subscCats": ["free5gc"]},
        "SmPolicyData": {
            "smPolicySnssaiData": {
                f"{item.sst:02x}{item.sd or ''}": {
                    "snssai": _written(item),
                    "smPolicyDnnData": {name: {"dnn": name} for name in subscriber.dnns},
                }
                for item in subscriber.slices
            }
        },
        "FlowRules": [],
    }


def _configuration(session: SubscribedDnn) -> dict[str, Any]:
    arp = session.arp or Arp()
    types = [name for kind in session.types for name, named in _TYPES.items() if named == kind] or list(_TYPES)
    modes = [_SSC_MODES[number - 1] for number in session.ssc_modes or (1,)]
    static = {"ipv4Addr": session.address, "ipv6Prefix": session.prefix}
    addresses = [{name: address} for name, address in static.items() if address]
    return {
        "pduSessionTypes": {"defaultSessionType": types[0], "allowedSessionTypes": types},
        "sscModes": {"defaultSscMode": modes[0], "allowedSscModes": modes},
        "5gQosProfile": {
            "5qi": session.five_qi,
            "arp": {
                "priorityLevel": arp.priority_level,
                "preemptCap": "MAY_PREEMPT" if arp.may_pre_empt else "NOT_PREEMPT",
                "preemptVuln": "PREEMPTABLE" if arp.pre_emptable else "NOT_PREEMPTABLE",
            },
            "priorityLevel": 8,
        },
        "sessionAmbr": _rates(session.session_ambr or Ambr()),
        **({"staticIpAddress": addresses} if addresses else {}),
    }


def _written(item: Slice) -> dict[str, Any]:
    return {"sst": item.sst} if item.sd is None else {"sst": item.sst, "sd": item.sd}


def _rates(ambr: Ambr) -> dict[str, str]:
    return {"uplink": _bit_rate(ambr.uplink_mbps), "downlink": _bit_rate(ambr.downlink_mbps)}


def _bit_rate(mbps: float) -> str:
    bps = round(mbps * 1e6)
    unit = next(name for name in ("Gbps", "Mbps", "Kbps", "bps") if bps % _BPS[name] == 0)
    return f"{bps // _BPS[unit]} {unit}"
