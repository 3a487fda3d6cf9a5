"""Verifies webhooks by Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from typing import Any, Callable, Iterable, Mapping, NamedTuple

from .errors import WebhookError

TOLERANCE = 5 * 60


class WebhookMessage(NamedTuple):
    """A webhook whose signature was verified."""

    id: str
    """The same for every attempt to deliver this message: keep it, to notice repetitions."""
    sent_at: int
    """When this attempt was sent, in seconds since the Unix epoch."""
    type: str
    """Such as notarization.sealed."""
    timestamp: str
    """When it happened: RFC 3339."""
    data: Any


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str | Iterable[str],
    *,
    now: float | None = None,
) -> WebhookMessage:
    """
    The message of a webhook, if one of the secrets signed it within five minutes of now.

    :param body: the very bytes: a parsed and written body has other ones
    :param headers: of the request; their names in any case
    :param secret: `whsec_…` (HMAC-SHA256), or the public key `whpk_…` (Ed25519; needs the extra `ed25519`). While it is
        rotated, all that are valid.
    :param now: in seconds since the Unix epoch; default: the clock
    :raises WebhookError: it is not one that the service has sent just now
    """
    by_name = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, signatures = (
        _header(by_name, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    if not re.fullmatch(r"0|[1-9][0-9]{0,11}", timestamp, re.ASCII):
        raise WebhookError("malformed_header", "webhook-timestamp is not a number of seconds")
    age = int(time.time() if now is None else now) - int(timestamp)
    if age > TOLERANCE:
        raise WebhookError("too_old", "the webhook was sent more than five minutes ago")
    if age < -TOLERANCE:
        raise WebhookError("too_new", "the webhook was sent more than five minutes from now")
    content = body.encode() if isinstance(body, str) else body
    signed = f"{message_id}.{timestamp}.".encode() + content
    keys = [_key(each) for each in ([secret] if isinstance(secret, str) else secret)]
    # Another secret may do.
    unsupported: WebhookError | None = None
    for word in signatures.split(" "):
        version, _, text = word.partition(",")
        signature = _decode(text)
        if signature is None:
            continue
        for kind, verify in keys:
            if kind != version:
                continue
            if isinstance(verify, WebhookError):
                unsupported = verify
            elif verify(signature, signed):
                return _read(message_id, int(timestamp), content)
    raise unsupported or WebhookError("bad_signature", "none of the signatures is by one of the secrets")


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise WebhookError("missing_header", f"the header {name} is missing")
    return value


def _key(secret: str) -> tuple[str, Callable[[bytes, bytes], bool] | WebhookError]:
    """The version of its signatures, and what verifies them, or why that cannot be done here."""
    prefix, _, text = secret.partition("_")
    key = _decode(text) if prefix in ("whsec", "whpk") else None
    if key is None or not 24 <= len(key) <= 64:
        raise WebhookError("malformed_secret", "a secret begins with whsec_ or whpk_, and goes on in base64")
    if prefix == "whsec":
        return "v1", lambda signature, signed: hmac.compare_digest(
            signature, hmac.new(key, signed, hashlib.sha256).digest()
        )
    return "v1a", _ed25519(key)


def _ed25519(key: bytes) -> Callable[[bytes, bytes], bool] | WebhookError:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        remedy = "whpk_ keys need a package: pip install 'ingam-client[ed25519]', or give the secret whsec_…"
        return WebhookError("unsupported_secret", remedy)
    try:
        public = Ed25519PublicKey.from_public_bytes(key)
    except ValueError as error:
        raise WebhookError("malformed_secret", "a whpk_ key has 32 bytes") from error

    def verify(signature: bytes, signed: bytes) -> bool:
        try:
            public.verify(signature, signed)
        except InvalidSignature:
            return False
        return True

    return verify


def _read(message_id: str, sent_at: int, content: bytes) -> WebhookMessage:
    try:
        message = json.loads(content.decode())
    except ValueError as error:
        raise WebhookError("malformed_body", "the body is not JSON") from error
    members = message if isinstance(message, dict) else {}
    kind, at = members.get("type"), members.get("timestamp")
    if not isinstance(kind, str) or not isinstance(at, str):
        raise WebhookError("malformed_body", "the body has no type or timestamp")
    return WebhookMessage(message_id, sent_at, kind, at, members.get("data"))


def _decode(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
