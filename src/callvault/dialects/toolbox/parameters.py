"""Reading query parameters: numbers in their range, and telephone numbers as careless clients send them."""

from __future__ import annotations

from callvault.errors import BadRequest


def whole_number(text: str | None, field: str, *, default: int, least: int, most: int | None = None) -> int:
    """A parameter's whole number.

    Raises:
        BadRequest: it is none, or outside its range; the sentence says the range.
    """
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
    if number is None or number < least or (most is not None and number > most):
        limits = f"from {least} on" if most is None else f"from {least} to {most}"
        raise BadRequest(f"{field} must be a whole number {limits}, not {text!r}.", field=field, value=text)
    return number


def telephone(text: str | None) -> str | None:
    """A number to look for.  A plus that was not percent-encoded arrives as a space, and is put right."""
    if text is None:
        return None
    return "+" + text[1:] if text.startswith(" ") else text
