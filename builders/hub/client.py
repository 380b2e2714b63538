"""The Hugging Face Hub as its client gives it: errors in words, patience, files and rows at a pinned commit.

The token is huggingface_hub's own affair: nothing here passes, keeps or prints one.
"""

import logging
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, TypeVar

from builders.errors import Denied, Exhausted, Invalid, NoSuchRevision, NotFound, Problem, Unreachable

if TYPE_CHECKING:
    from huggingface_hub import HfApi

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

TRIES = 5
FIRST_WAIT = 1.0  # seconds; doubled on each further try
LONGEST_WAIT = 60.0  # seconds; a server that asks for more than that is told about instead
BUSY = (429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Advice:
    """What to do about each thing that can be wrong, in the words of the key or option that was given."""

    name: str = "check the name"
    revision: str = "the repository has no such revision; `aguila versions OWNER/NAME` lists its versions"
    entry: str = "the repository has no such file at this revision; check the name"
    split: str = "check the names of config and split"
    script: str = "name one of its data files"
    offline: str = "connect, then run again"


NO_ADVICE = Advice()


def client() -> "HfApi":
    """The Hub's client. It finds the token by itself, in the environment or where `hf auth login` left it."""
    from huggingface_hub import HfApi

    return HfApi(library_name="aguila-data", library_version=_our_version())


@cache
def _our_version() -> str:
    """To read it takes milliseconds, and a client is made for every request."""
    return metadata.version("aguila-data")


def require_token(where: str) -> None:
    """Raises Problem when the client has no token, before the Hub answers an anonymous request as if nothing were there."""
    from huggingface_hub import get_token

    if get_token() is None:
        raise _no_token(where)


def _no_token(where: str) -> Denied:
    return Denied(f"{where}: no token for the Hub", "run `hf auth login`, or set HF_TOKEN")


@contextmanager
def in_words(where: str, what: str, advice: Advice = NO_ADVICE) -> Iterator[None]:
    """Turn the client's errors about `what` at `where` into a Problem; none of its messages is passed on unread."""
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        LocalTokenNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        yield
    except GatedRepoError:
        raise Denied(f"{where}: access must be requested on the Hub", "request it, then `hf auth login`") from None
    except RepositoryNotFoundError:
        raise NotFound(
            f"{where}: no such repository on the Hub, or no access to it", f"{advice.name}, or `hf auth login`"
        ) from None
    except RevisionNotFoundError:
        raise NoSuchRevision(f"{where}: {advice.revision}") from None
    except LocalEntryNotFoundError as error:
        if isinstance(error.__cause__, HfHubHTTPError) and error.__cause__.response is not None:
            raise _by_status(error.__cause__, where, what) from None
        raise Unreachable(
            f"{where}: {what} is not in the Hub cache and the Hub cannot be reached", advice.offline
        ) from None
    except EntryNotFoundError:
        raise NotFound(f"{where}: {what}: {advice.entry}") from None
    except LocalTokenNotFoundError:
        raise _no_token(where) from None
    except HfHubHTTPError as error:
        raise _by_status(error, where, what) from None
    except HFValidationError:
        raise Invalid(f"{where}: not a name that a Hub repository can have", advice.name) from None
    except OfflineModeIsEnabled:
        raise Unreachable(f"{where}: {what} needs the Hub, and HF_HUB_OFFLINE forbids it", advice.offline) from None
    except (transport_error(), ConnectionError):
        raise Unreachable(f"{where}: {what}: the Hub cannot be reached", advice.offline) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Exhausted(
            f"{where}: {what} could not be fetched or kept ({reason})", "free space, then run again"
        ) from None


def _by_status(error: Exception, where: str, what: str) -> Problem:
    """An answer of the Hub that is neither yes nor one of the client's own error types."""
    status = status_of(error)
    if status == 401:
        return Denied(f"{where}: the Hub does not accept the token (expired or withdrawn)", "run `hf auth login`")
    if status == 403:
        owner = where.split("/")[0]
        return Denied(
            f"{where}: the token does not allow {what}", f"use one with write access to {owner}, or another repository"
        )
    wait = _asked_wait(error)
    if status in BUSY and wait is not None and wait > LONGEST_WAIT:
        return Unreachable(
            f"{where}: {what}: the Hub answered {status} and asks to wait for {wait:.0f} s", "try again later"
        )
    if status in BUSY:
        return Unreachable(f"{where}: {what}: the Hub answered {status} {TRIES} times over", "try again later")
    return Unreachable(f"{where}: {what}: the Hub answered {status or 'nothing'}", "try again later")


def status_of(error: BaseException) -> int | None:
    """The HTTP status that an error of the client carries."""
    response = getattr(error, "response", None)
    return None if response is None else int(response.status_code)


def transport_error() -> type[Exception]:
    """The client's own error for a connection that failed: of httpx or of httpx2, by the version of huggingface_hub."""
    from huggingface_hub.errors import HfHubHTTPError

    return next(base for base in HfHubHTTPError.__mro__ if base.__name__ == "HTTPError")


def unreachable(error: Exception) -> bool:
    """Was there no answer at all, rather than one that says no?"""
    from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled

    return isinstance(error, OfflineModeIsEnabled | LocalEntryNotFoundError | ConnectionError) or (
        isinstance(error, transport_error()) and status_of(error) is None
    )


def patiently(call: Callable[[], Answer]) -> Answer:
    """Call again when the Hub is busy or the connection breaks, waiting twice as long each time (or as long as it asks).

    The last failure is raised as it is, and at once where no connection comes about: then there is no network. Only for
    calls that may safely happen twice.
    """
    _let_interrupts_through()
    transport = transport_error()
    for turn in range(TRIES):
        try:
            return call()
        except transport as error:
            status = status_of(error)
            if (status is not None and status not in BUSY) or _no_connection(error) or turn == TRIES - 1:
                raise
            wait = _asked_wait(error)
            wait = FIRST_WAIT * 2**turn if wait is None else wait
            if wait > LONGEST_WAIT:
                raise
            log.warning("the Hub %s; trying again in %g s", f"answered {status}" if status else "did not answer", wait)
            time.sleep(wait)
    raise AssertionError("the last turn returns or raises")


def _let_interrupts_through() -> None:
    """Ctrl-C ends the wait for an answer: the handler that polars puts in place would take the wait up again."""
    if hasattr(signal, "siginterrupt"):  # not on Windows
        signal.siginterrupt(signal.SIGINT, True)


def _no_connection(error: Exception) -> bool:
    """Was there nobody to talk to? By name, because the class is httpx's or httpx2's (see `transport_error`)."""
    return any(kind.__name__ == "ConnectError" for kind in type(error).__mro__)


def _asked_wait(error: Exception) -> float | None:
    response = getattr(error, "response", None)
    asked = response.headers.get("Retry-After", "") if response is not None else ""
    return float(asked) if re.fullmatch(r"\d{1,6}", asked) else None
