export { IntakeError, type IntakeErrorCode } from './errors.js';
export { Intake } from './intake.js';
export { type OwnReceipt, Receipts, StoredReceipts } from './receipts.js';
export {
  DocumentTooLarge,
  hashDocument,
  type Accepted,
  type NewDocument,
  type Submission,
  type Submitter,
} from './submission.js';
