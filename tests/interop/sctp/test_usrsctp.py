"""1,000 messages of 20 to 20,000 octets each way with usrsctp over UDP, both roles; with loss and reordering too."""

import pytest

from awase.protocols.sctp.config import Config
from interop.sctp.exchange import COUNT, QUICK, STREAMS, Exchange, alone, build, octets_of


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    return build(tmp_path_factory.mktemp("usrsctp"))


@pytest.mark.parametrize("role", ["connect", "listen"])
@pytest.mark.parametrize(
    ("config", "faults"),
    [(Config(), {}), (Config(), {"mtu": 1500}), (QUICK, {"loss": 0.05, "reorder": 0.05, "mtu": 1500})],
    ids=["undisturbed", "in packets of 1500", "5 % lost and 5 % reordered"],
)
def test_all_messages_arrive_whole_in_order_with_their_ppid(peer, role, config, faults):
    with alone():
        exchange = Exchange(peer, role, config, **faults)
        try:
            messages, said = exchange.run()
        finally:
            exchange.close()
    assert f"received {COUNT}\n" in said
    assert "failed" not in said
    assert "closed" in said
    their_side = 1 - exchange.side
    assert len(messages) == COUNT
    for message in messages:
        i = message.ppid - 1
        assert message.stream == i % STREAMS
        assert message.octets == octets_of(i, their_side)
    for stream in range(STREAMS):
        assert [m.ppid - 1 for m in messages if m.stream == stream] == list(range(stream, COUNT, STREAMS))
