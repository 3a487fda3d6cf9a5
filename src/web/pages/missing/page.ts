import { followTheme } from '../../lib/theme.js';

/** The page for an unknown address is shown without scripts, too. */
followTheme();
