"""Completes the sections of the network file: what the network and a subscriber's record tell a part.

Where each value comes from is kept, so that an event can name the line that explains it.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from awase.lab.network_schema import resolved
from awase.lab.strict_yaml import Document, Path
from awase.model.network import Network, PartEntry
from awase.model.part import PartType
from awase.model.settings import HomeNetworkKey, Subscriber
from awase.security.suci import SCHEMES, home_network_public_key

_CONSTANTS = ("opc", "op", "topc", "top")
NETWORK_WIDE = ("plmn", "tac", "slices", "dnns", "subscribers", "home_network_keys")
FROM_SUBSCRIBER = ("k", "algorithm", *_CONSTANTS, "amf", "sqn", "slices", "dnns")
PRIVATE_KEYS_FOR = "udm"
"""The one function that decrypts SUCIs (TS 33.501 clause 6.12.2)."""

_STEP = re.compile(r"[^.\[\]]+")


class Completed(msgspec.Struct):
    """A configuration, and for each of its keys that is not the section's own the path that set it."""

    config: dict[str, Any]
    origins: dict[str, Path]

    def __repr__(self) -> str:
        return f"Completed({', '.join(self.config)})"


def plain(value: Any) -> Any:
    """A record as plain data, without what is not set."""
    return _without_none(msgspec.to_builtins(value))


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_without_none(inner) for inner in value]
    return value


class Completion:
    """What a network has to tell its parts."""

    def __init__(self, network: Network) -> None:
        known: dict[bytes, Any] = {}
        subscribers = [_record(subscriber, network, known) for subscriber in network.subscribers]
        self._subscribers = network.subscribers
        self._indexes = {subscriber.supi: index for index, subscriber in enumerate(network.subscribers)}
        keys = [_key(key) for key in network.home_network_keys]
        self._private_keys = [plain(key) for key in keys]
        public = [msgspec.structs.replace(key, private_key=None) for key in keys]
        self._values: dict[str, Any] = {
            "plmn": network.plmn,
            "tac": network.tac,
            "slices": plain(network.slices),
            "dnns": plain(network.dnns),
            "subscribers": subscribers,
            "home_network_keys": [plain(key) for key in public],
        }

    def complete(self, part: PartEntry, part_type: PartType) -> Completed:
        """A part's configuration, but for addresses and peers."""
        wanted = takes(part_type)
        config = dict(part.section)
        origins: dict[str, Path] = {}
        if "subscriber" in wanted:
            self._from_record(config, wanted, origins)
            if "dnns" in wanted and "dnns" not in config:
                # A subscriber knows data networks by their names, as its record would.
                config["dnns"] = [dnn["name"] for dnn in self._values["dnns"]]
                origins["dnns"] = ("dnns",)
        for key in NETWORK_WIDE:
            if key in wanted and key not in config:
                config[key] = self._values[key]
                origins[key] = (key,)
        if part.function == PRIVATE_KEYS_FOR and "home_network_keys" in origins:
            config["home_network_keys"] = self._private_keys
        return Completed(config, origins)

    def _from_record(self, config: dict[str, Any], wanted: Mapping[str, Any], origins: dict[str, Path]) -> None:
        index = self._indexes.get(str(config.get("subscriber")))
        if index is None:
            return
        record = self._values["subscribers"][index]
        own = any(name in config for name in _CONSTANTS)
        for key in FROM_SUBSCRIBER:
            inherited = key in record and key in wanted and key not in config
            if inherited and not (own and key in _CONSTANTS):
                config[key] = record[key]
                of_network = key in NETWORK_WIDE and not getattr(self._subscribers[index], key)
                origins[key] = (key,) if of_network else ("subscribers", index, key)


def takes(part_type: PartType) -> Mapping[str, Any]:
    """The properties of a part type's configuration."""
    properties = resolved(part_type.config_schema).get("properties", {})
    return properties if isinstance(properties, Mapping) else {}


def completed_keys(part_type: PartType) -> frozenset[str]:
    """What the lab may set, so that a section need not."""
    wanted = takes(part_type)
    keys = {*NETWORK_WIDE, "addresses", "peers"}
    if "subscriber" in wanted:
        keys.update(FROM_SUBSCRIBER)
    return frozenset(key for key in keys if key in wanted)


def _record(subscriber: Subscriber, network: Network, known: dict[bytes, Any]) -> dict[str, Any]:
    """A subscriber's record; without slices or data networks of its own it has the network's.

    Many subscribers have the same of both, and of bit rates: they share them, by `known`.
    """
    record: dict[str, Any] = plain(subscriber)
    if not subscriber.slices:
        record["slices"] = plain(network.slices)
    if not subscriber.dnns:
        record["dnns"] = [dnn.name for dnn in network.dnns]
    for key, value in record.items():
        if isinstance(value, list | dict):
            record[key] = known.setdefault(msgspec.json.encode(value), value)
    return record


def _key(key: HomeNetworkKey) -> HomeNetworkKey:
    if key.public_key is not None or key.private_key is None:
        return key
    public = home_network_public_key(SCHEMES[key.scheme], bytes.fromhex(key.private_key))
    return msgspec.structs.replace(key, public_key=public.hex())


class Where:
    """Turns a path of a part's configuration into the file and line that set it."""

    __slots__ = ("_document", "_origins", "_section")

    def __init__(self, document: Document, section: Path, origins: Mapping[str, Path]) -> None:
        self._document = document
        self._section = section
        self._origins = origins

    def __call__(self, path: str) -> str:
        """From "plmn_support[0].slices" to "networks/demo.yaml:31"."""
        steps: list[str | int] = [int(s) if s.isdigit() else s for s in _STEP.findall(path)]
        origin = self._origins.get(str(steps[0])) if steps else None
        if origin is not None and origin[:1] in self._document.lines:
            return self._document.place((*origin, *steps[1:]))
        return self._document.place((*self._section, *steps))
