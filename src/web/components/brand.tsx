import sealAddress from '../../../public/seal.svg';
import { language, LANGUAGE_NAMES, LANGUAGES, setLanguage } from '../lib/language.js';
import { common } from '../messages/common.js';

/** Parts of the frame that need no service. */

export function SkipLink() {
  return (
    <a class="skip-link" href="#content">
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

export function LanguageSwitch() {
  return (
    <div class="language-switch" role="group" aria-label={common().chooseLanguage}>
      {LANGUAGES.map((choice) => (
        <button
          key={choice}
          type="button"
          class="button language"
          lang={choice}
          aria-pressed={choice === language()}
          onClick={() => {
            setLanguage(choice);
          }}
        >
          {LANGUAGE_NAMES[choice]}
        </button>
      ))}
    </div>
  );
}
