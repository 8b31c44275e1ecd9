import { z } from 'zod';
import type { Answer, Route, SandboxRequest } from './http.ts';
import { parseJson } from './http.ts';
import { ASPECT_RATIOS, POSTER_STYLES, renderPoster } from './poster.ts';
import type { GeneratedImage, World } from './world.ts';

const COST_USD = 0.04;
const MODEL = 'sandbox-poster-1';
const FORBIDDEN = /\b(nsfw|nude|naked|porn\w*|gore|beheading)\b/i;

const generateSchema = z.object({
  prompt: z.string().trim().min(3).max(1000),
  style: z.enum(POSTER_STYLES).default('realistic'),
  aspect_ratio: z.enum(Object.keys(ASPECT_RATIOS) as [keyof typeof ASPECT_RATIOS]).default('4:5'),
  character_reference_id: z.string().max(200).optional(),
});

const refuse = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

/** The image model: real PNGs, one an idempotency key. `baseUrl` is asked late, when the port is known. */
export function ideogramRoutes(world: World, seed: number, baseUrl: () => string): Route[] {
  const rendering = new Map<string, Promise<GeneratedImage>>();

  async function generate(request: SandboxRequest): Promise<Answer> {
    if (!request.headers['api-key']) return refuse(401, 'AUTH_FAILED', 'The header Api-Key is missing.');
    const parsed = generateSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return refuse(400, 'INVALID_PROMPT', z.prettifyError(parsed.error));
    if (FORBIDDEN.test(parsed.data.prompt))
      return refuse(422, 'NSFW_DETECTED', 'The prompt violates the content policy.');
    const key = request.headers['idempotency-key']?.toString() ?? null;
    const image = (key && (world.imageByKey(key) ?? rendering.get(key))) || render(key, parsed.data);
    return { status: 200, body: describe(await image, baseUrl()) };
  }

  function render(key: string | null, input: z.infer<typeof generateSchema>): Promise<GeneratedImage> {
    const made = renderPoster({
      ...input,
      aspectRatio: input.aspect_ratio,
      character: input.character_reference_id,
      seed,
    })
      .then(({ png, width, height }) => {
        const image = { key, file: world.storeFile('png', png), width, height, bytes: png.length };
        world.addImage(image);
        return image;
      })
      .finally(() => key && rendering.delete(key));
    if (key) rendering.set(key, made);
    return made;
  }

  return [{ method: 'POST', pattern: /^\/ideogram\/v1\/generate$/, handle: generate }];
}

function describe(image: GeneratedImage, baseUrl: string) {
  return {
    image_url: `${baseUrl}/media/${image.file}`,
    width: image.width,
    height: image.height,
    file_size_bytes: image.bytes,
    format: 'png',
    model: MODEL,
    cost_usd: COST_USD,
  };
}
