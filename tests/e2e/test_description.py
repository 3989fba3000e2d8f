"""The page that describes the API: readable without the internet, under the product's policy."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from launch import trial
from tests.e2e.conftest import Enter


def test_the_description_can_be_read_without_the_internet(
    enter: Enter, product: trial.Trial
) -> None:
    page = enter("manager")
    strange = watch(page, product.address)
    page.goto(f"{product.address}/api/v1/docs/")
    save = page.locator("#operations-labelling-sentences_annotation_update")
    expect(save).to_contain_text("Save the whole annotation")
    save.click()
    expect(save).to_contain_text("Idempotency-Key")
    expect(save).to_contain_text("version_conflict")
    expect(save).to_contain_text("illegal_relation")
    expect(save.locator(".body-param__example").first).to_contain_text("指华法林")
    assert strange == []


def watch(page: Page, address: str) -> list[str]:
    """Refuse what leaves the product's own address, and note it down."""
    strange: list[str] = []

    def decide(route: Route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            strange.append(route.request.url)
            route.abort()

    page.route("**/*", decide)
    return strange
