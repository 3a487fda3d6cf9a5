export { AccessChanged, IntakeError, type IntakeErrorCode } from './errors.js';
export { Intake, type IntakeOptions } from './intake.js';
export { Receipts } from './receipts.js';
export { DocumentTooLarge, hashDocument } from './sha256.js';
export type { Accepted, NewDocument, Submission, Submitter } from './submission.js';
