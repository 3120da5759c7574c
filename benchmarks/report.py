"""The report: Markdown whose tables are aligned, so that it reads well in a terminal too."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import summary
from cases import FEWEST_SHARED, SOLVES, THIRD
from summary import Data, Spread

Row = Sequence[str]

TWO_THREADS = "two threads"


def digits(value: float) -> str:
    """Three digits that count, without an exponent."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    after = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{after}f}"


def table(head: Row, rows: Sequence[Row], text: int = 1) -> list[str]:
    """An aligned Markdown table: the first `text` columns to the left, the others to the right."""
    widths = [max(3, *(len(row[k]) for row in (head, *rows))) for k in range(len(head))]

    def line(row: Row) -> str:
        cells = [cell.ljust(width) if k < text else cell.rjust(width)
                 for k, (cell, width) in enumerate(zip(row, widths, strict=True))]
        return "| " + " | ".join(cells) + " |"

    rule = ["-" * width if k < text else "-" * (width - 1) + ":" for k, width in enumerate(widths)]
    return [line(head), line(rule), *map(line, rows), ""]


def with_spread(value: Spread, unit: float) -> str:
    if value.low == value.high:  # a single repetition
        return digits(value.median / unit)
    return (f"{digits(value.median / unit)} "
            f"({digits(value.low / unit)}–{digits(value.high / unit)})")


def progress_line(result: Data) -> str:
    """One case, as it ends."""
    found = []
    for peer in result["peers"]:
        measured = summary.seconds(result, peer)
        if measured:
            found.append(f"{peer} {digits(measured.median * 1e6)}")
    return f"{result['case']['key']}, µs: " + ", ".join(found)


def case_label(case: dict[str, Any]) -> str:
    """A case in words, without its kind."""
    if case["kind"] == "evaluation":
        kind = "free" if case["free"] else "Rosenbrock"
        return f"n = {case['n']:,}, {kind}" + (", bounded" if case["active"] else "")
    if case["kind"] == "call":
        return f"n = {case['n']:,}, {'bounds as pairs' if case['active'] else 'no bounds'}"
    label = f"n = {case['n']:,}, m = {case['m']}"
    if case["problem"] in SOLVES:
        return f"{case['problem']}, {label}"
    if case["problem"] == "every third":
        return f"{label}, every third bounded"
    if case["problem"] == "modes":
        return label + (", many breakpoints" if case["first"] else ", first iteration")
    if not case["active"]:
        return label + ", no bounds"
    part = "a third" if math.isclose(case["active"], 1 / 3) else f"{case['active']:.0%}"
    return label + f", {part} active"


def comparison(data: Data, chosen: Callable[[dict[str, Any]], bool], unit: float,
               passes: bool = False) -> list[str]:
    """Peers side by side: median (quartiles), and × how many times ours it is."""
    results = [result for result in data["cases"] if chosen(result["case"])]
    peers = [peer for peer in data["peers"]
             if any(result["peers"].get(peer) for result in results)]
    if not peers:
        return ["Not measured in this run.", ""]
    rows = []
    for result in results:
        row = [case_label(result["case"])]
        for peer in peers:
            measured = summary.seconds(result, peer)
            times = summary.ratio(result, peer, data["ours"]) if peer != data["ours"] else None
            cell = with_spread(measured, unit) if measured else "–"
            row.append(cell + (f" ×{digits(times.median)}" if times else ""))
        if passes:
            rate = summary.bandwidth(result)
            own = summary.passes_over_w(result, data["ours"])
            row.append(digits(rate / 1e9) if rate else "–")
            row.append(digits(own) if own else "–")
        rows.append(row)
    head = ["", *peers] + (["W read, GB/s", f"passes, {data['ours']}"] if passes else [])
    return table(head, rows)


def threads(data: Data) -> list[str]:
    """How many times as fast two threads are as one, of the rounds of each case."""
    rows = []
    for result in data["cases"]:
        times = summary.ratio(result, TWO_THREADS, data["ours"])
        own = summary.seconds(result, data["ours"])
        if times is None or own is None or result["case"]["n"] < FEWEST_SHARED:
            continue
        rows.append([case_label(result["case"]), digits(own.median * 1e3),
                     f"{digits(1 / times.median)} ({digits(1 / times.high)}–"
                     f"{digits(1 / times.low)})"])
    if not rows:
        return ["Not measured in this run.", ""]
    return table(["", "one thread, ms", "times as fast with two"], rows)


def verdict(met: bool | None) -> str:
    return "not measured" if met is None else "met" if met else "missed"


def targets(data: Data) -> list[str]:
    rows = []
    for target in summary.TARGETS:
        result = summary.find(data, **target.case)
        best = summary.fastest_scipy(data, result) if result else None
        if result is None or best is None:
            rows.append([target.label, "–", "–", f"≥ {target.factor:g}", verdict(None)])
            continue
        peer, times = best
        own = summary.seconds(result, data["ours"])
        assert own is not None
        rows.append([target.label, digits(own.median * 1e6) + " µs",
                     f"{digits(times.median)} ({digits(times.low)}–{digits(times.high)}) {peer}",
                     f"≥ {target.factor:g}", verdict(times.median >= target.factor)])
    imported = summary.import_beyond_numpy(data, data["ours"])
    rows.append(["import beyond NumPy's", f"{imported.median * 1e3:.1f} ms" if imported else "–",
                 "", f"≤ {summary.IMPORT_TARGET * 1e3:.0f} ms",
                 verdict(imported.median <= summary.IMPORT_TARGET if imported else None)])
    beyond = summary.memory_beyond(data, data["ours"])
    rows.append(["memory beyond workspace, x, g, bounds",
                 f"{beyond:.2f} vectors" if beyond is not None else "–", "",
                 f"≤ {summary.MEMORY_TARGET:g} vectors",
                 verdict(beyond <= summary.MEMORY_TARGET if beyond is not None else None)])
    return table(["", data["ours"], "times faster than the fastest SciPy", "target", "verdict"],
                 rows)


def peers(data: Data) -> list[str]:
    rows = []
    for name, peer in data["peers"].items():
        versions = ", ".join(f"{part} {number}" for part, number in peer["versions"].items())
        rows.append([name, versions, peer["note"]])
    lines = table(["peer", "versions", ""], rows, text=3)
    for name, reason in data["missing"].items():
        lines.append(f"- Missing: {name}: {reason}.")
    failures: dict[tuple[str, str], list[str]] = {}
    for result in data["cases"]:
        for peer_name, reason in result["failed"].items():
            failures.setdefault((peer_name, reason), []).append(result["case"]["key"])
    for (peer_name, reason), keys in failures.items():
        lines.append(f"- {peer_name} gave no figure ({reason}): {'; '.join(keys)}.")
    return [*lines, ""]


def imports(data: Data) -> list[str]:
    rows = []
    for peer, answers in data["imports"].items():
        beyond = summary.spread([answer["seconds"] for answer in answers])
        own = summary.spread([answer["numpy_seconds"] for answer in answers])
        rows.append([peer, with_spread(beyond, 1e-3), with_spread(own, 1e-3)])
    if not rows:
        return ["Not measured in this run.", ""]
    return table(["", "beyond `import numpy`, ms", "`import numpy`, ms"], rows)


def memory(data: Data) -> list[str]:
    if not data["memory"]:
        return ["Not measured in this run.", ""]
    rows = []
    for peer, settings in data["memory"]["peers"].items():
        for setting, methods in settings.items():
            cells = [f"{peer}, {setting}"]
            for method in ("tracemalloc", "rss"):
                answer = methods.get(method)
                cells += ([f"{answer['vectors']:.2f}", f"{answer['beyond']:.2f}"] if answer
                          else ["–", "–"])
            rows.append(cells)
    return table(["", "NumPy's arrays", "beyond", "resident set", "beyond"], rows)


def fits(data: Data) -> list[str]:
    rows = []
    all_costs = summary.iteration_costs(data, data["ours"])
    for active, setting in ((0.0, "no bounds"), (THIRD, "a third active")):
        costs = {(n, m): cost for (n, m, part), cost in all_costs.items() if part == active}
        for m in sorted({m for _, m in costs}):
            rows += growth(f"in n, m = {m}, {setting}", "{:,}",
                           {n: (cost, n * m) for (n, mm), cost in costs.items() if mm == m},
                           lambda fixed, slope: f"{fixed * 1e6:.3g} µs {signed(slope)} ns·n")
        for n in sorted({n for n, _ in costs}):
            rows += growth(f"in m, n = {n:,}, {setting}", "{}",
                           {m: (cost, n * m) for (nn, m), cost in costs.items() if nn == n},
                           lambda fixed, slope, n=n: per_variable(n, fixed, slope, "m"))
    for n, m in sorted({(n, m) for n, m, part in all_costs if part > 0}):
        rows += growth(f"in the active part a, n = {n:,}, m = {m}", "{:.0%}",
                       {part: (cost, n * m) for (nn, mm, part), cost in all_costs.items()
                        if (nn, mm) == (n, m) and part > 0},
                       lambda fixed, slope, n=n: per_variable(n, fixed, slope, "a"))
    rows += together(all_costs)
    if not rows:
        return ["Not measured in this run.", ""]
    return table(["", "exponent", "line", "worst error", "ns per n·m"], rows)


def growth(label: str, name: str, costs: dict[float, tuple[float, int]],
           line: Callable[[float, float], str]) -> list[list[str]]:
    """A row with the line through costs, each with the n·m that it is for; none if they are few."""
    found = summary.fit((x, cost) for x, (cost, _) in costs.items())
    if not found:
        return []
    sizes = ", ".join(f"{cost / size * 1e9:.2f} at {name.format(x)}"
                      for x, (cost, size) in sorted(costs.items()))
    return [[label, f"{found.exponent:.2f}", line(found.fixed, found.slope), f"{found.worst:.0%}",
             sizes]]


def signed(seconds: float) -> str:
    """Nanoseconds, as they follow in a sum."""
    return f"{'-' if seconds < 0 else '+'} {abs(seconds) * 1e9:.3g}"


def per_variable(n: int, fixed: float, slope: float, name: str) -> str:
    return f"({fixed / n * 1e9:.3g} {signed(slope / n)}·{name}) ns·n"


def together(all_costs: dict[tuple[int, int, float], float]) -> list[list[str]]:
    """Rows with one formula in n, m and the active part, without bounds and with them."""
    rows = []
    for setting, bounded in (("no bounds", False), ("bounds, a part a active", True)):
        costs = {key: cost for key, cost in all_costs.items() if (key[2] > 0) == bounded}
        terms = [[1.0, n, n * m, *([n * part] if bounded else [])] for n, m, part in costs]
        found = summary.fit_terms(terms, list(costs.values()))
        if found:
            fixed, per_n, *others = found.coefficients
            formula = f"{fixed * 1e6:.3g} µs + ({per_n * 1e9:.3g}"
            for factor, name in zip(others, ("·m", "·a"), strict=False):
                formula += f" {signed(factor)}{name}"
            rows.append([f"together, {setting}", "", f"{formula}) ns·n", f"{found.worst:.0%}", ""])
    return rows


def bullets(sentences: Sequence[str], none: str) -> list[str]:
    return [*(f"- {sentence}." for sentence in sentences or [none]), ""]


def markdown(data: Data) -> str:
    """The whole report."""
    machine = data["machine"]
    caches = ", ".join(f"{level} {size}" for level, size in machine["caches"].items())

    def of_kind(kind: str, threads: str = "single") -> Callable[[dict[str, Any]], bool]:
        return lambda case: case["kind"] == kind and case["threads"] == threads

    def plain(case: dict[str, Any]) -> bool:
        usual = case["active"] == 0 or math.isclose(case["active"], 1 / 3)
        return of_kind("iteration")(case) and case["problem"] == "quadratic" and usual

    def whole(case: dict[str, Any]) -> bool:
        return case["problem"] in SOLVES

    def special(case: dict[str, Any]) -> bool:
        return of_kind("iteration")(case) and not plain(case) and not whole(case)

    lines = [
        f"# Benchmarks of {data['ours']}" + (", quick run" if data["quick"] else ""),
        "",
        f"{data['date']}, {data['minutes']:.1f} minutes. {machine['processor']}, "
        f"{machine['cores']} cores ({caches}), {machine['memory_gib']} GiB, "
        f"{machine['system']}; load at the end {machine['load_at_the_end']:.1f}.",
        "",
        "Peers take turns within one run, each in a process and an environment of its own. A cell "
        "gives the median, (the quartiles), and × how many times as long as "
        f"{data['ours']} it took, the median over rounds. BLAS has one thread but where it says "
        "otherwise. How each figure is taken: benchmarks/README.md.",
        "",
        *peers(data),
        "## Targets", "", *targets(data),
        "## µs per evaluation, net of the objective", "",
        *comparison(data, of_kind("evaluation"), 1e-6),
        "## ms per iteration, memory full, net of the objective", "",
        "A pass is the time of reading W = (S, Y), 2·m·n numbers, once.", "",
        *comparison(data, plain, 1e-3, passes=True),
        "## Few and many active variables, many breakpoints: ms per iteration", "",
        "A first iteration has an empty memory and passes about n breakpoints.", "",
        *comparison(data, special, 1e-3, passes=True),
        "## Whole solves: ms per iteration", "",
        "All iterations, from the first evaluation on, net of the objective.", "",
        *comparison(data, whole, 1e-3),
        "## Two threads of our own", "", *threads(data),
        "## Default threads: ms per iteration", "",
        *comparison(data, of_kind("iteration", "default"), 1e-3),
        f"## How the cost of {data['ours']} grows", "",
        "Lines through the medians above, by least squares of relative errors; the exponent is the "
        "slope of logarithms, 1 for linear growth. W leaves the processor's caches as n grows.", "",
        *fits(data),
        "## µs per call that ends at its first evaluation", "",
        *comparison(data, of_kind("call"), 1e-6),
        "## Import", "", *imports(data),
        "## Peak memory", "",
        "In vectors of length n, the caller's own x0 and bounds apart; beyond: what is left after "
        "L-BFGS-B's workspace, x, g and bounds."
        + (f" n = {data['memory']['n']:,}, m = {data['memory']['m']}." if data["memory"] else ""),
        "", *memory(data),
        "## Where counts or results differ", "",
        *bullets(summary.work_differences(data), "Nowhere: every peer that counts iterations took "
                 "the same number, and evaluations, and ended at the same f (to 1e-6)"),
        "## Disturbed cases", "",
        *bullets(summary.busy_cases(data), "None: wall time exceeded processor time by at most a "
                 "twentieth in every single-threaded case with iterations"),
    ]
    return "\n".join(lines).rstrip() + "\n"
