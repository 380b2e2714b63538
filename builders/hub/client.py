"""The Hugging Face Hub as its client gives it: the client itself, and its errors in words.

The token is huggingface_hub's own affair: nothing here passes, keeps or prints one.
"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from builders.errors import Denied, Exhausted, Invalid, NoSuchRevision, NotFound, Problem, Unreachable, clipped
from builders.hub.patience import (
    BUSY,
    LONGEST_WAIT,
    asked_wait,
    status_of,
    transport_error,
)
from cards.shared.terminal import safe_line

if TYPE_CHECKING:
    from huggingface_hub import HfApi

UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)
# What the Hub says where a token lacks a right, rather than a repository its space or a file its form.
ABOUT_RIGHTS = re.compile(r"(?i)\b(rights?|permissions?|token|create_pr|not authori[sz]ed|forbidden)\b")
RERUN = "run again: nothing was published, and files that arrived are not sent again"


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

    _require_usable_environment(where)
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
        if error.errno in UNWRITABLE:
            raise Denied(
                f"{where}: the Hub cache {_cache(error)} cannot be written ({reason})",
                "set HF_HOME to a folder that you may write",
            ) from None
        raise Exhausted(
            f"{where}: {what} could not be fetched or kept ({reason})", "free space, then run again"
        ) from None


def _cache(error: OSError) -> str:
    from huggingface_hub import constants

    return str(error.filename or constants.HF_HUB_CACHE)


def _require_usable_environment(where: str) -> None:
    """Raises Invalid for settings of the client's that no request can be made with."""
    from huggingface_hub import constants, get_token

    if not re.match("https?://", constants.ENDPOINT):
        raise Invalid(
            f"{where}: HF_ENDPOINT is {constants.ENDPOINT!r}, which is no address", "write it with https:// before it"
        )
    token = get_token()
    if token is not None and not token.isascii():  # never shown
        raise Invalid(f"{where}: the token in {_place_of_token()} holds characters that no token has", "copy it again")


def _place_of_token() -> str:
    return next((name for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") if os.environ.get(name)), "your login")


def _log_in() -> str:
    """What to do about a token: where a variable is set, logging in alone would change nothing."""
    from huggingface_hub import constants

    variable = _place_of_token()
    if variable == "your login":
        return "run `hf auth login`"
    if Path(constants.HF_TOKEN_PATH).is_file():
        return f"it comes from {variable}, which goes before your `hf auth login`: unset or correct {variable}"
    return f"run `hf auth login` and unset {variable}, or correct {variable}"


def _by_status(error: Exception, where: str, what: str) -> Problem:
    """An answer of the Hub that is neither yes nor one of the client's own error types. What it says itself goes first."""
    status, said = status_of(error), message_of(error)
    if status == 401:
        return Denied(f"{where}: the Hub does not accept the token (expired or withdrawn)", _log_in())
    if status == 402 or (status in (403, 413) and "storage" in said.lower()):
        return Denied(
            f"{where}: the Hub refuses {what}: {said or 'payment required'}",
            "make room or raise the limit there, then run again",
        )
    if status == 403 and (not said or ABOUT_RIGHTS.search(said)):
        owner = where.split("/")[0]
        token = f"; {_log_in()}" if "goes before" in _log_in() else ""
        return Denied(
            f"{where}: the token does not allow {what}",
            f"use one with write access to {owner}, or another repository{token}",
        )
    if status is not None and 400 <= status < 500 and status not in BUSY and said:
        return Denied(f"{where}: the Hub refuses {what}: {said}", "correct that, then run again")
    wait = asked_wait(error)
    if status in BUSY and wait is not None and wait > LONGEST_WAIT:
        return Unreachable(
            f"{where}: {what}: the Hub answered {status} and asks to wait {wait:.0f} s", "try again then"
        )
    if status in BUSY:
        return Unreachable(f"{where}: {what}: the Hub answered {status} again and again", "try again later")
    return Unreachable(f"{where}: {what}: the Hub answered {status or 'nothing'}", "try again later")


def message_of(error: BaseException) -> str:
    """What the Hub itself says in an error, on one line that cannot steer a terminal and holds no token; often nothing."""
    response = getattr(error, "response", None)
    said = response.headers.get("X-Error-Message", "") if response is not None else ""
    said = re.sub(r"\bhf_\w+", "hf_…", " ".join(safe_line(said).split()))
    return clipped(said, 300).rstrip(".;: ")


def upload_failed(where: str, error: BaseException) -> Problem:
    """A file did not arrive, which the client tells as a RuntimeError around the reason."""
    named = re.search(r"uploading '([^']+)'", str(error))
    what = f"sending {named[1]}" if named else "sending the files"
    cause = error.__cause__ or error
    status, said = status_of(cause), message_of(cause)
    if status is None:
        return Unreachable(f"{where}: {what}: the connection to the storage broke", RERUN)
    told = f"the storage answered {status}" + (f" ({said})" if said else "")
    return Unreachable(f"{where}: {what}: {told}", RERUN)


def unreachable(error: Exception) -> bool:
    """Was there no answer at all, rather than one that says no?"""
    from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled

    return isinstance(error, OfflineModeIsEnabled | LocalEntryNotFoundError | ConnectionError) or (
        isinstance(error, transport_error()) and status_of(error) is None
    )
