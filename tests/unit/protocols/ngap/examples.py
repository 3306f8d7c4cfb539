"""One of each typed message and transfer, with every field set."""

import types
import typing
from typing import Any

import msgspec
from msgspec import Struct

from awase.model.ids import Guami, Plmn, SNssai, Tai
from awase.protocols.ngap import codec, messages, transfers
from awase.protocols.ngap.elements import BitString, Cause, RawIE, SecurityKey
from awase.protocols.ngap.messages import Message

PLMN = Plmn("001", "01")

VALUES: dict[type, Any] = {
    Plmn: PLMN,
    SNssai: SNssai(1, "00abcd"),
    Tai: Tai(PLMN, 0x000102),
    Guami: Guami(PLMN, 2, 1, 3),
    Cause: Cause("radioNetwork", "slice-not-supported"),
    SecurityKey: SecurityKey(range(32)),
    int: 1,
    bytes: b"\x01\x02\x03",
    str: "",
}

NAMES = {
    "rrc_establishment_cause": "mo-Data",
    "default_paging_drx": "v128",
    "paging_drx": "v32",
    "paging_priority": "priolevel1",
    "paging_origin": "non-3gpp",
    "paging_cause": "voice",
    "ue_retention_information": "ues-retained",
    "ue_context_request": "requested",
    "red_cap_indication": "redcap",
    "time_to_wait": "v10s",
    "ue_capability_info_request": "requested",
    "end_indication": "no-further-data",
    "rrc_inactive_transition_report_request": "subsequent-state-transition-report",
    "redirection_voice_fallback": "possible",
    "srvcc_operation_possible": "possible",
    "rrc_state": "inactive",
    "ie_criticality": "ignore",
    "type_of_error": "missing",
    "triggering_message": "initiating-message",
    "procedure_criticality": "reject",
    "data_forwarding_not_possible": "data-forwarding-not-possible",
    "pdu_session_type": "ipv4",
    "integrity_protection_indication": "required",
    "confidentiality_protection_indication": "preferred",
    "maximum_integrity_protected_data_rate_ul": "bitrate64kbs",
    "integrity_protection_result": "performed",
    "confidentiality_protection_result": "not-performed",
    "reflective_qos_attribute": "subject-to",
    "additional_qos_flow_information": "more-likely",
    "pre_emption_capability": "shall-not-trigger-pre-emption",
    "pre_emption_vulnerability": "pre-emptable",
    "notification_control": "notification-requested",
    "delay_critical": "delay-critical",
    "qos_flow_mapping_indication": "ul",
    "transport_layer_address": "10.45.0.1",
    "ip_address": "2001:db8::1",
    "amf_tnl_association_address": "10.45.0.1 2001:db8::1",
    "amf_overload_response": "reject-non-emergency-mo-dt",
    "slice_overload_response": "permit-high-priority-sessions-and-mobile-terminated-services-only",
    "reset_type": "reset-all",
    "ran_node_name": "gnb1",
    "amf_name": "amf1",
    "old_amf": "amf2",
    "backup_amf_name": "amf3",
    "timer_approach_for_guami_removal": "apply-timer",
    "rrc_resume_cause": "mo-Data",
    "new_security_context_ind": "true",
    "suspend_request_indication": "suspend-requested",
    "suspend_response_indication": "suspend-indicated",
    "suspend_indicator": "true",
    "ims_voice_support_indicator": "supported",
    "notification_cause": "fulfilled",
    "dl_ngu_tnl_information_reused": "true",
}
SIZES = {"masked_imeisv": 8, "gnb_id": 24, "ng_enb_id": 20, "n3iwf_id": 16}


def made(cls: type) -> Any:
    """A record with every field set."""
    hints = typing.get_type_hints(cls)
    return cls(**{name: value(name, hints[name]) for name in cls.__struct_fields__})  # type: ignore[attr-defined]


def value(name: str, hint: Any) -> Any:
    """A value for a field."""
    if name in ("unknown", "ie_extensions"):
        return ()
    origin = typing.get_origin(hint)
    if origin is tuple:
        return (value(name, typing.get_args(hint)[0]),)
    if origin in (typing.Union, types.UnionType):
        return value(name, typing.get_args(hint)[0])
    if hint is BitString:
        return BitString(5, SIZES[name])
    if hint is RawIE:
        raise TypeError(name)
    if hint is str:
        return NAMES.get(name, f"{name}"[:20])
    if hint is bytes and name in SIZES:
        return bytes(range(SIZES[name]))
    return VALUES[hint] if hint in VALUES else made(hint)


def classes(module: types.ModuleType) -> list[type[Struct]]:
    """The records of a module."""
    return [
        cls
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, Struct) and cls.__module__ == module.__name__
    ]


def without_optional(record: Any) -> Any:
    """The record with its mandatory fields only (those that the class requires)."""
    required = {field.name for field in msgspec.structs.fields(type(record)) if field.required}
    return type(record)(**{name: getattr(record, name) for name in required})


EXAMPLES: list[Message] = [made(cls) for cls in classes(messages)]
EXAMPLES += [without_optional(message) for message in EXAMPLES]
TRANSFERS: list[Any] = [made(cls) for cls in classes(transfers)]
TRANSFERS += [without_optional(transfer) for transfer in TRANSFERS]

if __name__ == "__main__":
    for example in EXAMPLES:
        print(type(example).__name__, codec.encode(example).hex())
