type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/**
 * What has been typed, chosen and unfolded within `shown`, to be put into the same places of what is shown instead: the words
 * of a form change with the language, not what was entered.
 */
export function keepInputs(shown: HTMLElement): (instead: HTMLElement) => void {
  const kept = new Map(controls(shown).map(([key, control]) => [key, stateOf(control)]));
  const unfolded = [...shown.querySelectorAll('details')].map(({ open }) => open);
  return (instead) => {
    for (const [key, control] of controls(instead)) {
      const state = kept.get(key);
      if (state === undefined || state === stateOf(control)) continue;
      if (isBox(control)) control.checked = state === 'on';
      else control.value = state;
      control.dispatchEvent(new Event('input', { bubbles: true }));
      control.dispatchEvent(new Event('change', { bubbles: true }));
    }
    instead.querySelectorAll('details').forEach((details, i) => {
      details.open = unfolded[i] === true;
    });
  };
}

function controls(within: HTMLElement): [string, Control][] {
  return [...within.querySelectorAll('form')].flatMap((form) =>
    [...form.querySelectorAll<Control>('input, textarea, select')]
      .filter((control) => !('readOnly' in control) || !control.readOnly)
      .map((control): [string, Control] => {
        const value = isBox(control) && control.type === 'radio' ? control.value : '';
        return [[form.dataset['form'], control.name, value].join(' '), control];
      }),
  );
}

function stateOf(control: Control): string {
  if (isBox(control)) return control.checked ? 'on' : 'off';
  return control.value;
}

function isBox(control: Control): control is HTMLInputElement {
  return control instanceof HTMLInputElement && (control.type === 'checkbox' || control.type === 'radio');
}
