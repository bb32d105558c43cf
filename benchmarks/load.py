"""Loads by ``wrk``: so many connections that ask as fast as answers come."""

import re
import shutil
import subprocess
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPMessage
from statistics import median
from typing import NamedTuple

from benchmarks.demonstration import processor_seconds

CONNECTIONS = 16
_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Asked(NamedTuple):
    """An address, and the first process of the server that answers, if its time is of interest."""

    address: str
    pid: int = 0


class Load(NamedTuple):
    """Answers a second, milliseconds of the slowest in 100, milliseconds of processor for each."""

    rate: float
    slow_ms: float
    processor_ms: float


def load(asked: Asked, seconds: int) -> Load:
    """Ask as fast as answers come; ``RuntimeError`` when one is an error."""
    wrk = shutil.which("wrk")
    if not wrk:
        raise RuntimeError("This needs wrk: apt-get install wrk.")
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout=30s"]
    command += ["-H", "Accept-Encoding: gzip", asked.address]
    before = processor_seconds(asked.pid)
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = processor_seconds(asked.pid) - before
    count = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    slow = re.search(r"\s99%\s+([\d.]+)(us|ms|s|m)", said)
    if "Non-2xx" in said or "Socket errors" in said or not (count and rate and slow):
        raise RuntimeError(f"{asked.address}: {said}")
    milliseconds = 1000 * used / max(1, int(count[1]))
    return Load(float(rate[1]), float(slow[1]) * _MS[slow[2]], milliseconds)


def in_turn(subjects: Mapping[str, Asked], rounds: int, seconds: int) -> dict[str, Load]:
    """
    The median of some rounds, each of which asks everything once.

    So what others do on the machine meanwhile slows all of them alike. Before each load everything
    has just been asked, on every worker: a page is kept for a minute, and a round takes longer.
    """
    told: dict[str, list[Load]] = {name: [] for name in subjects}
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
