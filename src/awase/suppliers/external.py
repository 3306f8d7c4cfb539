"""A box that is there already: nothing is written or started, its address is in the cast."""

from collections.abc import Mapping
from typing import Any

from awase.suppliers.adapter import Brief, Plan


class External:
    """The adapter: `cast: {amf: {supplier: external, address: 10.0.0.5}}`."""

    functions = ("ue", "gnb", "amf", "smf", "upf", "ausf", "udm", "udr", "data_network")

    def plan(self, brief: Brief) -> Plan:
        """Nothing to do but to say who is expected where."""
        notes = []
        for name in brief.mine:
            part = brief.parts[name]
            where = ", ".join(f"{port} at {address}" for port, address in part.addresses.items())
            notes.append(f"{name} is external: {where or 'it has no addresses'}")
        return Plan(notes=tuple(notes))

    def settings_of_ours(self, _brief: Brief) -> Mapping[str, Mapping[str, Any]]:
        """Nothing: who knows what the box needs says so in the network file."""
        return {}


ADAPTER = External()
