/**
 * `npm run test:deploy`: what is in deploy/, with the tools that read it and the servers that use it. Steps whose tool is not
 * installed are named and not run.
 */
import { fileSteps } from './files.js';
import { imageSteps } from './image.js';
import { proxySteps } from './proxies.js';
import { staticSteps } from './static.js';
import { perform } from './step.js';

const only = process.argv.slice(2);
const steps = [...fileSteps, ...proxySteps, ...staticSteps, ...imageSteps].filter(
  ({ name }) => only.length === 0 || only.some((word) => name.includes(word)),
);
process.exitCode = (await perform(steps)) ? 0 : 1;
