"""Certificates that servers sign themselves, as cameras do."""

import ssl
import subprocess
from pathlib import Path

COMMAND_TIMEOUT_S = 60.0


def signed_by_itself(path: Path, host: str = "127.0.0.1") -> Path:
    """Writes a certificate for a host and its key into one file, with the program openssl."""
    kind = "IP" if host[0].isdigit() else "DNS"
    names = ["-subj", f"/CN={host}", "-addext", f"subjectAltName={kind}:{host}", "-days", "2"]
    key = path.with_suffix(".key")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names, "-keyout", key, "-out", path]
    subprocess.run(command, check=True, capture_output=True, timeout=COMMAND_TIMEOUT_S)
    return path


def serving(certificate: Path) -> ssl.SSLContext:
    """What a server shows that has it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    return context
