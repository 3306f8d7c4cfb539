"""The algorithms of a subscription by name (TS 29.505 clause 5.4.2.2): MILENAGE (TS 35.206) and TUAK (TS 35.231)."""

from collections.abc import Callable
from typing import NamedTuple

from awase.security.aka import AkaFunctions
from awase.security.milenage import Milenage, opc_from_op
from awase.security.tuak import Tuak, topc_from_top


class Algorithm(NamedTuple):
    """A set of functions: what a subscription has to give it, and how it is made.

    `operator` is the operator's constant, of which with K comes `constant`, which is what the functions take.
    """

    key_octets: tuple[int, ...]
    constant: str
    operator: str
    octets: int
    functions: Callable[[bytes, bytes], AkaFunctions]
    derived: Callable[[bytes, bytes], bytes]


MILENAGE, TUAK = "milenage", "tuak"
ALGORITHMS = {
    MILENAGE: Algorithm((16,), "OPc", "OP", 16, Milenage, opc_from_op),
    TUAK: Algorithm((16, 32), "TOPc", "TOP", 32, Tuak, topc_from_top),
}


def check(algorithm: str, k: str, constants: dict[str, str | None]) -> None:
    """Whether an algorithm can be made of hexadecimal texts: K, and `constants` by their lower-case names.

    Raises ValueError, which begins with the name of the one that is wrong and shows none.
    """
    if algorithm not in ALGORITHMS:
        raise ValueError(f"algorithm: {algorithm[:40]!r} is unknown; known: {', '.join(ALGORITHMS)}")
    row = ALGORITHMS[algorithm]
    _check_hexadecimal("k", k, row.key_octets)
    own = (row.constant.lower(), row.operator.lower())
    for name, text in constants.items():
        if text is None:
            continue
        if name not in own:
            raise ValueError(f"{name}: {algorithm} takes {own[0]} or {own[1]}")
        _check_hexadecimal(name, text, (row.octets,))
    if all(constants.get(name) is None for name in own):
        raise ValueError(f"{own[0]}: there is neither {own[0]} nor {own[1]}")


def _check_hexadecimal(name: str, text: str, octets: tuple[int, ...]) -> None:
    try:
        length = len(bytes.fromhex(text))
    except ValueError:
        length = -1
    if length not in octets or len(text) != 2 * length:
        wanted = " or ".join(str(2 * each) for each in octets)
        raise ValueError(f"{name}: {wanted} hexadecimal digits are wanted, there are {len(text)}")
