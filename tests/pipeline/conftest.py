"""Notes every attempt of this process to reach a network, from before the first test."""

import sys
from typing import Any

CONNECTIONS: list[str] = []
LOOPBACK = ("127.", "::1", "localhost")


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not str(host).startswith(LOOPBACK):
        CONNECTIONS.append(f"{event} {host}")


sys.addaudithook(_note)
