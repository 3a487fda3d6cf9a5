import { useSignal } from '@preact/signals';
import type { Action } from '../lib/action.js';
import { certificateChoice, type Certified, chooseCertificate, mustAsk } from '../lib/certificate.js';
import { saveCertificate } from '../lib/files.js';
import { language, LANGUAGE_NAMES } from '../lib/language.js';
import { common } from '../messages/common.js';
import { Button, type ButtonProps } from './button.js';
import { Choice, Choices } from './fields.js';
import { Modal } from './modal.js';

interface CertificateButtonProps extends Pick<ButtonProps, 'children' | 'aria-label' | 'icon'> {
  readonly of: Certified;
  readonly get: (of: Certified) => Promise<Blob>;
  /** The name of the document, for the file. */
  readonly fileName: string;
  readonly saving: Action;
  /** Whether a button beside it leads to the choices. */
  readonly withOptions?: boolean;
  readonly onSaved?: (name: string) => void;
}

/** Downloads a certificate. Before the first time that a name would be sent, it asks. */
export function CertificateButton(props: CertificateButtonProps) {
  const { of, get, fileName, saving, withOptions, onSaved, children, ...rest } = props;
  const asking = useSignal(false);
  const save = () =>
    saving.run(async () => {
      const name = saveCertificate(fileName, await get(of));
      onSaved?.(name);
    });
  const ask = () => {
    asking.value = true;
  };
  return (
    <>
      <Button
        {...rest}
        data-action="certificate"
        held={saving.busy}
        onPress={() => {
          if (mustAsk(of)) ask();
          else void save();
        }}
      >
        {children}
      </Button>
      {withOptions === true ? (
        <Button tone="quiet" onPress={ask}>
          {common().certificate.options}
        </Button>
      ) : null}
      {asking.value ? (
        <CertificateDialog
          of={of}
          onClose={() => (asking.value = false)}
          onChosen={() => {
            asking.value = false;
            void save();
          }}
        />
      ) : null}
    </>
  );
}

interface CertificateDialogProps {
  readonly of: Certified;
  readonly onClose: () => void;
  readonly onChosen: () => void;
}

function CertificateDialog({ of, onClose, onChosen }: CertificateDialogProps) {
  const t = common().certificate;
  const before = certificateChoice();
  const bilingual = useSignal(before.bilingual);
  const name = useSignal(before.name || mustAsk(of));
  const organization = useSignal(before.organization);
  return (
    <Modal heading={t.heading} onClose={onClose}>
      {(close) => (
        <>
          <Choices legend={t.language}>
            <Choice
              type="radio"
              name="certificate-language"
              label={LANGUAGE_NAMES[language()]}
              checked={!bilingual.value}
              onChange={() => (bilingual.value = false)}
            />
            <Choice
              type="radio"
              name="certificate-language"
              label={t.bilingual}
              checked={bilingual.value}
              onChange={() => (bilingual.value = true)}
            />
          </Choices>
          {of.name === null ? null : (
            <Choice
              type="checkbox"
              name="certificate-name"
              label={t.name(of.name)}
              explained={t.nameExplained}
              checked={name.value}
              onChange={(on) => (name.value = on)}
            />
          )}
          {of.own === true ? (
            <Choice
              type="checkbox"
              name="certificate-organization"
              label={t.organization}
              explained={t.organizationExplained}
              checked={organization.value}
              onChange={(on) => (organization.value = on)}
            />
          ) : null}
          <p class="hint">{t.remembered}</p>
          <div class="form-actions">
            <Button
              tone="primary"
              onPress={() => {
                chooseCertificate({
                  bilingual: bilingual.value,
                  name: of.name === null ? before.name : name.value,
                  organization: organization.value,
                });
                onChosen();
              }}
            >
              {t.download}
            </Button>
            <Button tone="quiet" onPress={close}>
              {common().cancel}
            </Button>
          </div>
        </>
      )}
    </Modal>
  );
}
