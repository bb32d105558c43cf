"""Load on an address of this machine, by ``wrk``."""

import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPMessage
from statistics import median
from typing import NamedTuple, TypeVar

CONNECTIONS = 16
PATIENCE = 10  # seconds
K = TypeVar("K")
_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Load(NamedTuple):
    """Answers a second, and how many milliseconds the middle one and the slowest in 100 took."""

    rate: float
    median_ms: float
    slow_ms: float


class Asked(NamedTuple):
    """An address, and the headers that go with it."""

    address: str
    headers: tuple[str, ...] = ()


def load(asked: Asked, seconds: int) -> Load:
    """Ask as fast as answers come; ``RuntimeError`` when one is an error."""
    wrk = shutil.which("wrk")
    if not wrk:
        raise RuntimeError("This needs wrk: apt-get install wrk.")
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout=30s"]
    for header in ("Accept-Encoding: gzip", *asked.headers):
        command += ["-H", header]
    done = subprocess.run([*command, asked.address], check=True, capture_output=True, text=True)
    said = done.stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{asked.address}: {said}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found
    if not float(found[1]):  # slower than that, on a machine that others load
        if seconds > PATIENCE:
            raise RuntimeError(f"{asked.address}: no answer in {seconds} s")
        return load(asked, 2 * PATIENCE)
    return Load(float(found[1]), _share(said, 50), _share(said, 99))


def in_turn(subjects: Mapping[K, Asked], rounds: int, seconds: int) -> dict[K, Load]:
    """
    The median of some rounds, each of which asks everything once.

    So what others do on the machine meanwhile slows all of them alike. Before each load everything
    has just been asked, on every worker: a page is kept for a minute, and a round takes longer.
    """
    told: dict[K, list[Load]] = {name: [] for name in subjects}
    with ThreadPoolExecutor(CONNECTIONS) as together:
        for _ in range(rounds):
            for name, asked in subjects.items():
                list(together.map(fetched, [asked.address] * 2 * CONNECTIONS))
                told[name].append(load(asked, seconds))
    return {
        name: Load(*(median(figures) for figures in zip(*loads, strict=True)))
        for name, loads in told.items()
    }


def fetched(address: str, **headers: str) -> tuple[bytes, HTTPMessage]:
    """The bytes that a browser gets, and what is said of them."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip", **headers})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read(), answer.headers


def if_changed(address: str) -> Asked:
    """To ask as a browser does that has the page; ``RuntimeError`` unless it hears that it may."""
    asked = Asked(address, (f"If-None-Match: {fetched(address)[1]['ETag']}",))
    name, _, tag = asked.headers[0].partition(": ")
    try:
        fetched(address, **{name: tag})
    except urllib.error.HTTPError as answer:
        if answer.code == 304:
            return asked
    raise RuntimeError(f"{address}: no 304")


def _share(said: str, percent: int) -> float:
    found = re.search(rf"\s{percent}%\s+([\d.]+)(us|ms|s|m)", said)
    assert found
    return float(found[1]) * _MS[found[2]]
