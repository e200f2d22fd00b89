"""Starting to listen: what is refused at once, and what is answered over TLS."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.ports import free_port
from tests.system.authority import certify
from tests.system.running import run_callvault


def test_a_port_that_is_taken_is_said_before_anything_is_promised(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        for command in (("serve",), ("demo",)):
            done = run_callvault(tmp_path / "data", *command, "--port", port, check=False)
            assert done.returncode == 2
            assert f"Cannot listen on 127.0.0.1 port {port}" in done.stderr
            assert done.stdout == ""


def test_a_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    certificates = certify(tmp_path / "certificates")
    done = run_callvault(
        tmp_path / "data", "serve", "--port", str(free_port()), "--tls-cert", str(certificates.certificate), check=False
    )
    assert done.returncode == 2
    assert "tls_cert and tls_key go together" in done.stderr


def test_a_setting_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    done = run_callvault(tmp_path / "data", "doctor", environment={"CALLVAULT_PROT": "1"}, check=False)
    assert done.returncode == 2
    assert "There is no setting 'prot'" in done.stderr
    assert "Traceback" not in done.stderr
