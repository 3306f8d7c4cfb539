"""Generic UE configuration update (TS 24.501 clause 5.4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.model.ids import FiveGGuti
from awase.protocols.nas.messages import ConfigurationUpdateCommand, ConfigurationUpdateComplete

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue


def configuration_update_command(ue: Ue, message: ConfigurationUpdateCommand, _protected: bool) -> None:
    """Take over what is new, acknowledge if asked to, register if asked to."""
    context = ue.context
    new = _take_over(ue, message)
    _tell(ue, message, new)
    indication = message.configuration_update_indication
    if indication is None:
        return
    if indication.acknowledgement_requested:
        ue.n1.send(ConfigurationUpdateComplete())
    if not indication.registration_requested:
        return
    slices = message.allowed_nssai, message.configured_nssai, message.network_slicing_indication
    if slices == (None, None, None):
        # Clause 5.4.4.3 for MICO and the like: within this connection.
        ue.n1.update()
        return
    # It registers anew after the release of this connection, which T3540 supervises (clause 5.3.1.3 e).
    if message.allowed_nssai is None:
        context.allowed_nssai = ()
    ue.n1.update_pending = True
    ue.n1.start_t3540()


def _take_over(ue: Ue, message: ConfigurationUpdateCommand) -> list[str]:
    context, new = ue.context, []
    if isinstance(message.five_g_guti, FiveGGuti):
        context.guti = message.five_g_guti
        new.append("5G-GUTI")
    if message.tai_list is not None:
        context.tais = message.tai_list.tais
        new.append("TAI list")
    if message.allowed_nssai is not None:
        context.allowed_nssai = tuple(s.s_nssai for s in message.allowed_nssai)
        new.append("allowed NSSAI")
    if message.configured_nssai is not None:
        context.configured_nssai = tuple(s.s_nssai for s in message.configured_nssai)
        new.append("configured NSSAI")
    if message.rejected_nssai is not None:
        context.rejected_nssai = tuple(r.s_nssai for r in message.rejected_nssai)
        new.append("rejected NSSAI")
    return new


def _tell(ue: Ue, message: ConfigurationUpdateCommand, new: list[str]) -> None:
    names = [n for n in (message.full_name_for_network, message.short_name_for_network) if n is not None]
    words = [f"a new {name}" for name in new]
    if names:
        words.append(f"the network's name {' / '.join(repr(n.text) for n in names)}")
    if message.universal_time_and_local_time_zone is not None:
        words.append(f"the time {message.universal_time_and_local_time_zone}")
    elif message.local_time_zone is not None:
        words.append(f"the time zone {message.local_time_zone}")
    ue.report(
        "ConfigurationUpdated",
        f"{ue.context.supi} was given {', '.join(words) or 'nothing new'}",
        subject=ue.context.supi,
    )
