import { shortTest } from './short.js';

shortTest('the service’s own PostgreSQL killed and stopped');
shortTest('the PostgreSQL of two services killed and stopped');
shortTest('connections cut at marked moments');
shortTest('a disk that PostgreSQL calls full');
