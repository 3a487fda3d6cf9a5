import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { Action } from '../lib/action.js';
import { common } from '../messages/common.js';
import { Button } from './button.js';
import { Problem } from './problem.js';

interface ModalProps {
  readonly heading: ComponentChildren;
  readonly onClose: () => void;
  /** Whether closing would lose what was typed. Then it asks first. */
  readonly dirty?: () => boolean;
  /** As large as the window allows. */
  readonly wide?: boolean;
  /** @param close asks first if something would be lost */
  readonly children: (close: () => void) => ComponentChildren;
}

/** A modal dialog. The browser keeps the focus inside, restores it afterwards, and closes on Escape. */
export function Modal({ heading, onClose, dirty, wide, children }: ModalProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const asking = useSignal(false);
  useLayoutEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => {
      current?.close();
    };
  }, []);
  const close = () => {
    if (dirty?.() === true) asking.value = true;
    else onClose();
  };
  const t = common();
  return (
    <dialog
      class={wide === true ? 'dialog is-wide' : 'dialog'}
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <h2 id={id} tabIndex={-1}>
        {heading}
      </h2>
      {children(close)}
      {asking.value ? (
        <div class="discard" role="alertdialog" aria-label={t.discardQuestion}>
          <p>{t.discardQuestion}</p>
          <Button tone="danger" onPress={onClose}>
            {t.discard}
          </Button>
          <Button onPress={() => (asking.value = false)} autofocus>
            {t.keepEditing}
          </Button>
        </div>
      ) : null}
    </dialog>
  );
}

interface ConfirmProps {
  readonly heading: string;
  readonly children: ComponentChildren;
  /** The name of the button that does it. */
  readonly yes: string;
  /** If it rejects, the dialog stays open and shows why. */
  readonly run: () => unknown;
  readonly onClose: () => void;
  /** Texts for problems, by code, instead of the common ones. */
  readonly own?: Readonly<Record<string, string>>;
}

/** Asks before something that cannot be undone. Cancel has the focus. */
export function Confirm({ heading, children, yes, run, onClose, own = {} }: ConfirmProps) {
  const action = useMemo(() => new Action(), []);
  const act = async () => {
    if (await action.run(() => Promise.resolve(run()))) onClose();
  };
  return (
    <Modal heading={heading} onClose={onClose}>
      {(close) => (
        <>
          <div>{children}</div>
          <Problem error={action.error.value} own={own} />
          <div class="form-actions">
            <Button tone="danger" held={action.busy} onPress={() => void act()}>
              {yes}
            </Button>
            <Button tone="quiet" onPress={close} autofocus>
              {common().cancel}
            </Button>
          </div>
        </>
      )}
    </Modal>
  );
}
