"""A TLS context that speaks to any server, however old: a page is read whatever is wrong with its connection, and crawler.tls says what."""

from __future__ import annotations

from OpenSSL import SSL

EVERY_CIPHER = "ALL:@SECLEVEL=0"
"""OpenSSL's name for every cipher there is, keys however short."""
LEGACY_SERVER_CONNECT = 0x4
"""OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT: servers that know no secure renegotiation (RFC 5746)."""


def speak_to_any(context: SSL.Context) -> None:
    """The context offers every protocol from TLS 1.0 on and every cipher there is, and believes whatever certificate it is shown."""
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_cipher_list(EVERY_CIPHER.encode())
    context.set_options(LEGACY_SERVER_CONNECT)
    context.set_verify(SSL.VERIFY_NONE)
