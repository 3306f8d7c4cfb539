"""A UDR on real sockets that is killed with SIGKILL again and again: it never gives out a sequence number twice."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from itertools import pairwise

from awase.model.part import Packet
from awase.protocols.sbi import bhttp
from awase.transports.host import Host
from unit.functions.udr.test_udr import SUBSCRIPTION, replace_sqn
from unit.protocols.sbi.exchanges import get
from unit.transports.toys import NET, Notes, Toy, hosted, until

LIVES = 12
ADDRESS = f"{NET}.79.2:8080"
STEP = 32
UDR = f"""
import asyncio, sys
from pathlib import Path
from awase.functions.udr.part import PART_TYPE
from awase.transports.host import Host, HostedPart
from unit.functions.udr.test_udr import K, OPC, SUPI
from unit.transports.toys import Notes

CONFIG = {{"subscribers": [{{"supi": SUPI, "k": K, "opc": OPC, "slices": [{{"sst": 1}}], "dnns": ["internet"]}}]}}

async def main():
    host = Host(Notes())
    await host.add(HostedPart(
        name="udr", function="udr", ports=("sbi",), addresses={{"sbi": "{ADDRESS}"}}, store=Path(sys.argv[1]),
        build=lambda services: PART_TYPE.build("udr", CONFIG, services),
    ))
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


class Udm:
    """Asks for the sequence number, and makes the next one durable before it uses it, as fast as it can."""

    def __init__(self, host):
        self.host, self.part, self.exchange = host, Toy(), 0
        self.used = []

    async def ask(self, request):
        """The answer, or None where there is none."""
        self.exchange += 1
        octets = bhttp.encode_request(request)
        self.part.out.append(Packet("sbi", ADDRESS, octets, "request", exchange=self.exchange))
        self.host.poke("udm")
        await until(lambda: self.part.got and self.part.got[-1].exchange == self.exchange)
        packet = self.part.got[-1]
        return None if packet.kind == "abort" else bhttp.decode_response(packet.payload)

    async def use_numbers(self):
        """Until the UDR is no more."""
        while (answer := await self.ask(get(SUBSCRIPTION))) is not None:
            sqn = answer.body.partition(b'"sqn":"')[2][:12].decode()
            following = f"{int(sqn, 16) + STEP:012x}"
            kept = await self.ask(replace_sqn(sqn, following))
            if kept is None:
                return
            assert kept.status == 204
            self.used.append(int(following, 16))


def test_no_sequence_number_is_used_twice(tmp_path):
    async def run():
        host = Host(Notes())
        udm = Udm(host)
        await host.add(hosted("udm", "udm", "sbi", f"{NET}.79.1:8080", udm.part))
        chance = random.Random(1)
        lives = []
        for _ in range(LIVES):
            environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-c", UDR, str(tmp_path / "udr.sqlite"), stdout=subprocess.PIPE, env=environment
            )
            assert await child.stdout.readline() == b"ready\n"
            using = asyncio.ensure_future(udm.use_numbers())
            await asyncio.sleep(0.02 + chance.random() * 0.2)
            child.send_signal(signal.SIGKILL)
            await child.wait()
            await using
            lives.append(len(udm.used))
        assert all(later > earlier for earlier, later in pairwise(udm.used))
        assert sum(later > earlier for earlier, later in pairwise([0, *lives])) > LIVES // 2
        await host.stop()

    asyncio.run(run())
