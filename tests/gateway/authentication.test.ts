import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { newId } from '../../platform/ids.ts';
import type { TestGateway } from '../support/gateway.ts';
import { JWT, startTestGateway } from '../support/gateway.ts';
import type { Seeded, SeededTenant } from '../support/seed.ts';
import { waitFor } from '../support/wait-for.ts';

let gateway: TestGateway;
let tenant: SeededTenant;
let user: Seeded & { tenantId: string };

beforeAll(async () => {
  gateway = await startTestGateway();
  tenant = await gateway.seed.tenant();
  user = await tenant.user('ADMINISTRATOR');
});
afterAll(() => gateway.close());

const post = (authorization: string | null, headers: Record<string, string> = {}) =>
  fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers, ...(authorization === null ? {} : { authorization }) },
    body: '{"query":"{ viewer { user { id } } }"}',
  });

const sign = (
  claims: Record<string, unknown>,
  options: { secret?: string; exp?: number | null; alg?: string } = {},
) => {
  const token = new SignJWT({
    iss: JWT.issuer,
    aud: JWT.audience,
    sub: user.id,
    tenant: tenant.id,
    ...claims,
  }).setProtectedHeader({ alg: options.alg ?? 'HS256' });
  if (options.exp !== null) token.setExpirationTime(options.exp ?? Math.floor(Date.now() / 1000) + 60);
  return token.sign(new TextEncoder().encode(options.secret ?? JWT.secret));
};

describe('over HTTP', () => {
  it('takes a valid token and a minimally late one', async () => {
    expect((await post(`Bearer ${await sign({})}`)).status).toBe(200);
    expect((await post(`Bearer ${await sign({}, { exp: Math.floor(Date.now() / 1000) - 2 })}`)).status).toBe(200);
  });

  const seconds = () => Math.floor(Date.now() / 1000);
  it.each<[string, () => Promise<string | null> | string | null, RegExp]>([
    ['no token', () => null, /bearer token is needed/],
    ['an empty one', () => 'Bearer ', /bearer token is needed/],
    ['no JWT', () => 'Bearer abc', /malformed/],
    ['an expired one', async () => `Bearer ${await sign({}, { exp: seconds() - 60 })}`, /expired/],
    ['one without an end', async () => `Bearer ${await sign({}, { exp: null })}`, /exp is missing/],
    [
      'a wrong signature',
      async () => `Bearer ${await sign({}, { secret: 'some other secret of thirty-two characters' })}`,
      /signature is wrong/,
    ],
    ['another audience', async () => `Bearer ${await sign({ aud: 'somebody else' })}`, /aud is not/],
    ['another issuer', async () => `Bearer ${await sign({ iss: 'somebody else' })}`, /iss is not/],
    ['another algorithm', async () => `Bearer ${await sign({}, { alg: 'HS512' })}`, /HS512 is not accepted/],
    [
      'no signature at all',
      () =>
        `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: user.id, tenant: tenant.id })).toString('base64url')}.`,
      /none is not accepted|malformed/,
    ],
    ['a subject that is no id', async () => `Bearer ${await sign({ sub: 'admin' })}`, /sub is not a user id/],
    ['no tenant', async () => `Bearer ${await sign({ tenant: undefined })}`, /tenant is not/],
    ['an unknown user', async () => `Bearer ${await sign({ sub: newId() })}`, /does not exist/],
    [
      'a user of another tenant',
      async () => `Bearer ${await sign({ tenant: (await gateway.seed.tenant()).id })}`,
      /does not exist/,
    ],
  ])('answers 401 and the reason to %s', async (_what, token, message) => {
    const response = await post(await token());
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual({
      errors: [{ message: expect.stringMatching(message), extensions: { code: 'UNAUTHENTICATED', retryable: false } }],
    });
  });

  it('tells nobody about the schema before it knows who asks', async () => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ agentz }"}',
    });
    expect(await response.text()).not.toMatch(/agents/);
  });

  it('narrows the permissions of the role to those of the token, never widens them', async () => {
    const reviewer = await tenant.user('CONTENT_REVIEWER');
    const token = await gateway.tokenFor(reviewer, { permissions: ['read:agents', 'admin:*', 'unheard:of'] });
    const answer = await gateway.query(token, '{ viewer { permissions } }');
    expect(answer.data.viewer.permissions).toEqual(['read:agents']);
    const admin = await gateway.query(
      await gateway.tokenFor(user, { permissions: ['read:agents', 'write:campaigns'] }),
      '{ viewer { permissions } }',
    );
    expect(admin.data.viewer.permissions).toEqual(['read:agents', 'write:campaigns']);
  });

  it('notices within seconds that a role was changed or a user removed', async () => {
    const [demoted, removed] = [await tenant.user('ADMINISTRATOR'), await tenant.user('ADMINISTRATOR')];
    const [demotedToken, removedToken] = [await gateway.tokenFor(demoted), await gateway.tokenFor(removed)];
    const permissions = async () =>
      (await gateway.query(demotedToken, '{ viewer { permissions } }')).data.viewer.permissions;
    expect(await permissions()).toContain('admin:*');
    expect((await post(`Bearer ${removedToken}`)).status).toBe(200);
    await gateway.seed.sql(`UPDATE "User" SET role = 'CONTENT_REVIEWER' WHERE id = $1`, [demoted.id]);
    await gateway.seed.sql('DELETE FROM "User" WHERE id = $1', [removed.id]);
    await waitFor(async () => !(await permissions()).includes('admin:*'), {
      timeoutMs: 8_000,
      message: 'the new role',
    });
    await waitFor(async () => (await post(`Bearer ${removedToken}`)).status === 401, {
      timeoutMs: 2_000,
      message: 'the removed user',
    });
  });
});

describe('with published keys (JWKS)', () => {
  it.each(['RS256', 'ES256'])('takes %s tokens of a published key, and no others', async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    const foreign = await generateKeyPair(alg);
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg };
    const keys = createServer((_request, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })),
    );
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
    const issuer = await startTestGateway({
      jwt: {
        secret: null,
        jwksUrl: `http://127.0.0.1:${(keys.address() as AddressInfo).port}/jwks`,
        issuer: 'https://id.example',
        audience: 'chimera',
      },
    });
    try {
      const account = await issuer.seed.tenant();
      const person = await account.user('ADMINISTRATOR');
      const make = (key: typeof privateKey) =>
        new SignJWT({ tenant: account.id })
          .setProtectedHeader({ alg, kid: 'k1' })
          .setSubject(person.id)
          .setIssuer('https://id.example')
          .setAudience('chimera')
          .setExpirationTime('1m')
          .sign(key);
      expect((await issuer.query(await make(privateKey), '{ viewer { user { id } } }')).data.viewer.user.id).toBe(
        person.globalId,
      );
      expect(
        (await issuer.query(await make(foreign.privateKey), '{ viewer { user { id } } }')).errors?.[0]?.extensions
          ?.code,
      ).toBe('UNAUTHENTICATED');
      // A public key must not work as an HMAC secret.
      const confused = await new SignJWT({ tenant: account.id })
        .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
        .setSubject(person.id)
        .setIssuer('https://id.example')
        .setAudience('chimera')
        .setExpirationTime('1m')
        .sign(new TextEncoder().encode(JSON.stringify(jwk)));
      expect((await issuer.query(confused, '{ viewer { user { id } } }')).errors?.[0]?.message).toMatch(
        /HS256 is not accepted/,
      );
    } finally {
      await issuer.close();
      keys.close();
    }
  });
});

describe('over WebSocket', () => {
  /** What the socket says until it closes. */
  function connect(connectionParams: Record<string, unknown> | undefined, headers: Record<string, string> = {}) {
    const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws', { headers });
    const messages: { type: string }[] = [];
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: connectionParams })));
    socket.on('message', (data) => messages.push(JSON.parse(String(data)) as { type: string }));
    const closed = new Promise<{ code: number; reason: string }>((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
    return { socket, messages, closed };
  }

  it.each<[string, () => Promise<Record<string, unknown> | undefined>]>([
    ['no token', async () => undefined],
    ['an expired token', async () => ({ authorization: `Bearer ${await sign({}, { exp: 1 })}` })],
    ['a token of nobody', async () => ({ token: await sign({ sub: newId() }) })],
    ['a token that is no string', async () => ({ authorization: 5 })],
  ])('closes with 4401 on %s', async (_what, params) => {
    const { closed, messages } = connect(await params());
    expect(await closed).toMatchObject({ code: 4401, reason: expect.stringMatching(/^Unauthorized: /) });
    expect(messages).toEqual([]);
  });

  it('takes the token from connection_init or from the upgrade request', async () => {
    for (const { socket, messages } of [
      connect({ authorization: `Bearer ${await sign({})}` }),
      connect({ token: await sign({}) }),
      connect(undefined, { authorization: `Bearer ${await sign({})}` }),
    ]) {
      await waitFor(() => messages.some((message) => message.type === 'connection_ack'));
      socket.close();
    }
  });

  it('closes an operation before connection_init with 4401', async () => {
    const early = connect(undefined);
    early.socket.removeAllListeners('open');
    early.socket.on('open', () =>
      early.socket.send(
        JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ viewer { permissions } }' } }),
      ),
    );
    expect((await early.closed).code).toBe(4401);
  });

  it('does not outlive its token', async () => {
    const { closed, messages } = connect({ token: await sign({}, { exp: Math.floor(Date.now() / 1000) + 1 }) });
    await waitFor(() => messages.some((message) => message.type === 'connection_ack'));
    expect(await closed).toEqual({ code: 4499, reason: 'Token expired' });
  });

  it('answers queries, and refuses what the user may not see', async () => {
    const { socket, messages } = connect({ token: await sign({ permissions: ['approve:hitl'] }) });
    await waitFor(() => messages.length > 0);
    socket.send(
      JSON.stringify({ type: 'subscribe', id: 'q', payload: { query: 'subscription { agents { cursor } }' } }),
    );
    await waitFor(() => messages.length > 2);
    expect(JSON.stringify(messages)).toContain('FORBIDDEN');
    socket.close();
  });

  it('holds at most 200 operations on one socket', async () => {
    const { socket, messages } = connect({ token: await sign({}) });
    await waitFor(() => messages.length > 0);
    for (let id = 0; id < 201; id++) {
      socket.send(
        JSON.stringify({ type: 'subscribe', id: String(id), payload: { query: 'subscription { agents { cursor } }' } }),
      );
    }
    await waitFor(() => messages.length > 1);
    expect(messages.slice(1)).toMatchObject([
      { type: 'error', id: '200', payload: [{ extensions: { code: 'RATE_LIMITED' } }] },
    ]);
    socket.close();
    await waitFor(() => gateway.gateway.subscribers() === 0);
  });
});
