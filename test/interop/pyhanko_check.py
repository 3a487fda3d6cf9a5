"""A document time-stamp of a PDF by pyHanko: pyhanko_check.py URL ROOT.pem. Prints what pyHanko then says of it."""
import io
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.pdf_utils import generic
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.validation import validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

url, root = sys.argv[1:]
writer = PdfFileWriter()
writer.insert_page(
    PageObject(
        contents=writer.add_object(generic.StreamObject(stream_data=b"")),
        media_box=generic.ArrayObject([generic.NumberObject(each) for each in (0, 0, 200, 200)]),
    )
)
plain = io.BytesIO()
writer.write(plain)
context = ValidationContext(trust_roots=[load_cert_from_pemder(root)], allow_fetching=False)
stamped = PdfTimeStamper(HTTPTimeStamper(url)).timestamp_pdf(
    IncrementalPdfFileWriter(plain), "sha256", validation_context=context
)
status = validate_pdf_timestamp(PdfFileReader(stamped).embedded_timestamp_signatures[0], context)
print(status.summary(), status.timestamp.isoformat())
assert status.intact and status.valid and status.trusted
