"""The client does what its README says, and loses or doubles nothing."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from relata_client import (
    BrokenAnswerError,
    ImportFailedError,
    Labels,
    NotFoundError,
    NotLoggedInError,
    RefusedError,
    Relata,
    UnreachableError,
    VersionConflictError,
)
from relata_client.generated.api.labelling import sentences_history_retrieve

from launch import trial
from tests.clients.conftest import OTHER, TEXT, Enter, write_lines
from tests.safety.harness.proxy import losing

pytestmark = pytest.mark.slow


def antagonism(text: str = TEXT) -> Labels:
    labels = Labels(text)
    labels.relate(labels.find("利福平", "药物"), labels.find("华法林", "药物"), "拮抗")
    return labels


def test_from_log_in_to_export(manager: Relata, project: int) -> None:
    assert project in [one.id for one in manager.projects()]
    (sentence,) = manager.next(project)
    labels = Labels(sentence.text)
    labels.mark(0, 3, "药物")
    draft = manager.save(sentence.id, labels, version=0, seconds=2.0)
    assert (draft.version, draft.state) == (1, "in_progress")

    again = Labels.of(sentence.text, manager.annotation(sentence.id))
    first = sentence.text[:3]
    second = {"利福平": "华法林", "胺碘酮": "地高辛"}[first]
    again.relate("e1", again.find(second, "药物"), "促进")
    done = manager.save(sentence.id, again, version=1, action="submit", seconds=9.0)
    assert (done.version, done.state) == (2, "gold")

    (line,) = [json.loads(line) for line in manager.export(project)]
    assert line["text"] == sentence.text
    assert line["relations"] == [{"head": 0, "tail": 1, "type": "促进"}]
    assert manager.progress(project).gold == 1


def test_an_import_is_waited_for_and_names_what_it_refused(
    manager: Relata, project: int, tmp_path: Path
) -> None:
    bad = {"text": "呋塞米可加重耳毒性。", "entities": [{"start": 0, "end": 90, "type": "药物"}]}
    seen: list[str] = []
    report = manager.import_file(
        project,
        write_lines(tmp_path / "bad.jsonl", bad),
        on_progress=lambda shown: seen.append(shown.state),
    )
    assert (report.accepted, report.refused) == (0, 1)
    assert [(one.line, one.code) for one in report.problems] == [(1, "span_outside_text")]
    assert seen[-1] == "done"


def test_a_file_that_cannot_be_taken_is_an_error_with_its_report(
    manager: Relata, project: int, tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("sentence\n没有标题的表。\n", encoding="utf-8")
    with pytest.raises(ImportFailedError, match="missing_column") as caught:
        manager.import_file(project, path, format="csv")
    assert caught.value.report.state == "failed"


def test_pages_are_walked_to_the_end(manager: Relata, tmp_path: Path) -> None:
    project = manager.create_project("Pages").id
    rows = [
        {"text": f"第{number}个句子与其他句子完全不同：{number * 7919}。"} for number in range(230)
    ]
    manager.import_file(project, write_lines(tmp_path / "many.jsonl", *rows), split="pool")
    found = [one.text for one in manager.sentences(project, order="position")]
    assert found == [row["text"] for row in rows]


def test_a_lost_answer_stores_nothing_twice(
    manager: Relata, product: trial.Trial, project: int
) -> None:
    found = next(manager.sentences(project))
    with (
        losing(place_of(product), share=0.3) as (address, loss),
        through(address, manager) as shaky,
    ):
        for version in range(20):
            labels = Labels(found.text)
            labels.comment = f"{version}"
            assert shaky.save(found.id, labels, version=version).version == version + 1
    assert history(manager, found.id) == list(range(20, 0, -1))
    assert loss.lost >= 5


def place_of(product: trial.Trial) -> tuple[str, int]:
    """Where the product listens."""
    place = urlsplit(product.address)
    assert place.hostname
    assert place.port
    return place.hostname, place.port


def through(address: str, manager: Relata) -> Relata:
    """The same person through a proxy, which wants a connection for each request."""
    shaky = Relata(address, manager.api.token)
    shaky.api.get_httpx_client().headers["Connection"] = "close"
    return shaky


def history(relata: Relata, sentence: int) -> list[int]:
    """The versions that were stored of a sentence."""
    rows = relata.pages(
        lambda cursor: sentences_history_retrieve.sync(sentence, client=relata.api, cursor=cursor)
    )
    return [one.version for one in rows]


def test_the_same_key_again_gives_the_first_answer(manager: Relata, project: int) -> None:
    (sentence,) = manager.next(project)
    key = uuid4()
    first = manager.save(sentence.id, Labels(sentence.text), version=0, key=key)
    again = manager.save(sentence.id, Labels(sentence.text), version=0, key=key)
    assert again == first
    other = Labels(sentence.text)
    other.comment = "anders"
    with pytest.raises(RefusedError) as caught:
        manager.save(sentence.id, other, version=0, key=key)
    assert (caught.value.status, caught.value.code) == (422, "key_reused")


def test_a_conflict_brings_what_is_stored(manager: Relata, project: int) -> None:
    found = next(one for one in manager.sentences(project) if one.text == TEXT)
    manager.save(found.id, antagonism(), version=0)
    with pytest.raises(VersionConflictError) as caught:
        manager.save(found.id, Labels(TEXT), version=0)
    current = caught.value.current
    assert current is not None
    assert current.version == 1
    assert [one.type_ for one in current.relations] == ["拮抗"]
    mended = Labels.of(TEXT, current)
    assert manager.save(found.id, mended, version=current.version).version == 2


def test_an_outsider_finds_nothing(enter: Enter, project: int) -> None:
    outsider = enter("bo")
    assert project not in [one.id for one in outsider.projects()]
    for ask in (outsider.next, outsider.progress, outsider.schema):
        with pytest.raises(NotFoundError):
            ask(project)
    with pytest.raises(NotFoundError):
        list(outsider.export(project))


def test_a_wrong_password_and_a_wrong_token_are_told_apart(product: trial.Trial) -> None:
    with pytest.raises(RefusedError) as caught:
        Relata.login(product.address, "manager", "guessed")
    assert caught.value.code == "bad_credentials"
    with Relata(product.address, "none") as stranger, pytest.raises(NotLoggedInError):
        stranger.next(1)


def test_a_server_that_is_away_is_waited_for_only_so_long() -> None:
    nobody = Relata("http://127.0.0.1:9", "none", patience=0.3)
    with nobody, pytest.raises(UnreachableError):
        list(nobody.projects())


def test_a_download_that_breaks_leaves_the_file_as_it_was(
    manager: Relata, product: trial.Trial, project: int, tmp_path: Path
) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text("before\n", encoding="utf-8")
    with (
        losing(place_of(product), share=1.0, missing=20) as (address, _),
        through(address, manager) as cut,
        pytest.raises(BrokenAnswerError),
    ):
        cut.download(project, path, state="all")
    assert path.read_text(encoding="utf-8") == "before\n"
    assert [one.name for one in tmp_path.iterdir() if "all" in one.name] == ["all.jsonl"]
    manager.download(project, path, state="all")
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert texts == [TEXT, OTHER]
