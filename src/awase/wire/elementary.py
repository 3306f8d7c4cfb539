"""What NGAP, F1AP, E1AP, XnAP and E2AP share: elementary procedures whose messages are containers of protocol IEs.

Messages are typed records, one field an IE; their encoders and decoders are written for each when first used. Handling
of criticality is that of clause 10 of each protocol (TS 38.413, 38.473, 37.483, 38.423).
"""

from collections.abc import Mapping, Sequence

from awase.wire.bits import octet_string, put_octets
from awase.wire.containers import Kind, container, parse_container
from awase.wire.criticality import (
    OUTCOMES,
    TRIGGERING,
    AbstractSyntaxError,
    CriticalityDiagnosticsIEItem,
    Diagnostics,
    RawMessage,
)
from awase.wire.elementary_source import MessageWriter, ReadMessage, WriteMessage
from awase.wire.errors import DecodeError, EncodeError
from awase.wire.per import Codec, Row
from awase.wire.per_source import node_of, nodes_of
from awase.wire.per_typed import CRITICALITIES, RawIE, snake

MOST_ERRORS = 256
"""maxnoofErrors: of a CriticalityDiagnostics-IE-List."""
MOST_WORDS = 8


class ElementaryCodec:
    """Typed messages of a protocol, to and from octets."""

    def __init__(
        self,
        codec: Codec,
        *,
        pdu: str,
        messages: Mapping[str, type],
        containers: Mapping[str, type],
        identifiers: tuple[str, ...],
        error: type[AbstractSyntaxError] = AbstractSyntaxError,
    ) -> None:
        self.codec = codec
        self.identifiers = identifiers
        self.error = error
        self.ie_names = {number: name for name, number in codec.grammar.constants["ProtocolIE-ID"].items()}
        self.procedures = {number: name[3:] for name, number in codec.grammar.constants["ProcedureCode"].items()}
        choice = codec.types[pdu]
        self.shift = 8 - (choice[2] is not None) - (len(nodes_of(choice[1])) - 1).bit_length()
        """By how many bits the first octet of a PDU is shifted to tell its outcome."""
        self.kinds: dict[type, Kind] = {}
        self.by_code: dict[tuple[int, int], Kind] = {}
        self.readers: dict[type, ReadMessage] = {}
        self.writers: dict[type, WriteMessage] = {}
        for outcome, rows in enumerate(self._procedure_rows(pdu)):
            for row in rows:
                name = str(row.type[1])
                if name in messages:
                    ies = self._rows_of(name)
                    kind = Kind(name, messages[name], ies, outcome, row.key, row.criticality)
                    self.kinds[kind.cls] = self.by_code[outcome, row.key] = kind
        for name, cls in containers.items():
            self.kinds[cls] = Kind(name, cls, self._rows_of(name))

    def _procedure_rows(self, pdu: str) -> list[Sequence[Row]]:
        """The elementary procedures' messages, by outcome."""
        tables = self.codec.grammar.tables
        found: list[Sequence[Row]] = []
        for alternative in nodes_of(self.codec.types[pdu][1])[: len(OUTCOMES)]:
            node = node_of(alternative[1])
            fields = nodes_of((self.codec.types[str(node[1])] if node[0] == "R" else node)[1])
            found.append(tables[str(node_of(fields[2][1])[1])])
        return found

    def _rows_of(self, name: str) -> Sequence[Row]:
        """The protocol IEs of a message or container."""
        node = self.codec.types[name]
        table = node[1][0][1][1][1][2][1][1]  # type: ignore[index]
        return self.codec.grammar.tables.get(str(table), ())

    # PDUs.

    def encode(self, message: object) -> bytes:
        """The octets of a PDU. Raises EncodeError."""
        if isinstance(message, RawMessage):
            return self._encode_raw(message)
        kind = self.kinds.get(message.__class__)
        if kind is None or kind.procedure_code < 0:
            raise EncodeError(f"{message.__class__.__name__} is no message of this protocol")
        content = self._content(kind, message)
        criticality = CRITICALITIES.index(kind.criticality) << 6
        o = bytearray((kind.outcome << self.shift, kind.procedure_code, criticality))
        if len(content) < 128:
            o.append(len(content))
            return bytes(o + content)
        put_octets(o, content)
        return bytes(o)

    def encode_container(self, record: object) -> bytes:
        """The octets of a container of protocol IEs that is no PDU. Raises EncodeError."""
        kind = self.kinds.get(record.__class__)
        if kind is None:
            raise EncodeError(f"{record.__class__.__name__} is no container of this protocol")
        return bytes(self._content(kind, record))

    def _content(self, kind: Kind, record: object) -> bytearray:
        write = self.writers.get(kind.cls)
        if write is None:
            write = self.writers[kind.cls] = MessageWriter(self, kind).writer()
        try:
            return write(record)
        except EncodeError as error:
            raise EncodeError(f"{kind.name}: {error}") from error
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise EncodeError(f"{kind.name}: {error!r}") from error

    def _encode_raw(self, message: RawMessage) -> bytes:
        criticality = CRITICALITIES.index(message.criticality) << 6
        o = bytearray((OUTCOMES.index(message.pdu) << self.shift, message.procedure_code, criticality))
        put_octets(o, b"\0" + container(message.unknown))
        return bytes(o)

    def decode(self, octets: bytes, notify: Diagnostics | None = None) -> object:
        """The message of a PDU. Raises DecodeError, or AbstractSyntaxError where clause 10.3 says so.

        IEs not comprehended whose criticality is notify are appended to `notify`.
        """
        if len(octets) < 5:
            raise DecodeError("cut off", offset=len(octets))
        if type(octets) is not bytes:
            octets = bytes(octets)
        outcome, code = octets[0] >> self.shift, octets[1]
        if outcome > 2 or octets[0] & (1 << self.shift) - 1 or octets[2] & 63 or octets[2] > 191:
            raise DecodeError("no PDU of this protocol", offset=0)
        content, first, end = octets, 4, len(octets)
        if octets[3] > 127:
            content, first, end = self._long(octets)
        elif octets[3] != end - 4:
            raise DecodeError("the length is not that of the content", offset=3)
        kind = self.by_code.get((outcome, code))
        if kind is None:
            return self._other(outcome, code, octets[2] >> 6, content[first:end])
        return self._read(kind, content, first, end, notify)

    @staticmethod
    def _long(octets: bytes) -> tuple[bytes, int, int]:
        if octets[3] < 192:
            if (octets[3] & 63) << 8 | octets[4] != len(octets) - 5:
                raise DecodeError("the length is not that of the content", offset=3)
            return octets, 5, len(octets)
        try:
            content, after = octet_string(octets, 3)
        except IndexError:
            raise DecodeError("cut off", offset=len(octets)) from None
        if after != len(octets):
            raise DecodeError("octets too many", offset=after)
        return content, 0, len(content)

    def decode_container(self, cls: type, octets: bytes) -> object:
        """A container of protocol IEs that is no PDU. Raises DecodeError."""
        if len(octets) < 3:
            raise DecodeError("cut off", offset=len(octets), path=self.kinds[cls].name)
        return self._read(self.kinds[cls], bytes(octets), 0, len(octets), None)

    def _read(self, kind: Kind, octets: bytes, first: int, end: int, notify: Diagnostics | None) -> object:
        read = self.readers.get(kind.cls)
        if read is None:
            read = self.readers[kind.cls] = MessageWriter(self, kind).reader()
        return read(octets, first, end, notify)

    def _other(self, outcome: int, code: int, criticality: int, content: bytes) -> RawMessage:
        """A procedure that is not comprehended (clause 10.3.4.1.1): an error unless it is to be ignored."""
        raw = RawMessage(
            pdu=OUTCOMES[outcome],
            procedure_code=code,
            criticality=CRITICALITIES[criticality],
            unknown=parse_container(content),
        )
        if raw.criticality == "ignore":
            return raw
        cause = "reject" if raw.criticality == "reject" else "ignore-and-notify"
        raise self.error(
            f"procedure {code} ({self.procedures.get(code, 'unknown')}) is not comprehended",
            cause=f"abstract-syntax-error-{cause}",
            procedure_code=code,
            triggering_message=TRIGGERING[outcome],
            procedure_criticality=raw.criticality,
            identifiers=self._identifiers(raw.unknown),
        )

    def _identifiers(self, ies: Sequence[RawIE]) -> dict[str, int]:
        """The UE's identifiers among IEs of a message that is not looked into."""
        found: dict[str, int] = {}
        for ie in ies:
            name = self.ie_names.get(ie.id, "")[3:]
            if snake(name) in self.identifiers and name in self.codec.types:
                try:
                    value = self.codec.decode(name, ie.octets)
                except DecodeError:
                    continue
                if isinstance(value, int):
                    found[snake(name)] = value
        return found

    def describe(self, octets: bytes) -> str:
        """The name of the message in a PDU, as far as its first octets tell; "" if they tell nothing."""
        if len(octets) < 2 or octets[0] >> self.shift > 2:
            return ""
        kind = self.by_code.get((octets[0] >> self.shift, octets[1]))
        return kind.name if kind else self.procedures.get(octets[1], "")

    # What a message is judged by.

    def field_of(self, kind: Kind, row: Row) -> str:
        """The field of an IE, "" if the class has none."""
        name = self.ie_names[row.key][3:]
        field = self.codec.shapes.renamed.get(name) or snake(name)
        return field if field in kind.cls.__struct_fields__ else ""  # type: ignore[attr-defined]

    def misplaced(self, kind: Kind, number: int) -> AbstractSyntaxError:
        """The error for an IE in the wrong order, or there too often (clause 10.3.6)."""
        return self.error(
            f"{self.ie_names.get(number, number)} is in the wrong place, or there too often",
            cause="abstract-syntax-error-falsely-constructed-message",
            procedure_code=kind.procedure_code,
            triggering_message=TRIGGERING[kind.outcome],
            procedure_criticality=kind.criticality,
            path=kind.name,
        )

    def judge(
        self,
        kind: Kind,
        unknown: Sequence[RawIE],
        missing: Sequence[int],
        identifiers: dict[str, int | None],
        notify: Diagnostics | None,
    ) -> None:
        """Raises if IEs that are not understood, or missing, reject the procedure (clauses 10.3.4.2 and 10.3.5)."""
        found: Diagnostics = [
            CriticalityDiagnosticsIEItem(ie_criticality=ie.criticality, ie_id=ie.id, type_of_error="not-understood")
            for ie in unknown
            if ie.criticality != "ignore"
        ]
        assigned = {row.key: row.criticality for row in kind.rows}
        found += [
            CriticalityDiagnosticsIEItem(ie_criticality=assigned[ie], ie_id=ie, type_of_error="missing")
            for ie in missing
        ]
        rejected = any(item.ie_criticality == "reject" for item in found)
        del found[MOST_ERRORS:]
        if not rejected:
            if notify is not None:
                notify += found
            return
        words = [f"{self.ie_names.get(item.ie_id, item.ie_id)} is {item.type_of_error}" for item in found[:MOST_WORDS]]
        raise self.error(
            ", ".join(words),
            cause="abstract-syntax-error-reject",
            procedure_code=kind.procedure_code,
            triggering_message=TRIGGERING[kind.outcome],
            procedure_criticality=kind.criticality,
            ies=tuple(found),
            identifiers={name: value for name, value in identifiers.items() if value is not None},
            path=kind.name,
        )

    def located(self, error: Exception, kind: Kind, number: int, end: int) -> DecodeError:
        """The error, with the IE in which it came up."""
        path = f"{kind.name}.{self.ie_names.get(number, f'id-{number}')[3:]}" if number >= 0 else kind.name
        if isinstance(error, DecodeError):
            return DecodeError(error.what, offset=error.offset, path=f"{path}.{error.path}".rstrip("."))
        if isinstance(error, IndexError):
            return DecodeError("cut off, or a number out of range", offset=end, path=path)
        return DecodeError(str(error), path=path)
