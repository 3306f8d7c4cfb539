"""CPU of an SMF for a whole PDU session establishment: its side of seven exchanges, fakes included."""

from typing import Any

from unit.functions.smf.fakes import Bench


def test_pdu_session_establishment(benchmark: Any) -> None:
    bench = Bench(dnns=[{"name": "internet", "pool": "10.32.0.0/11"}])
    number = 0

    def establish() -> None:
        nonlocal number
        number += 1
        bench.establish(supi=f"imsi-00101{number:010}")
        for kept in (bench.amf.transfers, bench.udm.requests, bench.upf.received, bench.events):
            kept.clear()

    benchmark(establish)
