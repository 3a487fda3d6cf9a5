import * as api from '../api.js';
import { button, element, icon } from '../dom.js';
import { language } from '../language.js';
import { words } from '../messages/notarize.js';
import { proofName, saveBlob, saveFile } from '../save-file.js';

export interface DownloadTarget {
  readonly id: string;
  /** On the page, for the names of the buttons. */
  readonly path: string;
  /** Of the document itself. */
  readonly name: string;
  /** Told what went wrong, and null when it begins anew. */
  readonly onProblem: (error: unknown) => void;
}

export function proofButton(target: DownloadTarget): HTMLElement {
  const t = words();
  return downloadButton('proof', t.downloadProof, t.downloadProofOf(target.path), target, async () => {
    const text = await api.proofText(target.id);
    saveFile(proofName(target.name), text, 'application/vnd.ingam.proof+json');
  });
}

/** The certificate states times also as the reader's clock shows them. */
export function certificateButton(target: DownloadTarget): HTMLElement {
  const t = words();
  const named = t.downloadCertificateOf(target.path);
  return downloadButton('certificate', t.downloadCertificate, named, target, async () => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const pdf = await api.certificate(target.id, language(), timeZone);
    saveBlob(`${target.name}.certificate.pdf`, pdf);
  });
}

function downloadButton(
  action: string,
  label: string,
  named: string,
  { onProblem }: DownloadTarget,
  run: () => Promise<void>,
): HTMLElement {
  const text = element('span', {}, label);
  let busy = false;
  const download = async () => {
    if (busy) return;
    busy = true;
    // Not `disabled`: that would take the focus away.
    pressed.setAttribute('aria-disabled', 'true');
    text.replaceChildren(words().downloading);
    onProblem(null);
    try {
      await run();
    } catch (error) {
      onProblem(error);
    }
    busy = false;
    pressed.setAttribute('aria-disabled', 'false');
    text.replaceChildren(label);
  };
  const pressed = button('', () => void download(), { 'aria-label': named, 'data-action': action });
  pressed.append(icon(action === 'proof' ? 'download' : 'file'), text);
  return pressed;
}
