"""Nudm_UEAuthentication_Get: a 5G home environment authentication vector (TS 33.501 clause 6.1.3.2, 6.1.3.3)."""

import re
from typing import TYPE_CHECKING

import msgspec

from awase.functions.udm import sequence_number
from awase.functions.udm.identity import Unidentified
from awase.model.ids import Supi
from awase.model.machine import Procedure
from awase.protocols.sbi import codec, nudr_dr
from awase.protocols.sbi.data_types import PatchItem
from awase.protocols.sbi.entity import Answer, Call, upstream_problem
from awase.protocols.sbi.messages import JSON_PATCH, Request, Response
from awase.protocols.sbi.nudm_ue_authentication import (
    AuthenticationInfoRequest,
    AuthenticationInfoResult,
    Av5GHeAka,
    AvEapAkaPrime,
    ResynchronizationInfo,
)
from awase.protocols.sbi.nudr_dr import AuthenticationSubscription
from awase.security import kdf
from awase.security.aka import AkaFunctions
from awase.security.authentication import ALGORITHMS, MILENAGE

if TYPE_CHECKING:
    from awase.functions.udm.part import Udm

_TRIES = 4
_SEPARATION_BIT = 0x80
_PATCH_HEADERS = (("content-type", JSON_PATCH),)
# TS 24.501 clause 9.12.1.
_SERVING_NETWORK_NAME = re.compile(r"5G:mnc[0-9]{3}\.mcc[0-9]{3}\.3gppnetwork\.org(:[0-9A-Fa-f]{11})?", re.ASCII)


FIVE_G_AKA, EAP_AKA_PRIME = METHODS = ("5G_AKA", "EAP_AKA_PRIME")
"""AuthMethod (TS 29.505 clause 5.4.3.2), which is AuthType (TS 29.503 clause 6.3.6.3.3) of the vector."""


class Credentials(msgspec.Struct, frozen=True):
    """What the vector of one subscriber is made with; `constant` is OPc, or TOPc."""

    method: str
    algorithm: str
    k: bytes
    constant: bytes
    amf: bytes
    sqn: bytes

    @property
    def functions(self) -> AkaFunctions:
        """f1 to f5*."""
        return ALGORITHMS[self.algorithm].functions(self.k, self.constant)

    def __repr__(self) -> str:
        return "Credentials()"


def generate_auth_data(udm: "Udm", call: Call, body: AuthenticationInfoRequest) -> Procedure[Response]:
    """Identify the subscriber, take the next sequence number, make the vector."""
    snn = body.serving_network_name
    if not _SERVING_NETWORK_NAME.fullmatch(snn) or not udm.serves(snn):
        udm.report(
            "ServingNetworkNotAuthorized",
            f"authentication data was asked for serving network {snn[:80]!r}, which is not allowed",
            level="warning",
            config="serving_networks",
        )
        return codec.problem(403, "SERVING_NETWORK_NOT_AUTHORIZED", f"{snn[:80]} is not allowed")
    try:
        supi = udm.identities.supi(call.params["supiOrSuci"])
    except Unidentified as error:
        udm.report("SubscriberNotIdentified", error.text, level="warning", config=error.config)
        return codec.problem(error.status, error.cause, error.text)
    # One after the other: of two who take the same sequence number one would have to begin again.
    if not (yield from udm.take_turn(supi)):
        return codec.congested(f"too many authentications of {supi} at a time")
    try:
        return (yield from _generate(udm, supi, snn, body))
    finally:
        udm.end_turn(supi)


def _generate(udm: "Udm", supi: Supi, snn: str, body: AuthenticationInfoRequest) -> Procedure[Response]:
    path = nudr_dr.AUTHENTICATION_SUBSCRIPTION.replace("{ueId}", supi)
    for _ in range(_TRIES):
        answer = yield from udm.ask_udr(Request("GET", path))
        if not isinstance(answer, Response) or answer.status != 200:
            return _no_subscription(udm, supi, answer)
        credentials = _credentials(udm, supi, answer)
        if isinstance(credentials, Response):
            return credentials
        sqn = _next_sqn(udm, supi, credentials, body.resynchronization_info)
        if isinstance(sqn, Response):
            return sqn
        answer = yield from udm.ask_udr(_keep_sqn(path, credentials.sqn, sqn))
        if isinstance(answer, Response) and answer.ok:
            return codec.json_response(200, _result(udm, supi, snn, credentials, sqn))
        if not isinstance(answer, Response) or answer.status != 409:
            return upstream_problem(answer, "UDR")
        # Another request for this subscriber took this sequence number first.
    return codec.congested(f"the sequence number of {supi} is in contention")


def _no_subscription(udm: "Udm", supi: Supi, answer: Answer) -> Response:
    if isinstance(answer, Response) and answer.status == 404:
        udm.report("UnknownSubscriber", f"{supi} is no subscriber: the UDR has no entry", level="warning", subject=supi)
        return codec.problem(404, "USER_NOT_FOUND", f"{supi} is no subscriber")
    return udm.producer_failed(supi, answer)


def _credentials(udm: "Udm", supi: Supi, answer: Response) -> Credentials | Response:
    try:
        subscription = codec.decode(AuthenticationSubscription, answer.body)
        if subscription.authentication_method not in METHODS:
            udm.report(
                "AuthenticationMethodUnsupported",
                f"{supi} is to be authenticated by {subscription.authentication_method[:40]}; "
                f"only {' and '.join(METHODS)} are supported",
                level="error",
                subject=supi,
            )
            return codec.problem(403, "AUTHENTICATION_REJECTED", f"only {' and '.join(METHODS)} are supported")
        number = subscription.sequence_number
        algorithm = _algorithm(subscription)
        constant = subscription.enc_opc_key if algorithm == MILENAGE else subscription.enc_topc_key
        credentials = Credentials(
            subscription.authentication_method,
            algorithm,
            bytes.fromhex(subscription.enc_permanent_key or ""),
            bytes.fromhex(constant or ""),
            bytes.fromhex(subscription.authentication_management_field or "8000"),
            bytes.fromhex((number.sqn if number else None) or "000000000000"),
        )
    except ValueError:
        credentials = None
    if credentials is None or not _usable(credentials):
        udm.report(
            "SubscriptionUnusable",
            f"the UDR's authentication subscription of {supi} lacks a key or has one of a wrong length",
            level="error",
            subject=supi,
        )
        return codec.problem(500, "UNSPECIFIED_NF_FAILURE", f"the subscription of {supi} cannot be used")
    return credentials


def _algorithm(subscription: AuthenticationSubscription) -> str:
    """Which algorithm; an identity that is the operator's own (TS 29.505 clause 5.4.2.2) means MILENAGE."""
    named = (subscription.algorithm_id or MILENAGE).casefold()
    return named if named in ALGORITHMS else MILENAGE


def _usable(credentials: Credentials) -> bool:
    row = ALGORITHMS[credentials.algorithm]
    lengths = (len(credentials.constant), len(credentials.amf), len(credentials.sqn))
    return len(credentials.k) in row.key_octets and lengths == (row.octets, 2, 6)


def _next_sqn(
    udm: "Udm", supi: Supi, credentials: Credentials, resync: ResynchronizationInfo | None
) -> bytes | Response:
    """TS 33.102 clause 6.3.5 where the UE sent AUTS; always annex C.1.1.

    A wrong MAC-S is refused even where SQN_HE could be kept without looking at it (clause 6.3.5 step 4).
    """
    sqn = credentials.sqn
    if resync is not None:
        rand, auts = bytes.fromhex(resync.rand), bytes.fromhex(resync.auts)
        sqn_ms = credentials.functions.verify_auts(rand, auts)
        if sqn_ms is None:
            return _auts_refused(udm, supi, credentials, rand, auts)
        behind = sequence_number.steps_behind(sqn, sqn_ms)
        sqn = sequence_number.resynchronised(sqn, sqn_ms)
        udm.report(
            "SequenceNumberResynchronised",
            f"the sequence number of {supi} was {behind} steps behind the UE's and now follows it"
            if behind >= 0
            else f"the UE asked to resynchronise {supi}, whose sequence number is {-behind} steps ahead",
            subject=supi,
        )
    try:
        return sequence_number.following(sqn)
    except sequence_number.Exhausted:
        udm.report("SequenceNumbersExhausted", f"{supi} has used every sequence number", level="error", subject=supi)
        return codec.problem(403, "AUTHENTICATION_REJECTED", "no sequence number is left")


def _auts_refused(udm: "Udm", supi: Supi, credentials: Credentials, rand: bytes, auts: bytes) -> Response:
    row = ALGORITHMS[credentials.algorithm]
    constant, operator = row.constant, row.operator
    text = f"the AUTS of {supi} has a wrong MAC-S: the UE's K or {constant} is not the subscription's"
    # A frequent mistake: the operator's OP stands where the OPc should.
    derived = row.derived(credentials.k, credentials.constant)
    if row.functions(credentials.k, derived).verify_auts(rand, auts) is not None:
        text = (
            f"the {constant.lower()} of {supi} is an {operator}: its AUTS is right with the {constant} that k and"
            f" this {operator} give; write {operator.lower()}"
        )
    udm.report("ResynchronisationRefused", text, level="error", subject=supi)
    return codec.problem(403, "AUTHENTICATION_REJECTED", "the MAC-S of AUTS is wrong")


def _keep_sqn(path: str, old: bytes, new: bytes) -> Request:
    """The new sequence number, if the old one is still there."""
    operations = (
        PatchItem(op="test", path="/sequenceNumber/sqn", value=_text(old)),
        PatchItem(op="replace", path="/sequenceNumber/sqn", value=_text(new)),
    )
    return codec.json_request("PATCH", path, operations, content_type=_PATCH_HEADERS)


def _text(sqn: bytes) -> msgspec.Raw:
    return msgspec.Raw(b'"%s"' % sqn.hex().encode())


def _result(udm: "Udm", supi: Supi, snn: str, credentials: Credentials, sqn: bytes) -> AuthenticationInfoResult:
    # TS 33.501 clause 6.1.3.2.0: the separation bit of AMF is 1.
    amf = bytes((credentials.amf[0] | _SEPARATION_BIT, credentials.amf[1]))
    rand = udm.services.random_bytes(16, "RAND")
    functions = credentials.functions
    keys = functions.f2345(rand)
    autn = functions.build_autn(rand, sqn, amf, keys.ak)
    if credentials.method == EAP_AKA_PRIME:
        ck_prime, ik_prime = kdf.ck_prime_ik_prime(keys.ck, keys.ik, snn, autn[:6])
        transformed = AvEapAkaPrime(
            rand=rand.hex(),
            xres=keys.res.hex(),
            autn=autn.hex(),
            ck_prime=ck_prime.hex(),
            ik_prime=ik_prime.hex(),
        )
        return AuthenticationInfoResult(auth_type=EAP_AKA_PRIME, authentication_vector=transformed, supi=supi)
    xres_star = kdf.res_star(keys.ck, keys.ik, snn, rand, keys.res)
    return AuthenticationInfoResult(
        auth_type=FIVE_G_AKA,
        authentication_vector=Av5GHeAka(
            rand=rand.hex(),
            autn=autn.hex(),
            xres_star=xres_star.hex(),
            kausf=kdf.k_ausf(keys.ck, keys.ik, snn, autn[:6]).hex(),
        ),
        supi=supi,
    )
