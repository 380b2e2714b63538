"""Who may see and do what, as the real client tells of it."""

import json

import pytest
from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError


def upload(token, repo="ana/mezcla"):
    return HfApi(token=token).upload_file(
        path_or_fileobj=b"hola", path_in_repo="nota.txt", repo_id=repo, repo_type="dataset"
    )


def status(call, *words):
    with pytest.raises(HfHubHTTPError) as told:
        call(*words)
    return told.value.response.status_code


@pytest.fixture
def repo(hub):
    hub.commit("ana/mezcla", {"README.md": "hola"})
    return hub


def test_the_bearer_of_a_token_is_told(hub):
    hub.add_organisation("refranero", {"ana": "write", "eva": "read"})
    told = HfApi().whoami()

    assert (told["name"], [org["name"] for org in told["orgs"]]) == ("ana", ["refranero"])
    assert told["auth"]["accessToken"]["role"] == "write"
    assert HfApi(token=hub.add_user("leo", "read")).whoami()["auth"]["accessToken"]["role"] == "read"


def test_a_private_repository_is_seen_by_its_owner_only(repo):
    repo.make_private("ana/mezcla")

    assert HfApi().dataset_info("ana/mezcla").private is True
    for token, told in ((repo.add_user("eva"), 404), (False, 401)):
        with pytest.raises(RepositoryNotFoundError) as refused:
            HfApi(token=token).dataset_info("ana/mezcla")
        assert refused.value.response.status_code == told
        with pytest.raises(RepositoryNotFoundError):
            hf_hub_download("ana/mezcla", "README.md", repo_type="dataset", token=token)
        assert list(HfApi(token=token).list_datasets(author="ana")) == []


def test_a_repository_is_made_private_and_public(hub):
    api = HfApi()
    api.create_repo("ana/mezcla", repo_type="dataset", private=True)
    assert hub.repo("ana/mezcla").private is True

    api.update_repo_settings("ana/mezcla", private=False, repo_type="dataset")
    assert hub.repo("ana/mezcla").private is False


def test_only_those_who_may_write_do(repo):
    assert status(upload, repo.add_user("eva")) == 403
    assert status(upload, repo.add_user("ana", "read")) == 403
    assert status(upload, False) == 401
    assert repo.paths("ana/mezcla") == [".gitattributes", "README.md"]
    eva = HfApi(token=repo.add_user("eva"))
    assert status(lambda: eva.create_tag("ana/mezcla", tag="v1.0.0", repo_type="dataset")) == 403
    assert status(lambda: eva.create_repo("ana/otra", repo_type="dataset")) == 403
    assert status(lambda: eva.delete_repo("ana/mezcla", repo_type="dataset")) == 403


def test_members_of_an_organisation_have_their_role_in_it(hub):
    eva, leo = hub.add_user("eva"), hub.add_user("leo")
    hub.add_organisation("refranero", {"eva": "write", "leo": "read"})
    HfApi(token=eva).create_repo("refranero/mezcla", repo_type="dataset", private=True)

    assert upload(eva, "refranero/mezcla").oid == hub.head("refranero/mezcla")
    assert HfApi(token=leo).dataset_info("refranero/mezcla").sha == hub.head("refranero/mezcla")
    assert status(upload, leo, "refranero/mezcla") == 403
    with pytest.raises(RepositoryNotFoundError):
        HfApi().dataset_info("refranero/mezcla")


def test_a_token_that_does_not_count_is_no_missing_repository(repo):
    expired = repo.add_user("ana")
    repo.expire(expired)

    for token in (expired, "hf_unknown"):
        with pytest.raises(HfHubHTTPError, match="Invalid credentials in Authorization header") as told:
            HfApi(token=token).dataset_info("ana/mezcla")
        assert not isinstance(told.value, RepositoryNotFoundError)
        assert told.value.response.status_code == 401
        assert status(upload, token) == 401


def test_a_token_refused_in_other_words_looks_like_a_missing_repository(repo):
    expired = repo.add_user("ana")
    repo.expire(expired, 'User Access Token "portatil" is expired')

    with pytest.raises(RepositoryNotFoundError, match="is expired"):
        HfApi(token=expired).dataset_info("ana/mezcla")
    assert status(lambda: HfApi(token=expired).whoami()) == 401


def test_a_gated_repository_is_seen_and_not_read(repo):
    repo.gate("ana/mezcla")
    eva = repo.add_user("eva")

    assert HfApi(token=eva).dataset_info("ana/mezcla").gated == "auto"
    with pytest.raises(GatedRepoError):
        hf_hub_download("ana/mezcla", "README.md", repo_type="dataset", token=eva)
    assert hf_hub_download("ana/mezcla", "README.md", repo_type="dataset").endswith("README.md")


def test_the_log_tells_who_asked_and_no_token(repo):
    token = repo.add_user("eva")
    status(upload, token)
    HfApi(token=False).dataset_info("ana/mezcla")

    told = [(one.method, one.path, one.user, one.status) for one in repo.log]
    assert told == [
        ("POST", "/api/datasets/ana/mezcla/preupload/main", "eva", 403),
        ("GET", "/api/datasets/ana/mezcla", None, 200),
    ]
    assert token not in json.dumps([vars(one) for one in repo.log])
