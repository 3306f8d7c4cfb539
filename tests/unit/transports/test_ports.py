"""What a port's transport says on behalf of its part."""

import asyncio

from interop.sctp.hubs import context_of

SECOND = 1_000_000_000


def test_of_what_strangers_cause_five_are_said_a_second_and_the_rest_is_counted():
    events, now = [], [0]
    context = context_of(asyncio.new_event_loop(), events, now_ns=lambda: now[0])
    context.loop.close()
    for _ in range(1000):
        context.report("ConnectionsRefused", "one more")
        context.report("MalformedPacket", "another kind")
    now[0] = 3 * SECOND
    context.report("ConnectionsRefused", "the last")
    said = [event.text for event in events if event.name == "ConnectionsRefused"]
    assert said == ["part: one more"] * 5 + ["part: the last (995 more of these since the last report)"]
    assert sum(event.name == "MalformedPacket" for event in events) == 5
