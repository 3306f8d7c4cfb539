"""What this AMF serves, resolved from its configuration, with the path that explains each value."""

from awase.functions.amf.config import Config
from awase.model.ids import Guami, Plmn, SNssai, Tai
from awase.model.settings import Slice
from awase.security import nea, nia

_MAX_SLICES = 1024
"""maxnoofSliceItems (TS 38.413 clause 9.4.7)."""
_MAX_PLMNS = 12
"""maxnoofPLMNs (TS 38.413 clause 9.4.7)."""


def snssai(entry: Slice, path: str) -> SNssai:
    """A slice of the configuration. Raises ValueError with the form expected."""
    sd = entry.sd
    if not 0 <= entry.sst <= 255:
        raise ValueError(f"{path}: sst {entry.sst} is not between 0 and 255")
    if sd is not None:
        if len(sd) != 6 or any(c not in "0123456789abcdefABCDEF" for c in sd):
            raise ValueError(f'{path}: sd {sd!r} is not six hexadecimal digits, for example "000001"')
        # FFFFFF is how "no SD" is coded where an SD must be sent (TS 23.003 clause 28.4.2).
        sd = None if sd.lower() == "ffffff" else sd.lower()
    return SNssai(entry.sst, sd)


class Served:
    """PLMNs, tracking areas, slices, identity and algorithms of one AMF.

    `plmn_path`, `tac_path` and `slices_path` name the configuration that they came from.
    """

    def __init__(self, config: Config) -> None:
        self.plmn_path = "plmn_support" if config.plmn_support else "plmn"
        self.slices_path = "plmn_support" if config.plmn_support else "slices"
        self.tac_path = "tais" if config.tais else "tac"
        self.home = Plmn.parse(config.plmn)
        self.slices = self._slices(config)
        self.tais = self._tais(config)
        self.registration_area_tais = config.registration_area_tais
        first = next(iter(self.slices))
        for name, value, bits in (
            ("amf_region_id", config.amf_region_id, 8),
            ("amf_set_id", config.amf_set_id, 10),
            ("amf_pointer", config.amf_pointer, 6),
            ("relative_amf_capacity", config.relative_amf_capacity, 8),
        ):
            if not 0 <= value < 1 << bits:
                raise ValueError(f"{name}: {value} does not fit into {bits} bits")
        for name, seconds, longest in (
            ("t3346_s", config.t3346_s, 11_160),
            ("t3502_s", config.t3502_s, 11_160),
            ("t3512_s", config.t3512_s, 35_712_000),
        ):
            if not 0 <= seconds <= longest:
                raise ValueError(f"{name}: {seconds} is not between 0 and {longest}, the most that NAS can say")
        self.guamis = tuple(
            Guami(plmn, config.amf_region_id, config.amf_set_id, config.amf_pointer) for plmn in self.slices
        )
        self.guami = Guami(first, config.amf_region_id, config.amf_set_id, config.amf_pointer)
        self.ciphering = _algorithms("ciphering", config.ciphering, tuple(nea.ALGORITHMS))
        self.integrity = _algorithms("integrity", config.integrity, tuple(nia.ALGORITHMS))
        if 0 in self.integrity:
            raise ValueError("integrity: NIA0 is for unauthenticated emergency sessions only (TS 33.501 clause 5.5.2)")

    def _slices(self, config: Config) -> dict[Plmn, tuple[SNssai, ...]]:
        if not config.plmn_support:
            entries = config.slices or (Slice(1),)
            return {self.home: tuple(dict.fromkeys(snssai(entry, f"slices[{i}]") for i, entry in enumerate(entries)))}
        slices: dict[Plmn, tuple[SNssai, ...]] = {}
        for i, row in enumerate(config.plmn_support):
            path = f"plmn_support[{i}]"
            if not row.slices or len(row.slices) > _MAX_SLICES:
                raise ValueError(f"{path}.slices: give 1 to {_MAX_SLICES} slices")
            own = tuple(snssai(entry, f"{path}.slices[{j}]") for j, entry in enumerate(row.slices))
            plmn = Plmn.parse(row.plmn)
            slices[plmn] = tuple(dict.fromkeys((*slices.get(plmn, ()), *own)))
        if len(slices) > _MAX_PLMNS:
            raise ValueError(f"plmn_support: {len(slices)} PLMNs, at most {_MAX_PLMNS} fit")
        return slices

    def _tais(self, config: Config) -> tuple[Tai, ...]:
        if config.tais:
            tais = tuple(Tai(Plmn.parse(row.plmn), tac) for row in config.tais for tac in row.tacs)
        else:
            tais = tuple(Tai(plmn, config.tac) for plmn in self.slices)
        for tai in tais:
            if not 0 <= tai.tac < 1 << 24:
                raise ValueError(f"{self.tac_path}: {tai.tac} does not fit into 24 bits")
        if not tais:
            raise ValueError("tais: give at least one tracking area")
        return tuple(dict.fromkeys(tais))

    def registration_area(self, tai: Tai) -> tuple[Tai, ...]:
        """The TAs of a UE in `tai`: up to 16 of its PLMN, its own first (TS 24.501 clause 9.11.3.9)."""
        others = [other for other in self.tais if other.plmn == tai.plmn and other != tai]
        return (tai, *others[: self.registration_area_tais - 1])

    def words(self, plmn: Plmn) -> str:
        """The slices of a PLMN, for a sentence."""
        return ", ".join(str(item) for item in self.slices.get(plmn, ())) or "none"


def _algorithms(path: str, names: tuple[str, ...], known: tuple[int, ...]) -> tuple[int, ...]:
    """Algorithm identities in the operator's order, of those that we have."""
    if not names:
        raise ValueError(f"{path}: list at least one algorithm")
    identities = tuple(int(name[3:]) for name in names)
    for name, identity in zip(names, identities, strict=True):
        if identity not in known:
            raise ValueError(f"{path}: {name} is not supported")
    return identities
