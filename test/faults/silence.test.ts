import { shortTest } from './short.js';

// In a file of their own, because these two scenarios mostly wait for timeouts.
shortTest('another service leads while the leader is paused');
shortTest('recovers from a database that does not respond, and still stops on SIGTERM');
