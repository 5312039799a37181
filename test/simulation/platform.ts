import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

type Key = { secret: Uint8Array };

/**
 * Makes the process's WebCrypto answer at once: its thread pool would let the order of things hang on the machine. Only what the backend asks of it
 * is there.
 */
export function useSteadyCrypto(): void {
  const sign = ({ secret }: Key, data: Uint8Array): Uint8Array => createHmac('sha256', secret).update(data).digest();
  const subtle = {
    digest: async (_: string, data: Uint8Array): Promise<ArrayBuffer> => exact(createHash('sha256').update(data).digest()),
    importKey: async (_: string, secret: Uint8Array): Promise<Key> => ({ secret }),
    sign: async (_: string, key: Key, data: Uint8Array): Promise<ArrayBuffer> => exact(sign(key, data)),
    verify: async (_: string, key: Key, signature: Uint8Array, data: Uint8Array): Promise<boolean> => {
      const made = sign(key, data);
      return made.length === signature.length && timingSafeEqual(made, signature);
    },
  };
  Object.defineProperty(globalThis.crypto, 'subtle', { value: subtle, configurable: true });
}

function exact(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

const strays: unknown[] = [];

/** Prepares the process: steady crypto, and an ear for rejections that nobody handles. */
export function usePlatform(): void {
  useSteadyCrypto();
  process.on('unhandledRejection', (error) => void strays.push(error));
}

/** The rejections that nobody handled since the last call. */
export function takeStrays(): unknown[] {
  return strays.splice(0);
}
