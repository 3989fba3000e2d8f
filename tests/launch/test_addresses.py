"""The addresses of the embedded engines, as the programs that use them read them."""

from __future__ import annotations

from pathlib import Path

import environ
import redis as redis_client

from launch import engines
from launch.places import places


def test_django_reads_the_database_address_as_a_socket_folder(tmp_path: Path) -> None:
    read = environ.Env.db_url_config(engines.urls(tmp_path).database_url)
    assert read["HOST"] == str(places(tmp_path).postgres_sockets)
    assert (read["NAME"], read["USER"], read["PASSWORD"]) == ("relata", "relata", "")
    assert read["ENGINE"] == "django.db.backends.postgresql"


def test_redis_reads_its_address_as_a_socket(tmp_path: Path) -> None:
    client = redis_client.Redis.from_url(engines.urls(tmp_path).redis_url)
    assert client.connection_pool.connection_kwargs["path"] == str(places(tmp_path).redis_socket)


def test_a_long_home_still_has_short_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("a-very-long-name" * 12)
    socket = places(deep).postgres_sockets / ".s.PGSQL.5432.lock"
    assert len(str(socket)) < 100


def test_two_homes_do_not_share_sockets(tmp_path: Path) -> None:
    assert engines.urls(tmp_path / "a") != engines.urls(tmp_path / "b")


def test_a_home_reached_through_a_link_is_the_same_home(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert engines.urls(tmp_path / "link") == engines.urls(tmp_path / "real")


def test_asking_for_the_addresses_touches_nothing(tmp_path: Path) -> None:
    engines.urls(tmp_path / "new")
    assert not (tmp_path / "new").exists()
