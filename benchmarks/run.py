"""The benchmarks: one command, one run, every peer in turn.

    python benchmarks/run.py              everything (about a quarter of an hour)
    python benchmarks/run.py --quick      the same in under a minute
    python benchmarks/run.py --list       the cases
    python benchmarks/run.py --cases 'iteration.*n=10000 ' --peers 'lbfgsb77,SciPy 1.14'

Results: a table in the terminal, and bench.md, bench.json, bench.png (quick.* with --quick) in
benchmarks/results. benchmarks/README.md says how each figure is taken.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cases
import machine
import report
from cases import Case
from peer_process import PeerProcess, ask_fresh
from peers import (
    HERE,
    OURS,
    PEERS,
    PICTURE_REQUIREMENTS,
    SLOW,
    Peer,
    UnavailableError,
    base_interpreter,
    make_environment,
)

BANDWIDTH = "bandwidth"
REST = 0.05  # seconds for the threads of a threaded BLAS to fall asleep before the next peer


STARTED = time.monotonic()


def say(text: str) -> None:
    """Progress, with the seconds since the start."""
    print(f"{time.monotonic() - STARTED:6.1f}  {text}", file=sys.stderr, flush=True)


class Bench:
    """The peers that could be had, their processes, and what they measured."""

    def __init__(self, ours: Path, work: Path, wanted: Sequence[Peer]) -> None:
        self.work = work
        self.pythons: dict[str, Path] = {}
        self.peers: list[Peer] = []
        self.missing: dict[str, str] = {}
        self.versions: dict[str, dict[str, str]] = {}
        self.processes: dict[tuple[str, str], PeerProcess] = {}
        self.results: list[dict[str, Any]] = []
        base = base_interpreter(ours)
        for peer in wanted:
            try:
                if not peer.requirements:
                    self.pythons[peer.name] = ours
                else:
                    self.pythons[peer.name] = make_environment(
                        work / "envs", peer.environment, peer.requirements, base)
                self.versions[peer.name] = self.process(peer.name, "single").ask("describe")
                self.refuse_twin(peer)
            except UnavailableError as reason:
                self.missing[peer.name] = str(reason)
                say(f"without {peer.name}: {reason}")
                self.close(peer.name)
            else:
                self.peers.append(peer)

    def refuse_twin(self, peer: Peer) -> None:
        """The newest SciPy may be one that takes part already."""
        for other in self.peers:
            if (other.adapter, self.versions[other.name]) == (peer.adapter,
                                                              self.versions[peer.name]):
                raise UnavailableError(f"the newest for this Python is the same as {other.name}")

    def process(self, name: str, threads: str) -> PeerProcess:
        """The peer's running process, started if need be."""
        found = self.processes.get((name, threads))
        if found is None or not found.alive:
            adapters = {peer.name: peer.adapter for peer in PEERS} | {BANDWIDTH: BANDWIDTH}
            # The bandwidth is measured with the NumPy of whoever is there.
            python = (self.pythons.get(name) or self.pythons.get(OURS)
                      or next(iter(self.pythons.values())))
            log = self.work / "logs" / f"{name} {threads}.log".replace(" ", "-")
            found = PeerProcess(python, adapters[name], threads, log)
            self.processes[name, threads] = found
        return found

    def close(self, name: str | None = None) -> None:
        """End the processes, or one peer's."""
        for key in [key for key in self.processes if name in (None, key[0])]:
            self.processes.pop(key).close()

    def measure(self, case: Case) -> None:
        """Round by round, one repetition of every peer; each round starts with another one."""
        result: dict[str, Any] = {"case": case.as_dict(), "peers": {}, "failed": {}}
        self.results.append(result)
        if case.bytes_needed > machine.memory_available():
            result["failed"][OURS] = "too little memory"
            say(f"{case.key}: too little memory, left out")
            return
        ready = self.prepare(case, result)
        slow = {peer.name for peer in self.peers if peer.groups == SLOW}
        for turn in range(case.rounds):
            names = [name for name in ready if not (case.huge and turn and name in slow)]
            shift = turn % len(names) if names else 0
            for name in names[shift:] + names[:shift]:
                try:
                    answer = self.process(name, case.threads).ask("repeat")
                except UnavailableError as reason:
                    self.fail(result, name, str(reason))
                    ready.remove(name)
                else:
                    result["peers"][name].append(answer)
                if case.threads == "default":
                    time.sleep(REST)
        for name in ready:
            self.process(name, case.threads).ask("release")
        self.refuse_other_paths(case, result)
        say(report.progress_line(result))

    def prepare(self, case: Case, result: dict[str, Any]) -> list[str]:
        """Whoever takes part and is ready."""
        names = [peer.name for peer in self.peers
                 if case.kind in peer.kinds and case.who in peer.groups and case.n <= peer.largest]
        if case.kind == "iteration":
            names.append(BANDWIDTH)
        # A huge case isn't run by every peer once more just to count the evaluations before its
        # window: these peers compute the same, and refuse_other_paths checks that they did.
        alike = {peer.name for peer in self.peers if "L-BFGS-B" in peer.groups}
        known: dict[str, int] = {}
        ready = []
        for name in names:
            request = case.as_dict() | (known if name in alike and case.huge else {})
            try:
                facts = self.process(name, case.threads).ask("prepare", case=request)
            except UnavailableError as reason:
                self.fail(result, name, str(reason))
                continue
            known = facts if name in alike else known
            ready.append(name)
            result["peers"][name] = []
        return ready

    def refuse_other_paths(self, case: Case, result: dict[str, Any]) -> None:
        """Leave out whose window of iterations in a huge case was taken from another's run."""
        if not (case.huge and case.kind == "iteration"):
            return
        alike = [peer.name for peer in self.peers
                 if "L-BFGS-B" in peer.groups and result["peers"].get(peer.name)]
        for name in alike[1:]:
            outcomes = [result["peers"][other][0]["outcome"] for other in (alike[0], name)]
            if outcomes[0][:2] != outcomes[1][:2]:
                self.fail(result, name, f"its counts are not those of {alike[0]}")

    def fail(self, result: dict[str, Any], name: str, reason: str) -> None:
        result["peers"].pop(name, None)
        result["failed"][name] = reason
        say(f"{result['case']['key']}: {name}: {reason}")

    def import_times(self, rounds: int) -> dict[str, Any]:
        """Fresh processes, in turn."""
        found: dict[str, Any] = {}
        for _ in range(rounds + 1):
            for peer in self.peers:
                if peer.module:
                    answer = ask_fresh(self.pythons[peer.name], "import", peer.module)
                    found.setdefault(peer.name, []).append(answer)
        say("import times taken")
        return {name: answers[1:] for name, answers in found.items()}  # the first warms the disk

    def memory(self, n: int, only_ours: bool) -> dict[str, Any]:
        """Peak memory of a call with a full memory, without and with bounds."""
        found: dict[str, Any] = {}
        methods = ["tracemalloc"] + (["rss"] if Path("/proc/self/clear_refs").exists() else [])
        for peer in self.peers:
            # Only where the workspace is that of L-BFGS-B does "beyond" have a meaning.
            if "L-BFGS-B" not in peer.groups or "call" not in peer.kinds:
                continue
            if only_ours and peer.name != OURS:
                continue
            for active in (0.0, cases.THIRD):
                case = replace(cases.iterations(n, 10, active, 1), last=12)
                for method in methods:
                    try:
                        answer = ask_fresh(self.pythons[peer.name], "memory", peer.adapter,
                                           json.dumps(case.as_dict()), method)
                    except UnavailableError as reason:
                        say(f"memory of {peer.name}: {reason}")
                    else:
                        label = "a third active" if active else "no bounds"
                        found.setdefault(peer.name, {}).setdefault(label, {})[method] = answer
        say("peak memory taken")
        return {"n": n, "m": 10, "peers": found}


def draw(work: Path, base: str, data: Path, picture: Path) -> None:
    """The picture, in an environment with matplotlib."""
    try:
        python = make_environment(work / "envs", "picture", PICTURE_REQUIREMENTS, base)
    except UnavailableError as reason:
        say(f"without the picture: matplotlib {reason}")
        return
    subprocess.run([str(python), str(HERE / "picture.py"), str(data), str(picture)], check=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    root = HERE.parent
    ours = root / ".venv/bin/python"
    parser.add_argument("--quick", action="store_true", help="a version of under a minute")
    parser.add_argument("--list", action="store_true", help="print the cases and stop")
    parser.add_argument("--cases", default="", metavar="REGEX", help="only cases that match")
    parser.add_argument("--peers", default="", metavar="NAMES", help="only these, by commas")
    parser.add_argument("--ours", type=Path, default=ours, metavar="PYTHON",
                        help="the Python that has lbfgsb77 (default: .venv's)")
    parser.add_argument("--work", type=Path, default=root / "build/bench", metavar="FOLDER",
                        help="where environments and logs go (default: build/bench)")
    parser.add_argument("--results", type=Path, default=HERE / "results", metavar="FOLDER")
    parser.add_argument("--name", help="of the files of results (default: bench or quick)")
    return parser.parse_args()


def main() -> int:
    chosen = arguments()
    wanted = cases.quick() if chosen.quick else cases.full()
    wanted = [case for case in wanted if re.search(chosen.cases, case.key)]
    if chosen.list:
        print("\n".join(case.key for case in wanted))
        return 0
    if not chosen.ours.exists():
        say(f"{chosen.ours} is not there: build the package first (make), or name its Python "
            "with --ours")
        return 1
    # Not resolved: resolving .venv/bin/python would leave the environment.
    chosen.ours = chosen.ours.absolute()
    names = [name.strip() for name in chosen.peers.split(",") if name.strip()]
    unknown = set(names) - {peer.name for peer in PEERS}
    if unknown:
        say(f"--peers: no peer is called {sorted(unknown)[0]!r}; there are "
            f"{', '.join(peer.name for peer in PEERS)}")
        return 1
    peers = [peer for peer in PEERS
             if (peer.name in names if names else peer.quick or not chosen.quick)]
    bench = Bench(chosen.ours, chosen.work, peers)
    started = time.time()
    try:
        for case in wanted:
            bench.measure(case)
        bench.close()
        everything = not chosen.cases
        imports = bench.import_times(3 if chosen.quick else 25) if everything else {}
        memory = bench.memory(10**6, only_ours=chosen.quick) if everything else {}
    finally:
        bench.close()
    data = {
        "quick": chosen.quick,
        "date": time.strftime("%Y-%m-%d", time.localtime(started)),
        "minutes": (time.time() - started) / 60,
        "machine": machine.describe(),
        "ours": OURS,
        "peers": {peer.name: {"note": peer.note, "versions": bench.versions[peer.name]}
                  for peer in bench.peers},
        "missing": bench.missing,
        "cases": bench.results,
        "imports": imports,
        "memory": memory,
    }
    chosen.results.mkdir(parents=True, exist_ok=True)
    stem = chosen.results / (chosen.name or ("quick" if chosen.quick else "bench"))
    stem.with_suffix(".json").write_text(json.dumps(data, indent=1) + "\n")
    text = report.markdown(data)
    stem.with_suffix(".md").write_text(text)
    print(text)
    draw(chosen.work, base_interpreter(chosen.ours), stem.with_suffix(".json"),
         stem.with_suffix(".png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
