"""G15: no page breaks its policy, nothing that a person writes runs, and nothing stays behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from launch import trial
from launch.client import Api
from launch.places import ROOT
from tests.e2e.conftest import Enter, MakeProject, bring
from tests.e2e.desk import Desk
from tests.e2e.rooms import PAGES
from tests.e2e.test_pages import show, visitor

pytestmark = pytest.mark.e2e

# As a name, as text, and as Markdown: each would call ran() if a page took it for HTML.
NAME = '"><img src=x onerror=ran()>'
TEXT = f"{NAME}<script>ran()</script><svg onload=ran()>{{{{ran()}}}}"
MARKDOWN = (
    f"{TEXT}\n\n[go](javascript:ran()) <a href='javascript:ran()'>go</a> ![p](javascript:ran())"
)
SENTENCE = f"华法林@与阿司匹林合用{TEXT}"
KINDS = (f"药物{NAME}", f"协同{NAME}")

WATCH = """
  window.runs = 0;
  window.ran = () => { window.runs += 1; };
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
  });
"""
SEEN = "() => [window.runs, window.violations, document.querySelectorAll(STRANGE).length]"
STRANGE = '"img[src=x], [onerror], [onload], [href^=javascript], body script"'
INJECT = """(html) => {
  try { document.body.insertAdjacentHTML("beforeend", html); } catch (error) { return error.name; }
  return "";
}"""


def state_of(page: Page) -> Any:
    """Return what ran, what was blocked, and how many elements nobody of us made."""
    return page.evaluate(SEEN.replace("STRANGE", STRANGE))


def labelled() -> str:
    """Return the sentence, with entities and a relation of the types with those names."""
    entities = [{"start": 0, "end": 3, "type": KINDS[0]}, {"start": 5, "end": 9, "type": KINDS[0]}]
    relations = [{"head": 1, "tail": 0, "type": KINDS[1]}]
    row = {"text": SENTENCE, "entities": entities, "relations": relations}
    return json.dumps(row, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """Return a schema whose names and labels are hostile."""
    entity = {"name": KINDS[0], "label": NAME, "color": "#336699", "key": "<"}
    relation = {"name": KINDS[1], "label": NAME, "color": "#993366", "key": ">"}
    pairs = {"symmetric": False, "pairs": [[KINDS[0], KINDS[0]]]}
    return {"entity_types": [entity], "relation_types": [{**relation, **pairs}]}


def call_everybody(product: trial.Trial, name: str) -> None:
    """Give every account a hostile display name, as an administrator could."""
    code = (
        "from annotator.accounts.models import User; "
        f"User.objects.update(display_name={name!r}, first_name={name!r})"
    )
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=ROOT,
        env={**os.environ, "RELATA_HOME": str(product.home)},
        check=True,
    )


@pytest.fixture(scope="module")
def poisoned(product: trial.Trial, manager: Api, tmp_path_factory: pytest.TempPathFactory) -> int:
    """A project in which everything that a person can write is hostile."""
    call_everybody(product, NAME)
    wanted = {"name": NAME, "template": "empty", "language": "zh"}
    project: int = manager.call("POST", "projects/", wanted)["id"]
    manager.call("PUT", f"projects/{project}/schema/", schema())
    manager.call("POST", f"projects/{project}/members/", {"username": "ana", "role": "annotator"})
    folder = tmp_path_factory.mktemp("poisoned")
    gold = folder / "<img src=x onerror=ran()>.jsonl"
    gold.write_text(labelled(), encoding="utf-8")
    bring(manager, project, gold, "gold")
    waiting = folder / "waiting.jsonl"
    waiting.write_text(labelled().replace("合用", "同用"), encoding="utf-8")
    bring(manager, project, waiting, "suggestions")
    write_everywhere(manager, project)
    return project


def write_everywhere(manager: Api, project: int) -> None:
    """Write into the fields that are left: guidelines, the thread, the note at a sentence."""
    guidelines = {"text": MARKDOWN, "types": dict.fromkeys(KINDS, MARKDOWN)}
    address = f"projects/{project}/guidelines/"
    version = manager.call("GET", address)["version"]
    manager.call("PUT", address, guidelines, If_Match=f'"{version}"')
    remark = {"entities": [], "relations": [], "action": "save", "comment": MARKDOWN}
    for row in sentences(manager, project):
        manager.call("POST", f"sentences/{row['id']}/comments/", {"text": MARKDOWN})
        address = f"sentences/{row['id']}/annotation/"
        version = manager.call("GET", address)["version"]
        fresh = {"If_Match": f'"{version}"', "Idempotency_Key": str(uuid4())}
        manager.call("PUT", address, {**remark, "flags": ["unclear", NAME]}, **fresh)


def sentences(manager: Api, project: int) -> list[Any]:
    """Return the project's sentences."""
    return list(manager.pages(f"projects/{project}/sentences/?order=position"))


def addresses(manager: Api, project: int) -> list[str]:
    """Return every page of the project, the editor at each sentence among them."""
    at = [f"/projects/:id/annotate/{row['id']}" for row in sentences(manager, project)]
    asked = urlencode(dict.fromkeys(("q", "subject", "object", "annotator", "type", "flag"), NAME))
    return [*PAGES, *at, f"/projects/:id/sentences?{asked}"]


@pytest.mark.parametrize("window", [{}, {"bypass_csp": True}], ids=["with the policy", "without"])
def test_what_people_write_never_runs(
    browser: Browser, product: trial.Trial, manager: Api, poisoned: int, window: dict[str, bool]
) -> None:
    with visitor(browser, product, "en-US", "light", **window) as (page, trouble):
        page.add_init_script(WATCH)
        for address in addresses(manager, poisoned):
            show(page, product, address, poisoned)
            if "/annotate" in address:
                at_work(page)
            assert state_of(page) == [0, [], 0], address
        assert trouble == []


def at_work(page: Page) -> None:
    """Have the editor show names and texts in all its parts."""
    desk = Desk(page)
    for keys in (("Shift+A",), ("1",), ("2",), ("Escape", "m"), ("Escape", "?"), ("Escape",)):
        desk.keys(*keys)
    for panel in page.locator("main details:not([open]) > summary").all():
        panel.click()
    page.keyboard.press("Escape")


def test_the_watch_sees_what_does_run(browser: Browser, product: trial.Trial) -> None:
    with visitor(browser, product, "en-US", "light", bypass_csp=True) as (page, _):
        page.add_init_script(WATCH)
        page.goto(f"{product.address}/projects")
        assert page.evaluate(INJECT, NAME) == ""
        page.wait_for_function("() => window.runs === 1")


def test_text_cannot_become_html(browser: Browser, product: trial.Trial) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(f"{product.address}/login")
    assert page.evaluate(INJECT, NAME) == "TypeError"
    runs, violations, strange = state_of(page)
    assert (runs, strange) == (0, 0)
    assert [line.split()[0] for line in violations] == ["require-trusted-types-for"]
    context.close()


@pytest.mark.parametrize("address", ["/api/v1/docs/", "/admin/"])
def test_the_libraries_pages_keep_the_policy_too(
    enter: Enter, product: trial.Trial, address: str
) -> None:
    page = enter("manager")
    page.add_init_script(WATCH)
    page.goto(product.address + address)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("() => window.violations") == []


LEFT = """async () => {
  const rows = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => resolve(asked.result);
    });
    for (const store of database.objectStoreNames) {
      const asked = database.transaction(store).objectStore(store).getAll();
      const found = new Promise((resolve) => {
        asked.onsuccess = () => resolve(asked.result);
      });
      rows.push(...await found);
    }
    database.close();
  }
  const cached = await caches.keys();
  const storages = [{ ...localStorage }, { ...sessionStorage }];
  const shown = [document.cookie, document.body.innerText];
  return JSON.stringify({ rows, cached, storages, shown });
}"""


def test_nothing_of_a_sentence_is_left_after_logging_out(
    enter: Enter, product: trial.Trial, make_project: MakeProject
) -> None:
    text = "𠮷氏呋塞米片@与庆大霉素合用，耳毒性加强"
    row = json.dumps({"text": text, "entities": [], "relations": []}, ensure_ascii=False)
    project = make_project("Leaving", ignore=f"{row}\n")
    page = enter("ana")
    page.goto(f"{product.address}/projects/{project}/annotate")
    desk = Desk(page)
    desk.wait_for(text)
    desk.label_by_keys(3, 6, "d")
    note = page.get_by_label("Remark (to your labels)")
    note.fill("记下庆大霉素")
    note.blur()
    desk.wait_until_saved()
    assert "rows" in page.evaluate(LEFT)

    page.get_by_test_id("account").click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as gone:
        page.get_by_role("button", name="Log out").click()
    assert gone.value.header_value("clear-site-data") == '"cache"'
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    left = page.evaluate(LEFT)
    assert json.loads(left)["rows"] == []
    assert json.loads(left)["cached"] == []
    for piece in ("呋塞米", "庆大霉素", "耳毒性"):
        assert piece not in left

    page.go_back()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert "呋塞米" not in page.content()
