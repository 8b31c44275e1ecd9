import { statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import type { Chimera, Endpoints } from './chimera.ts';
import {
  cleanUp,
  endpointsOf,
  graphql,
  processesOf,
  runChimera,
  sandboxPosts,
  servicePids,
  tokensOf,
} from './chimera.ts';

const FIXTURES = 'tests/clients/cli/fixtures';
const OWN = [
  ['--soul', `${FIXTURES}/SOUL.md`],
  ['--goals', 'Publish 3 posts about harbour lighthouses and their keepers'],
  ['--feeds', `${FIXTURES}/news.xml`],
  ['--mentions', `${FIXTURES}/mentions.txt`],
].flat();
const VIEWER = '{ viewer { user { role } tenant { name } } }';
const AGENTS = '{ agents(first: 10) { edges { node { name status } } } }';

describe('npm start', () => {
  let own: Chimera;
  let bare: Chimera;
  let endpoints: Endpoints;
  beforeAll(async () => {
    [own, bare] = await Promise.all([runChimera({ args: OWN }), runChimera({ args: ['--no-demo'] })]);
    endpoints = await endpointsOf(own);
  }, 90_000);
  afterAll(async () => {
    await Promise.all([cleanUp(own), cleanUp(bare)]);
  }, 60_000);

  it('says where everything is and with which tokens, for its owner only', () => {
    expect(Object.keys(endpoints).sort()).toEqual(['gateway', 'graphql', 'postgres', 'redis', 'sandbox']);
    expect(Object.keys(tokensOf(own)).sort()).toEqual(['administrator', 'campaignManager', 'contentReviewer']);
    for (const file of ['endpoints.json', 'tokens.json'])
      expect(statSync(path.join(own.home, file)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['administrator', 'ADMINISTRATOR'],
    ['campaignManager', 'CAMPAIGN_MANAGER'],
    ['contentReviewer', 'CONTENT_REVIEWER'],
  ])('gives the %s a token of that role for 30 days', async (name, role) => {
    const token = tokensOf(own)[name] ?? '';
    expect(await graphql(endpoints, token, VIEWER)).toMatchObject({
      data: { viewer: { user: { role }, tenant: { name: 'Demo' } } },
    });
    const { iat, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      number
    >;
    expect((exp ?? 0) - (iat ?? 0)).toBe(30 * 86_400);
  });

  it('answers /health/live, /health/ready and /metrics', async () => {
    for (const page of ['/health/live', '/health/ready', '/metrics'])
      expect((await fetch(`${endpoints.gateway}${page}`)).status, page).toBe(200);
  });

  it('runs the given persona for the given goals, with its feeds and its mentions', async () => {
    const token = tokensOf(own).administrator ?? '';
    expect(await graphql(endpoints, token, AGENTS)).toMatchObject({
      data: { agents: { edges: [{ node: { name: 'Jonas Lind', status: 'ACTIVE' } }] } },
    });
    await waitFor(
      async () => {
        const judged = own.output().match(/^\S+ +(draft|reply|waits) .*$/gm) ?? [];
        return judged.some((line) => line.includes('draft')) && judged.some((line) => line.includes('reply'));
      },
      { timeoutMs: 30_000, message: 'a draft and a reply' },
    );
    expect((await sandboxPosts(endpoints)).every((post) => post.account === 'jonas_lind')).toBe(true);
    expect(own.output()).not.toMatch(/Warning|memory leak|undefined|NaN/);
  });

  it('runs side by side with another, and with --no-demo has a tenant and its users but no agent', async () => {
    const other = await endpointsOf(bare);
    expect(other.gateway).not.toBe(endpoints.gateway);
    const token = tokensOf(bare).administrator ?? '';
    expect(await graphql(other, token, VIEWER)).toMatchObject({ data: { viewer: { tenant: { name: 'Demo' } } } });
    expect(await graphql(other, token, AGENTS)).toMatchObject({ data: { agents: { edges: [] } } });
    const foreign = tokensOf(own).administrator ?? '';
    expect((await graphql(other, foreign, VIEWER)).errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  it.each(['postgres', 'redis'] as const)(
    'outlives its %s: a typed error meanwhile, and it recovers by itself',
    async (service) => {
      const token = tokensOf(own).administrator ?? '';
      const killed = servicePids(own.home)[service];
      process.kill(killed, 'SIGKILL');
      const ready = async () => (await fetch(`${endpoints.gateway}/health/ready`)).ok;
      const answers = new Set<string>();
      const ask = async () => {
        const { data, errors } = await graphql(endpoints, token, AGENTS);
        answers.add(data?.agents ? 'OK' : (errors?.[0]?.extensions?.code ?? 'NOTHING'));
      };
      const away = async () => {
        await ask();
        return service === 'postgres' ? answers.has('DATABASE_UNAVAILABLE') : servicePids(own.home).redis !== killed;
      };
      const back = async () => {
        answers.delete('OK');
        await ask();
        return answers.has('OK') && ready();
      };
      await waitFor(away, { timeoutMs: 10_000, message: `${service} to be away` });
      await waitFor(back, { timeoutMs: 30_000, message: `${service} to be back` });
      expect([...answers].filter((code) => code !== 'OK' && code !== 'DATABASE_UNAVAILABLE')).toEqual([]);
      expect((await endpointsOf(own)).postgres).toBe(endpoints.postgres);
    },
    40_000,
  );

  it('kill -9 of everything, and another start: goes on, and publishes nothing twice', async () => {
    process.kill(-(own.child.pid as number), 'SIGKILL');
    for (const pid of Object.values(servicePids(own.home))) process.kill(pid, 'SIGKILL');
    await own.exit;
    const again = await runChimera({ home: own.home, args: OWN });
    own = again;
    await waitFor(() => again.output().includes('Chimera is ready'), { timeoutMs: 60_000, message: again.output() });
    endpoints = await endpointsOf(again);
    expect(again.output()).toContain('This campaign exists already');
    const token = tokensOf(again).administrator ?? '';
    const counted = await graphql(endpoints, token, '{ campaigns(first: 10) { edges { node { name } } } }');
    expect((counted.data?.campaigns as { edges: unknown[] } | undefined)?.edges).toHaveLength(1);
    const keys = (await sandboxPosts(endpoints)).map((post) => post.idempotencyKey);
    expect(new Set(keys).size).toBe(keys.length);
  }, 90_000);

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends on %s with code 0 within ten seconds, leaving no process behind',
    async (signal) => {
      const chimera = signal === 'SIGTERM' ? own : bare;
      const startedAt = performance.now();
      chimera.child.kill(signal);
      expect(await chimera.exit).toEqual({ code: 0, signal: null });
      expect(performance.now() - startedAt).toBeLessThan(10_000);
      expect(processesOf(chimera.home)).toEqual([]);
    },
    20_000,
  );
});
