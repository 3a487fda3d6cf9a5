import { counted, firstNames, formatPercent } from '../lib/format.js';
import type { ZipDownload } from '../lib/zip-download.js';
import { common } from '../messages/common.js';
import { Button } from './button.js';
import { Problem } from './problem.js';

/** How far the zip is, and the button that stops it. */
export function Collecting({ of }: { readonly of: ZipDownload }) {
  const t = common();
  const { state } = of;
  if (state.kind !== 'collecting') return null;
  return (
    <>
      <Button key="collecting" held icon="download">
        {t.collecting(formatPercent(state.fraction))}
      </Button>
      <Button key="stop" tone="quiet" onPress={of.stop}>
        {t.stopCollecting}
      </Button>
    </>
  );
}

/** What became of the last zip. */
export function ZipMessage({ of }: { readonly of: ZipDownload }) {
  const t = common();
  const { state } = of;
  if (state.kind === 'failed') return <Problem error={state.error} />;
  if (state.kind !== 'done') return null;
  const { files, missing } = state;
  return (
    <p class="proofs-message" role="status">
      {[
        ...(files === 0 ? [] : [t.zipDone(counted(files))]),
        ...(missing.length === 0 ? [] : [t.zipMissing(counted(missing.length), firstNames(missing))]),
      ].join(' ')}
    </p>
  );
}
