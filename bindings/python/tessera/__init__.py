"""Tessera: licensing and hardware identity that an application embeds.

    with tessera.App.open(product="player", data_dir=data_dir, trusted_keys=[ROOT_KEY]) as app:
        verdict = app.license.check()
        if not verdict:
            raise SystemExit(verdict.explain())

`tessera.aio` has the same for asyncio. Failed calls raise subclasses of tessera.Error, which also derive from the
builtin exception that fits. Log records go to the logger "tessera".
"""

from . import _errors, _native
from ._codes import LicenseCode
from ._config import (
    AppConfig,
    AppFactor,
    CrlSpec,
    EntitlementSpec,
    EnvironmentSpec,
    GraceSpec,
    HwidConfig,
    KeySpec,
    KeysetSpec,
    LeaseSpec,
    LicenseSpec,
    Rs256Spec,
    RsaKey,
    SyncSpec,
    TrialSpec,
)
from ._errors import *
from ._issuing import Issuer
from ._licensing import App, Hwid, License
from ._native import (
    Key,
    Subscription,
    Verdict,
    build_info,
    check_license_key,
    generate_license_key,
    inspect,
    version,
)
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
    "LogLevel",
    "LogRecord",
    "MeterReading",
    "Reason",
    "Rs256Spec",
    "RsaKey",
    "Strength",
    "Subscription",
    "SyncSpec",
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
