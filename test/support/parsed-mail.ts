import { execFileSync } from 'node:child_process';

/** An e-mail as Python's parser reads it. */
export interface ParsedMail {
  /** Names in lower case; each value decoded (RFC 2047). A header that is there twice is joined by a line feed. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the whole, then of its parts. */
  readonly types: readonly string[];
  readonly text: string;
  readonly html: string;
  /** What the parser found wrong. */
  readonly defects: readonly string[];
}

const PARSE = `
import email, email.policy, json, sys
message = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
headers = {}
for name, value in message.items():
    name = name.lower()
    headers[name] = headers[name] + "\\n" + str(value) if name in headers else str(value)
parts = list(message.walk())
body = lambda kind: (message.get_body(preferencelist=(kind,)) or parts[0]).get_content()
json.dump({
    "headers": headers,
    "types": [part.get_content_type() for part in parts],
    "text": body("plain"),
    "html": body("html"),
    "defects": [str(d) for part in parts for d in part.defects] + [str(d) for v in message.values() for d in v.defects],
}, sys.stdout)
`;

/** By their texts: tests look at all e-mails again and again. */
const parsed = new Map<string, ParsedMail>();

/** @param text as the mail server has taken it */
export function parsedMail(text: string): ParsedMail {
  const input = text.replaceAll(/\r?\n/g, '\r\n');
  const mail =
    parsed.get(input) ??
    (JSON.parse(execFileSync('python3', ['-c', PARSE], { input, encoding: 'utf8' })) as ParsedMail);
  parsed.set(input, mail);
  return mail;
}
