"""What a host's certificate and protocol are, by a handshake of its own: the page is read whatever they are, the facts are recorded.

Nothing but the one connection is made: no issuer is asked for, no list of revoked certificates.
"""

from __future__ import annotations

import asyncio
import ipaddress
import select
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID
from OpenSSL import SSL, crypto
from service_identity import VerificationError
from service_identity.cryptography import verify_certificate_hostname, verify_certificate_ip_address

from crawler.errors import status_of_failure
from crawler.lenient import speak_to_any
from crawler.netguard import Address, NameNotFound, OffLimits, ResolverTimeout, World, lookup

SECONDS = 10.0
"""For connecting, and for the handshake. Assumed."""
LONGEST = 1000
"""Characters kept of a name a certificate bears."""

_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME."""
_TIME_CODES = frozenset({9, 10})
_OLD = frozenset({"SSLv3", "TLSv1", "TLSv1.1"})
"""Protocols no longer to be used. Source: RFC 7568 (SSL 3.0), RFC 8996 (TLS 1.0, 1.1)."""


class Fault(StrEnum):
    """What is wrong with how a host secures its connections; several may hold at once.

    expired: at the time of the handshake the certificate, or one it rests on, had ended or not begun. name: it is not for this host. issuer:
    nobody we know vouches for it. chain: the same, but what was sent ends at a certificate that says where its issuer's is to be had (RFC 5280,
    4.2.2.1), as public authorities' do: the server forgot to send it along. protocol: the host speaks only an old one.
    """

    EXPIRED = "expired"
    NAME = "name"
    ISSUER = "issuer"
    CHAIN = "chain"
    PROTOCOL = "protocol"


async def tls_facts(world: World, url: str, ip: str = "", seconds: float = SECONDS) -> dict[str, str]:
    """Protocol, issuer, subject, names, not_before, not_after, address and faults (words of `Fault`, blank between) of an https address's host.

    The connection goes to `ip` where the guard allows it, else to the first address it allows. Where no handshake came about there are `error`
    and what is known; an address that may not be contacted, or of another scheme, has no facts at all.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" or not host:
        return {}
    return await asyncio.to_thread(_look, world, host, parts.port or 443, ip, seconds)


def _look(world: World, host: str, port: int, ip: str, seconds: float) -> dict[str, str]:
    try:
        allowed = lookup(world, host, port)
    except (OffLimits, NameNotFound, ResolverTimeout):
        return {}
    address = next((each for each in allowed if each.ip == ip), allowed[0])
    try:
        protocol, chain = _handshake(address, host, seconds)
        return {"address": address.ip, "protocol": protocol, **read_chain(chain, host, protocol, datetime.now(UTC))}
    except Exception as problem:  # noqa: BLE001 - whatever a host sends instead of a handshake or a certificate is a fact about the host
        return {"address": address.ip, "error": status_of_failure(problem)[1]}


def _handshake(address: Address, host: str, seconds: float) -> tuple[str, list[x509.Certificate]]:
    """The protocol a host chooses of all we offer, and the certificates it sends, its own first. Raises OSError, SSL.Error, ValueError."""
    with closing(socket.create_connection((address.ip, address.port), timeout=seconds)) as plain:
        talk = SSL.Connection(_lenient(), plain)
        if not _is_ip(host):
            talk.set_tlsext_host_name(host.encode("idna"))
        talk.set_connect_state()
        until = time.monotonic() + seconds
        while True:
            try:
                talk.do_handshake()
                break
            except SSL.WantReadError:
                _await(plain, select.POLLIN, until)
            except SSL.WantWriteError:
                _await(plain, select.POLLOUT, until)
        chain = talk.get_peer_cert_chain(as_cryptography=True) or []
        protocol = talk.get_protocol_version_name()
        with suppress(SSL.Error):
            talk.shutdown()
    if not chain:
        raise ValueError("no certificate was sent")
    return protocol, list(chain)


def _await(plain: socket.socket, event: int, until: float) -> None:
    waiting = select.poll()
    waiting.register(plain, event)
    if not waiting.poll(max(0.0, until - time.monotonic()) * 1000):
        raise TimeoutError("the handshake took too long")


@cache
def _lenient() -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    speak_to_any(context)
    return context


# --- what a chain of certificates says -------------------------------------------------------------------------------------------------


def read_chain(chain: Sequence[x509.Certificate], host: str, protocol: str, now: datetime) -> dict[str, str]:
    """The facts of a host's own certificate, the first of the chain, and what is wrong with them at a time."""
    own = chain[0]
    found = {
        Fault.EXPIRED: not own.not_valid_before_utc <= now <= own.not_valid_after_utc,
        Fault.NAME: not _is_for(own, host),
        Fault.PROTOCOL: protocol in _OLD,
    }
    if _distrust(chain, _trusting_any_time()):
        found[Fault.CHAIN if _ends_open(chain) else Fault.ISSUER] = True
    elif len(chain) > 1 and _distrust(chain, _known_issuers(now)) in _TIME_CODES:
        found[Fault.EXPIRED] = True
    return {
        "issuer": own.issuer.rfc4514_string()[:LONGEST],
        "subject": own.subject.rfc4514_string()[:LONGEST],
        "names": " ".join(_names(own))[:LONGEST],
        "not_before": own.not_valid_before_utc.isoformat(),
        "not_after": own.not_valid_after_utc.isoformat(),
        "faults": " ".join(fault for fault in Fault if found.get(fault)),
    }


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


def _is_for(certificate: x509.Certificate, host: str) -> bool:
    try:
        if _is_ip(host):
            verify_certificate_ip_address(certificate, host)
        else:
            verify_certificate_hostname(certificate, host)
    except (VerificationError, ValueError):
        return False
    return True


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _distrust(chain: Sequence[x509.Certificate], known: crypto.X509Store) -> int:
    """0 where the known issuers vouch for the chain, else OpenSSL's X509_V_ERR code of the first reason why not."""
    own, *sent = [crypto.X509.from_cryptography(each) for each in chain]
    try:
        crypto.X509StoreContext(known, own, sent).verify_certificate()
    except crypto.X509StoreContextError as problem:
        return int(problem.errors[0]) or -1
    return 0


@cache
def _trusting_any_time() -> crypto.X509Store:
    """The known issuers, asked only whose signature it is. Made once: reading their list takes longer than a handshake."""
    store = _known_issuers(datetime.now(UTC))
    store.set_flags(_NO_CHECK_TIME)
    return store


def _known_issuers(now: datetime) -> crypto.X509Store:
    """The system's list of issuers, as `ssl.create_default_context` takes it (SSL_CERT_FILE and SSL_CERT_DIR hold), asked about a time."""
    store = crypto.X509Store()
    places = ssl.get_default_verify_paths()
    for file, folder in ((places.cafile, None), (None, places.capath)):
        if file or folder:
            with suppress(crypto.Error):
                store.load_locations(file, folder)
    store.set_time(now)
    return store


def _ends_open(chain: Sequence[x509.Certificate]) -> bool:
    """The last certificate sent was signed by another that was not sent, and says on the web where that one is to be had."""
    last = chain[-1]
    if last.issuer == last.subject:
        return False
    try:
        access = last.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return False
    return any(
        each.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and isinstance(each.access_location, x509.UniformResourceIdentifier)
        and each.access_location.value.lower().startswith(("http://", "https://"))
        for each in access
    )
