"""What every Python client's script does: read JSON, do the deeds that it names, print what came of each as JSON.

Runs under the clients' Pythons, with the standard library alone.
"""

import json
import sys
from contextlib import contextmanager
from datetime import datetime, UTC


def converse(deeds, exceptions, tell):
    """``deeds``: functions of the credentials and what is given.  ``tell``: an exception of the client's, as a dict."""
    answers = []
    for ask in json.load(sys.stdin):
        try:
            answer = {"said": deeds[ask["deed"]](ask["credentials"], **ask["given"])}
        except exceptions as error:
            answer = {"refused": {"type": type(error).__name__, **tell(error)}}
        answers.append(answer)
    print(json.dumps(answers))


def instant(moment):
    """A time that a client parsed, as ISO 8601 in UTC with milliseconds; None for None."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        raise TypeError(f"not a time: {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def later(time, seconds):
    """As if it were so much later.  ``time``: the module whose clock the client looks at."""
    now = time.time
    time.time = lambda: now() + seconds
    try:
        yield
    finally:
        time.time = now
