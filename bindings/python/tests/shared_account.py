"""A process that uses an account which it shares with others: shared_account.py URL DATABASE COUNT.

Sends so many requests at once for each line that it reads, and writes how many came back well."""

import concurrent.futures
import sys

import tessera
from pages import Page


def main(url: str, database: str, count: int) -> None:
    with (
        tessera.HttpClient(base_url=url, timeouts={"total_ms": 240_000, "attempt_ms": 240_000}) as client,
        concurrent.futures.ThreadPoolExecutor(count) as executor,
    ):
        names = {"tessera": tessera, "client": client, "database": database, "secret": "secret"}
        Page("http-python.md").follow("One account, several processes", {"https://api.example.com": url}, names)
        print("ready", flush=True)
        for _ in sys.stdin:
            statuses = list(executor.map(lambda _: client.get("/account").status, range(count)))
            print(statuses.count(200), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
