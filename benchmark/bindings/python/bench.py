"""bindings/python_cached_verdict and bindings/python_max_stall; run by ../run_python."""

import asyncio
import json
import pathlib
import statistics
import sys
import tempfile
import time
import timeit
from typing import Any

import bare  # type: ignore[import-not-found, import-untyped, unused-ignore]
import tessera
import tessera.aio

ROUNDS = 51  # odd: the median is a round that was measured
CALLS_PER_ROUND = 20_000
MAX_STALL_MS = 5.0


def report(bench: str, unit: str, value: float, peer: str, peer_value: float) -> None:
    ratio = value / peer_value
    print(json.dumps({"bench": bench, "value": value, "unit": unit, "better": "lower", "peer": peer,
                      "peer_value": peer_value, "ratio": ratio}), flush=True)  # fmt: skip
    print(f"{bench:<36} {value:.2f} {unit}  {peer} {peer_value:.2f}  ratio {ratio:.2f}", file=sys.stderr)


def cached_verdict(license: tessera.License) -> None:
    ours = timeit.Timer("bool(license.check())", globals={"license": license})
    theirs = timeit.Timer("bool(get())", globals={"get": bare.get})
    times: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        times.append((ours.timeit(CALLS_PER_ROUND), theirs.timeit(CALLS_PER_ROUND)))
    nanoseconds = [statistics.median(column) / CALLS_PER_ROUND * 1e9 for column in zip(*times)]
    report("bindings/python_cached_verdict", "ns", nanoseconds[0], "bare pybind11 function", nanoseconds[1])


async def longest_stall(config: dict[str, Any]) -> float:
    """The longest time in milliseconds between two turns of the event loop while a hundred licences are opened."""
    # Each opens the folder anew: reads and decrypts the state, probes the hardware, verifies every signature.
    work = asyncio.gather(*(tessera.aio.License.open(**config) for _ in range(100)))
    longest, last = 0.0, time.perf_counter()
    while not work.done():
        await asyncio.sleep(0)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    for license in await work:
        if not license.check():
            raise RuntimeError("not usable")
        await license.close()
    return longest * 1000


def max_stall(config: dict[str, Any]) -> None:
    stalls = [asyncio.run(longest_stall(config)) for _ in range(12)][1:]
    report("bindings/python_max_stall", "ms", statistics.median(stalls), "limit", MAX_STALL_MS)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tessera-bench-") as folder:
        root, signing = tessera.Key.generate(), tessera.Key.generate()
        keys = tessera.Issuer(root, issuer="acme", product="player").keyset(seq=1, keys=[{"public": signing.public_key}])
        config: dict[str, Any] = {
            "product": "player", "trusted_keys": [root.public_key], "data_dir": pathlib.Path(folder, "state"),
            "memory_dir": pathlib.Path(folder, "memory"), "keystore": "file",
        }  # fmt: skip
        with tessera.License.open(**config) as license:
            issuer = tessera.Issuer(signing, issuer="acme", product="player")
            license.import_bundle(keys + "\n" + issuer.issue(license.request(), sku="pro", allow_weak=True))
            max_stall(config)  # first: a thread that has just used up its share of the processor gets fewer turns
            cached_verdict(license)


if __name__ == "__main__":
    main()
