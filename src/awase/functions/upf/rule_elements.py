"""What of a rule's elements this UPF can do, and how it refuses the rest (TS 29.244 clause 8.2)."""

from awase.functions.upf.context import Far, Refusal, Urr
from awase.protocols.gtpu.messages import PORT as GTP_U_PORT
from awase.protocols.pfcp.elements import (
    ApplyAction,
    Cause,
    FailedRuleId,
    OuterHeaderCreation,
    OuterHeaderCreationDescription,
    OuterHeaderRemoval,
    OuterHeaderRemovalDescription,
    RuleIdType,
    Volume,
)

# Element types that refusals name (table 8.1.2-1).
F_TEID, UE_IP_ADDRESS, TRAFFIC_ENDPOINT, SDF_FILTER = 21, 93, 127, 23
FORWARDING_PARAMETERS, OUTER_HEADER_CREATION, NETWORK_INSTANCE = 4, 84, 22

_REMOVALS = (OuterHeaderRemovalDescription.GTP_U_UDP_IPV4, OuterHeaderRemovalDescription.GTP_U_UDP_IP)
_OWN_ACTIONS = int(ApplyAction.DROP | ApplyAction.FORW | ApplyAction.BUFF | ApplyAction.NOCP)
_ONE_OF = int(ApplyAction.DROP | ApplyAction.FORW | ApplyAction.BUFF)
APPLY_ACTION, OUTER_HEADER_REMOVAL = 44, 95


def set_urr(urr: Urr, method: int | None, triggers: int | None, threshold: Volume | None) -> None:
    """Set what Create or Update URR says."""
    if method is not None:
        urr.method = method
    if triggers is not None:
        urr.triggers = triggers
    if threshold is not None:
        urr.threshold = threshold


def removes(element: OuterHeaderRemoval | None) -> bool:
    """Whether GTP-U is to be removed. Raises Refusal for other headers."""
    if element is None:
        return False
    if element.description not in _REMOVALS:
        raise Refusal(
            Cause.SERVICE_NOT_SUPPORTED,
            f"Outer Header Removal Description {element.description} is not supported, only GTP-U/UDP/IPv4",
            offending_ie=OUTER_HEADER_REMOVAL,
        )
    return True


def actions_of(far_id: int, actions: int) -> int:
    """Exactly one of DROP, FORW and BUFF; NOCP only with BUFF (clause 8.2.26). Raises Refusal."""
    one = actions & _ONE_OF
    if one not in (ApplyAction.DROP, ApplyAction.FORW, ApplyAction.BUFF):
        raise Refusal(
            Cause.MANDATORY_IE_INCORRECT,
            f"Apply Action {actions:#x} of FAR {far_id} is not one of DROP, FORW and BUFF",
            offending_ie=APPLY_ACTION,
            failed_rule_id=FailedRuleId(rule_id_type=RuleIdType.FAR, rule_id=far_id),
        )
    if actions & ~_OWN_ACTIONS:
        raise Refusal(
            Cause.SERVICE_NOT_SUPPORTED,
            f"Apply Action {actions:#x} of FAR {far_id} asks for what is not supported",
            offending_ie=APPLY_ACTION,
            failed_rule_id=FailedRuleId(rule_id_type=RuleIdType.FAR, rule_id=far_id),
        )
    return actions


def set_outer_header(far: Far, element: OuterHeaderCreation) -> None:
    """Set the tunnel that a FAR leads to. Raises Refusal for others than GTP-U/UDP/IPv4."""
    if not element.description & OuterHeaderCreationDescription.GTP_U_UDP_IPV4 or element.teid is None:
        raise Refusal(
            Cause.INVALID_FORWARDING_POLICY,
            f"FAR {far.far_id} asks for an outer header other than GTP-U/UDP/IPv4",
            offending_ie=OUTER_HEADER_CREATION,
            failed_rule_id=FailedRuleId(rule_id_type=RuleIdType.FAR, rule_id=far.far_id),
        )
    far.teid = element.teid
    far.peer = f"{element.ipv4_address}:{GTP_U_PORT}"
