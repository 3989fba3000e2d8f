"""./run: everything from an empty folder to a page, then looking after it until Ctrl-C."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor

from launch import demo, environment, frontend
from launch.checks import NEEDED_TO_RUN, check_disk, check_port, check_python, only_start
from launch.children import Program
from launch.environment import Venv
from launch.errors import LaunchError
from launch.guard import Guard
from launch.house import House
from launch.interrupts import StopAskedError, stoppable
from launch.marks import VARIABLE, kill_marked
from launch.options import Options
from launch.places import ROOT, make_home, places
from launch.steps import Toolbox, say, seconds_since_start, step

ANSWER_SECONDS = 120.0


def run(options: Options) -> None:
    """Start everything and stay until asked to stop."""
    check_python()
    make_home(options.home)
    mark = places(options.home).sockets.name
    with stoppable(), only_start(options.home):
        kill_marked(mark)  # what a killed start of this home may have left
        check_port(options.host, options.port)
        check_disk((options.home,), needed=NEEDED_TO_RUN)
        with Guard(mark) as guard:
            Start(options, House(options.home, guard, mark)).run()


class Start:
    """One start, from the first package to the page."""

    def __init__(self, options: Options, house: House) -> None:
        self.options = options
        self.house = house
        self.tools = Toolbox()
        self.pool = ThreadPoolExecutor(max_workers=2)
        self.announcement: Future[None] | None = None
        self.over = threading.Event()

    def run(self) -> None:
        """Prepare, keep, stop; whatever happens, nothing stays behind."""
        say(f"Relata, data in {self.options.home}")
        try:
            venv = self.prepare()
            quiet = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
            self.house.open(programs(venv, self.options), {**venv.environment, **quiet})
            self.announcement = self.pool.submit(self.announce, venv)
            self.house.keep(self.look)
        except StopAskedError:
            say("Stopping; once more Ctrl-C stops at once.")
        finally:
            self.over.set()
            self.tools.stop()
            self.pool.shutdown(wait=False, cancel_futures=True)
            self.house.stop()
        say("Stopped.")

    def prepare(self) -> Venv:
        """Have packages, front end, engines and tables; what can be done at once is."""
        variables = {**self.options.environment, VARIABLE: self.house.mark}
        with environment.one_at_a_time():
            venv = environment.prepare(variables, self.tools)
            page = self.pool.submit(frontend.build, venv)
            missing = install_engines(venv)
            packages = self.pool.submit(venv.install, "requirements.txt")
            self.start_engines(missing)
            packages.result()
            migrate(venv)
            page.result()
        return venv

    def start_engines(self, missing: LaunchError | None) -> None:
        """Start PostgreSQL and Redis; when that fails, wheels that failed before explain it."""
        try:
            with step("PostgreSQL and Redis"):
                self.house.start_engines(self.options.environment)
        except LaunchError as error:
            if missing is not None:
                raise LaunchError(f"{error} ({missing})", said=missing.said) from error
            raise

    def announce(self, venv: Venv) -> None:
        """Prepare the demo while the web process starts, then say where the page is."""
        with step("Demo projects"):
            logins = demo.prepare(venv, self.options.home)
        address = f"http://{reachable(self.options.host)}:{self.options.port}"
        if not answers(f"{address}/healthz", seconds=ANSWER_SECONDS, over=self.over):
            if not self.over.is_set():
                say(f"{address} does not answer; the lines that begin with web say why.")
            return
        say(f"\nReady after {seconds_since_start():.1f} s:  {address}/\n")
        for login in logins:
            say(f"    {login.username:12} {login.password:24} {login.role}")
        if not logins:
            say("    No accounts here yet? .venv/bin/python manage.py createsuperuser")
        say("\nCtrl-C stops everything.\n")

    def look(self) -> None:
        """Raise what went wrong while the page was announced."""
        if self.announcement is not None and self.announcement.done():
            announced, self.announcement = self.announcement, None
            announced.result()


def programs(venv: Venv, options: Options) -> list[Program]:
    """Return what has to run: the web process and a worker for each queue."""
    python = [str(venv.python), "-m"]
    web = [*python, "uvicorn", "annotator.config.asgi:application", "--lifespan", "off"]
    listening = ["--host", options.host, "--port", str(options.port), "--no-access-log"]
    level = options.environment.get("RELATA_LOG_LEVEL") or "INFO"
    celery = [*python, "celery", "-A", "worker", "--quiet", "worker", "-l", level]
    celery += ["--without-gossip", "--without-mingle"]
    alone = ["-c", "1", "-P", "solo"]
    gently = ["nice", "-n", "10"]  # the page stays quick while a model is trained
    return [
        Program("web", [*web, *listening, "--timeout-graceful-shutdown", "3"]),
        Program("io", [*celery, "-Q", "io", "-n", "io@%h", "-c", "2"]),
        Program("train", [*gently, *celery, "-Q", "train", "-n", "train@%h", *alone]),
        Program("predict", [*gently, *celery, "-Q", "predict", "-n", "predict@%h", *alone]),
    ]


def install_engines(venv: Venv) -> LaunchError | None:
    """Install the wheels with the engines; a machine that has its own can do without."""
    try:
        venv.install("requirements-embedded.txt")
    except LaunchError as error:
        return error
    return None


def migrate(venv: Venv) -> None:
    """Bring the tables up to date."""
    with step("Database tables"):
        venv.tools.run(
            [venv.python, "manage.py", "migrate", "--no-input", "-v", "0"],
            what="Bringing the database's tables up to date",
            environment=venv.environment,
            folder=ROOT,
        )


def reachable(host: str) -> str:
    """Return an address a browser on this machine can use for what we listen on."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def answers(address: str, *, seconds: float, over: threading.Event) -> bool:
    """Wait until a page answers at all; no proxy stands between us and ourselves."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not over.is_set():
        try:
            opener.open(address, timeout=5.0).close()
        except urllib.error.HTTPError as error:  # it listens; RELATA_ALLOWED_HOSTS may forbid us
            error.close()
            return True
        except OSError:
            over.wait(0.1)
        else:
            return True
    return False
