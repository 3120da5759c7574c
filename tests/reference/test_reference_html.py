"""The report as a page: whole, self-contained, and alive in a real browser."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import lbfgsb77
from lbfgsb77.__main__ import main

PORT = """
from lbfgsb77 import fmin_l_bfgs_b as right

def broken(func, x0, fprime=None, **keywords):
    return right(func, x0, **{**keywords, "m": 2})
"""
NAMES = ["hs1", "hs4", "hs38", "wood", "wood-gay", "chenhark"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("html")
    (folder / "htmlport.py").write_text(PORT)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.syspath_prepend(folder)
        status = main(
            ["reference", "check", "--solver", "htmlport:broken", "--level", "bits", "-q",
             "--setting", "all", "--html", "report.html", *NAMES]
        )  # fmt: skip
    assert status == 1
    return folder / "report.html"


class Reader(HTMLParser):
    """Elements that must be closed, and what a page loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.identifiers: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "input", "link", "img", "br"):
            self.open.append(tag)
        values = dict(attrs)
        self.loaded += [v for name in ("src", "data") if (v := values.get(name))]
        if tag == "link":
            self.loaded.append(str(values))
        self.identifiers.add(values.get("id") or "")
        if (link := values.get("href")) is not None:
            self.links.add(link)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing(page):
    text = page.read_text(encoding="utf-8")
    reader = Reader(text)
    assert reader.open == []
    assert reader.loaded == []
    assert not re.search(r"https?:|@import|url\(", text)
    assert {link.removeprefix("#") for link in reader.links} <= reader.identifiers


def test_it_has_each_run_and_the_report_on_those_that_differ(page):
    text = page.read_text(encoding="utf-8")
    assert text.count("<tr class=") == 12
    assert "htmlport:broken beside the original L-BFGS-B" in text
    # hs4 ends after one iteration: two pairs are enough.
    assert "2 of 12 runs reach level bits" in text
    assert text.count("<details") == text.count("<svg") == 10
    assert "uses the newest 2 pairs of 3" in text


def test_a_plot_goes_from_edge_to_edge_and_its_scale_is_in_powers_of_ten(page):
    from lbfgsb77.reference import compare, golden, record

    text = page.read_text(encoding="utf-8")
    (part,) = re.findall(r'<details id="hs38.default">.*?</details>', text, re.DOTALL)
    run = record(lambda f, x, fprime=None, **k: lbfgsb77.fmin_l_bfgs_b(f, x, **{**k, "m": 2}),
                 "hs38", interface="fmin_l_bfgs_b")  # fmt: skip
    gaps = compare(golden("hs38"), run).gaps
    (points,) = re.findall(r'<polyline class="gap" points="([^"]*)"', part)
    across = [float(point.split(",")[0]) for point in points.split()]
    down = [float(point.split(",")[1]) for point in points.split()]
    assert len(points.split()) == len(gaps) == part.count("<circle")
    first, last = gaps[0].evaluation, gaps[-1].evaluation
    # Between the edges, 46 and 628, in proportion to the evaluation.
    assert across[-1] == 628.0
    assert across[0] == pytest.approx(46 + 582 * (first - 1) / (last - 1), abs=0.06)
    labels = re.findall(r'y="([\d.]+)" text-anchor="end">(1e-\d+|1)<', part)
    assert [name for _, name in labels] == ["1e-16", "1e-12", "1e-8", "1e-4", "1"]
    # A gap is where its power of ten is on the scale, whose labels are 4 below their lines.
    one, least = float(labels[-1][0]) - 4, float(labels[0][0]) - 4
    for y, gap in zip(down, gaps, strict=True):
        if gap.relative > 0.0:
            expected = one + (one - least) * math.log10(gap.relative) / 16
            assert y == pytest.approx(expected, abs=0.2)
    assert f'x1="{across[0]:.1f}"' in part  # the stage's mark is where the runs part


def test_numbers_stand_right_and_a_phone_leaves_out_what_matters_less(page):
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r'<th scope="col" class="([^"]*)"><button type="button">([^<]*)', text)
    classes = {name: set(words.split()) for words, name in headings}
    assert {name for name in classes if "aside" not in classes[name]} == {
        "problem", "level", "stage",
    }  # fmt: skip
    assert {name for name in classes if "number" in classes[name]} == {
        "ULPs", "relative", "evaluations", "iterations",
    }  # fmt: skip
    (row,) = re.findall(r'<tr class="failed"><td class=""><a href="#hs38.default".*?</tr>', text)
    cells = re.findall(r'<td class="([^"]*)"[^>]*>([^<]*)', row)
    # 31 evaluations and 26 iterations in the original.
    assert [words for words, _ in cells][4:8] == ["number aside"] * 4
    assert re.fullmatch(r"\d.*", cells[4][1])
    assert cells[6][1].startswith("31 → ")
    assert cells[7][1].startswith("26 → ")


def test_names_and_messages_are_text_not_markup(tmp_path):
    from lbfgsb77.reference import _html, check, problems

    def port(func, x0, fprime=None, bounds=None):
        raise ArithmeticError("a < b & <script>alert(1)</script>")

    found = list(check(port, problems.select(["hs4"])))
    _html.write(tmp_path / "page.html", found)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "a &lt; b &amp; &lt;script&gt;alert(1)" in text


def column(browser: Any, number: int) -> list[str]:
    script = (
        "return [...document.querySelectorAll('#runs tbody tr')].filter(row => !row.hidden)"
        f".map(row => row.cells[{number}].textContent)"
    )
    found: list[str] = browser.execute_script(script)
    return found


def test_a_click_on_a_heading_sorts_the_table(browser, page):
    browser.get(page.as_uri())
    assert browser.get_log("browser") == []
    before = column(browser, 0)
    headings = browser.find_elements("css selector", "#runs th button")
    by_name = {heading.text: heading for heading in headings}
    by_name["problem"].click()
    assert column(browser, 0) == sorted(before)
    by_name["problem"].click()
    assert column(browser, 0) == sorted(before, reverse=True)
    by_name["ULPs"].click()

    def size(text: str) -> float:
        return float(text) if text else -1.0

    sizes = [size(text) for text in column(browser, 4)]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 3
    cell = browser.find_element("css selector", "th[aria-sort]")
    assert cell.get_attribute("aria-sort") == "ascending"


def test_runs_are_found_by_words_and_by_failure(browser, page):
    browser.get(page.as_uri())
    browser.find_element("id", "find").send_keys("wood-g")
    assert set(column(browser, 0)) == {"wood-gay"}
    browser.find_element("id", "find").clear()
    browser.find_element("id", "find").send_keys("h")
    browser.find_element("id", "failed").click()
    assert set(column(browser, 9)) == {"FAILED"}
    assert "hs4" not in column(browser, 0)


def test_a_link_opens_the_runs_report(browser, page):
    browser.get(page.as_uri())
    details = browser.find_element("id", "hs1.default")
    assert details.get_attribute("open") is None
    browser.find_element("link text", "hs1").click()
    wait = pytest.importorskip("selenium.webdriver.support.ui").WebDriverWait(browser, 10.0)
    wait.until(lambda _: details.get_attribute("open") is not None)
    assert details.find_element("css selector", "svg polyline").is_displayed()


@pytest.mark.parametrize("dark", [False, True])
def test_it_can_be_read_on_a_phone_and_in_the_dark(browser, page, dark):
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    try:
        browser.get(page.as_uri())
        # Nothing sticks out of the screen.
        assert browser.execute_script("return document.documentElement.scrollWidth") == 390
        script = "return getComputedStyle(document.{}).{}"
        ground, text = (
            [int(part) for part in re.findall(r"\d+", browser.execute_script(script.format(*what)))]
            for what in (("body", "backgroundColor"), ("body", "color"))
        )
        assert (sum(ground) < sum(text)) == dark
        # WCAG asks for a contrast of 4.5 for text; the level's colours are held to it, too.
        for selector in ("body", "a", "td.level", ".quiet", ".verdict"):
            query = f"querySelector('{selector}')"
            colour = browser.execute_script(script.format(query, "color"))
            assert contrast(colour, ground) >= 4.5, selector
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def contrast(colour: str, ground: list[int]) -> float:
    """The ratio of relative luminances of WCAG 2."""

    def luminance(channels: list[int]) -> float:
        linear = [
            c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
            for c in (channel / 255 for channel in channels)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    one = luminance([int(part) for part in re.findall(r"\d+", colour)][:3])
    other = luminance(ground[:3])
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_the_version_is_there_for_whoever_is_sent_the_page(page):
    assert lbfgsb77.build_info()["version"] in page.read_text(encoding="utf-8")
