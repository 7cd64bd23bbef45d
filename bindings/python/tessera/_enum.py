"""Enumerations of the SDK: a newer library may use numbers that have no name here."""

import enum
from typing import Self


class OpenIntEnum(enum.IntEnum):
    """An IntEnum that takes every integer; one without a name is called UNKNOWN_<number>."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        unknown = int.__new__(cls, value)
        unknown._name_ = f"UNKNOWN_{value}"
        unknown._value_ = value
        return unknown
