import { z } from 'zod';
import type { DomainContext } from '../../domain/context.ts';
import type { ClaimedEffect } from '../../domain/effect/claim-effect.ts';
import { claimEffect, claimUnknownEffect } from '../../domain/effect/claim-effect.ts';
import type { Published } from '../../domain/effect/finish-effect.ts';
import {
  alertUndecidable,
  confirmEffect,
  failEffect,
  holdEffect,
  leaveUnknown,
  retryEffect,
} from '../../domain/effect/finish-effect.ts';
import type { JobPayload } from '../../domain/jobs.ts';
import { digestOf } from '../../platform/canonical-json.ts';
import type { SwarmResources } from '../resources.ts';
import { swarmContext } from '../resources.ts';
import { effectAction } from './effect-error.ts';

const CALL_TIMEOUT_MS = 30_000;
/** An unknown outcome is looked up after this pause (the outside may still be writing), then ever slower. */
const LOOK_UP_AFTER_MS = 2_000;
const UNSETTLED_LOOK_UP_MS = 10_000;
const UNDECIDED_LOOK_UP_MS = 60_000;
/** Nobody is alarmed before an unknown outcome had this long to show. */
const UNDECIDED_AFTER_MS = 180_000;
const CLOCK_SKEW_MS = 5_000;

const publishedSchema = z.object({
  tweet_id: z.string(),
  tweet_url: z.string().nullable(),
  posted_at: z.coerce.date(),
});
const foundSchema = z.object({
  found: z.boolean(),
  certain: z.boolean(),
  tweet_id: z.string().optional(),
  tweet_url: z.string().optional(),
  posted_at: z.coerce.date().optional(),
});
const payloadSchema = z.looseObject({ account: z.string(), text: z.string(), mention_id: z.string().optional() });

export interface EffectsRole {
  /** One job: sends a due effect, or learns what became of one that went silent. */
  perform(job: JobPayload<'effect'>): Promise<void>;
  close(): void;
}

/**
 * The effect executor: the only place from which something leaves. Claim (PENDING → SENT, agent ACTIVE), digest, call with
 * the idempotency key, CONFIRMED with the platform's id. Death between SENT and CONFIRMED leaves an unknown outcome, which
 * is looked up by key and content: found → CONFIRMED, provably absent → PENDING again, undecidable → a person is alerted.
 */
export function createEffects(resources: SwarmResources): EffectsRole {
  const stopping = new AbortController();
  const leaseSeconds = Math.max(resources.settings.leaseSeconds, Math.ceil(CALL_TIMEOUT_MS / 1000) + 5);
  const callContext = (context: DomainContext, effect: ClaimedEffect) => ({
    tenantId: context.tenantId,
    agentId: effect.agentId,
    traceId: effect.traceId,
    account: payloadSchema.parse(effect.payload).account,
    signal: stopping.signal,
    timeoutMs: CALL_TIMEOUT_MS,
  });
  const after = (ms: number): Date => new Date(resources.clock.now().getTime() + ms);

  async function send(context: DomainContext, effect: ClaimedEffect, claimedAtMs: number): Promise<void> {
    const { server, tool, payload } = effect;
    if (digestOf({ server, tool, payload }) !== effect.payloadDigest) {
      await failEffect(context, effect, {
        code: 'VALIDATION',
        rule: 'DIGEST_MISMATCH',
        message: 'the payload is not the approved one',
      });
      return;
    }
    // A process that slept through its lease (a frozen machine) must not send: by now the outcome is being looked up.
    if (performance.now() - claimedAtMs > leaseSeconds * 1000 - CALL_TIMEOUT_MS) return;
    try {
      const { value } = await resources.mcp.call(
        server,
        tool,
        { ...payload, idempotency_key: effect.idempotencyKey },
        publishedSchema,
        callContext(context, effect),
      );
      await confirmed(context, effect, {
        externalId: value.tweet_id,
        url: value.tweet_url,
        publishedAt: value.posted_at,
      });
    } catch (error) {
      await afterError(context, effect, error);
    }
  }

  async function confirmed(context: DomainContext, effect: ClaimedEffect, published: Published): Promise<void> {
    if (!(await confirmEffect(context, effect, published))) return;
    const { text } = payloadSchema.parse(effect.payload);
    const scope = { tenantId: context.tenantId, agentId: effect.agentId };
    await resources.shortTermMemory.remember(scope, { kind: 'published', content: text });
    await resources.memory
      .store(scope, {
        collection: effect.tool === 'reply_to_mention' ? 'InteractionMemory' : 'AgentMemory',
        type: 'published',
        content: text,
        importance: 0.6,
        metadata: { externalId: published.externalId },
      })
      .catch((error: unknown) =>
        resources.logger.warn({ err: error, effectId: effect.id }, 'a publication was not remembered'),
      );
  }

  async function afterError(context: DomainContext, effect: ClaimedEffect, error: unknown): Promise<void> {
    const action = effectAction(error, effect.attempt);
    const message = error instanceof Error ? error.message : String(error);
    resources.logger.warn(
      {
        effectId: effect.id,
        attempt: effect.attempt,
        action: action.kind,
        code: 'code' in action ? action.code : undefined,
        message,
      },
      'outside call failed',
    );
    switch (action.kind) {
      case 'RETRY':
        await retryEffect(context, effect, after(action.delayMs), { code: action.code, message });
        return;
      case 'HOLD':
        await holdEffect(context, effect, { code: action.code, message });
        return;
      case 'FAIL':
        await failEffect(context, effect, { ...action, message });
        return;
      case 'LOOK_UP':
        await lookUpLater(context, { ...effect, errorCode: action.code }, LOOK_UP_AFTER_MS, message);
    }
  }

  /** Stays SENT; the reconciler looks it up after the lease at the latest, the scheduled job sooner. */
  async function lookUpLater(
    context: DomainContext,
    effect: ClaimedEffect & { errorCode?: string | null },
    delayMs: number,
    message: string,
  ): Promise<void> {
    await leaveUnknown(context, effect, after(delayMs), { code: effect.errorCode ?? 'UNKNOWN', message });
    await resources
      .scheduleLookUp({ tenantId: context.tenantId, effectId: effect.id, traceId: effect.traceId }, delayMs + 100)
      .catch((error: unknown) => resources.logger.debug({ err: error }, 'the reconciler will look it up'));
  }

  async function lookUp(context: DomainContext, effect: ClaimedEffect & { errorCode?: string | null }): Promise<void> {
    const { text, mention_id } = payloadSchema.parse(effect.payload);
    const args = {
      idempotency_key: effect.idempotencyKey,
      text,
      since: new Date(effect.sentAt.getTime() - CLOCK_SKEW_MS).toISOString(),
      account: payloadSchema.parse(effect.payload).account,
      ...(mention_id ? { reply_to: mention_id } : {}),
    };
    try {
      const { value } = await resources.mcp.call(
        effect.server,
        'find_tweet',
        args,
        foundSchema,
        callContext(context, effect),
      );
      if (value.found && value.tweet_id) {
        await confirmed(context, effect, {
          externalId: value.tweet_id,
          url: value.tweet_url ?? null,
          publishedAt: value.posted_at ?? effect.sentAt,
        });
      } else if (value.certain && effect.errorCode === 'DUPLICATE_CONTENT') {
        await failEffect(context, effect, {
          code: 'VALIDATION',
          rule: 'DUPLICATE_CONTENT',
          message: 'the platform refuses this text as a duplicate of something it already shows',
        });
      } else if (value.certain) {
        await retryEffect(context, effect, after(0), { code: 'ABSENT', message: 'looked up: it had not happened' });
      } else await stillUnknown(context, effect, 'not seen yet, and it may still appear');
    } catch (error) {
      await stillUnknown(context, effect, error instanceof Error ? error.message : String(error));
    }
  }

  /** Looked up again; a person is alarmed when nobody could tell for a while, also because the look-up itself fails. */
  async function stillUnknown(
    context: DomainContext,
    effect: ClaimedEffect & { errorCode?: string | null },
    why: string,
  ): Promise<void> {
    const { account, text } = payloadSchema.parse(effect.payload);
    if (resources.clock.now().getTime() - effect.sentAt.getTime() < UNDECIDED_AFTER_MS)
      return lookUpLater(context, effect, UNSETTLED_LOOK_UP_MS, why);
    await alertUndecidable(
      context,
      effect,
      after(UNDECIDED_LOOK_UP_MS),
      `Nobody can tell whether "${text.slice(0, 80)}" was published: please look at @${account} and decide. (${why})`,
    );
  }

  return {
    async perform(job) {
      const context = swarmContext(resources, 'effects', job.tenantId, job.traceId);
      const claimedAtMs = performance.now();
      const effect = await claimEffect(context, job.effectId, leaseSeconds);
      if (effect) return send(context, effect, claimedAtMs);
      const unknown = await claimUnknownEffect(context, job.effectId, leaseSeconds);
      if (unknown) await lookUp(context, unknown);
    },
    close: () => stopping.abort(new Error('the executor is stopping')),
  };
}
