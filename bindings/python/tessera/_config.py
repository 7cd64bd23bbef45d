"""Configurations and specifications: what the SDK takes as JSON, as keyword arguments.

The SDK checks names and values; an unknown member is ArgError. A time is an aware datetime or seconds since the epoch.
"""

import datetime
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Required, TypedDict

Time = datetime.datetime | int
Text = str | bytes | bytearray | memoryview
"""Documents and keys as text; anything else with the buffer protocol does as well."""


# In this syntax because of the member "class".
AppFactor = TypedDict(
    "AppFactor",
    {
        "name": Required[str],
        "value": Required[str],
        "class": Literal["unique", "os", "model"],
        "weight": int,
    },
    total=False,
)
"""An identifier that only the application knows, such as a dongle's serial number."""


class RsaKey(TypedDict, total=False):
    """A key of another system whose RS256 tokens the application accepts."""

    issuer: Required[str]
    public_key: Required[str]
    key_id: str
    audience: str
    refresh_after_s: int
    grace_s: int


class HwidConfig(TypedDict, total=False):
    """What Hwid.probe() takes."""

    app_factors: Sequence[AppFactor]


class CacheConfig(TypedDict, total=False):
    """Budget of each space of a store's cache."""

    max_bytes: int
    max_rows: int


class OutboxConfig(TypedDict, total=False):
    """Limits of a store's outbox."""

    max_rows: int
    max_bytes: int
    max_age_s: int
    lease_s: int
    max_attempts: int


class OutboxRequest(TypedDict, total=False):
    """What enqueue() takes beside topic and URL."""

    method: str | None
    headers: Mapping[str, str] | None
    body: Text | None
    ordering_key: str | None
    idempotency_key: str | None
    priority: int
    not_before: Time | None


class AppStoreConfig(TypedDict, total=False):
    """The member `store` of what App.open() takes: docs/reference/store-config.md."""

    create: bool
    commit: Literal["strict", "relaxed"]
    kdf: Literal["low", "default", "high"]
    slots: Sequence[Literal["passphrase", "app_key", "device", "passphrase_device", "keystore"]]
    readers: int
    max_readers: int
    cache_bytes: int
    query_timeout_ms: int
    transaction_limit_ms: int
    busy_timeout_ms: int
    cache: CacheConfig
    outbox: OutboxConfig


class StoreConfig(AppStoreConfig, total=False):
    """What Store.open() takes."""

    path: Required[str | os.PathLike[str]]
    user: str
    app_factors: Sequence[AppFactor]


class AppConfig(TypedDict, total=False):
    """What App.open() and License.open() take: docs/reference/license-config.md."""

    product: Required[str]
    data_dir: Required[str | os.PathLike[str]]
    trusted_keys: Sequence[str]
    trusted_threshold: int
    issuer: str
    key_set: str
    user: str
    app_version: str
    build_date: str | Time
    clock_policy: Literal["warn", "deny"]
    crl_policy: Literal["warn", "deny"]
    expires_soon_days: int
    keystore: Literal["auto", "os", "file"]
    memory_dir: str | os.PathLike[str]
    app_factors: Sequence[AppFactor]
    rsa_keys: Sequence[RsaKey]
    store: AppStoreConfig


class EntitlementSpec(TypedDict, total=False):
    """An entitlement that ends before the licence, or a meter."""

    value: Required[bool | int | str]
    expires_at: Time
    per: Literal["day", "month", "total"]


Entitlements = Mapping[str, bool | int | str | EntitlementSpec]


class GraceSpec(TypedDict, total=False):
    """How long a warning stays a warning."""

    expiry_s: int
    sync_s: int
    hardware_s: int


class SyncSpec(TypedDict, total=False):
    """How often a newer signed document must arrive."""

    every_s: Required[int]
    max_s: int


class EnvironmentSpec(TypedDict, total=False):
    """Where the licence may run."""

    vm: Literal["allow", "warn", "deny"]
    container: Literal["allow", "warn", "deny"]


class LicenseSpec(TypedDict, total=False):
    """What Issuer.issue() takes: docs/reference/issuer.md."""

    sku: Required[str]
    subject: str
    edition: str
    kind: Literal["node", "floating", "site", "user"]
    seats: int
    days: int
    expires_at: Time
    not_before: Time
    entitlements: Entitlements
    maintenance_until: Time
    version_min: str
    version_max: str
    grace: GraceSpec
    sync: SyncSpec
    environment: EnvironmentSpec
    epoch: int
    license_id: str
    allow_weak: bool
    import_within_days: int


class TrialSpec(TypedDict, total=False):
    """What Issuer.trial() takes."""

    days: Required[int]
    sku: Required[str]
    edition: str
    entitlements: Entitlements
    license_id: str
    allow_weak: bool


class LeaseSpec(TypedDict):
    """What Issuer.lease() takes."""

    license_id: str
    ttl_s: int


class KeySpec(TypedDict, total=False):
    """One key of a key set; `public` is Key.public_key."""

    public: Required[str]
    use: Literal["sign", "verify-only", "revoked"]
    not_before: Time
    expires_at: Time


class KeysetSpec(TypedDict, total=False):
    """What Issuer.keyset() takes."""

    seq: Required[int]
    keys: Required[Sequence[KeySpec]]
    roots: Sequence[str]
    root_threshold: int
    issued_at: Time


class CrlSpec(TypedDict, total=False):
    """What Issuer.crl() takes."""

    seq: Required[int]
    revoked: Sequence[str]
    suspended: Sequence[str]
    min_epoch: int
    next_update: Time
    days: int


class Rs256Spec(TypedDict, total=False):
    """What Issuer.rs256() takes."""

    sub: Required[str]
    hwid: Required[str]
    plan: Required[str]
    ttl_s: int
    audience: str


def _plain(value: object) -> object:
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; give an aware datetime")
        return int(value.timestamp())
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence | set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} can't be part of a configuration or specification")


def encode(members: Mapping[str, Any]) -> str:
    """The JSON text that the C ABI takes. A member that is None is left out."""
    given = {name: value for name, value in members.items() if value is not None}
    return json.dumps(given, default=_plain, allow_nan=False)
