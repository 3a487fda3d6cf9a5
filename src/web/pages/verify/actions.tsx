import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { toHex } from '../../../proof/bytes.js';
import { ProofError } from '../../../proof/errors.js';
import { Button } from '../../components/button.js';
import { CertificateButton } from '../../components/certificate.js';
import { Copyable } from '../../components/copy.js';
import { Problem, type Sentences } from '../../components/problem.js';
import { Action } from '../../lib/action.js';
import { printedName } from '../../lib/certificate.js';
import { saveProof } from '../../lib/files.js';
import { proofLink } from '../../lib/links.js';
import { localProblem } from '../../lib/request.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/verify.js';
import { isPending } from './arrange.js';
import { idOf, isHere, type Outcome } from './check.js';
import type { Case, Checks } from './checks.js';
import { savePack } from './pack.js';
import { SEALED, VERIFIED, WORTH_ANOTHER_TRY } from './statements.js';

interface Offer {
  readonly name: string;
  readonly label: string;
  readonly primary?: boolean;
  /** @returns what to say of it, if it is a text */
  readonly run: () => unknown;
  /** Messages for problems that mean something specific here. */
  readonly own?: () => Sentences;
}

interface ActionsProps {
  readonly of: Case;
  readonly outcome: Outcome;
  readonly checks: Checks;
}

/** What can be done with a result. */
export function Actions(props: ActionsProps) {
  const said = useSignal('');
  const last = useSignal<Offer | null>(null);
  const action = useMemo(() => new Action(), []);
  const offers = offersOf(props);
  const press = async (offer: Offer) => {
    last.value = offer;
    said.value = '';
    await action.run(async () => {
      const result = await offer.run();
      if (typeof result === 'string') said.value = result;
    });
  };
  return (
    <div class="result-actions">
      {offers.map((offer) => (
        <Button
          key={offer.name}
          data-action={offer.name}
          {...(offer.primary === true ? { tone: 'primary' } : {})}
          held={action.busy}
          aria-busy={action.busy && last.value?.name === offer.name}
          onPress={() => void press(offer)}
        >
          {offer.label}
        </Button>
      ))}
      <Certificate {...props} />
      <p class="hint" role="status">
        {said.value}
      </p>
      <Problem error={action.error.value} own={last.value?.own?.() ?? {}} />
      <Link {...props} />
    </div>
  );
}

/** The download of the service's certificate, if there is one. */
function Certificate({ outcome: { checked, statement, lookup, document }, checks }: ActionsProps) {
  const saving = useMemo(() => new Action(), []);
  const { directory } = checks.context;
  if (directory === null || checked === null || isPending(checked.proof)) return null;
  if (!VERIFIED.includes(statement) || checked.source === 'certificate') return null;
  if (lookup === null && !isHere(checked)) return null;
  const disclosed = checked.proof.details?.['name'];
  const known = typeof disclosed === 'string' ? disclosed : null;
  const given = document?.name ?? null;
  const t = messages();
  return (
    <>
      <CertificateButton
        get={directory.certificate}
        of={{
          id: lookup?.checked ?? idOf(checked.proof),
          name: known === null && given !== null ? printedName(given) : null,
        }}
        fileName={given ?? known ?? 'document'}
        saving={saving}
        withOptions
      >
        {t.saveCertificate}
      </CertificateButton>
      <Problem error={saving.error.value} own={{ notarization_not_found: t.noCertificate }} />
    </>
  );
}

/** The address of a proof that this service has, for others. */
function Link({ outcome: { checked, statement }, checks }: ActionsProps) {
  if (checked === null || checks.context.directory === null) return null;
  if (!isHere(checked) || !VERIFIED.includes(statement)) return null;
  const link = proofLink(idOf(checked.proof), toHex(checked.proof.document.sha256));
  return <Copyable label={messages().link} value={new URL(link, document.baseURI).href} />;
}

function offersOf({ of, outcome, checks }: ActionsProps): Offer[] {
  const t = messages();
  const { statement, checked, document } = outcome;
  const { directory, notarize, pack } = checks.context;
  const file = of.about.document?.file ?? null;
  const text = checked?.text ?? null;
  const disclosed = checked?.proof.details?.['name'];
  const name = document?.name ?? (typeof disclosed === 'string' ? disclosed : 'document');
  const offers: Offer[] = [];
  if (text !== null && SEALED.includes(statement)) {
    offers.push({
      name: 'save',
      label: t.saveProof,
      primary: true,
      run: () => {
        saveProof(name, text);
      },
    });
  }
  if (statement === 'unknown' && file !== null && notarize !== null) {
    offers.push({
      name: 'notarize',
      label: t.notarizeNow,
      primary: true,
      run: () => notarize([file]),
      own: () => ({ not_handed_over: messages().notHandedOver }),
    });
  }
  const isWaiting = (statement === 'uncosigned' || statement === 'untimed') && checked?.source === 'service';
  if (isWaiting || WORTH_ANOTHER_TRY.includes(statement)) {
    offers.push({
      name: 'again',
      label: common().tryAgain,
      run: () => {
        checks.again();
      },
    });
  }
  if (checked === null || isPending(checked.proof) || !SEALED.includes(statement)) return offers;
  if (directory !== null && checked.source !== 'service' && isHere(checked)) {
    offers.push({
      name: 'extend',
      label: t.extend,
      run: async () => {
        try {
          return (await checks.extend(of, directory)) ? messages().extended : messages().nothingNewer;
        } catch (error) {
          if (error instanceof ProofError) throw localProblem('not_understood');
          throw error;
        }
      },
      own: () => ({ notarization_not_found: messages().noEvidenceHere }),
    });
  }
  if ((statement === 'verified' || statement === 'alone') && document !== null && file !== null) {
    offers.push({
      name: 'pack',
      label: t.savePack,
      run: () => savePack(checked, file, document.sha256, { directory, pack }),
      own: () => ({ unreadable_document: messages().unreadableDocument }),
    });
  }
  return offers;
}
