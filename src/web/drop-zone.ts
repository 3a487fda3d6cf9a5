import { button, element, icon, type IconName } from './dom.js';
import { chosenFiles, droppedFiles, type ChosenFile } from './dropped-files.js';

export interface DropZoneOptions {
  readonly heading: string;
  readonly icon: IconName;
  readonly choose: readonly {
    readonly label: string;
    readonly folder: boolean;
    readonly multiple: boolean;
  }[];
  readonly onFiles: (files: readonly ChosenFile[]) => void;
  readonly compact?: boolean;
  readonly explained?: string;
  /** Name of the file type for the dialog; absent: any. */
  readonly accept?: string;
  readonly id?: string;
}

/** The place that asks for a drop, with buttons that do the same for those who do not drag. */
export function dropZone(options: DropZoneOptions): HTMLElement {
  return element(
    'div',
    {
      class: options.compact === true ? 'drop-zone is-compact' : 'drop-zone',
      ...(options.id === undefined ? {} : { id: options.id }),
    },
    icon(options.icon),
    element('p', { class: 'drop-heading' }, options.heading),
    options.explained === undefined ? null : element('p', { class: 'drop-explained' }, options.explained),
    element(
      'div',
      { class: 'drop-buttons' },
      ...options.choose.flatMap((choice) => chooser(choice, options)),
    ),
  );
}

function chooser(
  { label, folder, multiple }: DropZoneOptions['choose'][number],
  { onFiles, accept }: DropZoneOptions,
): HTMLElement[] {
  const input = element('input', {
    type: 'file',
    class: 'visually-hidden',
    // The button beside it opens the dialog; a second stop in the order of keys would only be in the way.
    tabindex: -1,
    'aria-hidden': 'true',
    'aria-label': label,
    multiple,
    webkitdirectory: folder,
    ...(accept === undefined ? {} : { accept }),
    onchange: () => {
      const files = input.files === null ? [] : chosenFiles(input.files);
      // So that the same file can be chosen again.
      input.value = '';
      onFiles(files);
    },
  });
  const open = button(label, () => {
    input.click();
  });
  return [open, input];
}

/**
 * Files dropped anywhere on the page: beside the zone, the browser would put the file in the place of the page.
 * @param onFiles also told the paths of what could not be read
 */
export function catchDrops(onFiles: (files: readonly ChosenFile[], unread: readonly string[]) => void): void {
  const target = document.body;
  let depth = 0;
  const highlight = (change: number) => {
    depth = change === 0 ? 0 : Math.max(0, depth + change);
    target.classList.toggle('is-over', depth > 0);
  };
  target.addEventListener('dragenter', (event) => {
    if (holdsFiles(event)) highlight(1);
  });
  target.addEventListener('dragleave', () => {
    highlight(-1);
  });
  target.addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
  });
  target.addEventListener('drop', (event) => {
    highlight(0);
    if (event.dataTransfer === null || !holdsFiles(event)) return;
    event.preventDefault();
    void droppedFiles(event.dataTransfer).then(({ files, unread }) => {
      onFiles(files, unread);
    });
  });
}

function holdsFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true;
}
