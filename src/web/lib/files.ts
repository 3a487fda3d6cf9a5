/** Files that people drop or choose: one, many or whole folders. */

/** A file with its path inside the dropped or chosen folder. */
export interface ChosenFile {
  readonly file: File;
  /** The file's name if it was not in a folder. */
  readonly path: string;
}

/** The files of an input element. The path is set if a folder was chosen. */
export function chosenFiles(list: FileList | readonly File[]): ChosenFile[] {
  return [...list].map((file) => ({
    file,
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
  }));
}

interface Dropped {
  readonly files: readonly ChosenFile[];
  /** Paths of files and folders that could not be read. */
  readonly unread: readonly string[];
}

/** The dropped files, with all files in dropped folders. */
async function droppedFiles(data: DataTransfer): Promise<Dropped> {
  // Entries must be read before the first await: the browser empties the drop when its event ends.
  const entries = [...data.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
    return entry === null ? [] : [entry];
  });
  if (entries.length === 0) return { files: chosenFiles(data.files), unread: [] };
  return joined(await Promise.all(entries.map(walk)));
}

async function walk(entry: FileSystemEntry): Promise<Dropped> {
  const path = entry.fullPath.replace(/^\//, '');
  try {
    if (isFile(entry)) {
      const file = await new Promise<File>((resolve, reject) => {
        entry.file(resolve, reject);
      });
      return { files: [{ file, path }], unread: [] };
    }
    if (isDirectory(entry)) return joined(await Promise.all((await listOf(entry)).map(walk)));
  } catch {
    // Reported by its path.
  }
  return { files: [], unread: [path] };
}

function joined(parts: readonly Dropped[]): Dropped {
  return { files: parts.flatMap(({ files }) => files), unread: parts.flatMap(({ unread }) => unread) };
}

/** A reader returns at most a hundred entries per call, and none at the end. */
async function listOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return all.sort((a, b) => (a.name < b.name ? -1 : 1));
    all.push(...some);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/**
 * Takes files dropped anywhere on the page. Otherwise the browser would open them in place of the page.
 * @param onFiles receives the files and the paths that could not be read
 * @returns stops it
 */
export function catchDrops(
  onFiles: (files: readonly ChosenFile[], unread: readonly string[]) => void,
): () => void {
  const target = document.body;
  const stop = new AbortController();
  const { signal } = stop;
  let depth = 0;
  const highlight = (change: number) => {
    depth = change === 0 ? 0 : Math.max(0, depth + change);
    target.classList.toggle('is-over', depth > 0);
  };
  const listen = (type: 'dragenter' | 'dragleave' | 'dragover' | 'drop', run: (event: DragEvent) => void) => {
    target.addEventListener(type, run, { signal });
  };
  listen('dragenter', (event) => {
    if (holdsFiles(event)) highlight(1);
  });
  listen('dragleave', () => {
    highlight(-1);
  });
  listen('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
  });
  listen('drop', (event) => {
    highlight(0);
    if (event.dataTransfer === null || !holdsFiles(event)) return;
    event.preventDefault();
    void droppedFiles(event.dataTransfer).then(({ files, unread }) => {
      onFiles(files, unread);
    });
  });
  return () => {
    stop.abort();
  };
}

function holdsFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true;
}

/** Saves a file through the browser's downloads. */
export function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Some browsers start the download only after this task.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 60_000);
}

/** A zip, once all of it is made. */
export function zipBlob(zip: ReadableStream<Uint8Array>): Promise<Blob> {
  return new Response(zip, { headers: { 'Content-Type': 'application/zip' } }).blob();
}

/** @returns the name of the file */
export function saveProof(documentName: string, text: string): string {
  const name = `${documentName}.ingam.json`;
  saveBlob(name, new Blob([text], { type: 'application/vnd.ingam.proof+json' }));
  return name;
}

/** @returns the name of the file */
export function saveCertificate(documentName: string, pdf: Blob): string {
  const name = `${documentName}.certificate.pdf`;
  saveBlob(name, pdf);
  return name;
}
