"""Who may do what: users with tokens, organisations with members."""

from dataclasses import dataclass, field
from typing import Literal

from tests.hub_server.store import Refused, Repo

Role = Literal["read", "write"]
INVALID = "Invalid credentials in Authorization header"  # clients look for these very words
ANONYMOUS = "Invalid username or password."


@dataclass(frozen=True)
class Token:
    """A user's token, and what it is refused with once it has expired."""

    user: str
    role: Role
    refusal: str | None = None


@dataclass
class Accounts:
    """Tokens by their text, and each organisation's members with their role in it."""

    tokens: dict[str, Token] = field(default_factory=dict)
    members: dict[str, dict[str, Role]] = field(default_factory=dict)

    def bearer(self, authorization: str | None) -> Token | None:
        """The token of a request's Authorization header; None without one. Raises Refused for one that does not count."""
        if not authorization:
            return None
        token = self.tokens.get(authorization.removeprefix("Bearer ").strip())
        if token is None or token.refusal:
            raise Refused(401, token.refusal if token and token.refusal else INVALID)
        return token

    def role_in(self, namespace: str, token: Token | None) -> Role | None:
        """What the bearer may do with the repositories of a user or an organisation; None: no more than anyone."""
        if token is None:
            return None
        role = "write" if token.user == namespace else self.members.get(namespace, {}).get(token.user)
        return "read" if role and token.role == "read" else role

    def check_read(self, repo: Repo | None, token: Token | None) -> Repo:
        """The repository, if the bearer may know of it. Raises Refused, the same for one that is not there."""
        if repo is None or (repo.private and self.role_in(repo.namespace, token) is None):
            raise Refused(404, "Repository not found", "RepoNotFound") if token else Refused(401, ANONYMOUS)
        return repo

    def check_write(self, namespace: str, token: Token | None, refusal: str) -> Token:
        """The bearer, if they may write in this namespace. Raises Refused."""
        if token is None:
            raise Refused(401, ANONYMOUS)
        if self.role_in(namespace, token) != "write":
            raise Refused(403, refusal)
        return token
