"""Examples for a server by hand: proxies that close what is not for everybody, units that start."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from launch.places import ROOT

DOCKER = ROOT / "docker"
NGINX = (DOCKER / "nginx" / "relata.conf").read_text(encoding="utf-8")
CADDY = (DOCKER / "Caddyfile").read_text(encoding="utf-8")
UNITS = sorted((DOCKER / "systemd").glob("*.service"))


def test_nginx_passes_on_what_the_program_believes() -> None:
    for line in (
        "proxy_set_header Host $host;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header Upgrade $http_upgrade;",
        "proxy_buffering         off;",
        "client_max_body_size  2g;",
        "access_log off;",
    ):
        assert line in NGINX
    assert NGINX.count("{") == NGINX.count("}")


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_no_proxy_shows_what_is_for_operators(path: str) -> None:
    assert re.search(rf"location = {path}\s+\{{ return 404; \}}", NGINX)
    (hidden,) = re.findall(r"@inner path (.*)", CADDY)
    assert path in hidden.split()
    assert "respond @inner 404" in CADDY


def read(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text(encoding="utf-8"))
    return unit


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_has_no_more_rights_than_it_needs(path: Path) -> None:
    service = read(path)["Service"]
    assert service["User"] == "relata"
    assert service["NoNewPrivileges"] == "true"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["EnvironmentFile"] == "/etc/relata/environment"


def test_the_web_unit_listens_to_this_machine_and_believes_no_header() -> None:
    command = read(DOCKER / "systemd" / "relata-web.service")["Service"]["ExecStart"]
    assert "--host 127.0.0.1" in command
    assert "--no-proxy-headers" in command


def test_what_units_and_images_call_is_there() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in UNITS)
    commands = set(re.findall(r"manage\.py (\w+)", text))
    there = {path.stem for path in ROOT.glob("annotator/*/management/commands/*.py")}
    assert commands
    assert commands <= there
