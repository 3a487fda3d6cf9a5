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

export interface Dropped {
  readonly files: readonly ChosenFile[];
  /** Paths of files and folders that could not be read: no permission, gone in the meantime, or not for browsers. */
  readonly unread: readonly string[];
}

/** What was dropped, folders walked to their ends, in the order of their names. */
export async function droppedFiles(data: DataTransfer): Promise<Dropped> {
  // Entries must be taken before the first await: the browser empties the drop when its event is over.
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
    // Said by its path.
  }
  return { files: [], unread: [path] };
}

function joined(parts: readonly Dropped[]): Dropped {
  return { files: parts.flatMap(({ files }) => files), unread: parts.flatMap(({ unread }) => unread) };
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
