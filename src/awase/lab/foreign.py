"""Parts that someone else's program plays: what the lab knows of them before anything is started."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from awase.model.part import Part, PartType, Services


class ForeignPartType:
    """The offer of an adapter: a section is checked and completed as ours, so that a cast may change and no more."""

    def __init__(self, supplier: str, ours: PartType) -> None:
        self.supplier = supplier
        self.function = ours.function
        self.ports: Sequence[str] = ours.ports
        self.config_schema: Mapping[str, Any] = ours.config_schema
        self.versions: Mapping[str, str] = {}
        self.build: Callable[[str, Mapping[str, Any], Services], Part] = self._refuse

    def _refuse(self, _name: str, _config: Mapping[str, Any], _services: Services) -> Part:
        """There is nothing to build. Raises ValueError."""
        raise ValueError(
            f"{self.supplier} is a program of its own, which runs on real sockets only: "
            "use awase up instead of awase run"
        )
