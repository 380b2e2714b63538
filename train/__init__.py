"""A version becomes an adapter."""

from aguila.own_packages import require_own_packages

require_own_packages()
