"""A Redis server of Debian's, for tests. Without it they say that they skip."""

import contextlib
import shutil
import socket
import subprocess
import time

import pytest
from redis import Redis
from redis.exceptions import RedisError


def wait_for(question):
    """Until the answer is yes."""
    until = time.monotonic() + 30
    while True:
        with contextlib.suppress(RedisError):
            if answer := question():
                return answer
        assert time.monotonic() < until
        time.sleep(0.01)


class Server:
    """A Redis on a port of its own that keeps nothing on disk."""

    def __init__(self, folder):
        program = shutil.which("redis-server")
        if not program:
            pytest.skip("redis-server is not installed (Debian: redis-server)")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.command = [program, "--bind", "127.0.0.1", "--port", str(self.port),
                        "--save", "", "--dir", str(folder), "--loglevel", "warning"]  # fmt: skip
        self.client = Redis(port=self.port)
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command)
        wait_for(self.client.ping)

    def stop(self):
        self.process.kill()
        self.process.wait(timeout=30)

    def close(self):
        self.stop()
        self.client.close()


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("redis"))
    yield server
    server.close()
