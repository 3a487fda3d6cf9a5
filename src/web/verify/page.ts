import { service } from './service.js';
import { mountVerify } from './verify-page.js';

mountVerify(service);
