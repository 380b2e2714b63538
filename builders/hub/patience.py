"""Patience with the Hub: calls that are made again, waits that the Hub asks for, a token that it does not accept."""

import logging
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

TRIES = 5
FIRST_WAIT = 1.0  # seconds; doubled on each further try
# Seconds: the window over which the Hub counts requests (its RateLimit-Policy). Who asks for more is told about instead.
LONGEST_WAIT = 300.0
BUSY = (429, 500, 502, 503, 504)
_told: set[int] = set()  # hashes of the tokens of which it was said that the Hub does not accept them
# Functions of the client that call again by themselves.
CALLS_AGAIN = frozenset({"http_backoff", "_http_backoff_base", "http_stream_backoff"})


def status_of(error: BaseException) -> int | None:
    """The HTTP status that an error of the client carries."""
    response = getattr(error, "response", None)
    return None if response is None else int(response.status_code)


def transport_error() -> type[Exception]:
    """The client's own error for a connection that failed: of httpx or of httpx2, by the version of huggingface_hub."""
    from huggingface_hub.errors import HfHubHTTPError

    return next(base for base in HfHubHTTPError.__mro__ if base.__name__ == "HTTPError")


def patiently(call: Callable[[], Answer], anonymous: bool = True) -> Answer:
    """Call again when the Hub is busy or the connection breaks, waiting twice as long each time (or as long as it asks).

    The last failure is raised as it is, and at once where no connection comes about (then there is no network), where the
    client has called again by itself, and where the Hub asks for a longer wait than LONGEST_WAIT. anonymous: with a token
    that the Hub does not accept, ask without one, and say so. Only for calls that may safely happen twice.
    """
    _let_interrupts_through()
    transport = transport_error()
    for turn in range(TRIES):
        try:
            with _bounded_waits():
                return call()
        except transport as error:
            status = status_of(error)
            if status == 401 and anonymous and (answer := _without_token(call, error)):
                return answer[0]
            if (status is not None and status not in BUSY) or _no_connection(error) or turn == TRIES - 1:
                raise
            if _called_again(error):
                raise
            asked = asked_wait(error)
            wait = FIRST_WAIT * 2**turn if asked is None else asked
            if wait > LONGEST_WAIT:
                raise
            what = f"answered {status}" if status else "did not answer"
            log.warning(
                "the Hub %s%s", what, f" and asks to wait {wait:g} s" if asked else f"; trying again in {wait:g} s"
            )
            time.sleep(wait)
    raise AssertionError("the last turn returns or raises")


def asked_wait(error: BaseException) -> float | None:
    """How many seconds the Hub asks to wait: by its RateLimit (RFC draft, as the Hub sends it), or Retry-After."""
    response = getattr(error, "response", None)
    return None if response is None else _wait_in(response.headers)


def _wait_in(headers: Any) -> float | None:
    limit = re.search(r"r=(\d{1,9})\s*;\s*t=(\d{1,9})\b", headers.get("RateLimit", ""))
    if limit and int(limit[1]) == 0:
        return float(limit[2])
    asked = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", asked):
        return float(asked)
    try:
        until = parsedate_to_datetime(asked)
    except (TypeError, ValueError):
        return None
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


@contextmanager
def _bounded_waits() -> Iterator[None]:
    """Where the client waits by itself for as long as the Hub asks: say for how long, and do not let it be hours."""
    from huggingface_hub.utils import get_session, hf_raise_for_status  # type: ignore[attr-defined]

    def look(response: Any) -> None:
        wait = _wait_in(response.headers) if response.status_code in BUSY else None
        if wait is None:
            return
        if wait > LONGEST_WAIT:
            response.read()
            hf_raise_for_status(response)
        elif _called_from_backoff():
            log.warning("the Hub answered %d and asks to wait %g s", response.status_code, wait)

    hooks = get_session().event_hooks["response"]
    hooks.append(look)
    try:
        yield
    finally:
        if look in hooks:
            hooks.remove(look)


def _called_from_backoff() -> bool:
    import inspect

    frame = inspect.currentframe()
    while frame:
        if frame.f_code.co_name in CALLS_AGAIN:
            return True
        frame = frame.f_back
    return False


def _called_again(error: BaseException) -> bool:
    """Did the error come out of a function of the client that had called again itself? Then it was patient already."""
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_name in CALLS_AGAIN:
            return True
        trace = trace.tb_next
    return False


def _without_token(call: Callable[[], Answer], error: Exception) -> tuple[Answer] | None:
    """The answer to a call without a token (an error, too, of one that may be asked), None where it may not be asked either."""
    from huggingface_hub import constants, get_token
    from huggingface_hub.errors import RepositoryNotFoundError

    if isinstance(error, RepositoryNotFoundError) or constants.HF_HUB_DISABLE_IMPLICIT_TOKEN or get_token() is None:
        return None
    constants.HF_HUB_DISABLE_IMPLICIT_TOKEN = True
    try:
        answer = call()
    except transport_error() as other:
        if status_of(other) in (None, 401) or isinstance(other, RepositoryNotFoundError):
            return None
        raise
    finally:
        constants.HF_HUB_DISABLE_IMPLICIT_TOKEN = False
    if (token := hash(get_token())) not in _told:
        _told.add(token)
        log.warning("the Hub does not accept the token (expired or withdrawn); what is public is read without it")
    return (answer,)


def _let_interrupts_through() -> None:
    """Ctrl-C ends the wait for an answer: the handler that polars puts in place would take the wait up again."""
    if hasattr(signal, "siginterrupt"):  # not on Windows
        signal.siginterrupt(signal.SIGINT, True)


def _no_connection(error: Exception) -> bool:
    """Was there nobody to talk to? By name, because the class is httpx's or httpx2's (see `transport_error`)."""
    return any(kind.__name__ == "ConnectError" for kind in type(error).__mro__)
