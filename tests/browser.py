"""A real headless Chromium, driven over its DevTools protocol."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader")
PORT = ("--remote-debugging-port=0", "--remote-allow-origins=*", "--no-first-run")
READY = "document.documentElement.dataset.explorer === 'ready'"
PATIENCE = 600
"""Seconds until a page that does not get ready is given up."""


class Browser:
    """One tab. `said` has what went wrong in it, `fetched` the addresses that it asked for."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=PATIENCE)
        self._count = 0
        self.said: list[str] = []
        self.fetched: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **values: Any) -> dict[str, Any]:
        """The answer to a command of the protocol; events on the way are noted."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": values}))
        while (message := json.loads(self._socket.recv())).get("id") != self._count:
            self._note(message["method"], message["params"])
        assert "error" not in message, message
        return message["result"]

    def open(self, path: Path) -> None:
        """Open a file from disk."""
        self.call("Page.navigate", url=path.resolve().as_uri())

    def value(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, expression: str) -> None:
        """Until the expression is true."""
        deadline = time.monotonic() + PATIENCE
        while not self.value(expression):
            assert time.monotonic() < deadline, f"never true: {expression}; {self.said}"
            time.sleep(0.05)

    def press(self, key: str) -> None:
        """A key on the element that has the focus."""
        code = {"ArrowRight": 39, "ArrowLeft": 37, "ArrowDown": 40, "Enter": 13, "Tab": 9}[key]
        text = {"text": "\r"} if key == "Enter" else {}  # a button hears nothing without it
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            told = {"type": kind, "key": key, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", **told, **text)

    def _note(self, event: str, told: dict[str, Any]) -> None:
        if event == "Page.javascriptDialogOpening":
            self.said.append(f"dialog: {told['message']}")
        elif event == "Network.requestWillBeSent":
            self.fetched.append(told["request"]["url"])
        elif event == "Runtime.exceptionThrown":
            self.said.append(told["exceptionDetails"]["exception"]["description"])
        elif event == "Runtime.consoleAPICalled" and told["type"] == "error":
            self.said.append(str(told["args"]))
        elif event == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.said.append(told["entry"]["text"])


def opened(browser: Browser, path: Path) -> Browser:
    """A report, freshly loaded and scrolled to its explorer, which is ready."""
    browser.said.clear()
    browser.fetched.clear()
    browser.open(path)
    browser.wait("document.readyState === 'complete'")
    browser.value("document.getElementById('explorer').scrollIntoView()")
    browser.wait(READY)
    return browser


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """A tab of a new browser with its own profile; both are gone afterwards."""
    command = [str(CHROMIUM), *OPTIONS, *PORT, f"--user-data-dir={profile}", "about:blank"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Browser(_tab(profile, running))
    finally:
        running.terminate()
        running.wait()


def _tab(profile: Path, running: "subprocess.Popen[bytes]") -> str:
    """The address of the first tab, once the browser has written down its port."""
    noted, deadline = profile / "DevToolsActivePort", time.monotonic() + PATIENCE
    while not (noted.exists() and noted.read_text().count("\n")):
        assert running.poll() is None, "chromium ended by itself"
        assert time.monotonic() < deadline, "chromium does not start"
        time.sleep(0.05)
    port, path = noted.read_text().splitlines()[:2]
    socket = websocket.create_connection(f"ws://127.0.0.1:{port}{path}", timeout=PATIENCE)
    socket.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
    targets = json.loads(socket.recv())["result"]["targetInfos"]
    page = next(target["targetId"] for target in targets if target["type"] == "page")
    socket.close()
    return f"ws://127.0.0.1:{port}/devtools/page/{page}"
