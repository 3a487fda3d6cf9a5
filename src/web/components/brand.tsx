import type { ComponentChildren } from 'preact';
import sealAddress from '../../../public/seal.svg';
import { LANGUAGES } from '../../messages/language.js';
import { language, LANGUAGE_NAMES, setLanguage } from '../lib/language.js';
import { setTheme, theme, THEMES } from '../lib/theme.js';
import { common } from '../messages/common.js';
import { Button } from './button.js';

/** Parts of the frame that need no service. */

export function SkipLink() {
  return (
    <a
      class="skip-link"
      href="#content"
      onClick={(event) => {
        // The fragment of the address says what the page shows: a search, a block, an invitation.
        event.preventDefault();
        document.querySelector<HTMLElement>('#content')?.focus();
      }}
    >
      {common().skipToContent}
    </a>
  );
}

/** The logo: seal and name. */
export function Brand() {
  return (
    <>
      <img src={sealAddress} alt="" width={32} height={32} />
      <span class="brand-name">Ingam</span>
      <span class="brand-hangul" lang="ko" aria-hidden="true">
        인감
      </span>
    </>
  );
}

interface SwitchProps<Value extends string> {
  readonly name: string;
  readonly choices: readonly Value[];
  readonly chosen: Value;
  readonly onChoose: (choice: Value) => void;
  readonly children: (choice: Value) => ComponentChildren;
}

/** A few choices side by side, of which one is pressed. */
function Switch<Value extends string>({ name, choices, chosen, onChoose, children }: SwitchProps<Value>) {
  return (
    <div class="switch" role="group" aria-label={name}>
      {choices.map((choice) => (
        <Button
          key={choice}
          tone="quiet"
          aria-pressed={choice === chosen}
          onPress={() => {
            onChoose(choice);
          }}
        >
          {children(choice)}
        </Button>
      ))}
    </div>
  );
}

export function LanguageSwitch() {
  return (
    <Switch name={common().chooseLanguage} choices={LANGUAGES} chosen={language()} onChoose={setLanguage}>
      {(choice) => <span lang={choice}>{LANGUAGE_NAMES[choice]}</span>}
    </Switch>
  );
}

export function ThemeSwitch() {
  const t = common();
  return (
    <Switch name={t.chooseTheme} choices={THEMES} chosen={theme()} onChoose={setTheme}>
      {(choice) => t.themes[choice]}
    </Switch>
  );
}
