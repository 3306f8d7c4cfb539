"""A PartType whose configuration is a msgspec Struct: how our own functions offer themselves."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

import msgspec

from awase.model.part import Part, Services

C = TypeVar("C", bound=msgspec.Struct)


class StructPartType(Generic[C]):
    """An entry of `awase.parts`: `build` decodes the configuration strictly, then makes the part."""

    def __init__(
        self,
        *,
        function: str,
        ports: Sequence[str],
        config: type[C],
        make: Callable[[str, C, Services], Part],
        versions: Mapping[str, str],
    ) -> None:
        self.function = function
        self.ports = ports
        self.versions = versions
        self._config = config
        self._make = make

    @cached_property
    def config_schema(self) -> Mapping[str, Any]:
        """The JSON schema of the configuration."""
        return msgspec.json.schema(self._config)

    def check(self, config: Mapping[str, Any]) -> None:
        """Read the configuration as `build` does, to no other end. Raises ValueError."""
        msgspec.convert(config, self._config)

    def build(self, name: str, config: Mapping[str, Any], services: Services) -> Part:
        """Make the part. Raises msgspec.ValidationError (a ValueError) for a configuration it cannot read."""
        return self._make(name, msgspec.convert(config, self._config), services)
