"""The example of docker/nginx in a real nginx, before a real server; left out without nginx."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings as django_settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import connection, transaction
from websockets.sync.client import connect

from annotator.accounts.models import User
from annotator.config.env import database_url
from annotator.core import events
from annotator.projects.models import Project
from launch.places import ROOT
from launch.processes import wait_until
from tests.annotator.conftest import PASSWORD, AddSentences
from tests.safety.starting import LISTENS, production, web
from tests.worker.s3 import free_port

pytestmark = pytest.mark.django_db(transaction=True)

HOST = "labels.hospital.test"
SESSION = "/api/v1/auth/session/"
SENTENCES = 3000
UPLOAD = 30_000_000


@dataclass
class Visitor:
    """Somebody on the other side of nginx, with a jar of cookies."""

    port: int
    trusted: ssl.SSLContext
    cookies: SimpleCookie = field(default_factory=SimpleCookie)

    def line(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{one.key}={one.value}" for one in self.cookies.values())

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        wire = http.client.HTTPConnection(HOST)
        wire.sock = self.trusted.wrap_socket(self.line(), server_hostname=HOST)
        token = self.cookies.get("__Host-csrftoken")
        sent = {
            "Host": f"{HOST}:{self.port}",
            "Cookie": self.cookie,
            "X-CSRFToken": token.value if token else "",
            "Origin": f"https://{HOST}",
            **({"Content-Type": "application/json"} if body else {}),
            **(headers or {}),
        }
        wire.request(method, path, body, sent)
        answer = wire.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.load(cookie)
        said = answer.read()
        wire.close()
        return answer, said


def certificate(folder: Path) -> None:
    """Make a key and sign it with itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain
    )
    (folder / "privkey.pem").write_bytes(encoded)


@contextmanager
def nginx(folder: Path, *, to: int, plain: int, tls: int) -> Iterator[None]:
    """Run the example as it stands, but for host, ports and where its files are."""
    example = (ROOT / "docker" / "nginx" / "relata.conf").read_text(encoding="utf-8")
    for old, new in (
        ("labels.example.org", HOST),
        ("127.0.0.1:8000", f"127.0.0.1:{to}"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{tls} ssl"),
        ("/etc/ssl/relata", str(folder)),
        ("/var/log/nginx", str(folder)),
    ):
        assert old in example
        example = example.replace(old, new)
    own = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"daemon off; pid {folder}/pid; error_log {folder}/start.log;\nevents {{}}\n"
    user = "user root;\n" if os.geteuid() == 0 else ""  # to whom the folder is closed
    (folder / "nginx.conf").write_text(f"{user}{whole}http {{\n{own}{example}\n}}\n")
    program = shutil.which("nginx")
    assert program
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        assert wait_until(lambda: listens(tls), seconds=20), (folder / "start.log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def visitor(project: Project, manager: User, tmp_path: Path) -> Iterator[Visitor]:
    """A server behind TLS, and a browser that has not logged in."""
    cache.clear()
    hashed = Argon2PasswordHasher().encode(PASSWORD, "salt-of-this-test")  # as the server has it
    User.objects.filter(pk=manager.pk).update(password=hashed)
    home, folder = tmp_path / "home", tmp_path / "nginx"
    home.mkdir(mode=0o700)
    folder.mkdir()
    certificate(folder)
    settings = {
        **production(home),
        "DATABASE_URL": f"{database_url().rpartition('/')[0]}/{connection.settings_dict['NAME']}",
        "REDIS_URL": django_settings.REDIS_URL,
        "RELATA_METRICS_TOKEN": "a-token-of-more-than-thirty-two-letters",
    }
    with web(settings, host="127.0.0.1") as process:
        assert process.stdout is not None
        said = next(line for line in process.stdout if LISTENS in line)
        port = re.search(r"127\.0\.0\.1:(\d+)", said)
        assert port is not None
        plain, tls = free_port(), free_port()
        with nginx(folder, to=int(port[1]), plain=plain, tls=tls):
            trusted = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
            made = Visitor(tls, trusted)
            wire = http.client.HTTPConnection("127.0.0.1", plain)
            wire.request("GET", "/projects", headers={"Host": HOST})
            answer = wire.getresponse()
            wire.close()
            assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/projects")
            yield made


def log_in(visitor: Visitor) -> None:
    visitor.ask("GET", SESSION)
    body = json.dumps({"username": "mei", "password": PASSWORD}).encode()
    answer, said = visitor.ask("POST", SESSION, body)
    assert answer.status == 200, said
    assert "__Host-sessionid" in visitor.cookies
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert answer.headers["Content-Security-Policy"]
    assert "nginx/" not in (answer.headers["Server"] or "")


def listened(visitor: Visitor, project: Project) -> list[dict[str, Any]]:
    """Open a websocket, have something happen, and return what was heard."""
    with connect(
        f"wss://{HOST}:{visitor.port}/ws/projects/{project.pk}/",
        sock=visitor.line(),
        ssl=visitor.trusted,
        server_hostname=HOST,
        origin=f"https://{HOST}",  # type: ignore[arg-type]
        additional_headers={"Cookie": visitor.cookie},
    ) as socket_:
        heard = [json.loads(socket_.recv(timeout=20))]
        with transaction.atomic():
            events.publish(project.pk, "run.progress", run_id=1)
        heard.append(json.loads(socket_.recv(timeout=20)))
    return heard


def upload(visitor: Visitor, project: Project) -> tuple[int, bytes]:
    """Send a file larger than nginx takes unless it is told."""
    text = "利血平与多巴胺合用。\n".encode()
    file = text * (UPLOAD // len(text))
    edge = "edge-of-a-part"
    form = b"".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in (("format", "text"), ("labels", "ignore"), ("split", "pool"))
    )
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    body = form + head.encode() + file + f"\r\n--{edge}--\r\n".encode()
    answer, said = visitor.ask(
        "POST",
        f"/api/v1/projects/{project.pk}/imports/",
        body,
        {"Content-Type": f"multipart/form-data; boundary={edge}"},
    )
    return answer.status, said


def test_people_work_through_nginx(
    visitor: Visitor, project: Project, add_sentences: AddSentences, record_property: Any
) -> None:
    add_sentences(project, [f"利血平与多巴胺合用第{number}例" for number in range(SENTENCES)])
    for path in ("/metrics", "/readyz"):
        answer, _ = visitor.ask("GET", path)
        assert answer.status == 404, path
    spoofed = {"X-Forwarded-Proto": "http", "X-Forwarded-For": "10.9.8.7"}
    answer, _ = visitor.ask("GET", "/healthz", headers=spoofed)
    assert answer.status == 200
    log_in(visitor)

    hello, event = listened(visitor, project)
    assert hello["kind"] == "hello"
    assert event["id"] > hello["id"]

    begun = time.monotonic()
    answer, said = visitor.ask(
        "GET", f"/api/v1/projects/{project.pk}/export/?format=native&state=all"
    )
    assert answer.status == 200
    assert said.count(b"\n") == SENTENCES
    assert answer.headers["Transfer-Encoding"] == "chunked"
    exported = time.monotonic() - begun

    status, said = upload(visitor, project)
    assert status == 202, said
    record_property(
        "safety",
        f"nginx: log-in, websocket, export of {SENTENCES:,} in {exported:.1f} s,"
        f" upload of {UPLOAD // 10**6} MB",
    )


def test_nginx_takes_the_example_without_a_warning(tmp_path: Path) -> None:
    certificate(tmp_path)
    with nginx(tmp_path, to=free_port(), plain=free_port(), tls=free_port()):
        pass
    assert (tmp_path / "start.log").read_text() == ""
