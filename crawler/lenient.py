"""A TLS context that speaks to any server, however old: a page is read whatever is wrong with its connection, and crawler.tls says what."""

from __future__ import annotations

from OpenSSL import SSL

_LEGACY_SERVER_CONNECT = 0x4
"""OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT: servers that know no secure renegotiation (RFC 5746)."""


def speak_to_any(context: SSL.Context) -> None:
    """The context offers every protocol from TLS 1.0 on and every cipher there is, and believes whatever certificate it is shown."""
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    context.set_options(_LEGACY_SERVER_CONNECT)
    context.set_verify(SSL.VERIFY_NONE)
