"""Plain values that the SDK gives."""

import dataclasses
import datetime
import enum
from collections.abc import Mapping
from typing import Any, NamedTuple

from ._codes import LicenseCode
from ._enum import OpenIntEnum

_EPOCH = datetime.datetime.fromtimestamp(0, datetime.UTC)
_LATEST = datetime.datetime.max.replace(tzinfo=datetime.UTC)


def moment(epoch_ms: int) -> datetime.datetime | None:
    """The C ABI writes "no such time" as 0; a time after the year 9999 becomes the last that Python has."""
    if epoch_ms == 0:
        return None
    try:
        return _EPOCH + datetime.timedelta(milliseconds=epoch_ms)
    except OverflowError:
        return _LATEST


class Strength(OpenIntEnum):
    """How well a licence can be bound to a machine."""

    NONE = 0
    WEAK = 1
    MEDIUM = 2
    STRONG = 3


class FactorClass(OpenIntEnum):
    """What a factor identifies: one piece of hardware, one installation, or a model of hardware."""

    UNIQUE = ord("U")
    OS = ord("O")
    MODEL = ord("M")


class FactorState(OpenIntEnum):
    """What the probe found for a factor."""

    READABLE = 0
    UNREADABLE = 1
    ABSENT = 2
    REJECTED = 3


class KeyType(OpenIntEnum):
    """RS256 serves existing services whose tokens are RS256; everything else is Ed25519."""

    ED25519 = 1
    RS256 = 2


class LogLevel(OpenIntEnum):
    """Levels of a LogRecord, in rising order."""

    TRACE = 0
    DEBUG = 1
    INFO = 2
    WARN = 3
    ERROR = 4


class Feature(enum.IntFlag):
    """Areas that a build may leave out; calls into a missing one raise UnsupportedError."""

    HWID = 1
    LICENSE = 2
    STORE = 4


class Factor(NamedTuple):
    """One kind of identifier that this platform looks for. Holds no value."""

    kind: str
    """ "disk", "machine_id", "app:dongle", ..."""
    factor_class: FactorClass
    weight: int
    """In the score, 1 to 10."""
    state: FactorState


class Reason(NamedTuple):
    """One failure or warning of a Verdict."""

    code: LicenseCode
    text: str
    """One sentence with the particulars."""


class MeterReading(NamedTuple):
    """Use of a metered entitlement in the current period."""

    used: int
    limit: int


@dataclasses.dataclass(frozen=True, slots=True)
class Entitlement:
    """What the licence says about one feature. True when the feature may be used."""

    code: LicenseCode
    """OK, FEATURE_MISSING, FEATURE_EXPIRED, or the verdict's own code when it is not usable."""
    value: bool | int | str | None
    """None when the feature may not be used."""
    expires_at: datetime.datetime | None
    """When the feature itself ends (aware, UTC); None when it ends with the licence."""

    def __bool__(self) -> bool:
        return self.code.usable


class LogRecord(NamedTuple):
    """One record of the SDK's log. Secrets, tokens and hardware identifiers are redacted."""

    level: LogLevel
    area: str
    """ "license", "hwid", ..."""
    event: str
    """Stable snake_case name, such as "import_refused"."""
    message: str
    """One sentence."""
    fields: Mapping[str, Any]
