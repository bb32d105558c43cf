"""
Asking another server by HTTP: limited in time and size, following nothing, by no proxy.

The standard library's own connection, because what it gives beyond that (a limit of the whole time,
the address that was checked is the one connected to) no client library gives without as much code.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit


class PrivateAddressError(Exception):
    """The name leads into a private network; nobody was asked."""


class TooLargeError(http.client.HTTPException):
    """The answer is larger than what may be read; it was not read to its end."""


@dataclass(frozen=True)
class ClientResponse:
    """What a server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str],
    body: str | bytes | None = None,
    seconds: float = 5,
    seconds_in_all: float = 5,
    max_bytes: int = 1024 * 1024,
    public_only: bool = False,
) -> ClientResponse:
    """
    Send one request and return the answer, whatever its status.

    ``seconds`` limits each step (connecting, each piece of the answer), ``seconds_in_all`` the
    answer as a whole. With ``public_only`` a name that resolves into a private network is refused,
    unless the address names this machine outright. Raises ``PrivateAddressError``, ``OSError``
    (``TimeoutError`` and ``ssl.SSLError`` among them) and ``http.client.HTTPException``.
    """
    target = urlsplit(url)
    connection = _connect(target, seconds, public_only=public_only)
    try:
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        sent = {"Accept-Encoding": "identity", "Connection": "close", **headers}
        connection.request(method, path, body, sent)
        with connection.getresponse() as response:
            read = _body(response, seconds_in_all, max_bytes)
            return ClientResponse(response.status, response.headers, read)
    finally:
        connection.close()


def is_this_machine(target: SplitResult) -> bool:
    """Whether an address names this machine outright."""
    host = target.hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _connect(
    target: SplitResult, seconds: float, *, public_only: bool
) -> http.client.HTTPConnection:
    """Connect to a checked address of the host; what the name says afterwards doesn't matter."""
    secure = target.scheme == "https"
    standard_port = 443 if secure else 80
    host, port = target.hostname or "", target.port or standard_port
    resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in resolved]
    if public_only and not is_this_machine(target) and not all(map(_is_public, addresses)):
        raise PrivateAddressError(host)
    plain = _first_that_answers(addresses, port, seconds)
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    connection.default_port = standard_port
    connection.sock = plain
    if secure:
        try:
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise
    return connection


def _first_that_answers(addresses: list[str], port: int, seconds: float) -> socket.socket:
    """Connect to the first address that takes the call: a host may have one we can't reach."""
    for address in addresses[:-1]:
        try:
            return socket.create_connection((address, port), timeout=seconds)
        except OSError:
            continue
    return socket.create_connection((addresses[-1], port), timeout=seconds)


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = _embedded(ip) or ip
    return ip.is_global and not ip.is_multicast


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """
    The IPv4 address that a gateway may make of one of IPv6: mapped, compatible and translated
    (RFC 4291, 2765), NAT64 (RFC 6052), 6to4 (RFC 3056).
    """
    if any(ip in network for network in _WITH_IPV4):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.sixtofour


_WITH_IPV4 = [
    ipaddress.IPv6Network(network)
    for network in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")
]


def _body(response: http.client.HTTPResponse, seconds: float, max_bytes: int) -> bytes:
    """Read an answer piece by piece, up to the limits of size and time."""
    end = time.monotonic() + seconds
    read = b""
    while piece := response.read1(65536):
        read += piece
        if len(read) > max_bytes:
            raise TooLargeError(f"more than {max_bytes} bytes")
        if time.monotonic() > end:
            raise TimeoutError("The answer took too long.")
    if response.length:
        raise http.client.IncompleteRead(read, response.length)
    return read
