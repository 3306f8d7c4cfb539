"""From a SUCI or SUPI, as it stands in a path, to a SUPI (TS 29.503 clause 6.3.6.3.2, TS 33.501 clause 6.12)."""

from collections.abc import Sequence

import msgspec

from awase.model.ids import Supi
from awase.model.settings import HomeNetworkKey
from awase.security import suci

_MAX_SCHEME_OUTPUT = 512


class Unidentified(Exception):
    """Why there is no SUPI: the status and cause to answer with, and a sentence."""

    def __init__(self, status: int, cause: str, text: str, config: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.cause = cause
        self.text = text
        self.config = config


class _Key(msgspec.Struct, frozen=True):
    scheme: int
    private: bytes

    def __repr__(self) -> str:
        return f"_Key({self.scheme})"


class Identities:
    """The SUPI de-concealing function (SIDF) of one home network."""

    def __init__(self, keys: Sequence[HomeNetworkKey], null_scheme: bool) -> None:
        self._keys = {key.id: _Key(suci.SCHEMES[key.scheme], bytes.fromhex(key.private_key or "")) for key in keys}
        self._null_scheme = null_scheme

    def supi(self, text: str) -> Supi:
        """The SUPI of "imsi-..." or "suci-0-...". Raises Unidentified."""
        if text.startswith("imsi-"):
            return _imsi(text[5:])
        if text.startswith("suci-"):
            return self._of_suci(text)
        raise Unidentified(404, "USER_NOT_FOUND", f"{text[:60]!r} is neither an IMSI nor a SUCI of one")

    def _of_suci(self, text: str) -> Supi:
        # suci-<SUPI type>-<MCC>-<MNC>-<routing indicator>-<scheme>-<key identifier>-<scheme output>
        fields = text.split("-", 7)
        if len(fields) != 8 or fields[1] != "0":
            raise Unidentified(404, "USER_NOT_FOUND", "the SUCI is not one of SUPI type IMSI")
        _, _, mcc, mnc, _, scheme_text, key_text, output = fields
        scheme, key_id = _number(scheme_text, 15), _number(key_text, 255)
        if scheme == suci.NULL_SCHEME:
            if not self._null_scheme:
                raise Unidentified(
                    501,
                    "UNSUPPORTED_PROTECTION_SCHEME",
                    "the SUCI uses the null-scheme, which this home network does not take",
                    "null_scheme",
                )
            return _imsi(mcc + mnc + output)
        if scheme not in suci.SCHEMES.values():
            raise Unidentified(501, "UNSUPPORTED_PROTECTION_SCHEME", f"protection scheme {scheme} is not supported")
        return _imsi(mcc + mnc + self._msin(scheme, key_id, output))

    def _msin(self, scheme: int, key_id: int, output: str) -> str:
        key = self._keys.get(key_id)
        if key is None or key.scheme != scheme:
            raise Unidentified(
                403,
                "INVALID_HN_PUBLIC_KEY_IDENTIFIER",
                f"the SUCI names home network key {key_id}, which is not configured for its scheme",
                "home_network_keys",
            )
        try:
            octets = bytes.fromhex(output) if len(output) <= _MAX_SCHEME_OUTPUT else b""
            return suci.deconceal(scheme, octets, key.private)
        except ValueError as error:
            reason = str(error) if isinstance(error, suci.SuciError) else "it is not hexadecimal"
            raise Unidentified(
                403,
                "INVALID_SCHEME_OUTPUT",
                f"the SUCI cannot be opened with home network key {key_id}: {reason}",
                "home_network_keys",
            ) from None


def _number(text: str, highest: int) -> int:
    # A hyphen inside the scheme output never gets here: the output of no scheme has one.
    if len(text) > 3 or not (text.isascii() and text.isdecimal()) or int(text) > highest:
        raise Unidentified(404, "USER_NOT_FOUND", "the SUCI is malformed")
    return int(text)


def _imsi(digits: str) -> Supi:
    if not (digits.isascii() and digits.isdecimal() and 6 <= len(digits) <= 15):
        raise Unidentified(404, "USER_NOT_FOUND", "an IMSI has 6 to 15 digits")
    return Supi(f"imsi-{digits}")
