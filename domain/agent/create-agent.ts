import { z } from 'zod';
import { newId } from '../../platform/ids.ts';
import { requirePermission } from '../access.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { DomainContext } from '../context.ts';
import { ValidationError } from '../errors.ts';
import { recordEvents } from '../outbox.ts';
import { budgetSchema, parseInput, textSchema } from '../parse-input.ts';
import { platformSchema } from '../task/task-types.ts';
import { agentEvent } from './agent-row.ts';
import type { Persona } from './persona.ts';
import { composeSoul, decodeSoulInput, parseSoul, SoulError } from './soul.ts';
import { createWallet } from './wallet.ts';

export const socialHandleSchema = z.object({
  platform: platformSchema,
  username: z
    .string()
    .trim()
    .regex(/^@?[A-Za-z0-9._]{1,50}$/, 'letters, digits, dots and underscores, at most 50')
    .transform((name) => name.replace(/^@/, '')),
});
export const socialHandlesSchema = z
  .array(socialHandleSchema)
  .max(10)
  .refine(
    (handles) => new Set(handles.map((handle) => handle.platform)).size === handles.length,
    'has two handles for one platform',
  );

export const createAgentInput = z.object({
  name: textSchema(1, 100),
  bio: textSchema(0, 500).nullish(),
  niche: textSchema(1, 100).nullish(),
  region: textSchema(1, 100).nullish(),
  soulMarkdown: z.string().max(100_000, 'must have at most 100,000 characters').nullish(),
  backstory: textSchema(1, 20_000).nullish(),
  voiceTraits: z.array(textSchema(1, 100)).max(20).nullish(),
  coreBeliefs: z.array(textSchema(1, 500)).max(20).nullish(),
  directives: z.array(textSchema(1, 1000)).max(30).nullish(),
  socialHandles: socialHandlesSchema.nullish(),
  characterReferenceId: textSchema(1, 200).nullish(),
  budgetDailyUsd: budgetSchema,
  budgetTotalUsd: budgetSchema.nullish(),
  activate: z.boolean().nullish(),
});

/** The persona of a SOUL.md (plain or base64); its problems as ValidationError with line and field. */
export function personaFromSoul(soulInput: string): { persona: Persona; soulMarkdown: string } {
  try {
    return parseSoul(decodeSoulInput(soulInput));
  } catch (error) {
    if (!(error instanceof SoulError)) throw error;
    throw new ValidationError(
      error.issues.map((issue) => ({
        path: ['soulMarkdown', issue.field].filter(Boolean),
        message: `line ${issue.line}: ${issue.message}`,
      })),
    );
  }
}

function personaOf(input: z.infer<typeof createAgentInput>): { persona: Persona; soulMarkdown: string } {
  if (input.soulMarkdown) {
    if (input.backstory || input.voiceTraits || input.coreBeliefs || input.directives) {
      throw new ValidationError([
        {
          path: ['soulMarkdown'],
          message: 'give either soulMarkdown, or backstory, voiceTraits and coreBeliefs, not both',
        },
      ]);
    }
    return personaFromSoul(input.soulMarkdown);
  }
  const missing = (['backstory', 'voiceTraits', 'coreBeliefs'] as const).filter((field) => !input[field]?.length);
  if (missing.length > 0)
    throw new ValidationError(
      missing.map((field) => ({ path: [field], message: 'is needed where soulMarkdown is not given' })),
    );
  const persona: Persona = {
    name: input.name,
    niche: input.niche ?? null,
    region: input.region ?? null,
    backstory: input.backstory ?? '',
    voiceTraits: input.voiceTraits ?? [],
    coreBeliefs: input.coreBeliefs ?? [],
    directives: input.directives ?? [],
  };
  return { persona, soulMarkdown: composeSoul(persona) };
}

/**
 * Creates an agent with its wallet, PAUSED unless `activate`. One transaction: all of it or nothing.
 * Errors: ValidationError, ForbiddenError (write:agents).
 */
export async function createAgent(context: DomainContext, rawInput: unknown): Promise<{ id: string }> {
  requirePermission(context, 'write:agents');
  const input = parseInput(createAgentInput, rawInput);
  const { persona, soulMarkdown } = personaOf(input);
  const wallet = createWallet(context.settings.walletEncryptionKey);
  const id = newId();
  const status = input.activate ? 'ACTIVE' : 'PAUSED';
  await context.db.transaction(async (sql) => {
    await sql.query(
      `INSERT INTO "Agent" (id, "tenantId", name, bio, niche, region, "soulMarkdown", backstory, "voiceTraits", "coreBeliefs", directives,
         "characterReferenceId", "walletAddress", status, "budgetDailyMicroUsd", "budgetTotalMicroUsd")
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::"AgentStatus", $15, $16)`,
      [
        id,
        context.tenantId,
        input.name,
        input.bio || null,
        input.niche ?? persona.niche,
        input.region ?? persona.region,
        soulMarkdown,
        persona.backstory,
        persona.voiceTraits,
        persona.coreBeliefs,
        persona.directives,
        input.characterReferenceId ?? null,
        wallet.address,
        status,
        input.budgetDailyUsd,
        input.budgetTotalUsd ?? null,
      ],
    );
    await sql.query(
      'INSERT INTO "Wallet" ("agentId", "tenantId", address, "encryptedPrivateKey") VALUES ($1, $2, $3, $4)',
      [id, context.tenantId, wallet.address, wallet.encryptedPrivateKey],
    );
    for (const handle of input.socialHandles ?? []) {
      await sql.query(
        'INSERT INTO "SocialHandle" (id, "tenantId", "agentId", platform, username) VALUES ($1, $2, $3, $4::"Platform", $5)',
        [newId(), context.tenantId, id, handle.platform, handle.username],
      );
    }
    await recordEvents(sql, context.tenantId, context.traceId, [
      agentEvent({ id, name: input.name, status, version: 1 }, 'CREATED'),
    ]);
    await recordAudit(sql, context, [
      { action: 'agent.created', subjectType: 'Agent', subjectId: id, data: { name: input.name, status } },
    ]);
  });
  return { id };
}
