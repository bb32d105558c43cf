"""
Firefox and WebKit, which Playwright drives only in builds of its own: by the W3C's protocols.

Firefox by WebDriver BiDi on its own remote port, WebKit by WebDriver through ``WebKitWebDriver``.
Each opens an address, evaluates JavaScript, presses keys and clicks; that is all the journeys need.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.cache.redis import wait_for

# Keys that have no letter, of the WebDriver standard's table (section "Keyboard actions").
KEYS = {
    "Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c", "Home": "\ue011", "End": "\ue010",
    "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015",
    "Backspace": "\ue003", "Delete": "\ue017", "F8": "\ue038",
    "Control": "\ue009", "Shift": "\ue008", "Alt": "\ue00a",
}  # fmt: skip
# Nobody outside is asked for experiments.
_PREFERENCES = """
user_pref("app.normandy.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
"""
_LISTENS = "WebDriver BiDi listening on "


class Browser(Protocol):
    """What a journey asks of a browser."""

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""

    def run(self, expression: str) -> Any:
        """The value of an expression of JavaScript that JSON can hold; a promise is waited for."""

    def perform(self, actions: list[dict[str, Any]]) -> None:
        """Do actions of WebDriver."""


def press(browser: Browser, *keys: str) -> None:
    """Press keys one after the other; ``Control+z`` holds the first while it presses the second."""
    actions = []
    for key in keys:
        held = key.split("+") if len(key) > 1 else [key]
        values = [KEYS.get(name, name) for name in held]
        actions += [{"type": "keyDown", "value": value} for value in values]
        actions += [{"type": "keyUp", "value": value} for value in reversed(values)]
    browser.perform([{"type": "key", "id": "keyboard", "actions": actions}])


def click(browser: Browser, element: str, times: int = 1) -> None:
    """Click in the middle of what an expression of JavaScript gives: an element or a range."""
    # Once it stands still: what comes in from the server moves a page.
    x, y = browser.run(f"""(async (it) => {{
      const holds = it.startContainer?.parentElement ?? it;
      holds.scrollIntoView({{ block: "center", behavior: "instant" }});
      const middle = () => {{
        const box = it.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
      }};
      let place;
      for (let same = 0; same < 10;) {{
        const before = String(place);
        await new Promise(requestAnimationFrame);
        place = middle();
        same = String(place) === before ? same + 1 : 0;
      }}
      return place;
    }})({element})""")
    pressed = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
    move = {"type": "pointerMove", "x": round(x), "y": round(y), "origin": "viewport"}
    browser.perform([
        {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
         "actions": [move, *pressed * times]},
    ])  # fmt: skip


class Firefox:
    """Firefox by WebDriver BiDi."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        self._command("session.new", {"capabilities": {}})
        # The window that a headless Firefox begins with has no focus.
        self._page = self._command("browsingContext.create", {"type": "window"})["context"]

    def _command(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        command = {"id": self._number, "method": method, "params": params}
        self._connection.send(json.dumps(command))
        while (answer := json.loads(self._connection.recv(60))).get("id") != self._number:
            pass  # events of the page
        if answer["type"] == "error":
            raise AssertionError(f"{method}: {answer['message']}")
        return answer["result"]

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        page = {"context": self._page, "url": address, "wait": "complete"}
        self._command("browsingContext.navigate", page)

    def run(self, expression: str) -> Any:
        """The value of an expression of JavaScript that JSON can hold; a promise is waited for."""
        script = {
            "expression": f"(async () => JSON.stringify((await ({expression})) ?? null))()",
            "target": {"context": self._page},
            "awaitPromise": True,
            "userActivation": True,
        }
        answer = self._command("script.evaluate", script)
        if answer["type"] == "exception":
            raise AssertionError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def perform(self, actions: list[dict[str, Any]]) -> None:
        """Do actions of WebDriver."""
        self._command("input.performActions", {"context": self._page, "actions": actions})


class WebKit:
    """WebKitGTK by WebDriver."""

    def __init__(self, driver: str, program: str) -> None:
        self._session = driver
        options = {"binary": program, "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        answer = self._command("POST", "/session", {"capabilities": wanted})
        self._session = f"{driver}/session/{answer['sessionId']}"

    def _command(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            self._session + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        self._command("POST", "/url", {"url": address})

    def run(self, expression: str) -> Any:
        """The value of an expression of JavaScript that JSON can hold; a promise is waited for."""
        script = (
            "const done = arguments[0];"
            f"(async () => JSON.stringify((await ({expression})) ?? null))()"
            ".then(done, (error) => done('!' + error));"
        )
        value = self._command("POST", "/execute/async", {"script": script, "args": []})
        if value.startswith("!"):
            raise AssertionError(value)
        return json.loads(value)

    def perform(self, actions: list[dict[str, Any]]) -> None:
        """Do actions of WebDriver."""
        self._command("POST", "/actions", {"actions": actions})

    def close(self) -> None:
        """End the session, and with it the browser."""
        self._command("DELETE", "")


@contextmanager
def firefox() -> Iterator[Firefox]:
    """Debian's Firefox, headless, with an empty profile; a machine without one skips."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if not program:
        pytest.skip("no Firefox here; apt-get install firefox-esr")
    with tempfile.TemporaryDirectory() as profile:
        Path(profile, "user.js").write_text(_PREFERENCES, "ascii")
        command = [
            program, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0",
        ]  # fmt: skip
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
            try:
                lines = iter(running.stderr.readline, "") if running.stderr else iter(())
                address = next(
                    line.partition(_LISTENS)[2].strip() for line in lines if _LISTENS in line
                )
                with connect(f"{address}/session", max_size=None) as connection:
                    yield Firefox(connection)
            finally:
                running.terminate()


@contextmanager
def webkit() -> Iterator[WebKit]:
    """Debian's WebKitGTK on a screen that nobody sees; a machine without it skips."""
    programs = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    if not (programs and driver and screen):
        pytest.skip("no WebKit here; apt-get install webkit2gtk-driver xvfb")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [screen, "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as display:  # fmt: skip
        number = display.stdout.readline().strip() if display.stdout else ""
        environment = {**os.environ, "DISPLAY": f":{number}"}
        with subprocess.Popen([driver, f"--port={port}"], env=environment) as running:
            try:
                wait_for(lambda: _listens(port))
                browser = WebKit(f"http://127.0.0.1:{port}", str(programs[-1]))
                yield browser
                browser.close()
            finally:
                running.terminate()
                display.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
