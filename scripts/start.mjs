/** `npm start`: set up what is missing, then be the service, in this one process: a signal to it is a signal to the service. */
import { setup } from './setup.mjs';

setup();
process.argv.splice(2, 0, 'serve');
await import('../dist/cli/main.js');
