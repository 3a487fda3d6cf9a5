import { shortTest } from './short.js';

shortTest('keeps everything when its own PostgreSQL is killed or stopped');
shortTest('keeps everything when the PostgreSQL of two services is killed or stopped');
shortTest('keeps everything when connections are cut in the middle of a commit');
shortTest('rejects submissions while PostgreSQL reports a full disk');
