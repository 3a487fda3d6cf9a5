import { shortTest } from './short.js';

shortTest('keeps every event of records, and all that happens by itself, through kill -9');
