"""A stranger's end of an HTTP/2 connection, told frame by frame what to do."""

import asyncio

import h2.config
import h2.connection
import h2.settings
from h2 import events

GET = [(":method", "GET"), (":scheme", "http"), (":authority", "here"), (":path", "/a/v1")]
POST = [(":method", "POST"), *GET[1:]]


class Peer:
    """Reads what comes into `got`; `h2` is the library's connection, `write` sends what it has."""

    def __init__(self, reader, writer, client, **settings):
        self.reader, self.writer = reader, writer
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=client, header_encoding="latin-1"))
        self.h2.local_settings = h2.settings.Settings(
            client=client, initial_values={getattr(h2.settings.SettingCodes, name): n for name, n in settings.items()}
        )
        self.got, self.ended, self.raw = [], False, b""
        self.h2.initiate_connection()
        self.write()
        self.task = asyncio.ensure_future(self._read())

    @classmethod
    async def connect(cls, address, **settings):
        host, _, port = address.partition(":")
        return cls(*await asyncio.open_connection(host, int(port)), True, **settings)

    def write(self, octets=b""):
        self.writer.write(self.h2.data_to_send() + octets)

    async def _read(self):
        try:
            while octets := await self.reader.read(65536):
                self.raw += octets
                try:
                    self.got += self.h2.receive_data(octets)
                except h2.exceptions.ProtocolError:
                    continue
                for event in self.got:
                    if isinstance(event, events.DataReceived) and event.flow_controlled_length:
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                        event.flow_controlled_length = 0
                self.write()
        except OSError:
            pass
        self.ended = True

    def of(self, kind):
        return [event for event in self.got if isinstance(event, kind)]

    def body(self, stream):
        return b"".join(event.data for event in self.of(events.DataReceived) if event.stream_id == stream)

    async def close(self):
        self.writer.close()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
