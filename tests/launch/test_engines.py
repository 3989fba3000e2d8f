"""The embedded engines: started once, found again, mended after every kind of end."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import environ
import psycopg2
import pytest
import redis as redis_client

from launch import engines
from launch.errors import LaunchError
from launch.places import places
from launch.processes import is_alive, wait_until
from tests.launch.conftest import kill


def ask(running: engines.Engines, question: str) -> object:
    """Put one question to the database, as Django would reach it."""
    found = environ.Env.db_url_config(running.database_url)
    line = psycopg2.connect(host=found["HOST"], user=found["USER"], dbname=found["NAME"])
    line.autocommit = True
    try:
        with line.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        line.close()


def test_both_engines_answer_at_the_computed_addresses(shared: engines.Engines) -> None:
    assert shared.database_url == engines.urls(shared.places.home).database_url
    assert ask(shared, "SELECT lower('ÄΩ')") == "äω"
    assert redis_client.Redis.from_url(shared.redis_url).ping()


def test_the_role_may_make_databases_for_tests_and_nothing_more(shared: engines.Engines) -> None:
    ask(shared, "CREATE DATABASE another")
    assert ask(shared, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_nothing_is_open_to_the_network_or_to_others(shared: engines.Engines) -> None:
    assert ask(shared, "SHOW listen_addresses") == ""
    server = redis_client.Redis.from_url(shared.redis_url)
    assert server.config_get("port") == {"port": "0"}
    assert stat.S_IMODE(shared.places.redis_socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(shared.places.postgres_sockets.stat().st_mode) == 0o700


def test_the_log_never_holds_a_statement_or_a_row(shared: engines.Engines) -> None:
    with pytest.raises(psycopg2.Error):
        ask(shared, "SELECT '阿司匹林'::integer")
    assert "阿司匹林" not in (shared.places.logs / "postgres.log").read_text(encoding="utf-8")


def test_a_second_start_finds_the_running_engines(shared: engines.Engines) -> None:
    second = engines.ensure(shared.places.home, environment={})
    assert second.started == []
    second.stop()
    assert ask(shared, "SELECT 1") == 1


def test_a_configured_engine_is_left_alone(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgres://db/x", "REDIS_URL": "redis://cache"}
    running = engines.ensure(tmp_path / "home", environment=given)
    assert (running.database_url, running.redis_url) == tuple(given.values())
    assert not (tmp_path / "home").exists()


def test_stopping_ends_both_and_removes_the_sockets(started: engines.Engines) -> None:
    servers = started.started
    started.stop()
    assert len(servers) == 2
    assert not any(is_alive(server.pid) for server in servers)
    assert not started.places.sockets.exists()


def test_killed_engines_start_again_with_what_was_committed(tmp_path: Path) -> None:
    started = engines.ensure(tmp_path / "home", environment={})
    ask(started, "CREATE TABLE kept AS SELECT 7 AS number")
    for server in started.started:
        kill(server)
    assert (started.places.postgres / "postmaster.pid").exists()
    revived = started.revive()
    assert [server.kind.NAME for server in revived] == ["PostgreSQL", "Redis"]
    assert ask(started, "SELECT number FROM kept") == 7
    started.stop()


def test_a_lock_whose_number_went_to_a_stranger_is_cleared(started: engines.Engines) -> None:
    lock = started.places.postgres / "postmaster.pid"
    text = lock.read_text(encoding="ascii")
    started.stop()
    stranger = str(os.getpid())  # alive, and no PostgreSQL
    lock.write_text(stranger + text[text.index("\n") :], encoding="ascii")
    again = engines.ensure(started.places.home, is_throwaway=True, environment={})
    assert ask(again, "SELECT 1") == 1
    again.stop()


def test_engines_whose_data_were_deleted_are_replaced(started: engines.Engines) -> None:
    old = [server.pid for server in started.started]
    shutil.rmtree(started.places.home)
    fresh = engines.ensure(started.places.home, is_throwaway=True, environment={})
    assert len(fresh.started) == 2
    assert wait_until(lambda: not any(map(is_alive, old)), seconds=20)
    assert ask(fresh, "SELECT 1") == 1
    fresh.stop()


def test_data_that_were_only_half_made_are_made_anew(tmp_path: Path) -> None:
    for name in ("pg", "pg.new"):
        (tmp_path / "home" / name).mkdir(parents=True)
        (tmp_path / "home" / name / "rest").touch()
    running = engines.ensure(tmp_path / "home", environment={})
    assert ask(running, "SHOW fsync") == "on"
    running.stop()


def test_a_home_deeper_than_a_socket_path_may_be_works(tmp_path: Path) -> None:
    running = engines.ensure(tmp_path / ("deep" * 30), is_throwaway=True, environment={})
    assert ask(running, "SELECT 1") == 1
    running.stop()


def test_a_socket_folder_prepared_by_somebody_else_is_refused(tmp_path: Path) -> None:
    found = places(tmp_path / "home")
    found.sockets.symlink_to(tmp_path)
    try:
        with pytest.raises(LaunchError, match="does not belong to this user"):
            engines.ensure(found.home, environment={})
    finally:
        found.sockets.unlink()


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LaunchError, match=r"is not writable .* set RELATA_HOME"):
        engines.ensure(tmp_path / "file" / "home", environment={})
