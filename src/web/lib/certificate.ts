import { signal } from '@preact/signals';
import { recall, remember } from './language.js';

/** What certificates print beyond the proof, as this browser's user has chosen. */
export interface CertificateChoice {
  /** Korean and English on one sheet, in place of the page's language. */
  readonly bilingual: boolean;
  /** The name of the document, which is sent for it. */
  readonly name: boolean;
  /** The organization that notarized the document. */
  readonly organization: boolean;
}

/** A notarization whose certificate is wanted. */
export interface Certified {
  readonly id: string;
  /** The document's name, if the page knows it and the service does not; null: there is nothing to send. */
  readonly name: string | null;
  /** Whether it is one of the user's own organization. */
  readonly own?: boolean;
}

const STORAGE_KEY = 'ingam.certificate';
const NOTHING: CertificateChoice = { bilingual: false, name: false, organization: false };
const NAMES = ['bilingual', 'name', 'organization'] as const;

const chosen = signal<CertificateChoice | null>(read(recall(STORAGE_KEY)));

function read(text: string | null): CertificateChoice | null {
  if (text === null) return null;
  const on = text.split(' ');
  return {
    bilingual: on.includes('bilingual'),
    name: on.includes('name'),
    organization: on.includes('organization'),
  };
}

/** Until somebody has chosen, no name is sent. */
export function certificateChoice(): CertificateChoice {
  return chosen.value ?? NOTHING;
}

export function chooseCertificate(choice: CertificateChoice): void {
  chosen.value = choice;
  remember(STORAGE_KEY, NAMES.filter((name) => choice[name]).join(' '));
}

/** Whether to ask first if the name may be sent. */
export function mustAsk({ name }: Certified): boolean {
  return name !== null && chosen.value === null;
}

/** What the service prints: one line, no path, and no marks that change the direction of writing. */
const PRINTED = /^[^\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069/\\]{1,255}$/u;

/** The name to send for a certificate; null: the service would refuse it. */
export function printedName(name: string): string | null {
  return name.length <= 255 && PRINTED.test(name) && !['.', '..'].includes(name) ? name : null;
}
