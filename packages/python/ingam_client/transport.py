"""Sends requests, and repeats those that do no harm when they come twice."""

from __future__ import annotations

import http.client
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message
from typing import IO, Any, Callable, Mapping, NamedTuple

from .errors import ProblemError, UnreachableError

FIRST_DELAY = 0.25
LONGEST_DELAY = 60.0
# Temporary failures: RFC 9110 §15.6, RFC 6585 §4.
RETRIED = frozenset((408, 429, 502, 503, 504))


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would send the key to a server that nobody named."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Transport:
    def __init__(self, server: str, key: str | None, attempts: int, timeout: float) -> None:
        parts = urllib.parse.urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("server must be an http or https address")
        if parts.username is not None or parts.password is not None:
            raise ValueError("server must not contain a password: give the API key as key")
        self._server = server if server.endswith("/") else server + "/"
        self._key = key
        self._attempts = attempts
        self._timeout = timeout
        self._opener = urllib.request.build_opener(_NoRedirects)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Callable[[], bytes | IO[bytes]] | None = None,
        reads: bool = False,
    ) -> Answer:
        """
        The answer, if it is a success.

        :param path: below the address of the service, without a slash in front
        :param body: called for each attempt, because a file can be read only once
        :param reads: it changes nothing, although it is no GET
        :raises ProblemError: the service refused
        :raises UnreachableError: no answer
        """
        sent = {name: value for name, value in (headers or {}).items() if value is not None}
        repeats = method == "GET" or reads or "Idempotency-Key" in sent
        if self._key is not None:
            sent["Authorization"] = f"Bearer {self._key}"
        given = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        url = self._server + path + (f"?{urllib.parse.urlencode(given)}" if given else "")
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._once(method, url, sent, body)
            except (ProblemError, UnreachableError) as error:
                if attempt >= self._attempts or not repeats or not _may_pass(error):
                    raise
                asked = (error.retry_after or 0) if isinstance(error, ProblemError) else 0
                # Jitter: clients that were refused together should not return together.
                delay = FIRST_DELAY * 2 ** (attempt - 1) * (0.5 + random.random() / 2)
                time.sleep(min(max(asked, delay), LONGEST_DELAY))

    def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Callable[[], bytes | IO[bytes]] | None,
    ) -> Answer:
        data = None if body is None else body()
        try:
            request = urllib.request.Request(url, data=data, headers=dict(headers), method=method)
            try:
                with self._opener.open(request, timeout=self._timeout) as response:
                    return Answer(response.status, response.headers, response.read())
            except urllib.error.HTTPError as error:
                with error:
                    raise _problem(error.code, error.headers, error.read()) from None
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(f"{self._server} did not answer: {error}") from error
        finally:
            if data is not None and not isinstance(data, bytes):
                data.close()


def _may_pass(error: ProblemError | UnreachableError) -> bool:
    if isinstance(error, UnreachableError):
        return True
    if error.status == 429:
        # A limit without Retry-After is one that this request can never meet.
        return error.retry_after is not None and error.retry_after <= LONGEST_DELAY
    return error.status in RETRIED


def _problem(status: int, headers: Message, body: bytes) -> ProblemError:
    problem = None
    if (headers.get("Content-Type") or "").startswith("application/problem+json"):
        try:
            problem = json.loads(body)
        except ValueError:
            pass  # Cut off: the status is known.
    seconds = headers.get("Retry-After") or ""
    return ProblemError(status, problem, int(seconds) if seconds.isascii() and seconds.isdigit() else None)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
