import { mountPage } from '../../components/frame.js';
import { session } from '../../lib/session.js';
import { AccountPage, titleOf } from './account-page.js';
import { returnWhen } from './place.js';

mountPage('account', titleOf, <AccountPage />);
returnWhen(() => session.current?.user?.organization != null);
