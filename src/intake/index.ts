export { DocumentHasher, type DocumentHasherOptions } from './document-hasher.js';
export { AccessChanged, IntakeError, type IntakeErrorCode } from './errors.js';
export { Intake, type IntakeOptions } from './intake.js';
export { Receipts } from './receipts.js';
export { DocumentTooLarge, hashDocument, type HashedDocument } from './sha256.js';
export type { Accepted, NewDocument, Submission, Submitter } from './submission.js';
