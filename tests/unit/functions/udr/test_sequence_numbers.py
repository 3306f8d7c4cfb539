"""No sequence number is used twice, whatever kills the UDR, and whenever (TS 33.102 annex C.1.1)."""

import json

import pytest

from awase.functions.udm.part import PART_TYPE as UDM
from awase.functions.udr.part import PART_TYPE as UDR
from awase.security.milenage import Milenage
from unit.protocols.sbi.exchanges import Desk, LocalServices, MemoryStore, Request

SUPI = "imsi-001010000000001"
K, OPC = "465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"
UDR_ADDRESS = "10.0.0.7:8080"
VECTORS = 3


class Killed(BaseException):
    """The process is gone: nothing of it catches this."""


class Mortal(MemoryStore):
    """A store whose process is killed at one of its calls: before it is done, or once it is done."""

    def __init__(self, committed: dict[str, bytes], at: int | None, *, done: bool):
        super().__init__()
        self.values = dict(committed)
        self.committed = dict(committed)
        self.calls = 0
        self._at = at
        self._done = done

    def _call(self, act, *what):
        self.calls += 1
        dies = self.calls == self._at
        if dies and not self._done:
            raise Killed
        result = act(*what)
        if dies:
            raise Killed
        return result

    def get(self, key):
        return self._call(super().get, key)

    def keys(self, prefix=""):
        return self._call(super().keys, prefix)

    def put(self, key, value):
        self._call(super().put, key, value)

    def delete(self, key):
        self._call(super().delete, key)

    def commit(self):
        self._call(super().commit)


class Home:
    """A UDM, and a UDR that is started again when it was killed."""

    def __init__(self, at: int | None, *, done: bool):
        peers = {"N35": [{"part": "udr", "function": "udr", "address": UDR_ADDRESS}]}
        self.udm = Desk(UDM.build("udm", {"peers": peers}, LocalServices()))
        self.store = Mortal({}, at, done=done)
        self.udr = None
        self.killed = 0

    def start(self):
        services = LocalServices()
        services.store = self.store
        subscriber = {"supi": SUPI, "k": K, "opc": OPC}
        self.udr = Desk(UDR.build("udr", {"subscribers": [subscriber]}, services))
        # What a part does first, it does with its first packet.
        self.udr.part.wake(self.udr.now_ns)

    def serve(self, request):
        """The UDR's answer, or None: it was killed."""
        try:
            if self.udr is None:
                self.start()
            return self.udr.ask(request)
        except Killed:
            self.killed += 1
            self.udr = None
            self.store = Mortal(self.store.committed, None, done=False)
            return None

    def sqn(self):
        """The sequence number of a vector that left the UDM, or None: none did."""
        body = json.dumps({"servingNetworkName": "5G:mnc001.mcc001.3gppnetwork.org", "ausfInstanceId": "a"}).encode()
        path = f"/nudm-ueau/v1/{SUPI}/security-information/generate-auth-data"
        exchange = self.udm.send(Request("POST", path, (("content-type", "application/json"),), body, "10.0.0.6:8080"))
        while self.udm.requests:
            answer = self.serve(self.udm.upstream())
            if answer is None:
                self.udm.reset()
            else:
                self.udm.answer(answer)
        response = self.udm.responses.pop(exchange)
        if response.status != 200:
            return None
        vector = json.loads(response.body)["authenticationVector"]
        milenage = Milenage(bytes.fromhex(K), bytes.fromhex(OPC))
        ak = milenage.f2345(bytes.fromhex(vector["rand"]))[3]
        concealed = bytes.fromhex(vector["autn"])[:6]
        return int.from_bytes(a ^ b for a, b in zip(concealed, ak, strict=True))


def calls():
    home = Home(None, done=False)
    for _ in range(VECTORS):
        assert home.sqn() is not None
    return home.store.calls


CALLS = calls()


def test_the_store_is_called_for_each_vector():
    assert CALLS >= 2 * VECTORS


@pytest.mark.parametrize("done", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("at", range(1, CALLS + 1))
def test_a_udr_killed_at_any_call_of_its_store_gives_no_sequence_number_twice(at: int, done: bool):
    home = Home(at, done=done)
    given = [sqn for sqn in (home.sqn() for _ in range(VECTORS + 3)) if sqn is not None]
    assert home.killed == 1
    assert len(given) >= VECTORS
    # Greater each time: or the UE would find it used, or too old.
    assert given == sorted(set(given))
