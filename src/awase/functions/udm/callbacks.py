"""Whom a callback URI names (TS 29.501 clause 4.4.2)."""

from awase.model.part import Address

_PORTS = {"http": 80, "https": 443}


def target(uri: str) -> tuple[Address, str] | None:
    """Whom and what a callback URI names; None where it is no URI of ours."""
    scheme, _, rest = uri.partition("://")
    authority, slash, path = rest.partition("/")
    port = _PORTS.get(scheme)
    if port is None or not authority:
        return None
    return (authority if ":" in authority else f"{authority}:{port}"), slash + path
