"""Opens ciphered NAS messages with the keys that UE and AMF logged (TS 24.501 clause 4.4, TS 33.501 clause 6.4).

It only reads: what it cannot open stays closed, and no part knows of it.
"""

import hmac
from collections.abc import Mapping

import msgspec

from awase.security.nea import nea
from awase.security.nia import nia

UPLINK, DOWNLINK = 0, 1
BEARER_3GPP = 1
"""The NAS connection identifier of 3GPP access (TS 24.501 clause 4.4.2.6)."""

EPD_5GMM = 0x7E
_CIPHERED = (2, 4)
_CACHE = 4096
_TRIALS = 64
_KEYS_PER_SUPI = 8
_AMF_IDS = 65536


class _Keys:
    __slots__ = ("counts", "k_enc", "k_int", "nea", "nia", "supi")

    def __init__(self, record: Mapping[str, str | int]) -> None:
        self.supi = str(record["supi"])
        self.nea, self.nia = int(record["nea"]), int(record["nia"])
        self.k_enc = bytes.fromhex(str(record["k_nas_enc"]))
        self.k_int = bytes.fromhex(str(record["k_nas_int"]))
        self.counts = [0, 0]

    def open(self, pdu: bytes, direction: int) -> bytes | None:
        """The plain message, if the MAC says that it is of these keys."""
        number = pdu[6]
        latest = self.counts[direction]
        near = latest & ~0xFF | number
        if near + 128 < latest:
            near += 256
        counts = (near,) if near == number else (near, number)
        for count in counts:
            mac = nia(self.nia, self.k_int, count, BEARER_3GPP, direction, pdu[6:])
            if hmac.compare_digest(mac, pdu[2:6]):
                self.counts[direction] = max(count, latest)
                return nea(self.nea, self.k_enc, count, BEARER_3GPP, direction, pdu[7:])
        return None


class KeyRing:
    """The NAS keys of a run, by whom they belong to; `keep`: the records, too, all of them."""

    def __init__(self, *, keep: bool = True) -> None:
        self._keep = keep
        self.records: list[msgspec.Raw] = []
        """As JSON, which takes a third of the room."""
        self._known: dict[tuple[bytes, bytes], _Keys] = {}
        self._by_supi: dict[str, list[_Keys]] = {}
        self._by_amf_id: dict[int, _Keys] = {}
        """The latest of them; a table that is full forgets the oldest."""
        self._opened: dict[bytes, bytes | None] = {}

    def add(self, record: Mapping[str, str | int]) -> None:
        """Take a record of a part's key log."""
        if self._keep:
            self.records.append(msgspec.Raw(msgspec.json.encode(record)))
        if record.get("kind") != "nas":
            return
        keys = _Keys(record)
        known = (keys.k_enc, keys.k_int)
        keys = self._known.setdefault(known, keys)
        mine = self._by_supi.setdefault(keys.supi, [])
        if keys not in mine:
            mine.insert(0, keys)
            if len(mine) > _KEYS_PER_SUPI:
                oldest = mine.pop()
                self._known.pop((oldest.k_enc, oldest.k_int), None)
        if "amf_ue_ngap_id" in record:
            if len(self._by_amf_id) >= _AMF_IDS:
                del self._by_amf_id[next(iter(self._by_amf_id))]
            self._by_amf_id[int(record["amf_ue_ngap_id"])] = keys

    def supi_of(self, amf_ue_ngap_id: int) -> str | None:
        """Whose keys an AMF uses under this id."""
        keys = self._by_amf_id.get(amf_ue_ngap_id)
        return None if keys is None else keys.supi

    def plain(
        self, pdu: bytes, direction: int, *, supi: str | None = None, amf_ue_ngap_id: int | None = None
    ) -> tuple[bytes | None, bool]:
        """A NAS message without its protection (None: cannot be opened), and whether it was ciphered."""
        if len(pdu) < 3 or pdu[0] != EPD_5GMM or pdu[1] & 0x0F == 0:
            return pdu, False
        if len(pdu) < 8:
            return None, False
        if pdu[1] & 0x0F not in _CIPHERED:
            return pdu[7:], False
        if pdu in self._opened:
            return self._opened[pdu], True
        plain = None
        for keys in self._candidates(supi, amf_ue_ngap_id):
            plain = keys.open(pdu, direction)
            if plain is not None:
                break
        if len(self._opened) >= _CACHE:
            del self._opened[next(iter(self._opened))]
        self._opened[pdu] = plain
        return plain, True

    def _candidates(self, supi: str | None, amf_ue_ngap_id: int | None) -> list[_Keys]:
        if supi is not None:
            return self._by_supi.get(supi, [])
        hinted = self._by_amf_id.get(amf_ue_ngap_id) if amf_ue_ngap_id is not None else None
        if hinted is not None:
            return [hinted]
        return list(self._known.values())[-_TRIALS:]
