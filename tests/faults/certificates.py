"""Certificates in every state, made on the spot: by a known authority, by one in between, by an unknown one, by nobody."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

NAMES = ("*.gov.vn",)
PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Secured:
    """How a server is secured: names its certificate bears, days until it ends and begins, who signed it, whether what lies between it and the
    authority is sent along, whether the server speaks an old protocol only."""

    names: tuple[str, ...] = NAMES
    days: int = 30
    begins: int = -60
    issuer: Literal["known", "intermediate", "private", "self"] = "known"
    chain: bool = True
    old: bool = False


@dataclass(frozen=True)
class Signed:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """The authorities of one test run; `root` is the file of the one that is known."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = _signed("Gốc tin cậy", None, authority=True)
        self._between = _signed("Cấp chứng thư", self._root, authority=True)
        self._private = _signed("Gốc nội bộ", None, authority=True)
        self.root = folder / "root.pem"
        self.root.write_bytes(self._root.certificate.public_bytes(PEM))

    @classmethod
    def at(cls, folder: Path) -> Authority:
        """The authorities that keep their files in a folder, made once."""
        return _made(folder)

    def context(self, how: Secured) -> ssl.SSLContext:
        """A server's context that shows such a certificate."""
        parent = {"known": self._root, "intermediate": self._between, "private": self._private, "self": None}[
            how.issuer
        ]
        leaf = _signed(how.names[0], parent, names=how.names, days=how.days, begins=how.begins)
        shown = [leaf.certificate, *([self._between.certificate] if how.issuer == "intermediate" and how.chain else [])]
        file = self._folder / f"{leaf.certificate.serial_number}.pem"
        secret = leaf.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(b"".join(each.public_bytes(PEM) for each in shown) + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if how.old:
            context.set_ciphers("ALL:@SECLEVEL=0")
            _allow_old(context)
        context.load_cert_chain(file)
        return context


def _allow_old(context: ssl.SSLContext) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1


@cache
def _made(folder: Path) -> Authority:
    return Authority(folder)


def _signed(
    name: str,
    parent: Signed | None,
    *,
    names: tuple[str, ...] = (),
    days: int = 30,
    begins: int = -60,
    authority: bool = False,
) -> Signed:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Thử nghiệm")]
    )
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent.certificate.subject if parent else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names:
        built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
    if parent and parent.certificate.issuer != parent.certificate.subject:
        # As public authorities do: where the certificate of whoever signed this one is to be had. Nobody may ask there.
        place = x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier("http://127.0.0.2:9/between.crt")
        )
        built = built.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
    return Signed(built.sign((parent.key if parent else key), hashes.SHA256()), key)
