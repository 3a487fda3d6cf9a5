import { shortTest } from './short.js';

shortTest('keeps everything through kill -9 of the service');
shortTest('keeps everything through kill -9 in the middle of a commit');
shortTest('seals exactly what was committed through kill -9 around the commit of a group');
shortTest('keeps everything when a worker is killed');
shortTest('accepts nothing while the clock is set back');
shortTest('refuses a database that was rolled back');
