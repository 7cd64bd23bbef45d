"""The API client for asyncio, with all policies on, beside httpx and aiohttp: requests of 64 tasks for a second of this
process's CPU time; run by ../run_python with the URL of a server. More is faster."""

import asyncio
import json
import resource
import statistics
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp  # type: ignore[import-not-found, unused-ignore]
import httpx  # type: ignore[import-not-found, unused-ignore]
import tessera.aio

ROUNDS = 11  # odd: the median is a round that was measured
REQUESTS = 1_600  # in a round
TASKS = 64

Get = Callable[[], Coroutine[Any, Any, tuple[int, bytes]]]


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def rate(get: Get) -> float:
    """Requests for a second of CPU time."""

    async def work() -> None:
        for _ in range(REQUESTS // TASKS):
            status, body = await get()
            if status != 200 or not body:
                raise RuntimeError("another response than 200 with a body")

    started = cpu_seconds()
    await asyncio.gather(*(work() for _ in range(TASKS)))
    return REQUESTS / (cpu_seconds() - started)


def report(bench: str, value: float, peer: str, peer_value: float) -> None:
    print(json.dumps({"bench": bench, "value": value, "unit": "/cpu-s", "better": "higher", "peer": peer,
                      "peer_value": peer_value, "ratio": value / peer_value}), flush=True)  # fmt: skip
    print(f"{bench:<28} {value:.0f} /cpu-s  {peer} {peer_value:.0f}  ratio {value / peer_value:.2f}", file=sys.stderr)


async def measure(peer: str, own: Get, theirs: Get) -> None:
    rates = [(await rate(own), await rate(theirs)) for _ in range(ROUNDS + 1)][1:]
    value, peer_value = (statistics.median(column) for column in zip(*rates))
    report(f"http/python_vs_{peer}", value, peer, peer_value)


async def main(url: str) -> None:
    # The limiter's rate is far above the load, so that each request passes through it and none waits.
    async with (
        tessera.aio.HttpClient(limiter={"rate": 1_000_000, "burst": 1_000_000}, pool={"per_host": TASKS}) as ours,
        httpx.AsyncClient(limits=httpx.Limits(max_connections=TASKS, max_keepalive_connections=TASKS)) as by_httpx,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=TASKS)) as by_aiohttp,
    ):

        async def own() -> tuple[int, bytes]:
            response = await ours.get(url)
            return response.status, response.content

        async def get_httpx() -> tuple[int, bytes]:
            response = await by_httpx.get(url)
            return response.status_code, response.content

        async def get_aiohttp() -> tuple[int, bytes]:
            async with by_aiohttp.get(url) as response:
                return response.status, await response.read()

        await measure("httpx", own, get_httpx)
        await measure("aiohttp", own, get_aiohttp)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
