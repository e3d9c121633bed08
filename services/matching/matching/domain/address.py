"""Which addresses notices may be sent to: https, a public address, an ordinary port; nothing inside anybody's network.

An organisation names the address, and the platform's own machine calls it: without these rules whoever may register a webhook could
make that machine speak to databases, metadata services and other hosts that trust it (server-side request forgery).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from matching.domain.faults import Fault

LONGEST: Final = 500
HIGHEST_PORT: Final = 65_535
_HOST: Final = re.compile(r"[A-Za-z0-9._:-]+")

_OWN_MACHINE_NAMES: Final = ("localhost", "localhost.localdomain")

NEVER: Final = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "100.64.0.0/10",  # carrier-grade NAT
        "169.254.0.0/16",  # link-local, and the metadata address of every cloud
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "168.63.129.16/32",  # a cloud's own services, although it looks public
        "::/96",  # IPv4 inside IPv6, the oldest form
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64: an IPv4 address behind a translator
        "64:ff9b:1::/48",
        "2001::/23",  # Teredo and other assignments
        "2002::/16",  # 6to4: an IPv4 address inside
        "fec0::/10",  # site-local
    )
)
"""Never sent to, beside what the address library already calls private, loopback, link-local, multicast, reserved or unspecified."""

_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address as the client that will call it reads them."""

    scheme: str
    host: str
    port: int
    has_userinfo: bool
    has_fragment: bool


def is_public(address: str) -> bool:
    """Whether an IP address may be sent to; not one that stands for another, such as IPv4-mapped, 6to4 or NAT64."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    refused = ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved or ip.is_unspecified
    return ip.is_global and not refused and not any(ip in network for network in NEVER if network.version == ip.version)


def may_be_sent_to(address: str, *, development: bool) -> bool:
    """A public address; with the launcher's development flag this machine's own (loopback) too."""
    return is_public(address) or (development and _is_loopback(address))


def _is_loopback(address: str) -> bool:
    try:
        ip: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    return ip.is_loopback


def faults_in_address(address: Address, *, development: bool) -> list[Fault]:
    """Every rule that the address breaks, before its name is looked up. The development flag allows http and any port."""
    faults: list[Fault] = []
    if address.scheme != "https" and not (development and address.scheme == "http"):
        faults.append(Fault("url", "https_only", "Give an address that begins with https://. Notices are only sent encrypted."))
    if address.has_userinfo:
        faults.append(Fault("url", "no_userinfo", "Leave name and password out of the address. Each request is signed instead."))
    if address.has_fragment:
        faults.append(Fault("url", "no_fragment", "Leave out the part after the # sign: it is never sent."))
    if not _HOST.fullmatch(address.host):
        faults.append(Fault("url", "host_named", "Give a whole address, as in https://example.org/hearth."))
    elif address.host.rstrip(".").lower() in _OWN_MACHINE_NAMES and not development:
        faults.append(not_public())
    if address.port > HIGHEST_PORT or (address.port != 443 and address.port < 1024 and not development):
        faults.append(Fault("url", "port_allowed", "Use port 443, or one from 1024 up."))
    return faults


def not_public() -> Fault:
    """What is said of every address that is not public; which one it is, is not."""
    words = "This address is not on the public internet, or its name is not known there. Give one that anybody could reach."
    return Fault("url", "public_address", words)
