"""
Receives webhooks, and checks them with the library of Standard Webhooks for Python.

    receive.py SECRETS

SECRETS is a file of secrets, which is read for each message: the first one decides. Writes a line of JSON for each message:
with which of the secrets it is signed, and what it says.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SECRETS = Path(sys.argv[1])


def verified(secret: str, body: bytes, headers: dict[str, str]):
    try:
        return Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return None


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        messages = [verified(secret, body, headers) for secret in SECRETS.read_text().split()]
        self.send_response(400 if messages[0] is None else 204)
        self.end_headers()
        told = {"signed": [message is not None for message in messages], "message": messages[0]}
        print(json.dumps(told), flush=True)

    def log_message(self, *args: object) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
print(json.dumps({"port": server.server_port}), flush=True)
server.serve_forever()
