"""What rfc3161-client says of a response: rfc3161_client_check.py verify ROOT.pem RESPONSE MESSAGE, or request MESSAGE OUT."""
import sys
from cryptography import x509
from rfc3161_client import TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError


def read(path):
    with open(path, "rb") as file:
        return file.read()


if sys.argv[1] == "request":
    request = TimestampRequestBuilder().data(read(sys.argv[2])).nonce(nonce=True).build()
    with open(sys.argv[3], "wb") as out:
        out.write(request.as_bytes())
else:
    root = x509.load_pem_x509_certificate(read(sys.argv[2]))
    response = decode_timestamp_response(read(sys.argv[3]))
    try:
        VerifierBuilder().add_root_certificate(root).build().verify_message(response, read(sys.argv[4]))
        print("counts", response.tst_info.gen_time.isoformat())
    except VerificationError as error:
        print("refused", error)
