"""Tessera: licensing, hardware identity and an encrypted store that an application embeds.

    with tessera.App.open(product="player", data_dir=data_dir, trusted_keys=[ROOT_KEY]) as app:
        verdict = app.license.check()
        if not verdict:
            raise SystemExit(verdict.explain())
        app.store.put("theme", "dark")

`tessera.aio` has the same for asyncio. Failed calls raise subclasses of tessera.Error, which also derive from the
builtin exception that fits. Log records go to the logger "tessera".
"""

from . import _errors, _native
from ._cache import Cache
from ._codes import LicenseCode
from ._config import (
    AppConfig,
    AppFactor,
    AppStoreConfig,
    CacheConfig,
    CrlSpec,
    EntitlementSpec,
    EnvironmentSpec,
    GraceSpec,
    HwidConfig,
    KeySpec,
    KeysetSpec,
    LeaseSpec,
    LicenseSpec,
    OutboxConfig,
    OutboxRequest,
    Rs256Spec,
    RsaKey,
    StoreConfig,
    SyncSpec,
    TrialSpec,
)
from ._errors import *
from ._issuing import Issuer
from ._licensing import App, Hwid, License
from ._native import (
    Changes,
    Key,
    Row,
    Rows,
    Subscription,
    Verdict,
    build_info,
    check_license_key,
    generate_license_key,
    inspect,
    version,
)
from ._outbox import Outbox
from ._sealed import SealedLog, SealedReader, SealedWriter
from ._store import Records, Store
from ._store_values import (
    AuditEntry,
    CacheEntry,
    CacheStats,
    LogEntry,
    MigrationStep,
    OutboxCounts,
    OutboxItem,
    OutboxState,
    SalvageReport,
    Slot,
    SlotType,
)
from ._transaction import Transaction
from ._values import (
    Entitlement,
    Factor,
    FactorClass,
    FactorState,
    Feature,
    KeyType,
    LogLevel,
    LogRecord,
    MeterReading,
    Reason,
    Strength,
)

__all__ = [
    "App",
    "AppConfig",
    "AppFactor",
    "AppStoreConfig",
    "AuditEntry",
    "Cache",
    "CacheConfig",
    "CacheEntry",
    "CacheStats",
    "Changes",
    "CrlSpec",
    "Entitlement",
    "EntitlementSpec",
    "EnvironmentSpec",
    "Factor",
    "FactorClass",
    "FactorState",
    "Feature",
    "GraceSpec",
    "Hwid",
    "HwidConfig",
    "Issuer",
    "Key",
    "KeySpec",
    "KeyType",
    "KeysetSpec",
    "LeaseSpec",
    "License",
    "LicenseCode",
    "LicenseSpec",
    "LogEntry",
    "LogLevel",
    "LogRecord",
    "MeterReading",
    "MigrationStep",
    "Outbox",
    "OutboxConfig",
    "OutboxCounts",
    "OutboxItem",
    "OutboxRequest",
    "OutboxState",
    "Reason",
    "Records",
    "Row",
    "Rows",
    "Rs256Spec",
    "RsaKey",
    "SalvageReport",
    "SealedLog",
    "SealedReader",
    "SealedWriter",
    "Slot",
    "SlotType",
    "Store",
    "StoreConfig",
    "Strength",
    "Subscription",
    "SyncSpec",
    "Transaction",
    "TrialSpec",
    "Verdict",
    "__version__",
    "build_info",
    "check_license_key",
    "features",
    "generate_license_key",
    "inspect",
    "version",
]
__all__ += _errors.__all__

__version__ = version()


def features() -> Feature:
    """The areas that this build includes."""
    return Feature(_native.features())
