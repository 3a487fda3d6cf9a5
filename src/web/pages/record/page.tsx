import { signal } from '@preact/signals';
import { mountPage } from '../../components/frame.js';
import { messages } from '../../messages/published.js';
import { RecordPage } from './record-page.js';

const id = /^[0-9a-f]{64}$/.exec(new URLSearchParams(location.search).get('id') ?? '')?.[0] ?? null;
/** What the record is called, for the title of the page. */
const name = signal<string | null>(null);

mountPage(
  'record',
  () => name.value ?? messages().heading,
  <RecordPage id={id} onTitle={(title) => (name.value = title)} />,
);
