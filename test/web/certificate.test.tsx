// @vitest-environment happy-dom
import './browser.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { CertificateButton } from '../../src/web/components/certificate.js';
import { Action } from '../../src/web/lib/action.js';
import { certificateChoice, type Certified, printedName } from '../../src/web/lib/certificate.js';
import { setLanguage } from '../../src/web/lib/language.js';
import { changes, fireEvent, press, screen, show } from './view.js';

setLanguage('en');
/** What was asked for, with the choices at that time. */
let asked: unknown[];
const get = (of: Certified) => {
  asked.push({ id: of.id, ...certificateChoice() });
  return Promise.resolve(new Blob(['%PDF-1.7']));
};
beforeEach(() => {
  asked = [];
});

const view = (of: Certified) => (
  <CertificateButton of={of} get={get} fileName="lease.pdf" saving={new Action()} withOptions>
    Certificate
  </CertificateButton>
);
const tick = (label: string) => changes(() => fireEvent.click(screen.getByLabelText(label)));
const NAME = 'Print the file name: lease.pdf';
const NOTHING = { bilingual: false, name: false, organization: false };

describe('the certificate button', () => {
  it('sends no name before it was asked for, and asks once', async () => {
    const place = await show(view({ id: '1', name: null }));
    await press('Certificate');
    expect(asked).toEqual([{ id: '1', ...NOTHING }]);
    place.remove();
    await show(view({ id: '2', name: 'lease.pdf' }));
    await press('Certificate');
    expect(asked).toHaveLength(1);
    await press('Cancel');
    expect(asked).toHaveLength(1);
    await press('Certificate');
    expect(screen.getByLabelText<HTMLInputElement>(NAME).checked).toBe(true);
    await press('Download');
    await press('Certificate');
    const named = { id: '2', ...NOTHING, name: true };
    expect(asked.slice(1)).toEqual([named, named]);
    expect(localStorage.getItem('ingam.certificate')).toBe('name');
  });

  it('changes what is printed by its options, the organization only for its own documents', async () => {
    const place = await show(view({ id: '3', name: 'lease.pdf' }));
    await press('Certificate options');
    expect(screen.queryByLabelText('Print the name of your organization')).toBeNull();
    await tick(NAME);
    await tick('Korean and English on one sheet');
    await press('Download');
    expect(asked).toEqual([{ id: '3', ...NOTHING, bilingual: true, name: false }]);
    place.remove();
    await show(view({ id: '4', name: null, own: true }));
    await press('Certificate options');
    expect(screen.queryByLabelText(/Print the file name/)).toBeNull();
    await tick('Print the name of your organization');
    await press('Download');
    expect(asked[1]).toEqual({ id: '4', bilingual: true, name: false, organization: true });
  });
});

it('offers no name that the service would refuse', () => {
  for (const name of ['a/b', 'a\\b', 'a\nb', '\u202egpj.exe', '..', '', 'x'.repeat(256), '\ud800'])
    expect(printedName(name)).toBeNull();
  for (const name of ['계약서 (최종).pdf', 'x'.repeat(255), '👩‍👩‍👧.txt']) expect(printedName(name)).toBe(name);
});
