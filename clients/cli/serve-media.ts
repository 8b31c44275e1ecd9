import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MediaStore } from '../../swarm/media-store.ts';

const KEY = /^\/media\/([0-9a-f-]{36}\/[0-9a-f]{64}\.(png|jpg|webp))$/;
const TYPES: Record<string, string> = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp' };

/** Answers GET /media/<tenant>/<sha-256>.<ext>: public, as platforms fetch it, and unguessable. */
export function serveMedia(store: MediaStore) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, key, extension] = KEY.exec((request.url ?? '').split('?', 1)[0] ?? '') ?? [];
    const bytes = key ? await store.get(key) : null;
    if (!bytes || !extension) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extension] ?? 'application/octet-stream',
      'content-length': bytes.byteLength,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  };
}
