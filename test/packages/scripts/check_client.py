"""
Calls a live service with the Python client, and fails where it does not do what it says.

    check_client.py SERVER KEY SPOILED REFUSED

SPOILED passes requests on to SERVER, but spoils the first two answers; REFUSED answers everything with 503.
"""

import base64
import hashlib
import io
import sys
import tempfile
from pathlib import Path

from ingam_client import (
    Client,
    ProblemError,
    UnreachableError,
    WebhookError,
    digest_of,
    verify_webhook,
)

server, key, spoiled, refused = sys.argv[1:]
ingam = Client(server, key)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def error_of(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


# Documents in every form have one digest.
path = Path(tempfile.mkdtemp()) / "a.txt"
path.write_bytes(b"a document")
forms = [b"a document", path, io.BytesIO(b"a document")]
assert [digest_of(form) for form in forms] == [{"sha256": digest("a document"), "size": 10}] * 3
error_of(TypeError, lambda: digest_of(io.StringIO("a document")))

# What got no answer is repeated under one key, and notarized once.
once = Client(spoiled, key).notarize(b"once", details={"title": "제목"})
assert [each["id"] for each in ingam.register(sha256=digest("once"))] == [once["id"]]
assert ingam.notarization(once["id"])["details"]["title"] == "제목"

# Refusals and silence.
error = error_of(ProblemError, lambda: ingam.notarize_digests([{"sha256": "x"}]))
assert (error.status, error.code, error.problem["errors"][0]["path"]) == (400, "invalid_body", "documents[0].sha256")
error = error_of(ProblemError, lambda: Client(refused, attempts=2).chain())
assert (error.status, error.code, error.retry_after) == (503, None, 0)
# What only reads is repeated, and nothing that could happen twice.
error_of(ProblemError, lambda: Client(refused, attempts=2).verify(b"x"))
error_of(ProblemError, lambda: Client(refused).call("createKey", body={"name": "x", "scopes": ["read"]}))
error_of(UnreachableError, lambda: Client("http://127.0.0.1:1", attempts=1).chain())
for address in ("ftp://x", "http://a:b@localhost", "localhost"):
    error_of(ValueError, lambda: Client(address))
unsealed = Client(server, key)
unsealed._proof = lambda id: (None, 1.0)
error_of(TimeoutError, lambda: unsealed.wait_for_proof("x", timeout=0.5))

# A stream, with a bad line in the middle.
bad = 1_100
documents = ({"sha256": "x" if i == bad else digest(f"python {i}")} for i in range(1_500))
results = list(ingam.notarize_stream(documents))
assert [result["line"] for result in results] == list(range(1, 1_501))
assert [i for i, result in enumerate(results) if "error" in result] == [bad]
assert all("error" in result or result["sha256"] == digest(f"python {i}") for i, result in enumerate(results))
# The register has several pages of them.
assert sum(1 for _ in ingam.register(limit=1000)) >= 1_500

# Uploads, proofs, and what the service says of them.
for document in (path, b"a document"):
    uploaded = ingam.upload(document, name="a.txt", wait=True)
    assert uploaded["sha256"] == digest("a document") and uploaded["details"] == {"name": "a.txt"}
proof = ingam.proof(uploaded["id"])
assert ingam.verify(path, proof)["verdict"] == "verified"
assert ingam.verify(b"another", proof)["verdict"] == "invalid"
assert ingam.verify(b"another")["verdict"] == "unknown"
assert isinstance(ingam.call("getHeader", path={"height": 0}), bytes)

# Webhooks: the example of the Standard Webhooks specification, whose body has no type.
example = {
    "body": '{"test": 2432232314}',
    "headers": {
        "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "Webhook-Timestamp": "1614265330",
        "Webhook-Signature": "v1a,* v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "now": 1614265330,
}
headers = example["headers"]
for code, changes in (
    ("malformed_body", {}),
    ("bad_signature", {"body": '{"test": 2432232315}'}),
    ("bad_signature", {"headers": {**headers, "Webhook-Id": "other"}}),
    ("too_old", {"now": 1614265330 + 301}),
    ("too_new", {"now": 1614265330 - 301}),
    ("malformed_secret", {"secret": "whsec_c2hvcnQ="}),
    ("malformed_secret", {"secret": "secret"}),
    ("malformed_header", {"headers": {**headers, "Webhook-Timestamp": "١"}}),
    ("missing_header", {"headers": {}}),
):
    error = error_of(WebhookError, lambda: verify_webhook(**{**example, **changes}))
    assert error.code == code, (code, error)

# Without the package for public keys, secrets do.
sys.modules["cryptography"] = None
public = "whpk_" + base64.b64encode(bytes(32)).decode()
both = {**headers, "Webhook-Signature": f"v1a,{'A' * 86}== {headers['Webhook-Signature']}"}
example["headers"] = both
for code, secret in (("malformed_body", [public, example["secret"]]), ("unsupported_secret", public)):
    error = error_of(WebhookError, lambda: verify_webhook(**{**example, "secret": secret}))
    assert error.code == code, (code, error)
assert "pip install 'ingam-client[ed25519]'" in str(error)
