"""The optional elements of messages, and messages without some of them (TS 24.501 clause 8)."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import get_type_hints

import msgspec

from awase.protocols.nas.layout import Ie
from awase.protocols.nas.messages import FIVE_GMM_MESSAGES, FIVE_GSM_MESSAGES, Message

Omissions = Mapping[type, Mapping[str, None]]


@cache
def optional_elements(kind: type) -> Mapping[str, int]:
    """The IEIs of a message's optional elements, by their names."""
    rows = {
        name: row
        for name, hint in get_type_hints(kind, include_extras=True).items()
        for row in getattr(hint, "__metadata__", ())
        if isinstance(row, Ie)
    }
    return {name: row.iei for name, row in rows.items() if row.iei}


def omissions(names: Iterable[str]) -> Omissions:
    """What to leave out, from names like "RegistrationReject.rejected_nssai". Raises ValueError for what is none."""
    kinds = {kind.__name__: kind for kind in (*FIVE_GMM_MESSAGES.values(), *FIVE_GSM_MESSAGES.values())}
    found: dict[type, dict[str, None]] = {}
    for name in names:
        message, _, element = name.partition(".")
        kind = kinds.get(message)
        if kind is None:
            raise ValueError(f"omit_elements: {name}: there is no message {message} (TS 24.501 clause 8)")
        if element not in optional_elements(kind):
            known = ", ".join(optional_elements(kind)) or "none"
            raise ValueError(f"omit_elements: {name}: the optional elements of {message} are {known}")
        found.setdefault(kind, {})[element] = None
    return found


def without(message: Message, left_out: Omissions) -> Message:
    """A message without what is left out of its kind."""
    elements = left_out.get(type(message))
    return message if elements is None else msgspec.structs.replace(message, **elements)
