"""A running house: kept alive, ended as a whole, however it ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil

from launch.marks import marked
from launch.processes import PROC
from tests.launch.conftest import Launch


def test_ctrl_c_leaves_no_process(begin: Launch) -> None:
    running = begin()
    assert running.has_said("at work", times=2)
    assert len(running.family()) > 6
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(30) == 0
    assert running.family() == []


def test_sigterm_leaves_no_process_even_if_a_child_will_not_stop(begin: Launch) -> None:
    running = begin("stubborn", "hasty")
    assert running.has_said("at work", times=2)
    running.process.terminate()
    assert running.process.wait(30) == 0
    assert running.family() == []


def test_a_second_ctrl_c_ends_it_at_once(begin: Launch) -> None:
    running = begin("stubborn")
    assert running.has_said("at work", times=2)
    running.process.send_signal(signal.SIGINT)
    assert running.has_said("stopping")
    running.process.send_signal(signal.SIGINT)
    running.process.wait(10)
    assert running.leaves_nothing()


def test_killing_the_start_itself_leaves_no_process(begin: Launch) -> None:
    running = begin("stubborn")
    assert running.has_said("at work", times=2)
    running.process.kill()
    assert running.leaves_nothing()


def test_a_killed_child_is_started_again_and_its_own_children_end(begin: Launch) -> None:
    running = begin()
    assert running.has_said("at work", times=2)
    before = set(marked(running.places.sockets.name))
    child = next(
        pid for pid in _children(running.process.pid) if pid in before and os.getsid(pid) == pid
    )
    os.kill(child, signal.SIGKILL)
    assert running.has_said("ended (SIGKILL); starts again")
    assert running.has_said("at work", times=3)


def test_a_killed_engine_is_started_again(begin: Launch) -> None:
    running = begin()
    assert running.has_said("at work", times=2)
    redis = next(pid for pid in running.family() if _folder(pid) == running.places.redis)
    os.kill(redis, signal.SIGKILL)
    assert running.has_said("Redis had ended and was started again")


def test_a_second_start_of_the_same_home_says_who_runs(begin: Launch) -> None:
    first = begin()
    assert first.has_said("at work", times=2)
    second = begin()
    assert second.process.wait(30) == 1
    assert second.has_said(f"already runs from {first.places.home} (process {first.process.pid})")


def test_what_a_killed_start_left_is_cleared_by_the_next(begin: Launch) -> None:
    first = begin()
    assert first.has_said("at work", times=2)
    guard = next(pid for pid in _children(first.process.pid) if "launch.guard" in _command(pid))
    orphans = set(marked(first.places.sockets.name))
    os.kill(guard, signal.SIGKILL)
    first.process.kill()
    second = begin()
    assert second.has_said("at work", times=2)
    assert not orphans & set(second.family())


def _children(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children()]


def _folder(pid: int) -> Path:
    return (PROC / str(pid) / "cwd").readlink()


def _command(pid: int) -> str:
    return (PROC / str(pid) / "cmdline").read_text(encoding="utf-8")
