import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderPoster } from '../../../mcp/sandbox/poster.ts';
import { readPng } from '../read-png.ts';
import type { TestSandbox } from '../sandbox-process.ts';
import { startTestSandbox } from '../sandbox-process.ts';

const MAIN = new URL('../../../mcp/sandbox/main.ts', import.meta.url).pathname;
const AVA = { authorization: 'Bearer x', 'x-account': 'ava' };

async function startProcess(dataDir: string): Promise<{ url: string; child: ChildProcess }> {
  const env = { PATH: process.env.PATH, SANDBOX_PORT: '0', SANDBOX_DATA_DIR: dataDir };
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: line.toString().trim(), child };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

const tweet = (url: string, body: object, headers: Record<string, string> = AVA) =>
  fetch(`${url}/2/tweets`, { method: 'POST', headers, body: JSON.stringify(body) });

describe('after a kill -9', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'chimera-sandbox-'));
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it('still has every post it answered, every key, picture and mention, and goes on with greater ids', async () => {
    const first = await startProcess(dataDir);
    const answered: string[] = [];
    const posting = (async () => {
      for (let index = 0; ; index += 1) {
        const response = await tweet(
          first.url,
          { text: `post ${index}` },
          { ...AVA, 'idempotency-key': `k${index}` },
        ).catch(() => null);
        if (!response) return;
        answered.push(((await response.json()) as { data: { id: string } }).data.id);
        if (index === 20) first.child.kill('SIGKILL');
      }
    })();
    const image = (await fetch(`${first.url}/ideogram/v1/generate`, {
      method: 'POST',
      headers: { 'api-key': 'k' },
      body: JSON.stringify({ prompt: 'a picture that stays' }),
    })
      .then((response) => response.json())
      .catch(() => null)) as { image_url: string } | null;
    await posting;
    await kill(first.child);
    appendFileSync(join(dataDir, 'journal.jsonl'), '{"kind":"post","id":"99'); // a line torn by the kill

    const second = await startProcess(dataDir);
    const posts = (await (await fetch(`${second.url}/posts`)).json()) as { externalId: string; text: string }[];
    expect(answered.length).toBeGreaterThan(20);
    expect(posts.map(({ externalId }) => externalId)).toEqual(expect.arrayContaining(answered));
    const again = await tweet(second.url, { text: 'post 0' }, { ...AVA, 'idempotency-key': 'k0' });
    expect(await again.json()).toMatchObject({ data: { id: answered[0] } });
    expect((await tweet(second.url, { text: 'post 0' }, { ...AVA, 'idempotency-key': 'other' })).status).toBe(403);
    const next = (await (await tweet(second.url, { text: 'afterwards' })).json()) as { data: { id: string } };
    expect(BigInt(next.data.id) > BigInt(answered.at(-1) ?? 0)).toBe(true);
    if (image) expect((await fetch(new URL(new URL(image.image_url).pathname, second.url))).status).toBe(200);
    expect(readFileSync(join(dataDir, 'journal.jsonl'), 'utf8')).not.toContain('"99');
    await kill(second.child);
  });
});

describe('the simulated X', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(() => sandbox.stop());

  it('needs a token and an account, and shows its limits', async () => {
    expect((await tweet(sandbox.url, { text: 'x' }, { 'x-account': 'ava' })).status).toBe(401);
    expect((await tweet(sandbox.url, { text: 'x' }, { authorization: 'Bearer x' })).status).toBe(400);
    const { status, headers } = await tweet(sandbox.url, { text: 'x' });
    expect(status).toBe(201);
    expect(Number(headers.get('x-rate-limit-remaining'))).toBeLessThan(Number(headers.get('x-rate-limit-limit')));
  });

  it.each([
    ['no text', { text: ' ' }],
    ['a text too long', { text: 'x'.repeat(281) }],
    ['unknown pictures', { text: 'y', media: { media_ids: ['1'] } }],
    ['a wrong type', { text: 3 }],
  ])('refuses %s with 400', async (_what, body) => {
    expect((await tweet(sandbox.url, body)).status).toBe(400);
  });

  it('strikes only the matching account and path, as often as asked', async () => {
    await sandbox.fault({ match: { path: '/2/tweets', account: '@Unlucky' }, kind: 'server-error', times: 2 });
    const unlucky = { ...AVA, 'x-account': 'unlucky' };
    expect((await tweet(sandbox.url, { text: 'lucky' })).status).toBe(201);
    expect((await tweet(sandbox.url, { text: 'one' }, unlucky)).status).toBe(503);
    expect(await (await fetch(`${sandbox.url}/control/faults`)).json()).toMatchObject([
      { kind: 'server-error', times: 1 },
    ]);
    expect((await tweet(sandbox.url, { text: 'two' }, unlucky)).status).toBe(503);
    expect((await tweet(sandbox.url, { text: 'three' }, unlucky)).status).toBe(201);
    expect(await (await fetch(`${sandbox.url}/control/faults`)).json()).toEqual([]);
  });

  it('answers a malformed request with 4xx, not with a crash', async () => {
    const malformed = [
      fetch(`${sandbox.url}/2/tweets`, { method: 'POST', headers: AVA, body: '{' }),
      fetch(`${sandbox.url}/control/faults`, { method: 'POST', body: '{"kind":"meteor"}' }),
      fetch(`${sandbox.url}/control/mentions`, { method: 'POST', body: '[{"account":"x"}]' }),
      fetch(`${sandbox.url}/media/..%2fjournal.jsonl`),
      fetch(`${sandbox.url}/nowhere`),
    ];
    expect((await Promise.all(malformed)).map(({ status }) => status)).toEqual([400, 400, 400, 404, 404]);
    expect(await (await fetch(`${sandbox.url}/health`)).json()).toMatchObject({ status: 'UP' });
  });

  it('takes a mention with a given id once', async () => {
    const mentions = JSON.stringify([{ account: 'ava', author: 'fan', text: 'hi', id: '77' }]);
    for (let time = 0; time < 2; time += 1)
      await fetch(`${sandbox.url}/control/mentions`, { method: 'POST', body: mentions });
    const timeline = await fetch(`${sandbox.url}/2/users/ava/mentions`, { headers: AVA });
    expect(await timeline.json()).toMatchObject({ meta: { result_count: 1 }, data: [{ id: '77', text: 'hi' }] });
  });
});

it('draws the same poster for the same input and another for another seed', async () => {
  const input = {
    prompt: 'A long prompt that has to be wrapped over several lines '.repeat(6),
    style: 'artistic',
    aspectRatio: '1:1',
  } as const;
  const [one, same, other] = await Promise.all([1, 1, 2].map((seed) => renderPoster({ ...input, seed })));
  expect(one?.png.equals(same?.png ?? Buffer.alloc(0))).toBe(true);
  expect(one?.png.equals(other?.png ?? Buffer.alloc(0))).toBe(false);
  expect(readPng(one?.png ?? Buffer.alloc(0))).toMatchObject({ width: 1024, height: 1024 });
});
