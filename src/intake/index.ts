export { IntakeError, type IntakeErrorCode } from './errors.js';
export { type AcceptedEvent, EventIntake, EventRefused } from './events.js';
export { Intake } from './intake.js';
export { acceptForDeadlines } from './deadline-document.js';
export { stateLogKeys } from './key-statement.js';
export { type CurrentRecord, type FoundRecord, RecordStates } from './record-states.js';
export { type OwnReceipt, Receipts, StoredReceipts } from './receipts.js';
export { ReceiptSigning } from './signing.js';
export {
  DocumentTooLarge,
  hashDocument,
  type Accepted,
  type NewDocument,
  type Submission,
  type Submitter,
} from './submission.js';
