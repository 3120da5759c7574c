"""The near end of worker.py: one process a peer, asked one thing at a time."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from peers import HERE, UnavailableError, process_environment


class PeerProcess:
    """A running worker. Its standard error goes to a log file."""

    def __init__(self, python: Path, adapter: str, threads: str, log: Path) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                [str(python), str(HERE / "worker.py"), adapter],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                env=process_environment(threads))

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """The worker's answer; raises UnavailableError with its reason if it has none."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps({"do": do, **more}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            lines = self.log.read_text().splitlines() or ["nothing on its standard error"]
            raise UnavailableError(f"its process ended ({self.process.wait()}): {lines[-1]}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise UnavailableError(answer["error"])
        return answer

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        """End it: it stops by itself when its standard input closes."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def ask_fresh(python: Path, *arguments: str) -> dict[str, float]:
    """One measurement of fresh_process.py."""
    done = subprocess.run([str(python), str(HERE / "fresh_process.py"), *arguments],
                          capture_output=True, text=True, check=False,
                          env=process_environment("single"))
    if done.returncode:
        lines = done.stderr.splitlines() or ["no reason given"]
        raise UnavailableError(lines[-1])
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer
