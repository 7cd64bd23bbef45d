"""The application's side."""

from typing import Self, Unpack

from . import _log, _native
from ._config import AppConfig, HwidConfig, Text, encode
from ._lifetime import Closing
from ._store import Store
from ._values import LogLevel


class License(_native.License, Closing):
    """The licence of one product in one data folder. Safe from any thread; use it in a `with`."""

    def __init__(self, source: "str | _native.App | _native.Op") -> None:
        """For the package's own use: see open() and App.license."""
        _native.License.__init__(self, source)
        self._log = self.on_log(LogLevel.TRACE, _log.emit)

    @classmethod
    def open(cls, **config: Unpack[AppConfig]) -> Self:
        """Reads the state file, probes the hardware and evaluates. No network.

        `product`, `data_dir` and `trusted_keys` (or `rsa_keys`) are needed; docs/reference/license-config.md explains
        all members. A missing or damaged state is not an error: the verdict says so and the next import repairs it.
        Raises ArgError, IoError, PermissionError, DiskFullError, LicenseError (HW_CUSTOM_INVALID).
        """
        license = cls(encode(config))
        license._opened()
        return license

    def __repr__(self) -> str:
        return f"<tessera.License {id(self):#x}>"


class App(_native.App, Closing):
    """The application's Tessera: opens the areas from one configuration. Safe from any thread; use it in a `with`."""

    def __init__(self, source: "str | _native.Op") -> None:
        """For the package's own use: see open()."""
        _native.App.__init__(self, source)
        self._license: License | None = None
        self._store: Store | None = None

    @classmethod
    def open(cls, **config: Unpack[AppConfig]) -> Self:
        """Opens the application. Members and errors are those of License.open()."""
        app = cls(encode(config))
        app._opened()
        return app

    @property
    def license(self) -> License:
        """The application's licence; close() of the application ends it too. Raises StateError, ForkedError."""
        if self._license is None:
            self._license = License(self)
        return self._license

    @property
    def store(self) -> Store:
        """The application's store, "app.tdb" in its data folder, opened by the first use; close() of the application ends
        it too. Without a secret: where one is needed to open it, call open_store() first. Raises as Store.open(),
        StateError."""
        return self.open_store()

    def open_store(
        self, *, passphrase: Text | None = None, app_key: Text | None = None, recovery_key: Text | None = None
    ) -> Store:
        """Opens the application's store with what it needs, unless it is open already, and gives it.

        Raises as Store.open(), StateError.
        """
        if self._store is None:
            self._store = Store(self, passphrase, app_key, recovery_key)
        return self._store

    def __repr__(self) -> str:
        return f"<tessera.App {id(self):#x}>"


class Hwid(_native.Hwid):
    """A snapshot of what identifies this machine; nothing gives a raw value. Immutable."""

    @classmethod
    def probe(cls, **config: Unpack[HwidConfig]) -> Self:
        """Reads small files and asks the kernel; no child process, no network, a few milliseconds.

        Raises ArgError, LicenseError (HW_CUSTOM_INVALID).
        """
        return cls(encode(config))

    def __repr__(self) -> str:
        return f"<tessera.Hwid {self.strength.name}>"
