"""What both methods of primary authentication share: the challenge, its outcome (TS 24.501 clause 5.4.1)."""

from __future__ import annotations

from enum import Enum

from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf
from awase.model.ids import Supi
from awase.model.machine import Procedure, ask
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import NO_KEY
from awase.protocols.nas.messages import (
    AuthenticationFailure,
    AuthenticationRequest,
    AuthenticationResponse,
)
from awase.protocols.sbi.entity import Answer, Failure
from awase.protocols.sbi.messages import Request
from awase.security import kdf

TRIES = 5
"""Sent once and again at four expiries of T3560; the fifth ends it (clause 5.4.1.3.7 b)."""
ABBA = bytes(2)
"""Anti-bidding down between architectures (TS 33.501 clause A.7.1)."""

_KSI_RETRIES = 7
"""As many ngKSIs as there are."""


class Rejection(Enum):
    """How a UE learns that it is not authenticated."""

    SILENT = "not at all: it does not answer, or has gone"
    AUTHENTICATION_REJECT = "by AUTHENTICATION REJECT"


class Authenticated:
    """A UE that proved its identity; `k_amf` is never shown. `eap_success` goes with the security mode command."""

    __slots__ = ("eap_success", "k_amf", "ngksi", "supi")

    def __init__(self, supi: Supi, k_amf: bytes, ngksi: int, eap_success: bytes | None = None) -> None:
        self.supi = supi
        self.k_amf = k_amf
        self.ngksi = ngksi
        self.eap_success = eap_success


Outcome = Authenticated | Rejection | FiveGMMCause
"""Authenticated, or how the UE is turned away: a cause is for REGISTRATION REJECT."""


def next_ngksi(ue: Ue, requested: int) -> int:
    """An ngKSI that neither side uses: a UE refuses one that it still holds (clause 5.4.1.3.7 e)."""
    candidate = ue.used_ng_ksi
    while True:
        candidate = (candidate + 1) % NO_KEY
        if candidate != requested and (ue.security is None or candidate != ue.security.ngksi):
            return candidate


def challenge(
    amf: Amf, ue: Ue, *, rand: bytes | None = None, autn: bytes | None = None, eap_message: bytes | None = None
) -> Procedure[AuthenticationResponse | AuthenticationFailure | None]:
    """AUTHENTICATION REQUEST until it is answered; the same challenge under another ngKSI on cause 71."""
    requested = ue.request.ngksi if ue.request is not None else NO_KEY
    answer: AuthenticationResponse | AuthenticationFailure | None = None
    for _ in range(_KSI_RETRIES):
        ue.used_ng_ksi = next_ngksi(ue, requested)
        request = AuthenticationRequest(
            ngksi=ue.used_ng_ksi,
            abba=ABBA,
            authentication_parameter_rand=rand,
            authentication_parameter_autn=autn,
            eap_message=eap_message,
        )
        ue.expects = (AuthenticationResponse, AuthenticationFailure)
        answer = yield from ask(
            lambda request=request: amf.send_to_ue(ue, request),  # type: ignore[misc]
            ("n1", ue.number),
            int(amf.config.t3560_s * NS_PER_S),
            TRIES,
        )
        ue.expects = ()
        if not isinstance(answer, AuthenticationFailure) or answer.five_gmm_cause != FiveGMMCause.ngksi_already_in_use:
            return answer
    return answer


def authenticated(ue: Ue, supi: str, k_seaf: bytes, eap_success: bytes | None = None) -> Authenticated | None:
    """Of the AUSF's confirmation; None where it lacks SUPI or K_SEAF."""
    if len(k_seaf) != 32 or not _is_imsi(supi):
        return None
    return Authenticated(Supi(supi), kdf.k_amf(k_seaf, supi, ABBA), ue.used_ng_ksi, eap_success)


def _is_imsi(supi: str) -> bool:
    digits = supi.removeprefix("imsi-")
    return supi.startswith("imsi-") and digits.isascii() and digits.isdecimal() and 6 <= len(digits) <= 15


def post(amf: Amf, request: Request) -> Procedure[Answer]:
    """One exchange with the AUSF."""
    peers = amf.config.peers.get("N12")
    if not peers or not request.path:
        return Failure.RESET
    answer = yield from amf.exchange(peers[0].address, request)
    return answer


def no_answer(amf: Amf, ue: Ue) -> Rejection:
    """Of a UE that let T3560 expire five times."""
    amf.report(
        "AuthenticationFailed",
        f"{ue.name()} did not answer {TRIES} authentication requests",
        level="warning",
        subject=ue.subject,
        config="t3560_s",
    )
    return Rejection.SILENT


def refuse(amf: Amf, ue: Ue, why: str) -> Rejection:
    """Say why a UE is not authenticated."""
    amf.explain(
        ue,
        "AuthenticationFailed",
        f"{ue.name()} is not authenticated: {why}",
    )
    return Rejection.AUTHENTICATION_REJECT
