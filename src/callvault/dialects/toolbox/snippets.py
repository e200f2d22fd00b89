"""Lines for people to paste."""

from __future__ import annotations

from textwrap import dedent


def python_snippet(package: str, code: str) -> str:
    """A few lines of Python as one shell command, which runs where the package is installed."""
    return f"python3 - <<'SNIPPET'  # pip install {package}\n{dedent(code).strip()}\nSNIPPET"
