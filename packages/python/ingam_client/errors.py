"""Why something failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .types import Problem


class ProblemError(Exception):
    """The service refused a request: what its answer says (RFC 9457)."""

    def __init__(self, status: int, problem: Problem | None, retry_after: int | None) -> None:
        super().__init__(
            f"HTTP status {status}" if problem is None else f"{problem['title']}: {problem['detail']}"
        )
        self.status = status
        """HTTP status."""
        self.problem = problem
        """The whole answer. None: it is not one of the service, such as the error page of a proxy."""
        self.code: str | None = None if problem is None else problem["code"]
        """One of the codes of the API; None as for `problem`."""
        self.retry_after = retry_after
        """In seconds: when to try again. None: the service did not say."""


class UnreachableError(Exception):
    """There was no answer, or none that an Ingam service gives. `__cause__` says why."""


class WebhookError(Exception):
    """The request cannot be shown to be one that the service has sent just now: answer it with status 400."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """
        missing_header, malformed_header, malformed_secret, unsupported_secret, too_old, too_new, bad_signature or
        malformed_body.
        """
