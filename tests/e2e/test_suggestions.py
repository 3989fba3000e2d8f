"""Suggestions across sentences: accepted, refused, undone; and one that chance hides."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from launch import trial
from launch.client import Api
from tests.e2e.conftest import Enter, MakeProject
from tests.e2e.desk import Desk
from tests.e2e.test_pages import serious

pytestmark = pytest.mark.e2e

ENDINGS = ("利尿作用加强", "疗效提高", "应监测血压", "慎用于老年人")
TRIPLE = "多巴胺 → 协同 → 布美他尼片"


def suggested(text: str, sure: float) -> str:
    """Return a line of native data whose first drug is the tail, with confidences."""
    spans = [(text.index(drug), len(drug)) for drug in ("布美他尼片", "多巴胺")]
    entities = [
        {"start": start, "end": start + length, "type": "药物", "confidence": 0.95}
        for start, length in spans
    ]
    relation = {"head": 1, "tail": 0, "type": "协同", "confidence": sure}
    return json.dumps({"text": text, "entities": entities, "relations": [relation]}) + "\n"


def sentence(ending: str) -> str:
    return f"布美他尼片@与多巴胺合用，{ending}"


@pytest.fixture
def project(make_project: MakeProject) -> int:
    """A project whose suggestions came with a file, surest first; no model has been trained."""
    lines = (
        suggested(sentence(ending), 0.95 - number / 10) for number, ending in enumerate(ENDINGS)
    )
    return make_project("Browsing", suggestions="".join(lines))


@pytest.fixture
def browser_page(enter: Enter, product: trial.Trial, project: int) -> Page:
    """The suggestion browser, as Ana sees it."""
    page = enter("ana")
    page.goto(f"{product.address}/projects/{project}")
    page.get_by_role("link", name="Suggestions", exact=True).click()
    expect(statements(page)).to_have_count(len(ENDINGS))
    return page


@pytest.fixture
def ana(product: trial.Trial) -> Api:
    """Ana's API client."""
    client = Api(product.address)
    client.log_in("ana", product.password("ana"))
    return client


def statements(page: Page) -> Locator:
    return page.get_by_test_id("statement")


def drafts(client: Api, project: int) -> dict[str, int]:
    """Return how many relations Ana has said in each sentence, by its ending."""
    found = {}
    for row in client.pages(f"projects/{project}/sentences/"):
        mine = client.call("GET", f"sentences/{row['id']}/annotation/")
        found[row["text"].split("，")[1]] = len(mine["relations"])
    return found


def test_rows_are_accepted_refused_and_undone_by_keyboard(
    browser_page: Page, ana: Api, project: int
) -> None:
    page, bar = browser_page, browser_page.get_by_test_id("undo-bar")
    expect(page.get_by_test_id("statement-group")).to_have_count(1)
    expect(page.get_by_role("heading", name=TRIPLE)).to_contain_text("4 sentences")
    expect(statements(page).first).to_contain_text("95% certain")

    statements(page).first.focus()
    page.keyboard.press("a")
    expect(statements(page).first).to_be_focused()
    page.keyboard.press("a")
    expect(bar).to_contain_text("1 accepted.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(bar).to_contain_text("1 refused.")
    expect(statements(page)).to_have_count(1)
    assert serious(page) == []
    assert drafts(ana, project) == dict(zip(ENDINGS, (1, 1, 0, 0), strict=True))

    page.keyboard.press("Control+z")
    expect(statements(page)).to_have_count(2)
    expect(bar).to_contain_text("1 accepted.")
    page.keyboard.press("Control+z")
    expect(statements(page)).to_have_count(3)
    assert drafts(ana, project) == dict(zip(ENDINGS, (1, 0, 0, 0), strict=True))
    page.reload()
    expect(statements(page)).to_have_count(3)


def test_what_was_accepted_stands_in_the_editor(browser_page: Page, ana: Api, project: int) -> None:
    page = browser_page
    page.get_by_label("Sentence contains").fill("疗效")
    expect(statements(page)).to_have_count(1)
    row = statements(page).first
    row.get_by_role("button", name="Refuse").click()
    expect(page.get_by_test_id("no-suggestions")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(statements(page)).to_have_count(1)
    row.focus()
    page.keyboard.press("Enter")
    desk = Desk(page)
    desk.wait_for(sentence("疗效提高"))
    expect(page.get_by_test_id("suggestion-1")).to_be_visible()
    page.go_back()
    page.get_by_label("Sentence contains").fill("疗效")
    expect(statements(page)).to_have_count(1)
    row.get_by_role("button", name="Accept").click()
    expect(page.get_by_test_id("undo-bar")).to_contain_text("1 accepted.")
    (found,) = ana.call("GET", f"projects/{project}/sentences/?q=%E7%96%97%E6%95%88")["results"]
    page.goto(page.url.replace("suggestions", f"annotate/{found['id']}"))
    desk.wait_for(sentence("疗效提高"))
    expect(page.get_by_test_id("entity-2")).to_be_visible()
    expect(page.get_by_test_id("suggestion-1")).to_have_count(0)


def test_two_statements_of_one_sentence_meet_in_one_draft(
    browser_page: Page, ana: Api, project: int
) -> None:
    """The second save finds a newer version than its row knew, and is merged with it."""
    page = browser_page
    page.get_by_label("What").select_option(label="Entities")
    page.get_by_label("Sentence contains").fill("疗效")
    expect(statements(page)).to_have_count(2)
    statements(page).first.focus()
    page.keyboard.press("a")
    page.keyboard.press("a")
    expect(page.get_by_test_id("no-suggestions")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    (found,) = ana.call("GET", f"projects/{project}/sentences/?q=%E7%96%97%E6%95%88")["results"]
    mine = ana.call("GET", f"sentences/{found['id']}/annotation/")
    assert (mine["version"], len(mine["entities"])) == (2, 2)
    assert {entity["source"] for entity in mine["entities"]} == {"accepted"}


def test_a_group_is_accepted_after_a_question_that_names_the_number(
    browser_page: Page, ana: Api, project: int
) -> None:
    page = browser_page
    page.get_by_label("Confidence from (%)").fill("70")
    expect(statements(page)).to_have_count(3)
    page.get_by_role("button", name="Accept all 3").click()
    question = page.get_by_role("dialog", name="Accept 3 suggestions?")
    assert serious(page) == []
    question.get_by_role("button", name="Cancel").click()
    assert sum(drafts(ana, project).values()) == 0
    page.get_by_role("button", name="Accept all 3").click()
    question.get_by_role("button", name="Accept all 3").click()
    expect(page.get_by_test_id("undo-bar")).to_contain_text("3 accepted.")
    assert sum(drafts(ana, project).values()) == 3
    page.get_by_role("button", name="Undo").click()
    expect(statements(page)).to_have_count(3)
    assert sum(drafts(ana, project).values()) == 0


def test_a_sentence_whose_suggestion_chance_hides_says_so(
    enter: Enter, product: trial.Trial, manager: Api, ana: Api, make_project: MakeProject
) -> None:
    """Half of thirty is hidden; the first hidden one that the queue hands out is looked at."""
    lines = (suggested(sentence(f"第{number}例"), 0.9) for number in range(30))
    project = make_project("Hidden", suggestions="".join(lines))
    manager.call("PATCH", f"projects/{project}/", {"blind_share": 0.5})
    shown = [
        one
        for _ in range(6)
        for one in ana.call("POST", f"projects/{project}/next/", {"count": 5})["sentences"]
    ]
    hidden = next(one for one in shown if one["blind"])
    assert hidden["suggestion"] is None

    page = enter("ana")
    page.goto(f"{product.address}/projects/{project}/suggestions")
    expect(statements(page)).to_have_count(sum(not one["blind"] for one in shown))
    page.goto(f"{product.address}/projects/{project}/annotate/{hidden['id']}")
    desk = Desk(page)
    desk.wait_for(hidden["text"])
    expect(page.get_by_test_id("blind")).to_contain_text("Suggestions are hidden")
    expect(page.get_by_test_id("suggestion-1")).to_have_count(0)
    desk.submit()
    desk.wait_until_saved()
    after = ana.call("GET", f"sentences/{hidden['id']}/")
    assert after["blind"]
    assert len(after["suggestion"]["relations"]) == 1
    bias = manager.call("GET", f"projects/{project}/automation-bias/")
    assert bias["hidden"]["count"] == 1
