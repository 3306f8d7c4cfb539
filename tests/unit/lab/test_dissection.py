"""What the ladder shows of messages exists in the messages."""

import msgspec
import pytest

from awase.lab.dissection import SHOWN
from awase.protocols.gtpu import messages as gtpu
from awase.protocols.nas import messages as nas
from awase.protocols.ngap import messages as ngap
from awase.protocols.pfcp import messages as pfcp
from awase.protocols.rrc import messages as rrc


@pytest.mark.parametrize("name", SHOWN)
def test_every_element_shown_is_an_element_of_the_message(name: str) -> None:
    kinds = [kind for room in (ngap, nas, pfcp, rrc, gtpu) if (kind := getattr(room, name, None)) is not None]
    assert kinds, f"there is no message {name}"
    fields = set()
    for kind in kinds:
        fields |= {field.name for field in msgspec.structs.fields(kind)}
    assert [element for element in SHOWN[name] if element not in fields] == []
