import { shortTest } from './short.js';

// Apart from the others, because these two mostly wait: for patience to end, of the services and of those who stop them.
shortTest('the leading of three services paused');
shortTest('a database that does not answer');
