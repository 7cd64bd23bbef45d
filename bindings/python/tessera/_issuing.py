"""The vendor's side: runs on a server or a desk, never in the shipped application."""

from typing import Unpack

from . import _native
from ._config import CrlSpec, KeysetSpec, LeaseSpec, LicenseSpec, Rs256Spec, Text, TrialSpec, encode
from ._native import Key


class Issuer(_native.Issuer):
    """Issues documents for one product under one key. Immutable, safe from any thread.

    Every document is one compact JWS; join them with newlines into a `.lic` file. Specifications are keyword arguments
    after docs/reference/issuer.md; an unknown one is ArgError.
    """

    def __init__(self, key: Key, *, issuer: str, product: str) -> None:
        """`key` is a root key for key sets, a signing key for everything else; `issuer` the vendor's name.

        Raises ArgError.
        """
        _native.Issuer.__init__(self, encode({"issuer": issuer, "product": product}), key)

    def issue(self, request: Text | None = None, **spec: Unpack[LicenseSpec]) -> str:
        """A licence for the machine that made `request`; without one it binds to no machine. `sku` is needed.

        Raises ArgError, LicenseError (HW_TOO_WEAK unless `allow_weak`, or what is wrong with the request).
        """
        return self._issue(request, encode(spec))

    def trial(self, **spec: Unpack[TrialSpec]) -> str:
        """A trial that an application ships. `days` and `sku` are needed. Raises ArgError."""
        return self._trial(encode(spec))

    def lease(self, request: Text, **spec: Unpack[LeaseSpec]) -> str:
        """A lease of a floating licence for the installation that made `request`. Raises ArgError, LicenseError."""
        return self._lease(request, encode(spec))

    def keyset(self, **spec: Unpack[KeysetSpec]) -> str:
        """A key set; the issuer's key must be a root key. `seq` and `keys` are needed. Raises ArgError.

        To change roots, issue the same specification with the same `issued_at` under old and new root keys and ship
        the lines together.
        """
        return self._keyset(encode(spec))

    def crl(self, **spec: Unpack[CrlSpec]) -> str:
        """A revocation list. `seq` is needed. Raises ArgError."""
        return self._crl(encode(spec))

    def rs256(self, **spec: Unpack[Rs256Spec]) -> str:
        """A JWT for existing services, signed with an RS256 key. `sub`, `hwid` and `plan` are needed.

        Raises ArgError, CryptoError.
        """
        return self._rs256(encode(spec))
