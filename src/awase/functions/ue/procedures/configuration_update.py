"""Generic UE configuration update (TS 24.501 clause 5.4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.model.ids import FiveGGuti
from awase.protocols.nas.messages import ConfigurationUpdateCommand, ConfigurationUpdateComplete

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue


def configuration_update_command(ue: Ue, message: ConfigurationUpdateCommand, _protected: bool) -> None:
    """Take over what is new, and acknowledge if asked to."""
    context = ue.context
    if isinstance(message.five_g_guti, FiveGGuti):
        context.guti = message.five_g_guti
    if message.tai_list is not None:
        context.tais = message.tai_list.tais
    if message.allowed_nssai is not None:
        context.allowed_nssai = tuple(s.s_nssai for s in message.allowed_nssai)
    indication = message.configuration_update_indication
    if indication is None:
        return
    if indication.acknowledgement_requested:
        ue.n1.send(ConfigurationUpdateComplete())
    if indication.registration_requested:
        # It registers anew after the release of this connection (clause 5.4.4.3).
        ue.n1.update_pending = True
