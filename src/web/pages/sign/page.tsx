import { mountPage } from '../../components/frame.js';
import { openHashWorker } from '../../lib/open-hash-worker.js';
import { messages } from '../../messages/sign.js';
import { token } from './place.js';
import { SignPage } from './sign-page.js';

mountPage('sign', () => messages().heading, <SignPage token={token} workers={{ open: openHashWorker }} />);
