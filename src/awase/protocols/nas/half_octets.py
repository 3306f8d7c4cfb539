"""Typed elements of half an octet: bits and small numbers (TS 24.501 clauses 9.11.3 and 9.11.4).

A bit or a number that has no name is kept, as later releases add some.
"""

from enum import IntFlag
from typing import Self

import msgspec

from awase.protocols.nas.layout import OpenEnum
from awase.wire.errors import EncodeError


class MicoIndication(IntFlag):
    """MICO indication (TS 24.501 clause 9.11.3.31)."""

    raai = 1
    sprti = 2


class NetworkSlicingIndication(IntFlag):
    """Network slicing indication (TS 24.501 clause 9.11.3.36)."""

    nssci = 1
    dcni = 2


class NonThreeGppNwProvidedPolicies(IntFlag):
    """Non-3GPP NW provided policies (TS 24.501 clause 9.11.3.36A, TS 24.008 clause 10.5.5.37)."""

    n3en = 1


class NssaiInclusionMode(OpenEnum):
    """NSSAI inclusion mode (TS 24.501 table 9.11.3.37A.1)."""

    a = 0
    b = 1
    c = 2
    d = 3


class ImeisvRequest(OpenEnum):
    """IMEISV request (TS 24.501 clause 9.11.3.28, TS 24.008 table 10.5.5.10)."""

    imeisv_not_requested = 0
    imeisv_requested = 1


class SmsIndication(IntFlag):
    """SMS indication (TS 24.501 clause 9.11.3.50A): SMS over NAS is allowed."""

    sai = 1


class UeRadioCapabilityIdDeletionIndication(OpenEnum):
    """UE radio capability ID deletion indication (TS 24.501 table 9.11.3.69.1)."""

    deletion_not_requested = 0
    network_assigned_ids_deletion_requested = 1


class AdditionalConfigurationIndication(IntFlag):
    """Additional configuration indication (TS 24.501 clause 9.11.3.74): the signalling connection is maintained."""

    scmr = 1


class MaPduSessionInformation(OpenEnum):
    """MA PDU session information (TS 24.501 table 9.11.3.31A.1)."""

    no_additional_information = 0
    ma_pdu_session_network_upgrade_is_allowed = 1


class ReleaseAssistanceIndication(OpenEnum):
    """Release assistance indication, DDX (TS 24.501 clause 9.11.3.46A, TS 24.301 table 9.9.4.25.1)."""

    no_information_available = 0
    no_further_data_expected = 1
    only_a_single_downlink_data_transmission_expected = 2


class ControlPlaneServiceType(OpenEnum):
    """Control plane service type (TS 24.501 table 9.11.3.18D.1)."""

    mobile_originating_request = 0
    mobile_terminating_request = 1
    emergency_services = 2
    emergency_services_fallback = 3


class N5gcIndication(IntFlag):
    """N5GC indication (TS 24.501 clause 9.11.3.72): the registration of an N5GC device."""

    n5gcreg = 1


class PriorityIndicator(IntFlag):
    """Priority indicator (TS 24.501 clause 9.11.3.91): access identities 1 and 2 are valid."""

    mpsi = 1
    mcsi = 2


class AlwaysOnPduSessionIndication(OpenEnum):
    """Always-on PDU session indication, APSI (TS 24.501 table 9.11.4.3.1)."""

    always_on_pdu_session_not_allowed = 0
    always_on_pdu_session_required = 1


class AlwaysOnPduSessionRequested(OpenEnum):
    """Always-on PDU session requested, APSR (TS 24.501 table 9.11.4.4.1)."""

    always_on_pdu_session_not_requested = 0
    always_on_pdu_session_requested = 1


class AllowedSscMode(IntFlag):
    """Allowed SSC mode (TS 24.501 clause 9.11.4.5)."""

    ssc1 = 1
    ssc2 = 2
    ssc3 = 4


class ControlPlaneOnlyIndication(IntFlag):
    """Control plane only indication (TS 24.501 clause 9.11.4.23)."""

    cpoi = 1


class MaximumNumberOfSupportedPacketFilters(msgspec.Struct, frozen=True, gc=False):
    """Maximum number of supported packet filters (TS 24.501 clause 9.11.4.9): 17 to 1024, in 11 bits."""

    number: int

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """From two octets."""
        return cls((octets[0] << 8 | octets[1]) >> 5)

    def encode(self) -> bytes:
        """To two octets."""
        if not 0 <= self.number < 2048:
            raise EncodeError("a number of packet filters has 11 bits")
        return (self.number << 5).to_bytes(2, "big")
