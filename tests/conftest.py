"""Settings and fixtures that all tests share."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

# The original library prints a line where its line search begins upwards.  Unbuffered, the line
# belongs to the test that called it, and not to what follows the summary.
os.environ.setdefault("GFORTRAN_UNBUFFERED_PRECONNECTED", "1")

# No deadline: a machine that is busy is not an error.  The same examples in every run, so that a
# red run can be repeated; `make test PYTEST_ARGS=--hypothesis-profile=explore` looks at others.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("repeatable")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    webdriver = pytest.importorskip("selenium.webdriver")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium and chromium-driver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for switch in (
        "headless=new", "no-sandbox", "disable-gpu", "no-first-run", "disable-dev-shm-usage",
        "disable-background-networking", "disable-component-update", "disable-sync",
    ):  # fmt: skip
        options.add_argument(f"--{switch}")
    service = webdriver.ChromeService(executable_path=driver)
    window = webdriver.Chrome(options=options, service=service)
    yield window
    window.quit()
