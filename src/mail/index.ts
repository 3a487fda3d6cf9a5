export {
  type Block,
  inLanguage,
  type Language,
  type Mail,
  type Message,
  minuteOf,
  quoted,
} from './message.js';
export { AccountMails } from './account-mails.js';
export { Digests } from './digests.js';
export { PasswordMails } from './password-mails.js';
export type { SmtpConfig } from './smtp.js';
export { type MailSource, Outbox, type WaitingMail } from './outbox.js';
