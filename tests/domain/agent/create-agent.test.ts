import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../../../domain/agent/create-agent.ts';
import { addressOf, decryptPrivateKey, encryptPrivateKey } from '../../../domain/agent/wallet.ts';
import type { DomainContext } from '../../../domain/context.ts';
import type { Domain } from '../domain-fixture.ts';
import { failureOf, fieldsOf, openDomain, walletEncryptionKey } from '../domain-fixture.ts';

const SOUL = readFileSync('examples/ethiopian-fashion/SOUL.md', 'utf8');
const FIELDS = {
  name: 'Mira',
  backstory: 'By the sea.',
  voiceTraits: ['warm'],
  coreBeliefs: ['Look twice.'],
  budgetDailyUsd: '25',
};

let domain: Domain;
let context: DomainContext;
beforeAll(async () => {
  domain = await openDomain();
  context = domain.context((await domain.seed.tenant()).id);
});
afterAll(() => domain.close());

describe('createAgent', () => {
  test('from fields: PAUSED, with wallet, handles, a composed SOUL.md, an event and an audit entry', async () => {
    const { id } = await createAgent(context, {
      ...FIELDS,
      bio: '  Harbour light. ',
      directives: ['Be kind.'],
      socialHandles: [{ platform: 'TWITTER', username: '@mira.sea' }],
    });
    expect(await domain.row('Agent', id)).toMatchObject({
      status: 'PAUSED',
      bio: 'Harbour light.',
      budgetDailyMicroUsd: '25000000',
      voiceTraits: ['warm'],
      directives: ['Be kind.'],
      version: 1,
      soulMarkdown: expect.stringContaining('By the sea.'),
    });
    expect(await domain.sql('SELECT username FROM "SocialHandle" WHERE "agentId" = $1', [id])).toEqual([
      { username: 'mira.sea' },
    ]);
    expect(await domain.events(id)).toMatchObject([
      { topic: 'agent', kind: 'CREATED', version: 1, data: { status: 'PAUSED' } },
    ]);
    expect(await domain.audited(id)).toEqual(['agent.created']);
  });

  test.each([
    ['plain', SOUL],
    ['base64', Buffer.from(SOUL).toString('base64')],
  ])('from a SOUL.md given as %s: the persona is read from it', async (_form, soulMarkdown) => {
    const { id } = await createAgent(context, { name: 'Selam', soulMarkdown, budgetDailyUsd: '1.5', activate: true });
    const agent = await domain.row<{ coreBeliefs: string[]; backstory: string }>('Agent', id);
    expect(agent).toMatchObject({
      status: 'ACTIVE',
      niche: 'Ethiopian fashion',
      region: 'Addis Ababa',
      budgetDailyMicroUsd: '1500000',
    });
    expect(agent.coreBeliefs).toHaveLength(4);
    expect(agent.backstory).toContain('Shiro Meda');
  });

  test('the wallet’s encrypted key is the key of its address, opens with our key only, and is bound to its wallet', async () => {
    const { id } = await createAgent(context, FIELDS);
    const [wallet] = await domain.sql<{ address: string; encryptedPrivateKey: Buffer }>(
      'SELECT w.* FROM "Wallet" w JOIN "Agent" a ON a.id = w."agentId" AND a."walletAddress" = w.address WHERE a.id = $1',
      [id],
    );
    if (!wallet) throw new Error('no wallet');
    const privateKey = decryptPrivateKey(wallet.encryptedPrivateKey, walletEncryptionKey, wallet.address);
    expect(addressOf(privateKey)).toBe(wallet.address);
    expect(wallet.encryptedPrivateKey.includes(privateKey)).toBe(false);
    expect(() => decryptPrivateKey(wallet.encryptedPrivateKey, Buffer.alloc(32, 1), wallet.address)).toThrow();
    expect(() => decryptPrivateKey(wallet.encryptedPrivateKey, walletEncryptionKey, `0x${'1'.repeat(40)}`)).toThrow();
    const changed = Buffer.from(wallet.encryptedPrivateKey);
    changed.writeUInt8(changed.readUInt8(40) ^ 1, 40);
    expect(() => decryptPrivateKey(changed, walletEncryptionKey, wallet.address)).toThrow();
    expect(encryptPrivateKey(privateKey, walletEncryptionKey, wallet.address).equals(wallet.encryptedPrivateKey)).toBe(
      false,
    );
  });

  test('the address of a known key is the known address, in its checksummed form', () => {
    // The first account of the well-known development mnemonic "test test … junk".
    expect(addressOf(Buffer.from('ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80', 'hex'))).toBe(
      '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
    );
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ['a SOUL.md and fields at once', { ...FIELDS, soulMarkdown: SOUL }, ['soulMarkdown']],
    ['neither', { name: 'Mira', budgetDailyUsd: '1' }, ['backstory', 'voiceTraits', 'coreBeliefs']],
    [
      'a broken SOUL.md',
      { name: 'M', budgetDailyUsd: '1', soulMarkdown: '---\nname: M\n---\n' },
      ['soulMarkdown.voice_traits'],
    ],
    [
      'an oversize SOUL.md',
      { name: 'M', budgetDailyUsd: '1', soulMarkdown: `${SOUL}\n${'word '.repeat(15_000)}` },
      ['soulMarkdown.file'],
    ],
    [
      'a SOUL.md above all bounds',
      { name: 'M', budgetDailyUsd: '1', soulMarkdown: 'x'.repeat(100_001) },
      ['soulMarkdown'],
    ],
    ['a negative budget', { ...FIELDS, budgetDailyUsd: '-1' }, ['budgetDailyUsd']],
    ['a budget in words', { ...FIELDS, budgetDailyUsd: 'ten' }, ['budgetDailyUsd']],
    ['a budget with too many decimals', { ...FIELDS, budgetDailyUsd: '0.0000001' }, ['budgetDailyUsd']],
    ['a budget above a million', { ...FIELDS, budgetDailyUsd: '1000000.000001' }, ['budgetDailyUsd']],
    ['an exponential budget', { ...FIELDS, budgetDailyUsd: '1e3' }, ['budgetDailyUsd']],
    ['a long bio', { ...FIELDS, bio: 'a'.repeat(501) }, ['bio']],
    ['a name of blanks', { ...FIELDS, name: '   ' }, ['name']],
    [
      'two handles on a platform',
      {
        ...FIELDS,
        socialHandles: [
          { platform: 'TWITTER', username: 'a' },
          { platform: 'TWITTER', username: 'b' },
        ],
      },
      ['socialHandles'],
    ],
    [
      'a handle with a space',
      { ...FIELDS, socialHandles: [{ platform: 'TWITTER', username: 'a b' }] },
      ['socialHandles.0.username'],
    ],
    ['too many traits', { ...FIELDS, voiceTraits: Array(21).fill('warm') }, ['voiceTraits']],
  ])('refuses %s, naming the field', async (_what, input, fields) => {
    const found = await fieldsOf(createAgent(context, input));
    for (const field of fields) expect(found).toContain(field);
  });

  test('is an administrator’s', async () => {
    const manager = domain.context(context.tenantId, { permissions: ['read:agents', 'write:campaigns'] });
    expect(await failureOf(createAgent(manager, FIELDS))).toMatchObject({
      code: 'FORBIDDEN',
      requires: 'write:agents',
    });
  });
});
