"""The UPF's configuration."""

from typing import Literal

import msgspec

from awase.model.settings import Dnn, Peer

Feature = Literal["BUCP", "DDND", "DLBD", "FTUP", "EMPU", "QUOAC", "UEIP"]
DEFAULT_FEATURES: tuple[Feature, ...] = ("BUCP", "DDND", "DLBD", "FTUP", "EMPU", "QUOAC", "UEIP")


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a network file may say of a `upf`.

    `dnns` are the data networks behind N6 (network instances) and the pools from which the UPF gives UE
    addresses where the SMF asks it to; a data network whose part on N6 has the DNN's name has an address space
    of its own. `peers` N4, where there are any, are the only SMFs it talks to. `up_features` are the UP function
    features that it offers (TS 29.244 table 8.2.25-1): without FTUP the SMF must choose F-TEIDs, without BUCP
    packets are not forwarded to the SMF for buffering. `persist`: sessions are kept in the store, and taken up
    again by an UPF that was restarted. `initiates_association`: it sets up associations with its SMFs itself (clause
    6.2.6.3), as one does that takes another's place. `restoration_s`: for so long after its start it answers packets
    of tunnels that it does not know with no Error Indication, since SMFs may be about to make their sessions anew
    (TS 23.527 clause 4.3.2).
    """

    addresses: dict[str, str] = msgspec.field(default_factory=lambda: {"n3": "127.0.0.7:2152", "n4": "127.0.0.7:8805"})
    peers: dict[str, list[Peer]] = {}
    dnns: list[Dnn] = []
    up_features: tuple[Feature, ...] = DEFAULT_FEATURES
    max_sessions: int = 100_000
    max_rules_per_session: int = 64
    """Of each kind: PDRs, FARs, QERs, URRs."""
    max_buffered_packets: int = 10_000
    """For all sessions together; one session at most what its BAR suggests, or 64."""
    t1_s: float = 1.0
    n1: int = 5
    heartbeat_interval_s: float = 60.0
    """0 sends none."""
    echo_interval_s: float = 60.0
    """0 sends none."""
    persist: bool = False
    initiates_association: bool = False
    restoration_s: float = 0.0
