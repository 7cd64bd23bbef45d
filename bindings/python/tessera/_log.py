"""The SDK's log records in the `logging` module, under the loggers tessera.<area>."""

import logging

from ._values import LogLevel, LogRecord

_LEVELS = {
    LogLevel.TRACE: logging.DEBUG - 5,
    LogLevel.DEBUG: logging.DEBUG,
    LogLevel.INFO: logging.INFO,
    LogLevel.WARN: logging.WARNING,
    LogLevel.ERROR: logging.ERROR,
}

logging.getLogger("tessera").addHandler(logging.NullHandler())


def emit(record: LogRecord) -> None:
    """The sink that every handle starts with. `record.tessera` is the LogRecord."""
    logger = logging.getLogger(f"tessera.{record.area}")
    level = _LEVELS.get(record.level, logging.ERROR)
    if logger.isEnabledFor(level):
        logger.log(level, "%s: %s", record.event, record.message, extra={"tessera": record})
