import { shortTest } from './short.js';

shortTest('kill -9 of the service');
shortTest('kill -9 of the service at marked moments');
shortTest('a worker killed and a worker stopped under load');
shortTest('the clock set back');
shortTest('the database rolled back');
