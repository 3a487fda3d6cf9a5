"""The client."""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
import urllib.parse
import uuid
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Callable, Iterable, Iterator, Mapping, Union, cast

from .errors import UnreachableError
from .transport import Transport
from .types import OPERATIONS, READING

if TYPE_CHECKING:
    from .types import (
        Accepted,
        AcceptedEvent,
        Chain,
        Details,
        DocumentInput,
        EventInput,
        Notarization,
        RecordEvent,
        RecordResource,
        ResultLine,
        Verification,
    )

Document = Union[bytes, "os.PathLike[str]", IO[bytes]]
"""A document: its bytes, the path of a file (`pathlib.Path`), or a file that is open for reading bytes."""

# The service commits a stream in chunks of so many lines.
CHUNK = 1000
PIECE = 1024 * 1024


class Client:
    """
    A client of one service. Its methods raise ProblemError when the service refuses, and UnreachableError without an
    answer. Requests that do no harm when they come twice are repeated.
    """

    def __init__(
        self, server: str, key: str | None = None, *, attempts: int = 5, timeout: float = 120.0
    ) -> None:
        """
        :param server: address of the service, such as https://ingam.example.com
        :param key: API key, or access token; without one, requests are anonymous
        :param attempts: how often a request is sent at most
        :param timeout: how long the service may be silent, in seconds
        :raises ValueError: for an address that is none
        """
        self._transport = Transport(server, key, attempts, timeout)

    def notarize(
        self,
        document: Document,
        *,
        details: Details | None = None,
        wait: bool = False,
        idempotency_key: str | None = None,
    ) -> Notarization:
        """
        Notarizes a document by its digest: the document itself stays here.

        :param wait: respond only when it is sealed, or after a minute; else as soon as it is stored durably
        :param idempotency_key: the same key with the same document gives the same answer for 24 hours. Keep it with
            your own data, and a program that was killed in the middle can repeat the call.
        """
        sent: DocumentInput = digest_of(document)
        if details is not None:
            sent["details"] = details
        accepted = self.notarize_digests([sent], wait=wait, idempotency_key=idempotency_key)
        first = accepted["notarizations"][0]
        if first["sha256"] != sent["sha256"]:
            raise UnreachableError("the answer is about another document")
        return first

    def notarize_digests(
        self, documents: Iterable[DocumentInput], *, wait: bool = False, idempotency_key: str | None = None
    ) -> Accepted:
        """Notarizes up to 10,000 documents by their digests: all of them, or none."""
        body = {"documents": list(documents)}
        return cast("Accepted", self._submit("POST", "v1/notarizations", body, wait, idempotency_key))

    def notarize_stream(self, documents: Iterable[DocumentInput]) -> Iterator[ResultLine]:
        """
        Notarizes any number of documents by their digests, and gives one result for each, in order: what was accepted,
        or why it was not. Each is accepted on its own, and is not accepted twice when a connection breaks.
        """
        rest = iter(documents)
        line = 0
        while chunk := list(islice(rest, CHUNK)):
            text = "".join(json.dumps(document) + "\n" for document in chunk).encode()
            headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": str(uuid.uuid4())}
            answer = self._transport.send(
                "POST", "v1/notarizations", headers=headers, body=lambda text=text: text  # type: ignore[misc]
            )
            results = [_parse(result) for result in answer.body.split(b"\n")[:-1]]
            if len(results) != len(chunk):
                raise UnreachableError("the service answered fewer documents than were sent")
            for result in results:
                line += 1
                yield cast("ResultLine", {**result, "line": line})

    def upload(
        self,
        document: bytes | os.PathLike[str],
        *,
        name: str | None = None,
        keep: bool = False,
        wait: bool = False,
        idempotency_key: str | None = None,
    ) -> Notarization:
        """
        Sends a document itself, so that the service hashes it.

        :param keep: the service keeps it in its vault
        """
        if isinstance(document, bytes):
            content, size = cast("Callable[[], IO[bytes]]", lambda: io.BytesIO(document)), len(document)
        else:
            content, size = cast("Callable[[], IO[bytes]]", lambda: open(document, "rb")), os.path.getsize(document)
        answer = self._transport.send(
            "PUT",
            "v1/notarizations",
            query={"name": name, "vault": "keep" if keep else None, "wait": "sealed" if wait else None},
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Length": str(size),
                **_submission(wait, idempotency_key),
            },
            body=content,
        )
        return cast("Accepted", _parse(answer.body))["notarizations"][0]

    def notarization(self, id: str) -> Notarization:
        return cast("Notarization", self.call("getNotarization", path={"id": id}))

    def proof(self, id: str) -> bytes | None:
        """
        The proof file, or None while the document is not sealed yet. Verify it with a verifier of your own, such as
        `ingam verify`, before you rely on it.
        """
        return self._proof(id)[0]

    def wait_for_proof(self, id: str, *, timeout: float | None = None) -> bytes:
        """
        The proof file, as soon as the document is sealed.

        :param timeout: how long to wait, in seconds; None: without end
        :raises TimeoutError: it is not sealed by then; it still will be
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            file, pause = self._proof(id)
            if file is not None:
                return file
            if end is not None and time.monotonic() + pause > end:
                raise TimeoutError(f"the document is not sealed after {timeout} seconds; it still will be")
            time.sleep(pause)

    def _proof(self, id: str) -> tuple[bytes | None, float]:
        answer = self._transport.send("GET", f"v1/notarizations/{_quote(id)}/proof")
        pause = float(answer.headers.get("Retry-After") or 1)
        return (answer.body if answer.status == 200 else None, pause)

    def verify(self, document: Document | None = None, proof: bytes | str | None = None) -> Verification:
        """
        What the service itself says of a document, a proof, or both. It shows nothing to those who do not trust the
        service: for them there is `ingam verify`, which needs none.
        """
        body: dict[str, Any] = {} if document is None else dict(digest_of(document))
        if proof is not None:
            body["proof"] = proof.decode() if isinstance(proof, bytes) else proof
        return cast("Verification", self.call("verify", body=body))

    def chain(self) -> Chain:
        """The state of the log: its keys, its last checkpoint, and the trust policy that its operator gives."""
        return cast("Chain", self.call("getChain"))

    def register(self, **query: Any) -> Iterator[Notarization]:
        """
        The notarizations of the key's organization, all pages of them, newest first.

        :param query: as for `listNotarizations` of the API, such as q, tag, sha256 and limit
        """
        return self._pages("v1/notarizations", "notarizations", query)

    def record(self, id: str) -> RecordResource:
        return cast("RecordResource", self.call("getRecord", path={"id": id}))

    def records(self, **query: Any) -> Iterator[RecordResource]:
        """:param query: as for `listRecords` of the API, such as kind, status, key and q"""
        return self._pages("v1/records", "records", query)

    def record_events(self, id: str) -> Iterator[RecordEvent]:
        """The events of a record, in their order."""
        return self._pages(f"v1/records/{_quote(id)}/events", "events", {})

    def history(self, id: str) -> bytes:
        """The history file of a record, which `ingam verify` verifies."""
        return self._transport.send("GET", f"v1/records/{_quote(id)}/history").body

    def submit_event(
        self,
        record: str | None,
        event: EventInput,
        *,
        wait: bool = False,
        idempotency_key: str | None = None,
    ) -> AcceptedEvent:
        """
        Submits a signed event.

        :param record: None: it is the first event of a new record
        """
        path = "v1/records" if record is None else f"v1/records/{_quote(record)}/events"
        return cast("AcceptedEvent", self._submit("POST", path, event, wait, idempotency_key))

    def call(
        self,
        operation: str,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Any:
        """
        Any other operation of the API, by its name in /openapi.json. Its answer is JSON, or bytes if it is of another
        type. Of requests that change something, only those with an Idempotency-Key are repeated.

        :param body: bytes, or what JSON can hold; None: there is none
        """
        method, template = OPERATIONS[operation]
        filled = template[1:]
        for name, value in (path or {}).items():
            filled = filled.replace("{" + name + "}", _quote(str(value)))
        content: Callable[[], bytes | IO[bytes]] | None = None
        given = dict(headers or {})
        if body is not None:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            content = lambda: raw  # noqa: E731
            given.setdefault(
                "Content-Type",
                "application/octet-stream" if isinstance(body, bytes) else "application/json",
            )
        answer = self._transport.send(
            method, filled, query=query, headers=given, body=content, reads=operation in READING
        )
        kind = (answer.headers.get("Content-Type") or "").split(";")[0]
        if not answer.body:
            return None
        return _parse(answer.body) if kind == "application/json" or kind.endswith("+json") else answer.body

    def _submit(self, method: str, path: str, body: Any, wait: bool, idempotency_key: str | None) -> Any:
        text = json.dumps(body).encode()
        answer = self._transport.send(
            method,
            path,
            query={"wait": "sealed" if wait else None},
            headers={"Content-Type": "application/json", **_submission(wait, idempotency_key)},
            body=lambda: text,
        )
        return _parse(answer.body)

    def _pages(self, path: str, member: str, query: Mapping[str, Any]) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            given = query if cursor is None else {**query, "cursor": cursor}
            page = _parse(self._transport.send("GET", path, query=given).body)
            yield from page[member]
            cursor = page["next"]
            if cursor is None:
                return


def digest_of(document: Document) -> DocumentInput:
    """SHA-256 in hexadecimal, and length of a document, which is read piece by piece."""
    hashed = hashlib.sha256()
    size = 0
    if isinstance(document, bytes):
        file: IO[bytes] = io.BytesIO(document)
    elif isinstance(document, os.PathLike):
        file = open(document, "rb")
    else:
        file = document
    try:
        while piece := file.read(PIECE):
            # A file that is open for text gives no bytes: hashing those would raise a TypeError, too.
            hashed.update(piece)
            size += len(piece)
    finally:
        if file is not document:
            file.close()
    return {"sha256": hashed.hexdigest(), "size": size}


def _submission(wait: bool, idempotency_key: str | None) -> dict[str, str]:
    key = str(uuid.uuid4()) if idempotency_key is None else idempotency_key
    return {"Idempotency-Key": key, **({"Prefer": "wait=60"} if wait else {})}


def _quote(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise UnreachableError("the answer is not one of an Ingam service") from error
