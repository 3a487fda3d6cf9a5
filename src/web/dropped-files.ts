/** Files as people give them: dropped, one or many or whole folders, or chosen in the browser's own dialog. */

/** One chosen file, with its path inside the dropped or chosen folder. */
export interface ChosenFile {
  readonly file: File;
  /** The file's own name when it was not in a folder. */
  readonly path: string;
}

/** What an input element holds. The path is set where a folder was chosen. */
export function chosenFiles(list: FileList): ChosenFile[] {
  return [...list].map((file) => ({
    file,
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
  }));
}

/** What was dropped, folders walked to their ends; what cannot be read is left out. */
export async function droppedFiles(data: DataTransfer): Promise<ChosenFile[]> {
  // Entries must be taken before the first await: the browser empties the drop when its event is over.
  const entries = [...data.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
    return entry === null ? [] : [entry];
  });
  if (entries.length === 0) return chosenFiles(data.files);
  const files: ChosenFile[] = [];
  for (const entry of entries) await walk(entry, files);
  return files;
}

async function walk(entry: FileSystemEntry, files: ChosenFile[]): Promise<void> {
  try {
    if (isFile(entry)) {
      const file = await new Promise<File>((resolve, reject) => {
        entry.file(resolve, reject);
      });
      files.push({ file, path: entry.fullPath.replace(/^\//, '') });
    } else if (isDirectory(entry)) {
      for (const child of await listOf(entry)) await walk(child, files);
    }
  } catch {
    // No permission, or gone in the meantime.
  }
}

/** A reader gives at most a hundred entries a call, and none at the end. */
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
