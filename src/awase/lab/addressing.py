"""Stable IPv4 addresses: 10.FUNCTION.HIGH.LOW by the number in a part's name; ports by reference point."""

import re
from collections.abc import Mapping
from functools import cache

from awase.lab.problems import Problems
from awase.model.network import PartEntry
from awase.model.part import Address
from awase.model.reference_points import REFERENCE_POINTS

FUNCTION_NUMBERS = {
    "ue": 100,
    "gnb": 101,
    "amf": 102,
    "smf": 103,
    "upf": 104,
    "ausf": 105,
    "udm": 106,
    "udr": 107,
    "data_network": 108,
}
"""The second octet of a function's addresses."""

OTHER_FUNCTIONS = 120
HOSTS = 254
MAX_NUMBER = 256 * HOSTS

_TRAILING = re.compile(r"[0-9]{1,5}\Z")


@cache
def port_numbers(function: str) -> Mapping[str, int]:
    """Where a function's ports listen or send from; a port whose transport has no addresses is not there."""
    numbers: dict[str, int] = {}
    for row in REFERENCE_POINTS.values():
        if row.transport == "ip":
            continue
        if row.server == function:
            numbers[row.server_port] = row.port_number
        elif row.client == function:
            # RLS lets a UE send from any port: the gNB's own makes captures readable.
            numbers[row.client_port] = row.client_port_number or row.port_number
    return numbers


LOOPBACKS = 20
"""How many networks may be up on one host, each with loopback addresses of its own."""


def loopback_prefix(second: int, loopback: int) -> str:
    """Where a function's addresses of a network on real sockets begin: 127.1 to 127.9 for the first network."""
    own = second - 99 if second < OTHER_FUNCTIONS else 10
    return f"127.{own + 12 * loopback}"


def assign(parts: Mapping[str, PartEntry], loopback: int | None = None) -> dict[str, str]:
    """The IPv4 address of each part; on the loopback interface where `loopback` says which network it is."""
    taken: dict[str, dict[int, str]] = {}
    late: list[PartEntry] = []
    for part in parts.values():
        match = _TRAILING.search(part.name)
        number = int(match[0]) if match else 0
        numbers = taken.setdefault(part.function, {})
        if 1 <= number <= MAX_NUMBER and number not in numbers:
            numbers[number] = part.name
        else:
            late.append(part)
    following: dict[str, int] = {}
    for part in late:
        numbers = taken[part.function]
        number = following.get(part.function, 1)
        while number in numbers:
            number += 1
        following[part.function] = number + 1
        numbers[number] = part.name
    hosts: dict[str, str] = {}
    others = sorted(function for function in taken if function not in FUNCTION_NUMBERS)
    for function, numbers in taken.items():
        second = FUNCTION_NUMBERS.get(function) or OTHER_FUNCTIONS + others.index(function)
        prefix = f"10.{second}" if loopback is None else loopback_prefix(second, loopback)
        for number, name in numbers.items():
            high, low = divmod(number - 1, HOSTS)
            hosts[name] = f"{prefix}.{high}.{low + 1}"
    return {name: part.address or hosts[name] for name, part in parts.items()}


def addresses(part: PartEntry, host: str, ports: tuple[str, ...]) -> dict[str, Address]:
    """The addresses of a part's ports."""
    numbers = port_numbers(part.function)
    return {port: part.addresses.get(port) or f"{host}:{numbers[port]}" for port in ports if port in numbers}


def check(placed: Mapping[str, Mapping[str, Address]], places: Mapping[str, str], problems: Problems) -> None:
    """Refuse one address twice."""
    owners: dict[Address, str] = {}
    for name, ports in placed.items():
        for port, address in ports.items():
            owner = owners.setdefault(address, f"{name} {port}")
            if owner != f"{name} {port}":
                what = f"port {port} has the address {address}, which is that of {owner}"
                problems.add(places[name], f"parts.{name}", what, "give one of them another address")
