import { useEffect, useRef } from 'preact/hooks';
import { catchDrops, type ChosenFile, chosenFiles } from '../lib/files.js';
import type { IconName } from '../lib/icons.js';
import { Button } from './button.js';
import { Icon } from './icon.js';

interface Chooser {
  readonly label: string;
  readonly folder?: boolean;
  /** Only one file. */
  readonly single?: boolean;
}

interface DropAreaProps {
  readonly heading: string;
  readonly icon: IconName;
  readonly choose: readonly Chooser[];
  readonly onFiles: (files: readonly ChosenFile[]) => void;
  readonly compact?: boolean;
  readonly explained?: string;
  /** File types for the dialog; absent: any. */
  readonly accept?: string;
  readonly id?: string;
}

/** Invites to drop files, and has buttons that open the file dialog. Files may be dropped anywhere: see useDrops. */
export function DropArea({ heading, icon, choose, compact, explained, id, ...rest }: DropAreaProps) {
  return (
    <div
      class={compact === true ? 'drop-zone is-compact' : 'drop-zone'}
      {...(id === undefined ? {} : { id })}
    >
      <Icon name={icon} />
      <p class="drop-heading">{heading}</p>
      {explained === undefined ? null : <p class="drop-explained">{explained}</p>}
      <div class="drop-buttons">
        {choose.map((chooser) => (
          <FileButton key={String(chooser.folder)} {...chooser} {...rest} />
        ))}
      </div>
    </div>
  );
}

interface FileButtonProps extends Chooser {
  readonly tone?: 'primary' | 'danger' | undefined;
  readonly onFiles: (files: readonly ChosenFile[]) => void;
  readonly accept?: string;
}

/** A button that opens the file dialog. */
export function FileButton({ label, folder, single, accept, tone, onFiles }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button tone={tone} onPress={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        class="visually-hidden"
        // The button opens the dialog, so the input needs no tab stop of its own.
        tabIndex={-1}
        aria-hidden="true"
        aria-label={label}
        multiple={single !== true}
        {...(folder === true ? { webkitdirectory: true } : {})}
        {...(accept === undefined ? {} : { accept })}
        onChange={({ currentTarget }) => {
          const files = chosenFiles(currentTarget.files ?? []);
          // So that the same file can be chosen again.
          currentTarget.value = '';
          onFiles(files);
        }}
      />
    </>
  );
}

/**
 * Takes files dropped anywhere in the window, as long as the component is shown.
 * @param onFiles receives the files and the paths that could not be read
 */
export function useDrops(onFiles: (files: readonly ChosenFile[], unread: readonly string[]) => void): void {
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(
    () =>
      catchDrops((files, unread) => {
        latest.current(files, unread);
      }),
    [],
  );
}
