import { act } from 'preact/test-utils';
import { type ComponentChildren, render } from 'preact';
import { fireEvent, screen } from '@testing-library/dom';
import { afterEach } from 'vitest';

/**
 * Views under test, by what a person sees and does. The file of the test begins with the line
 * `// @vitest-environment happy-dom`.
 */

const places: HTMLElement[] = [];

afterEach(() => {
  for (const place of places.splice(0)) {
    render(null, place);
    place.remove();
  }
});

/** Shows a view in the page. */
export async function show(view: ComponentChildren): Promise<HTMLElement> {
  const place = document.createElement('div');
  document.body.append(place);
  places.push(place);
  await act(() => {
    render(view, place);
  });
  return place;
}

/** Runs what changes signals, and waits until the views have followed. */
export async function changes(run: () => unknown): Promise<void> {
  await act(async () => {
    await run();
  });
}

export const button = (name: string | RegExp) => screen.getByRole('button', { name });
export const press = (name: string | RegExp) => changes(() => fireEvent.click(button(name)));

/** Types into the field with this label, instead of what it contains. */
export const type = (label: string | RegExp, value: string) =>
  changes(() => fireEvent.input(screen.getByLabelText(label), { target: { value } }));

export { fireEvent, screen };
