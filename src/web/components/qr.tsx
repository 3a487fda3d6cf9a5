import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Around the code, in modules: readers need it (ISO/IEC 18004). */
const QUIET = 4;

/** A QR code, drawn when its code has come; without it, the text beside it is enough. */
export function Qr({ of, label }: { readonly of: string; readonly label: string }) {
  const drawn = useSignal<{ readonly size: number; readonly path: string } | null>(null);
  useEffect(() => {
    drawn.value = null;
    let isOld = false;
    void draw(of).then(
      (made) => {
        if (!isOld) drawn.value = made;
      },
      () => undefined,
    );
    return () => {
      isOld = true;
    };
  }, [of]);
  if (drawn.value === null) return null;
  const { size, path } = drawn.value;
  return (
    <svg
      class="qr"
      viewBox={`${-QUIET} ${-QUIET} ${size + 2 * QUIET} ${size + 2 * QUIET}`}
      role="img"
      aria-label={label}
    >
      <path d={path} />
    </svg>
  );
}

async function draw(text: string): Promise<{ readonly size: number; readonly path: string }> {
  const { create } = await import('qrcode');
  const { size, data } = create(text, { errorCorrectionLevel: 'M' }).modules;
  const dark = Array.from(data).flatMap((bit, i) => (bit === 1 ? [i] : []));
  return { size, path: dark.map((i) => `M${i % size} ${Math.floor(i / size)}h1v1h-1z`).join('') };
}
