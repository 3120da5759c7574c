"""Benchmarks that asv runs over the project's commits: `asv run`, see benchmarks/README.md."""
