const MAX_BYTES = 20 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
const TYPES = ['image/png', 'image/jpeg', 'image/webp'];

/** A download that failed; retryable unless the answer is not an image. */
export class ImageFetchError extends Error {
  override readonly name = 'ImageFetchError';
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}

/** Downloads the image that the image server just made (its URL comes from the configured server, not from a model). At most 20 MiB, 30 s. */
export async function fetchImage(url: string, signal: AbortSignal): Promise<{ bytes: Uint8Array; mimeType: string }> {
  const response = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    redirect: 'error',
  }).catch((error: Error) => {
    throw new ImageFetchError(`${url}: ${error.message}`, true);
  });
  const mimeType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
  if (!response.ok) throw new ImageFetchError(`${url} answered ${response.status}`, response.status >= 500);
  if (!TYPES.includes(mimeType))
    throw new ImageFetchError(`${url} is ${mimeType || 'of no type'}, not an image`, false);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new ImageFetchError(`${url} is larger than ${MAX_BYTES} bytes`, false);
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks), mimeType };
}
