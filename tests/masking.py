"""What differs between two runs is masked, so that the rest can be compared."""

from __future__ import annotations

import re
from typing import Any

MASKED = re.compile(r"([?&](?:signature|expires)=)[^&\"]*")


def masked(text: str) -> str:
    """What is signed or runs out is compared as a star."""
    return MASKED.sub(r"\1*", text)


def masked_tree(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, list):
        return [masked_tree(item) for item in value]
    if isinstance(value, dict):
        return {key: masked_tree(item) for key, item in value.items()}
    return value
