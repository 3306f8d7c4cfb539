"""EAP-AKA' at the UE (TS 24.501 clause 5.4.1.2, RFC 5448): whom it believes, and in which EAP response it says so."""

from typing import Any

import pytest

from awase.functions.ue.states import RmState
from awase.model.ids import snn
from awase.protocols.eap.codec import decode, encode, protect, verify
from awase.protocols.eap.messages import (
    AkaPrime,
    AtAutn,
    AtAuts,
    AtClientErrorCode,
    AtKdf,
    AtKdfInput,
    AtNotification,
    AtOther,
    AtRand,
    AtRes,
    Attribute,
    Code,
    OtherMethod,
    Subtype,
    Success,
)
from awase.protocols.nas import messages as nas
from awase.security import kdf
from awase.security.milenage import Milenage
from unit.functions.ue.rig import OPC, PLMN, SUPI, K, Network

RAND = bytes(range(16))
SNN = snn(PLMN)


class Home:
    """AUSF and AMF in one: makes challenges, and knows what the answer must be."""

    def __init__(self, sqn: int = 33, field: str = "8000", name: str = SNN) -> None:
        milenage = Milenage(K, OPC)
        out = milenage.f2345(RAND)
        self.autn = milenage.build_autn(RAND, sqn.to_bytes(6, "big"), bytes.fromhex(field), out.ak)
        self.xres = out.res
        ck, ik = kdf.ck_prime_ik_prime(out.ck, out.ik, name, self.autn[:6])
        self.keys = kdf.eap_aka_prime_keys(ck, ik, SUPI.removeprefix("imsi-"))
        self.k_amf = kdf.k_amf(kdf.k_seaf(self.keys.k_ausf, name), SUPI, b"\0\0")
        self.attributes: list[Attribute] = [
            AtRand(rand=RAND),
            AtAutn(autn=self.autn),
            AtKdf(key_derivation_function=1),
            AtKdfInput(network_name=name.encode()),
        ]

    def request(self) -> bytes:
        packet = AkaPrime(code=Code.request, identifier=7, subtype=Subtype.challenge, attributes=tuple(self.attributes))
        return protect(packet, self.keys.k_aut)


def asked(octets: bytes, **config: Any) -> tuple[Network, Any]:
    """A UE after this EAP request, and its EAP response."""
    network = Network(**config)
    network.answers[nas.RegistrationRequest] = lambda _: network.send(
        nas.AuthenticationRequest(ngksi=1, abba=b"\0\0", eap_message=octets)
    )
    del network.answers[nas.AuthenticationResponse]
    network.run(1)
    answers = network.all(nas.AuthenticationResponse)
    return network, decode(answers[-1].eap_message) if answers else None


def test_a_right_challenge_is_answered_with_res_under_a_mac() -> None:
    home = Home()
    network, answer = asked(home.request())
    assert (answer.code, answer.identifier, answer.subtype) == (Code.response, 7, Subtype.challenge)
    assert answer.find(AtRes).res == home.xres
    assert verify(network.all(nas.AuthenticationResponse)[-1].eap_message, home.keys.k_aut)


def test_the_keys_are_taken_into_use_by_the_security_mode_command() -> None:
    home = Home()
    network = Network()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(
        nas.AuthenticationRequest(ngksi=1, abba=b"\0\0", eap_message=home.request())
    )

    def command(_message: Any) -> None:
        network.ngksi, network.k_amf = 1, home.k_amf
        network.command_security()

    network.answers[nas.AuthenticationResponse] = command
    network.run(2)
    assert network.ue.context.state is RmState.REGISTERED
    assert network.ue.context.eap_answer is None


def test_a_repeated_request_gets_the_same_answer() -> None:
    home = Home()
    network, _ = asked(home.request())
    network.send(nas.AuthenticationRequest(ngksi=2, abba=b"\0\0", eap_message=home.request()))
    network.deliver()
    first, second = network.all(nas.AuthenticationResponse)
    assert first == second
    assert network.ue.context.partial == (2, home.k_amf)


@pytest.mark.parametrize(
    ("home", "cause"),
    [(Home(field="0000"), 26), (Home(name="5G:mnc002.mcc001.3gppnetwork.org"), 73)],
    ids=["separation bit", "network name"],
)
def test_what_is_not_of_this_network_is_an_authentication_reject(home: Home, cause: int) -> None:
    network, answer = asked(home.request())
    assert (answer.subtype, answer.attributes) == (Subtype.authentication_reject, ())
    assert network.event("AuthenticationFailure").fields["cause"] == cause


def test_a_wrong_k_is_an_authentication_reject_and_t3520_ends_it() -> None:
    network, answer = asked(Home().request(), k="00" * 16)
    assert answer.subtype is Subtype.authentication_reject
    assert network.event("AuthenticationFailure").config == "k"
    network.run(16)
    assert "NetworkNotAuthentic" in network.names()


def test_a_used_sequence_number_is_a_synchronisation_failure_with_auts_and_the_kdfs() -> None:
    network, answer = asked(Home().request(), sqn="000000001000")
    assert answer.subtype is Subtype.synchronization_failure
    assert answer.kdfs == (1,)
    assert Milenage(K, OPC).verify_auts(RAND, answer.find(AtAuts).auts) == (0x1000).to_bytes(6, "big")
    assert network.ue.context.partial is None


def test_a_wrong_mac_is_a_client_error_and_uses_no_sequence_number() -> None:
    octets = Home().request()
    network, answer = asked(octets[:-1] + bytes((octets[-1] ^ 1,)))
    assert answer.find(AtClientErrorCode) == AtClientErrorCode(client_error_code=0)
    assert network.ue.context.usim.sqn_ms == bytes(6)
    assert network.ue.context.partial is None


@pytest.mark.parametrize("missing", range(4))
def test_a_challenge_without_one_of_its_attributes_is_a_client_error(missing: int) -> None:
    home = Home()
    del home.attributes[missing]
    assert asked(home.request())[1].subtype is Subtype.client_error


def test_an_unknown_attribute_is_refused_unless_it_may_be_skipped() -> None:
    home = Home()
    home.attributes.append(AtOther(type=127, value=bytes(2)))
    assert asked(home.request())[1].subtype is Subtype.client_error
    home.attributes[-1] = AtOther(type=200, value=bytes(2))
    assert asked(home.request())[1].subtype is Subtype.challenge


def test_another_key_derivation_function_is_negotiated_or_refused() -> None:
    home = Home()
    home.attributes[2:3] = [AtKdf(key_derivation_function=2), AtKdf(key_derivation_function=1)]
    answer = asked(home.request())[1]
    assert answer.attributes == (AtKdf(key_derivation_function=1),)
    home.attributes[2:4] = [AtKdf(key_derivation_function=2)]
    assert asked(home.request())[1].subtype is Subtype.authentication_reject


def test_a_notification_before_the_challenge_is_acknowledged_another_subtype_is_an_error() -> None:
    def packet(subtype: Subtype, *attributes: Attribute) -> bytes:
        return encode(AkaPrime(code=Code.request, identifier=7, subtype=subtype, attributes=attributes))

    early = asked(packet(Subtype.notification, AtNotification(notification_code=0x4000)))[1]
    assert (early.subtype, early.attributes) == (Subtype.notification, ())
    late = asked(packet(Subtype.notification, AtNotification(notification_code=0)))[1]
    assert late.subtype is Subtype.client_error
    assert asked(packet(Subtype.identity))[1].subtype is Subtype.client_error


def test_another_method_is_answered_with_the_one_that_we_want() -> None:
    answer = asked(encode(OtherMethod(code=Code.request, identifier=7, type=13, data=b"\x20")))[1]
    assert answer == OtherMethod(code=Code.response, identifier=7, type=3, data=b"\x32")


@pytest.mark.parametrize("octets", [bytes(10), b"\1\7\0\5\x32", b"\1\7\0\x09\x32\x09\0\0\0"])
def test_octets_that_are_no_eap_packet_are_a_client_error_and_an_event(octets: bytes) -> None:
    network, answer = asked(octets)
    assert answer.subtype is Subtype.client_error
    assert "MalformedPacket" in network.names()


def test_what_is_no_request_is_not_answered() -> None:
    network, answer = asked(encode(Success(identifier=7)))
    assert answer is None
    assert "MalformedPacket" in network.names()


def test_an_ngksi_in_use_is_told_as_in_5g_aka() -> None:
    network = Network().run(2)
    network.send(nas.AuthenticationRequest(ngksi=network.ngksi, abba=b"\0\0", eap_message=Home(sqn=10_000).request()))
    network.deliver()
    assert [int(m.five_gmm_cause) for m in network.all(nas.AuthenticationFailure)] == [71]
