import { createHash } from 'node:crypto';
import type { Disk } from 'flydrive';

/** Where media lives: a local directory by default, S3-compatible by configuration of the disk. */
export interface MediaStore {
  /** Stores the bytes under their digest; storing them again is harmless. */
  put(
    tenantId: string,
    bytes: Uint8Array,
    mimeType: string,
  ): Promise<{ storageKey: string; url: string; contentDigest: string }>;
  /** The bytes of a key, or null. */
  get(storageKey: string): Promise<Uint8Array | null>;
}

const EXTENSIONS: Record<string, string> = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' };

/** `baseUrl` is where the gateway serves `/media/`. Keys are unguessable by content and tenant: <tenant>/<sha-256>.<ext>. */
export function createMediaStore(disk: Disk, baseUrl: string): MediaStore {
  return {
    async put(tenantId, bytes, mimeType) {
      const extension = EXTENSIONS[mimeType];
      if (!extension)
        throw new TypeError(
          `${mimeType} is not an image type this store keeps (${Object.keys(EXTENSIONS).join(', ')})`,
        );
      const contentDigest = createHash('sha256').update(bytes).digest('hex');
      const storageKey = `${tenantId}/${contentDigest}.${extension}`;
      await disk.put(storageKey, bytes, { contentType: mimeType });
      return { storageKey, url: `${baseUrl}/media/${storageKey}`, contentDigest };
    },
    async get(storageKey) {
      if (!(await disk.exists(storageKey))) return null;
      return disk.getBytes(storageKey);
    },
  };
}
