/** A paragraph; what somebody else wrote; what is what; an address to open. */
export type Block =
  | string
  | { readonly quote: string }
  | { readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly link: string };

/** What an e-mail says in one language. Values of others may stand in it as they are: the template makes them inert. */
export interface Message {
  readonly language: 'en' | 'ko';
  readonly subject: string;
  readonly blocks: readonly Block[];
}

export interface Mail {
  /** An address by `isMailAddress`. */
  readonly to: string;
  /** In the language of the receiver; in each language when it is not known. */
  readonly messages: readonly [Message, ...Message[]];
  /** Of e-mails that the receiver chose to get: where one request ends them (RFC 8058); absent: there is nothing to end. */
  readonly unsubscribe?: string;
}

export type Language = Message['language'];

/** The messages in the language of the receiver. @param language null: it is not known */
export function inLanguage(
  language: Language | null,
  messageIn: (language: Language) => Message,
): Mail['messages'] {
  return language === null ? [messageIn('en'), messageIn('ko')] : [messageIn(language)];
}

/** What somebody else wrote, so that nobody takes it for words of the service. @param text null: nothing */
export function quoted(introduced: string, text: string | null): readonly Block[] {
  return text === null ? [] : [introduced, { quote: text }];
}

/** UTC, to the minute. */
export function minuteOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
