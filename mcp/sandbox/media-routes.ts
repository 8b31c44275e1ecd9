import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Answer, Route, SandboxRequest } from './http.ts';
import { parseJson } from './http.ts';
import { parseMultipart } from './multipart.ts';
import { problem } from './twitter-routes.ts';
import type { World } from './world.ts';

const EXTENSIONS: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'video/mp4': 'mp4',
};
const MIME_TYPES = Object.fromEntries(Object.entries(EXTENSIONS).map(([type, extension]) => [extension, type]));

const initializeSchema = z.object({
  media_type: z.string().refine((type) => type in EXTENSIONS, 'unsupported media type'),
  total_bytes: z.number().int().positive().max(15_000_000),
});

interface Upload {
  mediaType: string;
  totalBytes: number;
  segments: Buffer[];
}

/** Chunked upload as X's API v2 has it, and the files themselves. An unfinished upload is lost with the process. */
export function mediaRoutes(world: World): Route[] {
  const uploads = new Map<string, Upload>();

  function append(request: SandboxRequest): Answer {
    const upload = uploads.get(request.params.id ?? '');
    if (!upload) return problem(404, 'Not Found Error', 'Media id not found.');
    const parts = parseMultipart(request.body, request.headers['content-type'] ?? '');
    const media = parts.get('media');
    if (!media) return problem(400, 'Invalid Request', 'The part media is missing.');
    upload.segments[Number(parts.get('segment_index')?.toString())] = media;
    return { status: 200, body: { data: { expires_at: Math.ceil(Date.now() / 1000) + 3600 } } };
  }

  function finalize(request: SandboxRequest): Answer {
    const id = request.params.id ?? '';
    const upload = uploads.get(id);
    if (!upload) return problem(404, 'Not Found Error', 'Media id not found.');
    const bytes = Buffer.concat(upload.segments);
    if (bytes.length !== upload.totalBytes)
      return problem(400, 'Invalid Request', 'Segments do not add up to total_bytes.');
    uploads.delete(id);
    world.addMedia(id, world.storeFile(EXTENSIONS[upload.mediaType] ?? 'bin', bytes));
    return { status: 200, body: { data: { id, media_key: `3_${id}`, size: bytes.length } } };
  }

  return [
    {
      method: 'POST',
      pattern: /^\/2\/media\/upload\/initialize$/,
      handle(request) {
        const parsed = initializeSchema.safeParse(parseJson(request.body));
        if (!parsed.success) return problem(400, 'Invalid Request', z.prettifyError(parsed.error));
        const id = world.newId();
        uploads.set(id, { mediaType: parsed.data.media_type, totalBytes: parsed.data.total_bytes, segments: [] });
        return { status: 200, body: { data: { id, media_key: `3_${id}`, expires_after_secs: 3600 } } };
      },
    },
    { method: 'POST', pattern: /^\/2\/media\/upload\/(?<id>\d+)\/append$/, handle: append },
    { method: 'POST', pattern: /^\/2\/media\/upload\/(?<id>\d+)\/finalize$/, handle: finalize },
    {
      method: 'GET',
      pattern: /^\/media\/(?<file>\d+\.(?<extension>[a-z0-9]+))$/,
      async handle({ params }) {
        const bytes = await readFile(join(world.mediaDir, params.file ?? '')).catch(() => null);
        if (!bytes) return { status: 404, body: { title: 'Not Found' } };
        return {
          status: 200,
          bytes,
          headers: { 'content-type': MIME_TYPES[params.extension ?? ''] ?? 'application/octet-stream' },
        };
      },
    },
  ];
}
