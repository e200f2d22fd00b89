"""JSON merge patch (RFC 7396): a document, changed by another that has only what is new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merged(target: Any, patch: Any) -> Any:  # noqa: ANN401 - JSON values
    """What a patch makes of a document: objects are merged, null takes a key away, all else replaces (section 2)."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
