"""An authority, a certificate of this machine's loopback address, and an authority that nobody knows: by openssl."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.engines.packages import Unavailable


@dataclass(frozen=True)
class Certificates:
    authority: Path  # signed the server's
    stranger: Path  # signed nothing
    certificate: Path
    key: Path


def make_certificates(folder: Path, *, names: str = "DNS:localhost,IP:127.0.0.1") -> Certificates:
    """PEM files in the folder: ca.pem, stranger.pem, server.pem, server.key. Raises Unavailable without openssl."""
    if shutil.which("openssl") is None:
        raise Unavailable("openssl is not installed: apt-get install openssl")
    for name in ("ca", "stranger"):
        _openssl(
            folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN=tests {name}",
            "-keyout", f"{name}.key", "-out", f"{name}.pem", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        )  # fmt: skip
    _openssl(
        folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key",
        "-out", "server.csr",
    )  # fmt: skip
    (folder / "server.ext").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n", encoding="utf-8")
    _openssl(
        folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "30", "-out", "server.pem", "-extfile", "server.ext",
    )  # fmt: skip
    return Certificates(folder / "ca.pem", folder / "stranger.pem", folder / "server.pem", folder / "server.key")


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=True, timeout=60)
