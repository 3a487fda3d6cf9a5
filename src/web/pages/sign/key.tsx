import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { FileButton } from '../../components/drop-area.js';
import { Field, FieldState } from '../../components/fields.js';
import { Problem } from '../../components/problem.js';
import { Action } from '../../lib/action.js';
import { type ChosenFile, saveBlob } from '../../lib/files.js';
import {
  browserHasPasskeys,
  keyName,
  kindOfKey,
  makeKeyFile,
  makePasskey,
  ownKeys,
  passkeySigner,
  readKeyFile,
  type RecordSigner,
} from '../../lib/record-keys.js';
import { localProblem } from '../../lib/request.js';
import { messages } from '../../messages/sign.js';
import type { Asked } from './asked.js';

const LONGEST_KEY_FILE = 64 * 1024;

async function signerIn([chosen]: readonly ChosenFile[]): Promise<RecordSigner> {
  if (chosen === undefined || chosen.file.size > LONGEST_KEY_FILE) throw localProblem('not_a_key_file');
  return readKeyFile(await chosen.file.text());
}

interface GiveKeyProps {
  readonly asked: Asked;
  /** Sends the key, which signs that it is in use. */
  readonly onKey: (signer: RecordSigner) => Promise<void>;
}

/** Makes a key, or takes one from a file. */
export function GiveKey({ asked, onKey }: GiveKeyProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const name = useMemo(() => new FieldState({ name: 'key-name', value: keyName(asked.name ?? '') }), []);
  const isSaved = useSignal(false);
  const hasPasskeys = asked.passkeyDomain !== null && browserHasPasskeys();
  const give = (make: () => Promise<RecordSigner>) => {
    if (!name.check()) {
      name.input?.focus();
      return;
    }
    void action.run(async () => {
      await onKey(await make());
    });
  };
  return (
    <div class="field-set">
      <Field of={name} label={t.keyName} hint={t.keyNameHint} />
      {hasPasskeys ? (
        <>
          <Button
            tone="primary"
            held={action.busy}
            onPress={() => {
              give(async () => passkeySigner(await makePasskey(name.value)));
            }}
          >
            {t.makePasskey}
          </Button>
          <p class="hint">{t.passkeyExplained}</p>
        </>
      ) : (
        <p class="hint">{t.noPasskeys}</p>
      )}
      <Button
        held={action.busy}
        onPress={() => {
          give(() => {
            const { text } = makeKeyFile(name.value);
            saveBlob(`${keyName(name.value)}.key`, new Blob([text], { type: 'text/plain' }));
            isSaved.value = true;
            return Promise.resolve(readKeyFile(text));
          });
        }}
      >
        {t.makeFile}
      </Button>
      <FileButton
        label={t.useFile}
        single
        onFiles={(files) => {
          void action.run(async () => {
            await onKey(await signerIn(files));
          });
        }}
      />
      <p class="hint">{t.fileExplained}</p>
      <p class="hint" role="status">
        {isSaved.value ? t.keyMade : ''}
      </p>
      <Problem error={action.error.value} own={t.problems} />
    </div>
  );
}

interface SignWithProps {
  readonly asked: Asked;
  readonly label: string;
  readonly held?: boolean;
  readonly tone?: 'primary' | 'danger';
  readonly action: Action;
  readonly onSign: (signer: RecordSigner) => Promise<void>;
}

/** Signs with the key that the person gave: a passkey answers at once, a key file is chosen. */
export function SignWith({ asked, label, held = false, tone, action, onSign }: SignWithProps) {
  const { key } = asked;
  if (key === null) return null;
  const sign = (signer: () => Promise<RecordSigner>) => {
    void action.run(async () => {
      const own = await signer();
      if (own.verifierKey !== key) throw localProblem('wrong_key_file');
      await onSign(own);
    });
  };
  if (kindOfKey(key) === 'passkey') {
    const known = ownKeys().find(({ verifierKey }) => verifierKey === key);
    return (
      <Button
        tone={tone}
        held={held || action.busy}
        onPress={() => {
          sign(() => Promise.resolve(passkeySigner(known ?? { verifierKey: key, credential: null })));
        }}
      >
        {label}
      </Button>
    );
  }
  if (held) {
    return (
      <Button tone={tone} held>
        {label}
      </Button>
    );
  }
  return (
    <FileButton
      label={label}
      tone={tone}
      single
      onFiles={(files) => {
        sign(() => signerIn(files));
      }}
    />
  );
}
