"""Users and repositories: who asks, and what there is."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.hub_server import metadata
from tests.hub_server.accounts import ANONYMOUS
from tests.hub_server.context import KINDS, NO_WRITE, Context, json_of, url_of
from tests.hub_server.listing import page_of, repo_entry
from tests.hub_server.store import Refused


class Repositories:
    """Handlers about whole repositories."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def routes(self) -> list[Route]:
        """Where they are served."""
        return [
            Route("/api/whoami-v2", self.whoami),
            Route("/api/agent-harnesses", self.agent_harnesses),
            Route("/api/validate-yaml", self.validate_yaml, methods=["POST"]),
            Route("/api/repos/create", self.create_repo, methods=["POST"]),
            Route("/api/repos/delete", self.delete_repo, methods=["DELETE"]),
            Route("/api/{kind}", self.list_repos),
            Route("/api/{kind}/{owner}/{name}/settings", self.settings, methods=["PUT"]),
        ]

    async def whoami(self, request: Request) -> Response:
        """The bearer of the token."""
        token = self.context.bearer(request)
        if token is None:
            raise Refused(401, ANONYMOUS)
        organisations = [
            {"type": "org", "name": name, "fullname": name, "roleInOrg": members[token.user]}
            for name, members in self.context.accounts.members.items()
            if token.user in members
        ]
        access = {"displayName": token.user, "role": token.role}
        return JSONResponse(
            {
                "type": "user",
                "id": token.user,
                "name": token.user,
                "fullname": token.user,
                "isPro": False,
                "orgs": organisations,
                "auth": {"type": "access_token", "accessToken": access},
            }
        )

    async def agent_harnesses(self, request: Request) -> Response:
        """Which programs that write code the client should look for: none."""
        return JSONResponse({"standardEnvVars": [], "harnesses": {}})

    async def validate_yaml(self, request: Request) -> Response:
        """Check the header of a card."""
        errors, warnings = metadata.problems((await json_of(request))["content"])
        told = {
            name: [{"message": one} for one in found] for name, found in (("errors", errors), ("warnings", warnings))
        }
        return JSONResponse(told, 400 if errors else 200)

    async def create_repo(self, request: Request) -> Response:
        """Make a repository; 409 with its url if it is there."""
        refusal = 'You don\'t have the rights to create a {kind} under the namespace "{namespace}"'
        body, kind, id, user = await self.context.named(request, refusal)
        private = body.get("visibility") == "private" or bool(body.get("private"))
        try:
            repo = self.context.store.create_repo(kind, id, user, private)
        except Refused as refused:
            url = url_of(request, self.context.store.repo(kind, id))
            return JSONResponse({"error": refused.message, "url": url}, refused.status)
        return JSONResponse({"url": url_of(request, repo), "name": id, "id": id})

    async def delete_repo(self, request: Request) -> Response:
        """Remove a repository."""
        _, kind, id, _ = await self.context.named(request, NO_WRITE)
        self.context.store.repo(kind, id)
        del self.context.store.repos[kind, id]
        return Response(status_code=200)

    async def settings(self, request: Request) -> Response:
        """Make a repository private or public."""
        repo, _ = self.context.writable(request)
        body = await json_of(request)
        repo.private = body["visibility"] == "private" if "visibility" in body else bool(body.get("private"))
        return JSONResponse({"private": repo.private})

    async def list_repos(self, request: Request) -> Response:
        """Repositories of an author, or with a word in their name, those that may be read by who asks."""
        token, query = self.context.bearer(request), request.query_params
        if request.path_params["kind"] not in KINDS:
            raise Refused(404, "Not found")
        found = [
            repo
            for (kind, id), repo in sorted(self.context.store.repos.items())
            if kind == KINDS[request.path_params["kind"]]
            and query.get("author") in (None, repo.namespace)
            and query.get("search", "") in id
            and (not repo.private or self.context.accounts.role_in(repo.namespace, token))
        ]
        size = min(self.context.page_size, int(query.get("limit", self.context.page_size)))
        page, headers = page_of(request, found, size, lambda repo: repo.id)
        entries = [repo_entry(repo, repo.resolve("main"), {}, False) for repo in page]
        return JSONResponse(entries, headers=headers)
