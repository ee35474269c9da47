"""A time stamping authority of OpenSSL's: a root, a certificate for time stamps, and answers over HTTP."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_SETTINGS = """
[tsa]
default_tsa = stamps
[stamps]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


class Authority:
    """An authority whose files lie in a folder; `roots` is what those who trust it are given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _certificate("A root", root_key, "A root", root_key, for_stamps=False)
        own = _certificate("Time stamps", key, "A root", root_key, for_stamps=True)
        self.roots = folder / "roots.pem"
        self.roots.write_bytes(root.public_bytes(Encoding.PEM))
        (folder / "tsa.pem").write_bytes(own.public_bytes(Encoding.PEM))
        (folder / "tsa.key").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        )
        (folder / "tsa.cnf").write_text(_SETTINGS.format(folder=folder))
        (folder / "serial").write_text("01\n")

    def reply(self, query: bytes) -> bytes:
        """The answer to a query."""
        (self._folder / "query").write_bytes(query)
        self._openssl("-reply", "-queryfile", "query", "-config", "tsa.cnf", "-out", "reply")
        return (self._folder / "reply").read_bytes()

    def verifies(self, stamp: bytes, text: str, roots: Path | None = None) -> bool:
        """What `openssl ts -verify` says of a stamp."""
        (self._folder / "given").write_bytes(stamp)
        (self._folder / "text").write_text(text)
        arguments = ["-verify", "-data", "text", "-in", "given", "-CAfile", str(roots or self.roots)]
        done = subprocess.run(["openssl", "ts", *arguments], cwd=self._folder, capture_output=True, check=False)
        return done.returncode == 0

    @contextmanager
    def serving(self, spoil: "Authority | None" = None, body: bytes | None = None) -> Iterator[str]:
        """Its address; `spoil` answers in its place, `body` is answered whatever is asked."""
        authority = spoil or self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["content-length"]))
                answer = authority.reply(query) if body is None else body
                status = 200 if self.headers["content-type"] == "application/timestamp-query" else 415
                self.send_response(status if self.path == "/tsa" else 404)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_given: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
            finally:
                server.shutdown()
                thread.join()

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", "ts", *arguments], cwd=self._folder, capture_output=True, check=True)


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, by: str, by_key: ec.EllipticCurvePrivateKey, *, for_stamps: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=not for_stamps, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by_key.public_key()), critical=False)
    )
    if for_stamps:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(by_key, hashes.SHA256())
