# Written by scripts/lib/gen_python.py from sdk/base/errors.def; change that.
"""Exceptions: one class for each status of the C ABI."""

import builtins
import json
from typing import Any

from ._codes import LicenseCode
from ._enum import OpenIntEnum

__all__ = [
    "Error",
    "ErrorCode",
    "ArgError",
    "StateError",
    "NotFoundError",
    "IoError",
    "PermissionError",
    "NoMemoryError",
    "UnsupportedError",
    "CallbackError",
    "ForkedError",
    "LicenseError",
    "BusyError",
    "TimeoutError",
    "CancelledError",
    "CorruptError",
    "LimitError",
    "DiskFullError",
    "CryptoError",
    "AbiError",
    "InternalError",
]


class ErrorCode(OpenIntEnum):
    """Why a call failed, by what a caller can do about it: docs/reference/errors.md."""

    ARG = 1
    STATE = 2
    NOT_FOUND = 3
    IO = 4
    PERMISSION = 5
    NO_MEMORY = 6
    UNSUPPORTED = 7
    CALLBACK = 8
    FORKED = 9
    LICENSE = 10
    BUSY = 11
    TIMEOUT = 12
    CANCELLED = 13
    CORRUPT = 14
    LIMIT = 15
    DISK_FULL = 16
    CRYPTO = 17
    ABI = 18
    INTERNAL = 19


class Error(Exception):
    """A call of the SDK failed. str() is one sentence: what happened, to what, why, and what to do next; it holds no
    secret and no raw hardware id."""

    code: ErrorCode
    domain: str
    """The area that failed: "hwid", "license", ..."""
    retryable: bool
    """Whether the same call may succeed later without a change by the caller."""
    detail: dict[str, Any]
    """Particulars; empty when there are none."""

    def __init__(self, text: str, code: int, domain: str, retryable: bool, detail: dict[str, Any]) -> None:
        super().__init__(text)
        self.code = ErrorCode(code)
        self.domain = domain
        self.retryable = retryable
        self.detail = detail

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], int(self.code), self.domain, self.retryable, self.detail)

    @property
    def license_code(self) -> LicenseCode | None:
        """What is wrong with the licence, when this is a LicenseError."""
        code = self.detail.get("license_code")
        return None if code is None else LicenseCode(code)


class ArgError(Error, builtins.ValueError):
    """An argument is missing or malformed."""


class StateError(Error, builtins.RuntimeError):
    """The call does not fit the state of the handle."""


class NotFoundError(Error, builtins.KeyError):
    """What was asked for does not exist."""


class IoError(Error, builtins.OSError):
    """The operating system reported an input or output error."""


class PermissionError(Error, builtins.PermissionError):
    """The operating system denied access."""


class NoMemoryError(Error, builtins.MemoryError):
    """Memory is exhausted."""


class UnsupportedError(Error, builtins.NotImplementedError):
    """This build or platform does not offer the operation."""


class CallbackError(Error, builtins.RuntimeError):
    """A callback of the application failed."""


class ForkedError(Error, builtins.RuntimeError):
    """The handle belongs to the parent process; open a new one after fork."""


class LicenseError(Error, builtins.PermissionError):
    """The licence was refused; the detail carries its code."""


class BusyError(Error, builtins.BlockingIOError):
    """Another process or thread holds the resource."""


class TimeoutError(Error, builtins.TimeoutError):
    """The time limit passed."""


class CancelledError(Error, builtins.RuntimeError):
    """The operation was cancelled."""


class CorruptError(Error, builtins.ValueError):
    """Stored data is damaged."""


class LimitError(Error, builtins.ValueError):
    """A size or count limit was exceeded."""


class DiskFullError(Error, builtins.OSError):
    """The disk is full."""


class CryptoError(Error, builtins.ValueError):
    """A key or ciphertext is not acceptable."""


class AbiError(Error, builtins.ImportError):
    """Header and library versions do not fit."""


class InternalError(Error, builtins.RuntimeError):
    """A defect in Tessera; please report it."""


_CLASSES: dict[int, type[Error]] = {
    ErrorCode.ARG: ArgError,
    ErrorCode.STATE: StateError,
    ErrorCode.NOT_FOUND: NotFoundError,
    ErrorCode.IO: IoError,
    ErrorCode.PERMISSION: PermissionError,
    ErrorCode.NO_MEMORY: NoMemoryError,
    ErrorCode.UNSUPPORTED: UnsupportedError,
    ErrorCode.CALLBACK: CallbackError,
    ErrorCode.FORKED: ForkedError,
    ErrorCode.LICENSE: LicenseError,
    ErrorCode.BUSY: BusyError,
    ErrorCode.TIMEOUT: TimeoutError,
    ErrorCode.CANCELLED: CancelledError,
    ErrorCode.CORRUPT: CorruptError,
    ErrorCode.LIMIT: LimitError,
    ErrorCode.DISK_FULL: DiskFullError,
    ErrorCode.CRYPTO: CryptoError,
    ErrorCode.ABI: AbiError,
    ErrorCode.INTERNAL: InternalError,
}


def from_status(status: int, text: str, domain: str, retryable: bool, detail: str) -> Error:
    """The exception for a status; an unknown one of a newer library gives Error itself."""
    return _CLASSES.get(status, Error)(text, status, domain, retryable, json.loads(detail))
