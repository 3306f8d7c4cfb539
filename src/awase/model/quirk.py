"""A quirk: a switchable behaviour modelled on a publicly reported interoperability bug (DESIGN section 5).

It is the object behind an entry point in `awase.quirks`, named by the quirk's id.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from awase.model.part import Part


class Quirk(Protocol):
    """What a quirk tells of itself, and how it changes a part.

    `function` is the function whose parts it fits; `report` the URL of the public report; `clause`,
    `message` and `element` say what it breaks ("TS 38.413 clause 8.7.1.4", "NGSetupFailure", "Cause").
    `provocation` is a piece of a network that is added when the quirk is cast, so that it shows:
    `{"parts": {...}, "expect": {...}}`, written as in a network file; its parts get implied links.
    """

    @property
    def id(self) -> str:
        """Its name in a cast."""
        ...

    @property
    def function(self) -> str:
        """The function whose parts it fits."""
        ...

    @property
    def title(self) -> str:
        """One line for a person."""
        ...

    @property
    def report(self) -> str:
        """The URL of the report it is modelled on."""
        ...

    @property
    def clause(self) -> str:
        """The requirement it breaks."""
        ...

    @property
    def message(self) -> str:
        """The message it shows in."""
        ...

    @property
    def element(self) -> str:
        """The information element it shows in."""
        ...

    @property
    def provocation(self) -> Mapping[str, Any]:
        """A piece of a network in which it shows; may be empty."""
        ...

    def wrap(self, part: Part) -> Part:
        """The part with the quirk."""
        ...
