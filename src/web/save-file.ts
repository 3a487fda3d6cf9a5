/** Hands a text to the browser's downloads. */
export function saveFile(name: string, text: string, type: string): void {
  saveBlob(name, new Blob([text], { type }));
}

/** Hands a file to the browser's downloads. */
export function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The download has its own hold on the bytes once it began; some browsers begin only after this task.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 60_000);
}

/** What the proof of a document is called, beside it. */
export function proofName(documentName: string): string {
  return `${documentName}.ingam.json`;
}
