"""A certificate authority for the tests, and the good and bad certificates of servers."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


class Authority:
    """Signs server certificates. `trust()` is what a client that believes in it uses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of the tests")])
        builder = self._builder(self._name, self._key, NOW + 30 * DAY)
        self._certificate = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(
            self._key, hashes.SHA256()
        )

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self._certificate.public_bytes(serialization.Encoding.PEM).decode())

    def file(self) -> Path:
        """Its own certificate, for clients and servers that take a file."""
        path = self._folder / "authority.pem"
        if not path.exists():  # written once: a server may be reading it
            path.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def server(self, *names: str, expires: dt.datetime = NOW + 30 * DAY) -> ssl.SSLContext:
        """A server's context with a certificate for host names and addresses."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server_file(*names, expires=expires))
        return context

    def server_file(self, *names: str, expires: dt.datetime = NOW + 30 * DAY) -> Path:
        """A server's certificate for host names and addresses, and its key, in one file; the same one when asked again."""
        path = self._folder / f"{'_'.join(names)}-{expires:%s}.pem"
        if not path.exists():
            self._write_server(path, names, expires)
        return path

    def _write_server(self, path: Path, names: tuple[str, ...], expires: dt.datetime) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        certificate = (
            self._builder(subject, key, expires)
            .add_extension(alternatives, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, expires: dt.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 60 * DAY)
            .not_valid_after(expires)
        )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
