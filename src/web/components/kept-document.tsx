import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Action } from '../lib/action.js';
import { announce } from '../lib/announce.js';
import { type KeptPlace, MOST_SHOWN, viewable, type ViewableDocument } from '../lib/kept-document.js';
import { common } from '../messages/common.js';
import { keptMessages } from '../messages/kept-document.js';
import { Button } from './button.js';
import { Modal } from './modal.js';
import { Problem } from './problem.js';

interface KeptDocumentProps {
  readonly of: KeptPlace;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Called when it was shown, or a download has begun. */
  readonly onRead?: () => void;
}

/** The buttons that show a kept document, and download it. */
export function KeptDocument({ of, name, size, onRead = () => undefined }: KeptDocumentProps) {
  const t = keptMessages();
  const action = useMemo(() => new Action(), []);
  const shown = useSignal<ViewableDocument | null>(null);
  const view = async () => {
    shown.value = await viewable(of);
    onRead();
  };
  const save = async () => {
    await of.download();
    announce(keptMessages().started);
    onRead();
  };
  return (
    <>
      <div class="form-actions">
        {size > MOST_SHOWN ? null : (
          <Button held={action.busy} onPress={() => void action.run(view)}>
            {t.view}
          </Button>
        )}
        <Button icon="download" held={action.busy} onPress={() => void action.run(save)}>
          {t.download}
        </Button>
      </div>
      {size > MOST_SHOWN ? <p class="hint">{t.tooLarge}</p> : null}
      <Problem error={action.error.value} own={t.problems} />
      {shown.value === null ? null : (
        <Viewer of={shown.value} name={name} onClose={() => (shown.value = null)} />
      )}
    </>
  );
}

interface ViewerProps {
  readonly of: ViewableDocument;
  readonly name: string;
  readonly onClose: () => void;
}

/**
 * The document. An image cannot run anything, and the address of a PDF states its type, so that the browser opens its
 * viewer and nothing else. Browsers refuse to show PDF in a frame with the attribute `sandbox`.
 */
function Viewer({ of: { blob, isPdf }, name, onClose }: ViewerProps) {
  const t = keptMessages();
  const failed = useSignal(false);
  const address = useMemo(() => URL.createObjectURL(blob), [blob]);
  useEffect(
    () => () => {
      URL.revokeObjectURL(address);
    },
    [address],
  );
  return (
    <Modal heading={<bdi>{name}</bdi>} onClose={onClose} wide>
      {() => (
        <>
          {isPdf ? (
            <iframe class="shown-document" src={address} title={name} />
          ) : failed.value ? (
            <p class="problem" role="alert">
              {t.unshown}
            </p>
          ) : (
            <img class="shown-document" src={address} alt={name} onError={() => (failed.value = true)} />
          )}
          <div class="form-actions">
            <Button onPress={onClose}>{common().close}</Button>
            <p class="hint">{t.same}</p>
          </div>
        </>
      )}
    </Modal>
  );
}
