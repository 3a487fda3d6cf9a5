// All that this folder takes from its platform beyond ECMAScript: present in Node, browsers, Deno and Bun
// alike. Read only where proof/ is compiled on its own; elsewhere the platform's own types say the same.
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
declare class TextDecoder {
  constructor(label: string, options: { fatal: boolean; ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}
declare function atob(base64: string): string;
declare function btoa(binary: string): string;
