import { certificate, proofText } from '../api.js';
import { button, element } from '../dom.js';
import { language } from '../language.js';
import { words } from '../messages/register.js';
import { problemLine } from '../parts/problem-line.js';
import { announce, mainPanel } from '../parts/section.js';
import { proofName, saveBlob, saveFile } from '../save-file.js';
import { bareProofText, type Registered } from './calls.js';
import { documentName } from './row-view.js';

const PROOF_TYPE = 'application/vnd.ingam.proof+json';

/** The proof and the certificate, once there are any. */
export function downloadsView(row: Registered): HTMLElement {
  const t = words();
  if (row.block === undefined) return mainPanel(t.proofHeading, element('p', {}, t.proofPending));
  const problem = problemLine(() => words().problems);
  const name = documentName(row);
  const download = (label: string, primary: boolean, run: () => Promise<string>) => {
    const act = async () => {
      press.setAttribute('aria-busy', 'true');
      press.setAttribute('aria-disabled', 'true');
      let saved = '';
      const done = await problem.during(async () => {
        saved = await run();
      });
      press.removeAttribute('aria-busy');
      press.removeAttribute('aria-disabled');
      if (done) announce(words().downloaded(saved));
    };
    const press = button(label, () => void act(), { class: primary ? 'button is-primary' : 'button' });
    return press;
  };
  const proof = (text: (id: string) => Promise<string>) => async () => {
    saveFile(proofName(name), await text(row.id), PROOF_TYPE);
    return proofName(name);
  };
  return mainPanel(
    t.proofHeading,
    element('p', {}, t.proofLead),
    element(
      'div',
      { class: 'form-actions' },
      download(t.downloadProof, true, proof(proofText)),
      download(t.downloadCertificate, false, async () => {
        const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
        const saved = `${name}.certificate.pdf`;
        saveBlob(saved, await certificate(row.id, language(), timeZone));
        return saved;
      }),
      row.details === undefined ? null : download(t.downloadBareProof, false, proof(bareProofText)),
    ),
    problem.element,
    row.details === undefined ? null : element('p', { class: 'hint' }, t.disclosed),
  );
}
