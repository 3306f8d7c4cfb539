"""pycrate's NGAP, with the octet strings that contain something left as octets, as ours are."""

from typing import Any

from pycrate_asn1dir import NGAP

PDU: Any = NGAP.NGAP_PDU_Descriptions.NGAP_PDU


def leave_contents(obj: Any, seen: set[int]) -> None:
    """Forgets what octet strings contain, in a type and all that it needs."""
    if id(obj) in seen:
        return
    seen.add(id(obj))
    if getattr(obj, "_const_cont", None) is not None:
        obj._const_cont = None
    if obj.TYPE == "SEQUENCE OF":
        leave_contents(obj._cont, seen)
    elif obj.TYPE in ("SEQUENCE", "CHOICE"):
        for part in obj._cont.values():
            leave_contents(part, seen)
    elif obj.TYPE == "OPEN_TYPE" and obj._const_tab is not None and obj._const_tab._val is not None:
        for row in obj._const_tab._val.root:
            if obj._const_tab_id in row:
                leave_contents(row[obj._const_tab_id], seen)


leave_contents(PDU, set())


def encode(value: Any) -> bytes:
    """The octets of an NGAP-PDU."""
    PDU.set_val(value)
    return bytes(PDU.to_aper())


def decode(octets: bytes) -> Any:
    """The value of an NGAP-PDU."""
    PDU.from_aper(octets)
    return PDU.get_val()
