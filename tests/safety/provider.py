"""A small OpenID provider on loopback: real HTTP, real signatures, and lies on request."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "relata", "s3cr3t-of-the-provider"
Sign = Callable[[dict[str, Any]], str]


@dataclass
class Provider:
    """What the provider knows, and how it lies."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    published: RSAKey | None = None  # another key than the one that signs
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)  # None takes a claim away
    sign: Sign | None = None
    answer: dict[str, Any] = field(default_factory=dict)
    granted: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, address: str) -> dict[str, str]:
        """Do what a person does at the provider's page; return what the browser carries back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.granted[code] = asked
        return {"code": code, "state": asked["state"]}

    def describe(self) -> dict[str, Any]:
        """Return the discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.metadata,
        }

    def keys(self) -> dict[str, Any]:
        """Return the public keys."""
        return {"keys": [(self.published or self.key).as_dict(private=False)]}

    def token(self, form: dict[str, str], credentials: str) -> tuple[int, dict[str, Any]]:
        """Exchange a code, once, for the client that asked for it."""
        asked = self.granted.pop(form.get("code", ""), None)
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        verifier = form.get("code_verifier", "").encode()
        proof = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        if asked is None or credentials != f"Basic {expected}" or proof != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "staff-4711",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": "mei.wang",
            "name": "王梅",
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        signed = (self.sign or self.honestly)(claims)
        return 200, {
            "access_token": "opaque", "token_type": "Bearer", "id_token": signed, **self.answer
        }  # fmt: skip

    def honestly(self, claims: dict[str, Any]) -> str:
        """Sign as the metadata say."""
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def unsigned(self, claims: dict[str, Any]) -> str:
        """Say that no signature is needed."""
        header = {"alg": "none", "typ": "JWT"}
        return f"{_part(header)}.{_part(claims)}."

    def with_the_public_key(self, claims: dict[str, Any]) -> str:
        """Use the public key, which everybody has, as if it were a shared secret."""
        secret = OctKey.import_key(self.key.as_pem(private=False))
        return jwt.encode({"alg": "HS256", "kid": "one"}, claims, secret)

    def with_the_client_secret(self, claims: dict[str, Any]) -> str:
        """Use the secret of the client."""
        secret = OctKey.import_key(CLIENT_SECRET.ljust(32, "0"))
        return jwt.encode({"alg": "HS256"}, claims, secret)

    def changed_afterwards(self, claims: dict[str, Any]) -> str:
        """Sign one person and name another."""
        header, _, signature = self.honestly(claims).split(".")
        return f"{header}.{_part({**claims, 'sub': 'staff-1'})}.{signature}"


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@contextmanager
def running() -> Iterator[Provider]:
    """Serve a provider on a free port."""
    provider = Provider()

    class Door(BaseHTTPRequestHandler):
        """Answers the three addresses."""

        def do_GET(self) -> None:
            """Serve what anybody may read."""
            known = {
                "/.well-known/openid-configuration": provider.describe,
                "/keys": provider.keys,
            }
            if self.path.startswith("/authorize?"):
                self._send_back()
                return
            told = known.get(self.path)
            self._say(200 if told else 404, told() if told else {})

        def _send_back(self) -> None:
            """Let the person in without asking, and send the browser back."""
            asked = parse_qs(urlsplit(self.path).query)
            carried = urlencode(provider.authorize(self.path))
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri'][0]}?{carried}")
            self.end_headers()

        def do_POST(self) -> None:
            """Serve the token endpoint."""
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: unquote(values[0]) for name, values in parse_qs(body).items()}
            self._say(*provider.token(form, self.headers.get("Authorization", "")))

        def _say(self, status: int, value: dict[str, Any]) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
