"""The Hugging Face Hub: fetch a file at a pinned commit."""

from pathlib import Path

from builders.errors import Problem


def fetch_file(repo: str, file: str, revision: str) -> Path:
    """Download one file of a dataset repository at a commit into the Hub cache, or find it there.

    Raises Problem when the repository, the commit or the file does not exist, when access is denied, and when there is
    no network and no cached copy.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    # The client's own transport error: of httpx or of httpx2, by the version of huggingface_hub.
    transport_error: type[Exception] = next(base for base in HfHubHTTPError.__mro__ if base.__name__ == "HTTPError")
    where = f"{repo}@{revision[:12]}"
    try:
        return Path(hf_hub_download(repo, file, repo_type="dataset", revision=revision))
    except GatedRepoError:
        raise Problem(f"{where}: access must be requested on the Hub; request it, then `hf auth login`") from None
    except RepositoryNotFoundError:
        raise Problem(
            f"{where}: no such dataset on the Hub, or no access to it; check the name, or `hf auth login`"
        ) from None
    except RevisionNotFoundError:
        raise Problem(f"{where}: the repository has no such commit; check source.revision") from None
    except LocalEntryNotFoundError:
        raise Problem(
            f"{where}: {file} is not in the Hub cache and the Hub cannot be reached; connect, or use --from FILE"
        ) from None
    except EntryNotFoundError:
        raise Problem(f"{where}: the repository has no file {file} at this commit; check source.file") from None
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no answer"
        raise Problem(f"{where}: the Hub answered {status} for {file}; try again later") from None
    except HFValidationError:
        raise Problem(f"{where}: not a name that a Hub repository can have; check source.repo") from None
    except (OSError, transport_error) as error:
        raise Problem(
            f"{where}: {file} could not be fetched ({type(error).__name__}); check the connection or use --from FILE"
        ) from None
