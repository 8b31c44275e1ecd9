import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { generateImageOutput } from '../../../mcp/contracts/ideogram.ts';
import { allowListSchema } from '../../../mcp/host/allow-list.ts';
import type { McpHost } from '../../../mcp/host/mcp-host.ts';
import { createMcpHost } from '../../../mcp/host/mcp-host.ts';
import { createIdeogramServer } from '../../../mcp/servers/ideogram/server.ts';
import { failureOf } from '../failure-of.ts';
import { readPng } from '../read-png.ts';
import type { TestSandbox } from '../sandbox-process.ts';
import { startTestSandbox } from '../sandbox-process.ts';

const context = { tenantId: 't', agentId: 'a', traceId: 'x' };
let sandbox: TestSandbox;
let host: McpHost;
let sequence = 0;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  host = await createMcpHost({
    allowList: allowListSchema.parse({
      servers: {
        ideogram: {
          transport: { kind: 'in-process' },
          tools: { generate_image: { effectful: true, idempotent: true } },
        },
      },
    }),
    inProcess: { ideogram: () => createIdeogramServer({ apiUrl: sandbox.url, apiKey: 'key', timeoutMs: 1_500 }) },
    breaker: { consecutiveFailures: 1_000 },
  });
});
afterEach(() => sandbox.clearFaults());
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

const generate = (args: object) => {
  sequence += 1;
  return host.call(
    'ideogram',
    'generate_image',
    { idempotency_key: `image-${sequence}`, ...args },
    generateImageOutput,
    context,
  );
};

it.each([
  ['1:1', 1024, 1024],
  ['4:5', 1024, 1280],
  ['16:9', 1280, 720],
  ['9:16', 720, 1280],
])('makes a real PNG of the aspect ratio %s, and says what it cost', async (ratio, width, height) => {
  const prompt = 'Neon market, rain <soft> & "quiet" 🌧️';
  const { value } = await generate({ prompt, aspect_ratio: ratio, style: 'anime', character_reference_id: 'ava-lora' });
  expect(value).toMatchObject({ width, height, format: 'png', cost_usd: 0.04 });
  const bytes = Buffer.from(await (await fetch(value.image_url)).arrayBuffer());
  expect(bytes.length).toBe(value.file_size_bytes);
  const png = readPng(bytes);
  expect([png.width, png.height]).toEqual([width, height]);
  expect(png.colours).toBeGreaterThan(200);
});

it('gives the same picture to the same idempotency key, also to two calls at once', async () => {
  const args = { prompt: 'a paper boat', idempotency_key: 'boat' };
  const [one, two] = await Promise.all([generate(args), generate(args)]);
  const three = await generate(args);
  expect([two.value.image_url, three.value.image_url]).toEqual([one.value.image_url, one.value.image_url]);
});

it.each([
  [{ prompt: 'x' }, { code: 'INVALID_PROMPT', outcome: 'NOT_APPLIED', retryable: false }],
  [{ prompt: 'a nude portrait' }, { code: 'NSFW_DETECTED', outcome: 'NOT_APPLIED', retryable: false }],
  [
    { prompt: 'fine', style: 'cubist' },
    { code: 'INVALID_INPUT', outcome: 'NOT_APPLIED', retryable: false },
  ],
])('refuses %j', async (args, expected) => {
  expect(await failureOf(generate(args))).toMatchObject(expected);
});

it.each([
  ['rate-limit', { code: 'RATE_LIMIT', outcome: 'NOT_APPLIED', retryable: true, retryAfterMs: 60_000 }],
  ['unauthorized', { code: 'AUTH_FAILED', outcome: 'NOT_APPLIED', retryable: false }],
  ['server-error', { code: 'UNAVAILABLE', outcome: 'UNKNOWN', retryable: true }],
  ['down', { code: 'UNAVAILABLE', outcome: 'UNKNOWN', retryable: true }],
  ['slow', { code: 'TIMEOUT', outcome: 'UNKNOWN', retryable: true }],
])('maps the fault %s, and may repeat with the same key', async (kind, expected) => {
  await sandbox.fault({ match: { path: '/ideogram' }, kind });
  expect(await failureOf(generate({ prompt: 'a lighthouse' }))).toMatchObject(expected);
});

it('gets the picture it already paid for after a lost connection', async () => {
  await sandbox.fault({ match: { path: '/ideogram' }, kind: 'accepted-but-connection-lost' });
  const args = { prompt: 'a lost kite', idempotency_key: 'kite' };
  expect(await failureOf(generate(args))).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  const { value } = await generate(args);
  expect((await fetch(value.image_url)).status).toBe(200);
});
