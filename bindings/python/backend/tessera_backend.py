"""scikit-build-core, with what it lacks for a package inside a repository: the SDK's sources in the sdist, and the
version of the repository."""

import pathlib
import shutil
from collections.abc import Mapping
from typing import Any

import scikit_build_core.build as build
from scikit_build_core.build import *

HERE = pathlib.Path(__file__).resolve().parents[1]
REPOSITORY = HERE.parents[1]
NATIVE = HERE / "native"
SOURCES = ("CMakeLists.txt", "LICENSE", "VERSION", "capi", "cmake", "include", "sdk")


def build_sdist(sdist_directory: str, config_settings: dict[str, Any] | None = None) -> str:
    if NATIVE.exists():  # Built from an sdist.
        return build.build_sdist(sdist_directory, config_settings)
    NATIVE.mkdir()
    try:
        for name in SOURCES:
            source = REPOSITORY / name
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, NATIVE / name)
        return build.build_sdist(sdist_directory, config_settings)
    finally:
        shutil.rmtree(NATIVE)


def dynamic_metadata(settings: Mapping[str, Any], project: Mapping[str, Any]) -> dict[str, str]:
    root = NATIVE if NATIVE.exists() else REPOSITORY
    return {"version": (root / "VERSION").read_text(encoding="utf-8").split()[0]}
