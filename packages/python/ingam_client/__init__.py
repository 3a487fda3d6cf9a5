"""Client of the notarization service Ingam. It needs nothing but the standard library."""

from .client import Client, Document, digest_of
from .errors import ProblemError, UnreachableError, WebhookError
from .webhook import WebhookMessage, verify_webhook

__all__ = [
    "Client",
    "Document",
    "ProblemError",
    "UnreachableError",
    "WebhookError",
    "WebhookMessage",
    "digest_of",
    "verify_webhook",
]
