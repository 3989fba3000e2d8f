"""Logging in through the page: with a second factor, and setting one up because one has to."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from launch import trial
from tests.e2e.conftest import Enter
from tests.e2e.test_pages import serious
from tests.safety import provider as providers
from tests.safety.provider import Provider

pytestmark = pytest.mark.e2e


def code_from(page: Page, *, steps: int = 0) -> str:
    """Return what a telephone shows that was told the letters on the page."""
    return code_of(page.get_by_test_id("factor-secret").inner_text(), steps=steps)


def code_of(secret: str, *, steps: int) -> str:
    """Return the code so many steps from now."""
    return pyotp.TOTP(secret.strip()).at(int(time.time()) + 30 * steps)


def give_password(page: Page, product: trial.Trial, username: str) -> None:
    """Open the log-in page and send name and password."""
    page.goto(f"{product.address}/login")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(product.password(username))
    page.get_by_role("button", name="Log in").click()


def test_set_up_used_and_removed(enter: Enter, product: trial.Trial) -> None:
    page = enter("bo")
    page.goto(f"{product.address}/settings")
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("img", name="The secret as a QR code")).to_be_visible()
    assert serious(page) == []
    secret = page.get_by_test_id("factor-secret").inner_text()
    page.get_by_label("Code", exact=True).fill(code_of(secret, steps=0))
    page.get_by_role("button", name="Confirm").click()
    shown = page.get_by_test_id("recovery-codes").locator("li")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    page.get_by_role("button", name="I have them").click()
    expect(page.get_by_test_id("factor-state")).to_contain_text("10 recovery codes are left")

    page.get_by_test_id("account").click()
    page.get_by_role("button", name="Log out").click()
    give_password(page, product, "bo")
    code = page.get_by_label("Code", exact=True)
    code.fill("000000")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong")
    code.fill(code_of(secret, steps=1))
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/projects")

    page.goto(f"{product.address}/settings")
    page.get_by_role("button", name="Remove it").click()
    page.get_by_label("Code", exact=True).fill(codes[0])
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_test_id("factor-state")).to_have_text("Not set up.")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A hospital's own log-in."""
    with providers.running() as running:
        yield running


@pytest.fixture(scope="module")
def joined(provider: Provider) -> Iterator[trial.Trial]:
    """The product that is joined to it."""
    with trial.running(
        demo="accounts",
        RELATA_OIDC_ISSUER=provider.issuer,
        RELATA_OIDC_CLIENT_ID=providers.CLIENT_ID,
        RELATA_OIDC_CLIENT_SECRET=providers.CLIENT_SECRET,
        RELATA_OIDC_NAME="the hospital",
    ) as running:
        yield running


def test_by_the_hospitals_own_log_in(
    browser: Browser, joined: trial.Trial, provider: Provider
) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(f"{joined.address}/login?next=/settings")
    page.get_by_role("link", name="Log in with the hospital").click()
    page.wait_for_url("**/settings")
    expect(page.get_by_test_id("account")).to_contain_text("王梅")
    page.get_by_test_id("account").click()
    page.get_by_role("button", name="Log out").click()

    provider.claims = {"aud": "another-client"}
    page.get_by_role("link", name="Log in with the hospital").click()
    expect(page.get_by_role("alert")).to_contain_text("could not log you in")
    assert serious(page) == []
    context.close()


@pytest.fixture(scope="module")
def strict() -> Iterator[trial.Trial]:
    """The product where managers need a second factor."""
    with trial.running(demo="accounts", RELATA_REQUIRE_TOTP="true") as running:
        yield running


def test_a_manager_sets_it_up_at_the_door(browser: Browser, strict: trial.Trial) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    give_password(page, strict, "manager")
    expect(page.get_by_role("status").first).to_contain_text("Set it up now")
    assert serious(page) == []
    page.get_by_label("Code", exact=True).fill(code_from(page))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="I have them").click()
    page.wait_for_url("**/projects")
    expect(page.get_by_test_id("account")).to_contain_text("Mei")

    page.goto(f"{strict.address}/settings")
    expect(page.get_by_test_id("second-factor")).to_contain_text("it cannot be removed")
    page.goto(f"{strict.address}/admin/")
    expect(page.get_by_role("heading", name="Site administration")).to_be_visible()
    context.close()


def test_the_admin_site_is_entered_through_the_same_door(
    browser: Browser, product: trial.Trial
) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(f"{product.address}/admin/")
    page.wait_for_url("**/login?next=%2Fadmin%2F")
    page.get_by_label("User name").fill("manager")
    page.get_by_label("Password").fill(product.password("manager"))
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Site administration")).to_be_visible()
    context.close()
