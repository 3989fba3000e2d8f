"""Models in a bucket of a real S3 server: kept whole, fetched whole, shared, bounded, refused."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.config.env import database_url
from annotator.config.management.commands.verify_integrity import findings
from annotator.core.buckets import StoreRefusedError
from annotator.core.files import sha256_of
from annotator.core.states import JobState
from annotator.learning import store
from annotator.learning.models import ModelVersion, Suggestion
from annotator.learning.services import suggest_missing
from annotator.projects.models import Project
from extraction.errors import ExtractionError
from extraction.training.checkpoint import write_checked
from launch.processes import wait_until
from tests.safety.starting import manage, production, variables
from tests.worker.conftest import ROOT, Corpus, do_next
from tests.worker.s3 import BUCKET, S3Server, free_port, serving_s3
from worker import artefacts, prediction
from worker.errors import TransientError

PREFIX = "relata"
MIB = 1 << 20
Make = Callable[..., Path]
MakeClient = Callable[[User | None], APIClient]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The server that all tests here use."""
    with serving_s3(tmp_path_factory.mktemp("s3") / "log") as made:
        yield made


@pytest.fixture
def bucket(
    server: S3Server, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[S3Server]:
    """The bucket, set as the model store, empty."""
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    settings.MODEL_STORE = f"s3://{BUCKET}/{PREFIX}"
    settings.MODEL_CACHE_FOLDER = tmp_path / "cache"
    prediction.load.cache_clear()
    yield server
    prediction.load.cache_clear()
    server.empty()


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that makes a checkpoint of so many bytes in so many files."""

    def fill(name: str, *, size: int = 1000, files: int = 1) -> Path:
        def write(folder: Path) -> None:
            (folder / "encoder").mkdir()
            for number in range(files):
                raw = hashlib.sha256(f"{name} {number}".encode()).digest() * (size // 32 + 1)
                (folder / "encoder" / f"{number}.safetensors").write_bytes(raw[:size])

        write_checked(tmp_path / name, {"model": name}, write)
        return tmp_path / name

    return fill


def cached() -> set[str]:
    """Return the models in the cache."""
    folder: Path = django_settings.MODEL_CACHE_FOLDER
    return {one.name for one in folder.iterdir() if one.name != "locks"}


def child(program: str, *arguments: str) -> subprocess.Popen[str]:
    """Run a few lines in another worker's process, with an empty home of its own."""
    server = database_url().rpartition("/")[0]
    chosen = {
        "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
        "REDIS_URL": django_settings.REDIS_URL,
        "RELATA_SECRET_KEY": django_settings.SECRET_KEY,
        "RELATA_MODEL_STORE": django_settings.MODEL_STORE,
        "RELATA_HOME": arguments[0],
    }
    return subprocess.Popen(
        [sys.executable, "-c", f"import worker.app\n{program}", *arguments],
        cwd=ROOT,
        env=variables(chosen),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_model_is_kept_once_and_read_elsewhere(bucket: S3Server, make: Make) -> None:
    digest = artefacts.keep(make("one", files=2))
    assert artefacts.keep(make("again", files=2)) != digest
    before = sorted(bucket.names(f"{PREFIX}/{digest}/"))
    assert [name.rpartition(digest)[2] for name in before] == [
        "/encoder/0.safetensors",
        "/encoder/1.safetensors",
        "/manifest.json",
        "/model.json",
    ]
    assert not django_settings.MODEL_FOLDER.exists()
    with artefacts.held(digest) as place:
        assert json.loads((place / "model.json").read_text()) == {"model": "one"}
        assert artefacts.size_of(digest) == sum(
            one.stat().st_size for one in place.rglob("*") if one.is_file()
        )
    assert cached() == {digest}


def test_a_file_of_many_parts_comes_back_as_it_was(bucket: S3Server, make: Make) -> None:
    digest = artefacts.keep(make("large", size=40 * MIB))
    with artefacts.held(digest) as place:
        assert (place / "encoder" / "0.safetensors").stat().st_size == 40 * MIB
    assert store.fault_of(digest) is None


@pytest.mark.parametrize("name", ["encoder/0.safetensors", "model.json", "manifest.json"])
def test_an_object_that_was_changed_is_refused_by_name(
    bucket: S3Server, make: Make, name: str
) -> None:
    digest = artefacts.keep(make("one"))
    key = f"{PREFIX}/{digest}/{name}"
    whole = bucket.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    bucket.client.put_object(Bucket=BUCKET, Key=key, Body=whole[:-1] + b"?")
    with pytest.raises(ExtractionError) as refused, artefacts.held(digest):
        pass
    assert (refused.value.code, name in refused.value.message) == ("model_damaged", True)
    assert cached() == set()
    assert name in str(store.fault_of(digest))


def test_an_object_that_is_gone_or_grew_is_refused(bucket: S3Server, make: Make) -> None:
    digest = artefacts.keep(make("one"))
    key = f"{PREFIX}/{digest}/encoder/0.safetensors"
    bucket.client.put_object(Bucket=BUCKET, Key=key, Body=b"x" * (4 * MIB))
    with pytest.raises(ExtractionError, match="was changed"), artefacts.held(digest):
        pass
    bucket.client.delete_object(Bucket=BUCKET, Key=key)
    with pytest.raises(ExtractionError, match="is missing"), artefacts.held(digest):
        pass


def test_keeping_it_again_mends_what_was_damaged(bucket: S3Server, make: Make) -> None:
    checkpoint = make("one")
    digest = artefacts.keep(checkpoint)
    bucket.client.delete_object(Bucket=BUCKET, Key=f"{PREFIX}/{digest}/model.json")
    assert store.fault_of(digest) is not None
    assert artefacts.keep(checkpoint) == digest
    assert store.fault_of(digest) is None


@pytest.mark.parametrize("name", ["pytorch_model.bin", "code.py", "../out.json", "/etc/x.json"])
def test_what_is_no_data_is_neither_kept_nor_fetched(
    bucket: S3Server, make: Make, name: str
) -> None:
    bad = {"format": 1, "files": {name: {"sha256": hashlib.sha256(b"x").hexdigest(), "bytes": 1}}}
    raw = json.dumps(bad).encode()
    digest = hashlib.sha256(raw).hexdigest()
    bucket.client.put_object(Bucket=BUCKET, Key=f"{PREFIX}/{digest}/manifest.json", Body=raw)
    with pytest.raises(ExtractionError, match="no data"), artefacts.held(digest):
        pass

    def write(folder: Path) -> None:
        (folder / "weights.pt").write_bytes(b"x")

    place = make("one").with_name("bad")
    write_checked(place, {"model": "bad"}, write)
    with pytest.raises(ExtractionError, match="no data"):
        artefacts.keep(place)


UPLOAD = """
import sys
from pathlib import Path
from worker import artefacts
print(artefacts.keep(Path(sys.argv[2])))
"""


def test_an_upload_that_is_killed_leaves_no_model(
    bucket: S3Server, make: Make, tmp_path: Path
) -> None:
    checkpoint = make("one", files=400)
    digest = sha256_of(checkpoint / "manifest.json")
    with child(UPLOAD, str(tmp_path / "other"), str(checkpoint)) as process:
        assert wait_until(lambda: bool(bucket.names(f"{PREFIX}/{digest}/")), seconds=60)
        process.send_signal(signal.SIGKILL)
    there = bucket.names(f"{PREFIX}/{digest}/")
    assert 0 < len(there) < 401
    assert not any(name.endswith("manifest.json") for name in there)
    found = store.bucket()
    assert found is not None
    assert list(store.digests_in(found)) == []
    with pytest.raises(ExtractionError) as refused, artefacts.held(digest):
        pass
    assert refused.value.code == "model_missing"
    assert artefacts.keep(checkpoint) == digest
    assert store.fault_of(digest) is None


FETCH = """
import sys
from worker import artefacts
with artefacts.held(sys.argv[2]): pass
"""


def test_a_fetch_that_is_killed_leaves_nothing_that_is_taken_for_a_model(
    bucket: S3Server, make: Make, tmp_path: Path, settings: Any
) -> None:
    digest = artefacts.keep(make("one", files=400))
    settings.MODEL_CACHE_FOLDER = tmp_path / "other" / "model-cache"
    with child(FETCH, str(tmp_path / "other"), digest) as process:
        drafts = django_settings.MODEL_CACHE_FOLDER
        assert wait_until(lambda: any(drafts.glob(".*.draft/encoder/*")), seconds=60)
        process.send_signal(signal.SIGKILL)
    assert [name.endswith(".draft") for name in cached()] == [True]
    with artefacts.held(digest):
        assert cached() == {digest}


def test_the_cache_is_bounded_and_what_is_used_stays(
    bucket: S3Server, make: Make, settings: Any
) -> None:
    first, second, third = (artefacts.keep(make(name, size=MIB)) for name in ("a", "b", "c"))
    settings.MODEL_CACHE_BYTES = 2 * MIB + 10_000
    with artefacts.held(first):
        with artefacts.held(second):
            with pytest.raises(TransientError) as busy, artefacts.held(third):
                pass
            assert busy.value.code == "model_cache_busy"
        with artefacts.held(third):
            assert cached() == {first, third}
    settings.MODEL_CACHE_BYTES = MIB
    with pytest.raises(ExtractionError) as small, artefacts.held(second):
        pass
    assert small.value.code == "model_cache_small"


def test_many_who_ask_at_once_fetch_it_once(bucket: S3Server, make: Make, settings: Any) -> None:
    digests = [artefacts.keep(make(name, size=MIB)) for name in ("a", "b", "c")]
    settings.MODEL_CACHE_BYTES = 2 * MIB + 10_000
    trouble: list[Exception] = []

    def use(number: int) -> None:
        try:
            for turn in range(6):
                with artefacts.held(digests[(number + turn) % 2]) as place:
                    assert (place / "model.json").is_file()
        except Exception as error:  # noqa: BLE001 - it must not die unseen
            trouble.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert trouble == []
    assert cached() == set(digests[:2])


def test_what_is_damaged_in_the_cache_is_fetched_again(bucket: S3Server, make: Make) -> None:
    digest = artefacts.keep(make("one"))
    with artefacts.held(digest) as place:
        pass
    (place / "model.json").write_text("{}")
    with artefacts.held(digest) as place:
        assert json.loads((place / "model.json").read_text()) == {"model": "one"}


def test_a_model_that_is_here_is_used_while_the_bucket_is_away(
    bucket: S3Server, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, other = artefacts.keep(make("one")), artefacts.keep(make("two"))
    with artefacts.held(digest):
        pass
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    with artefacts.held(digest):
        pass
    with pytest.raises(TransientError) as away, artefacts.held(other):
        pass
    assert away.value.code == "store_away"


def test_models_of_the_disk_are_copied_into_the_bucket(
    bucket: S3Server, make: Make, settings: Any
) -> None:
    settings.MODEL_STORE = ""
    digest = artefacts.keep(make("one"))
    with pytest.raises(CommandError, match="RELATA_MODEL_STORE is not set"):
        call_command("copy_models")
    settings.MODEL_STORE = f"s3://{BUCKET}/{PREFIX}"
    out = StringIO()
    call_command("copy_models", stdout=out)
    call_command("copy_models", stdout=out)
    assert out.getvalue().count("1 models are in s3://") == 2
    assert store.fault_of(digest) is None
    (settings.MODEL_FOLDER / digest / "model.json").write_text("{}")
    with pytest.raises(CommandError, match=r"model\.json"):
        call_command("copy_models")


def test_a_backup_carries_the_models_of_the_bucket(
    bucket: S3Server, make: Make, tmp_path: Path
) -> None:
    digest = artefacts.keep(make("one"))
    store.copy_out(tmp_path / "kept")
    bucket.empty()
    assert store.fault_of(digest) is not None
    assert store.copy_in(tmp_path / "kept") == 1
    assert store.fault_of(digest) is None


PREDICT = """
import sys
from annotator.core.models import Job
from worker.tasks import work
job = Job.objects.filter(kind="predict").earliest("pk")
work(job_id=job.pk)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_one_machine_trains_another_predicts_with(
    bucket: S3Server,
    project: Project,
    manager: User,
    corpus: Corpus,
    api: MakeClient,
    tmp_path: Path,
) -> None:
    corpus(24, 6)
    client = api(manager)
    client.post(f"/api/v1/projects/{project.pk}/runs/", {"settings": {"epochs": 2}})
    assert do_next("train").state == JobState.DONE
    version = ModelVersion.objects.get()
    assert not django_settings.MODEL_FOLDER.exists()
    assert list(findings(project.pk)) == []
    with child(PREDICT, str(tmp_path / "other")) as process:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert Suggestion.objects.filter(model_version=version).count() == 6
    assert (tmp_path / "other" / "model-cache" / version.digest / "manifest.json").is_file()

    key = f"{PREFIX}/{version.digest}/heads.safetensors"
    whole = bucket.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    bucket.client.put_object(Bucket=BUCKET, Key=key, Body=whole[:-4] + b"abcd")
    (finding,) = findings(project.pk)
    assert finding.rule == "served_model_is_whole"
    corpus(0, 4, first=40)
    suggest_missing()
    job = do_next("predict")
    assert (job.state, job.error_code) == (JobState.FAILED, "model_damaged")


def celery(home: Path, queue: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """Start a worker that is expected to refuse."""
    return subprocess.run(
        [sys.executable, "-m", "celery", "-A", "worker", "worker", "-Q", queue, "-P", "solo"],
        cwd=ROOT,
        env={**variables({**production(home), **changed}), "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_worker_that_cannot_reach_its_store_does_not_start(
    bucket: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = {
        "start it": {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{free_port()}"},
        "no such bucket": {"RELATA_MODEL_STORE": "s3://not-there/relata"},
    }
    for remedy, changed in cases.items():
        done = celery(
            tmp_path, "train", **{"RELATA_MODEL_STORE": django_settings.MODEL_STORE, **changed}
        )
        assert done.returncode == 1, done.stderr
        assert "relata: The model store" in done.stderr
        assert remedy in done.stderr
        assert "Traceback" not in done.stderr
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    done = celery(tmp_path, "predict", RELATA_MODEL_STORE=django_settings.MODEL_STORE)
    assert "set AWS_ACCESS_KEY_ID" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("changed", "remedy"),
    [
        ({"RELATA_MODEL_STORE": "https://s3.test/models"}, "write s3://bucket/prefix"),
        (
            {"RELATA_MODEL_STORE": "s3://models", "AWS_ACCESS_KEY_ID": "a"},
            "AWS_SECRET_ACCESS_KEY is missing",
        ),
    ],
)
def test_a_store_that_cannot_be_is_refused_while_settings_are_read(
    changed: dict[str, str], remedy: str, tmp_path: Path
) -> None:
    done = manage({**production(tmp_path), **changed}, "check")
    assert done.returncode == 1
    assert remedy in done.stderr


def test_an_address_that_is_none_is_refused(settings: Any) -> None:
    settings.MODEL_STORE = "s3://UPPER"
    with pytest.raises(StoreRefusedError):
        store.bucket()
