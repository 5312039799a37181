import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { formatSize } from '../workspace/file-kinds.ts';

/** Bytes shown as a picture, and how large it is. Where no picture can be made of them, that is said instead. */
export function Picture({ bytes, type, alt }: { bytes: Uint8Array; type: string; alt: string }): JSX.Element {
  const url = useMemo(() => URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type })), [bytes, type]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  /** What the browser made of the bytes at an address. */
  const [seen, setSeen] = useState<{ url: string; measures: string | null } | null>(null);
  const size = formatSize(bytes.length);
  const made = seen?.url === url ? seen : null;
  if (made !== null && made.measures === null) return <p class="picture-broken">This browser can’t show it as a picture ({size})</p>;
  return (
    <figure class="picture">
      <img
        src={url}
        alt={alt}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setSeen({ url, measures: `${naturalWidth} × ${naturalHeight}` })}
        onError={() => setSeen({ url, measures: null })}
      />
      <figcaption>{made === null ? size : `${made.measures} · ${size}`}</figcaption>
    </figure>
  );
}
