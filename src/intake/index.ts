export { IntakeError, type IntakeErrorCode } from './errors.js';
export { Intake, type IntakeOptions } from './intake.js';
export { Receipts } from './receipts.js';
export {
  DocumentTooLarge,
  hashDocument,
  type Accepted,
  type NewDocument,
  type Quota,
  type Submission,
  type Submitter,
} from './submission.js';
