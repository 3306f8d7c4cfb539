"""Generic UE configuration update (TS 24.501 clause 5.4.4, TS 23.502 clause 4.2.4.2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import paging, ue_context_release
from awase.model.ids import SNssai
from awase.model.machine import Procedure, ask
from awase.model.part import NS_PER_S
from awase.protocols.nas.elements import ConfigurationUpdateIndication, TaiList, nssai
from awase.protocols.nas.messages import ConfigurationUpdateCommand
from awase.protocols.nas.network_elements import NetworkName, TimeZone, UniversalTimeAndLocalTimeZone

TRIES = 5
"""Sent once and again at four expiries of T3555; the fifth ends it (clause 5.4.4.6 a)."""


class Change(NamedTuple):
    """What the UE is to take over."""

    guti: bool = False
    network_name: str = ""
    time_zone_minutes: int | None = None
    allowed: tuple[SNssai, ...] = ()
    configured: tuple[SNssai, ...] = ()
    registration_requested: bool = False

    @property
    def acknowledged(self) -> bool:
        """Whether the UE has to confirm it (clause 5.4.4.2); NITZ alone it need not."""
        return self.guti or bool(self.allowed) or bool(self.configured) or self.registration_requested


def start(amf: Amf, ue: Ue, change: Change) -> None:
    """Send CONFIGURATION UPDATE COMMAND to a connected UE; one under way gives way."""
    stop(amf, ue)
    running = amf.run(_update(amf, ue, change))
    if running.alive:
        ue.update = running


def stop(amf: Amf, ue: Ue) -> None:
    """A registration, de-registration or lower layer failure ends it (clause 5.4.4.6 b to d)."""
    running, ue.update = ue.update, None
    if running is not None:
        amf.cancel(running)


def _update(amf: Amf, ue: Ue, change: Change) -> Procedure[None]:
    command = _command(amf, ue, change)
    if not change.acknowledged:
        amf.send_to_ue(ue, command)
        return
    answer = yield from ask(
        lambda: amf.send_to_ue(ue, command), ("update", ue.number), int(amf.config.t3555_s * NS_PER_S), TRIES
    )
    ue.update = None
    if answer is None:
        amf.report(
            "ConfigurationUpdateFailed",
            f"{ue.name()} did not answer {TRIES} configuration update commands"
            + (": both its 5G-GUTIs stay valid" if change.guti else ""),
            level="warning",
            subject=ue.subject,
            config="t3555_s",
        )
        return
    if change.guti:
        amf.confirm_guti(ue)
    amf.report("ConfigurationUpdated", f"{ue.name()} took over its new configuration", subject=ue.subject)
    if change.registration_requested and change.allowed and ue.connection is not None:
        # It registers anew over a connection of its own, with its new slices (clause 5.4.4.3).
        ue_context_release.release(amf, ue.connection)


def _command(amf: Amf, ue: Ue, change: Change) -> ConfigurationUpdateCommand:
    if change.allowed:
        ue.allowed = change.allowed
    zone = change.time_zone_minutes
    return ConfigurationUpdateCommand(
        configuration_update_indication=ConfigurationUpdateIndication(
            acknowledgement_requested=change.acknowledged, registration_requested=change.registration_requested
        ),
        five_g_guti=amf.new_guti(ue) if change.guti else None,
        tai_list=TaiList.of(ue.registration_area) if change.guti and ue.registration_area else None,
        allowed_nssai=nssai(change.allowed) if change.allowed else None,
        configured_nssai=nssai(change.configured) if change.configured else None,
        full_name_for_network=NetworkName.of(change.network_name) if change.network_name else None,
        universal_time_and_local_time_zone=None if zone is None else universal_time(amf.now_ns // NS_PER_S, zone),
    )


def universal_time(unix_s: int, zone_minutes: int) -> UniversalTimeAndLocalTimeZone:
    """Universal time and local time zone (TS 24.008 clause 10.5.3.9)."""
    at = datetime.fromtimestamp(unix_s, UTC)
    when = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    return UniversalTimeAndLocalTimeZone.of(when, TimeZone.of_minutes(zone_minutes))


def on_complete(amf: Amf, ue: Ue, message: object) -> None:
    """CONFIGURATION UPDATE COMPLETE; one that nothing waits for changes nothing."""
    amf.resume(("update", ue.number), message)


def reach(amf: Amf, ue: Ue, change: Change) -> bool:
    """Start it with a UE that is registered, which is paged where it is CM-IDLE; False where it cannot be reached."""
    if ue.connection is not None:
        start(amf, ue, change)
        return True
    # Who answers a page gets another 5G-GUTI (TS 33.501 clause 6.12.3): with the rest.
    change = change._replace(guti=True)
    return ue.reachable and paging.page(amf, ue, paging.Pending(reached=lambda: start(amf, ue, change)))
