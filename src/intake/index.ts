export { IntakeError, type IntakeErrorCode } from './errors.js';
export { Intake } from './intake.js';
export { Receipts } from './receipts.js';
export {
  DocumentTooLarge,
  hashDocument,
  type Accepted,
  type NewDocument,
  type Submission,
  type Submitter,
} from './submission.js';
