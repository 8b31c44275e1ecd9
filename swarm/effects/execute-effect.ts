import { z } from 'zod';
import type { DomainContext } from '../../domain/context.ts';
import { askAboutUnknownEffect } from '../../domain/effect/ask-about-effect.ts';
import type { ClaimedEffect } from '../../domain/effect/claim-effect.ts';
import { claimEffect, claimUnknownEffect, OUTCOME_UNKNOWN } from '../../domain/effect/claim-effect.ts';
import type { Published } from '../../domain/effect/finish-effect.ts';
import {
  confirmEffect,
  escalateEffect,
  failEffect,
  holdEffect,
  leaveUnknown,
  retryEffect,
} from '../../domain/effect/finish-effect.ts';
import type { Fault } from '../../domain/fault/fault.ts';
import { nextStep } from '../../domain/fault/fault.ts';
import type { JobPayload } from '../../domain/jobs.ts';
import { McpToolError } from '../../mcp/host/mcp-tool-error.ts';
import { digestOf } from '../../platform/canonical-json.ts';
import { isFaultName } from '../faults/error-table.ts';
import { faultNamed, faultOf } from '../faults/fault-of.ts';
import type { SwarmResources } from '../resources.ts';
import { swarmContext } from '../resources.ts';
import { findPublication, payloadSchema } from './find-publication.ts';

const CALL_TIMEOUT_MS = 30_000;
/** An unknown outcome is looked up after this pause (the outside may still be writing), then ever slower. */
const LOOK_UP_AFTER_MS = 2_000;
const UNSETTLED_LOOK_UP_MS = 10_000;
const UNDECIDED_LOOK_UP_MS = 60_000;
/** Nobody is alarmed before an unknown outcome had this long to show. */
const UNDECIDED_AFTER_MS = 180_000;

const publishedSchema = z.object({
  tweet_id: z.string(),
  tweet_url: z.string().nullable(),
  posted_at: z.coerce.date(),
});
export interface EffectsRole {
  /** One job: sends a due effect, or learns what became of one that went silent. */
  perform(job: JobPayload<'effect'>): Promise<void>;
  /** Aborts calls for agents that were stopped: what became of them is looked up. */
  abortAgents(agentIds: ReadonlySet<string>): void;
  close(): void;
}

/**
 * The effect executor: the only place from which something leaves. Claim (PENDING → SENT, agent ACTIVE), digest, call with
 * the idempotency key, CONFIRMED with the platform's id. Death between SENT and CONFIRMED leaves an unknown outcome, which
 * is looked up by key and content: found → CONFIRMED, provably absent → what the error table says of the fault, undecidable
 * → a person decides.
 */
export function createEffects(resources: SwarmResources): EffectsRole {
  const stopping = new AbortController();
  /** Calls under way, by claim: each can be aborted for its agent. */
  const sending = new Map<string, { agentId: string; abort: AbortController }>();
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
        name: 'DIGEST_MISMATCH',
        code: 'VALIDATION',
        message: 'the payload is not the approved one',
      });
      return;
    }
    // From here on a stop hint finds it, also while it is looked for.
    const abort = new AbortController();
    if (stopping.signal.aborted) abort.abort(stopping.signal.reason);
    sending.set(effect.claimToken, { agentId: effect.agentId, abort });
    try {
      if (effect.errorCode === OUTCOME_UNKNOWN) {
        const there = await lookBeforeSending(context, effect, abort.signal);
        if (there) return await confirmed(context, effect, there);
      }
      // A process that slept through its lease (a frozen machine) must not send: by now the outcome is being looked up.
      if (performance.now() - claimedAtMs > leaseSeconds * 1000 - CALL_TIMEOUT_MS) {
        resources.logger.warn({ effectId: effect.id }, 'not sent: the executor slept through its lease');
        return;
      }
      const { value } = await resources.mcp.call(
        server,
        tool,
        { ...payload, idempotency_key: effect.idempotencyKey },
        publishedSchema,
        { ...callContext(context, effect), signal: abort.signal },
      );
      await confirmed(context, effect, {
        externalId: value.tweet_id,
        url: value.tweet_url,
        publishedAt: value.posted_at,
      });
    } catch (error) {
      await afterError(context, effect, error);
    } finally {
      sending.delete(effect.claimToken);
    }
  }

  async function confirmed(context: DomainContext, effect: ClaimedEffect, published: Published): Promise<void> {
    if (!(await confirmEffect(context, effect, published))) {
      resources.logger.warn({ effectId: effect.id, published }, 'confirmation refused: the claim was lost');
      return;
    }
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

  /** A person has it sent again because nobody could tell: where the platform can by now, it is not sent. */
  async function lookBeforeSending(
    context: DomainContext,
    effect: ClaimedEffect,
    signal: AbortSignal,
  ): Promise<Published | null> {
    try {
      return (await findPublication(resources.mcp, effect, { ...callContext(context, effect), signal })).published;
    } catch (error) {
      resources.logger.warn({ err: error, effectId: effect.id }, 'could not be looked up; a person has it sent');
      return null;
    }
  }

  async function afterError(context: DomainContext, effect: ClaimedEffect, error: unknown): Promise<void> {
    const fault = error instanceof McpToolError ? faultOf(error) : faultNamed('UNKNOWN', String(error));
    const { id, attempt } = effect;
    resources.logger.warn(
      { effectId: id, attempt, fault: fault.name, action: fault.action, err: error },
      'call failed',
    );
    // A duplicate may be our own earlier success; what may have happened, now or at an earlier sending, is never blindly repeated.
    const applied =
      !(error instanceof McpToolError) ||
      error.outcome === 'UNKNOWN' ||
      fault.action === 'SKIP' ||
      effect.errorCode === OUTCOME_UNKNOWN;
    if (applied) await lookUpLater(context, effect, LOOK_UP_AFTER_MS, fault);
    else await follow(context, effect, fault);
  }

  /** Certain that nothing happened outside: what the error table asks for. */
  async function follow(context: DomainContext, effect: ClaimedEffect, fault: Fault): Promise<void> {
    // An effect has no tries that count: a fault of ours is retried as an outage, and goes to a person the fifth time.
    const action = fault.action === 'RETRY' ? 'RETRY_THEN_PERSON' : fault.action;
    const work = { attempt: effect.attempt, triesLeft: true, outages: effect.outages };
    const step = nextStep({ ...fault, action }, work, Math.random(), context.settings.retryBaseMs);
    switch (step.kind) {
      case 'AGAIN':
        await retryEffect(context, effect, { notBefore: after(step.delayMs), outages: step.outages }, fault);
        return;
      case 'WAIT_FOR_AGENT':
        await holdEffect(context, effect, fault);
        return;
      case 'END':
        await failEffect(context, effect, fault);
        return;
      case 'ASK':
        await escalateEffect(context, effect, fault);
    }
  }

  /** Stays SENT; the reconciler looks it up after the lease at the latest, the scheduled job sooner. */
  async function lookUpLater(
    context: DomainContext,
    effect: ClaimedEffect,
    delayMs: number,
    fault: { name: string; message: string },
  ): Promise<void> {
    await leaveUnknown(context, effect, after(delayMs), fault);
    await resources
      .scheduleLookUp({ tenantId: context.tenantId, effectId: effect.id, traceId: effect.traceId }, delayMs + 100)
      .catch((error: unknown) => resources.logger.debug({ err: error }, 'the reconciler will look it up'));
  }

  async function lookUp(context: DomainContext, effect: ClaimedEffect): Promise<void> {
    try {
      const { published, certain } = await findPublication(resources.mcp, effect, callContext(context, effect));
      if (published) return await confirmed(context, effect, published);
      if (!certain) return await stillUnknown(context, effect, 'not seen yet, and it may still appear');
    } catch (error) {
      return stillUnknown(context, effect, error instanceof Error ? error.message : String(error));
    }
    const { errorCode, errorMessage } = effect;
    if (errorCode && isFaultName(errorCode))
      return follow(context, effect, faultNamed(errorCode, errorMessage ?? errorCode));
    // Its executor died: nothing is known against it.
    const absent = { name: 'ABSENT', message: 'looked up: it had not happened' };
    await retryEffect(context, effect, { notBefore: null, outages: effect.outages }, absent);
  }

  /** Looked up again; a person is asked when nobody could tell for a while, also because the look-up itself fails. */
  async function stillUnknown(context: DomainContext, effect: ClaimedEffect, why: string): Promise<void> {
    const { account, text } = payloadSchema.parse(effect.payload);
    if (resources.clock.now().getTime() - effect.sentAt.getTime() < UNDECIDED_AFTER_MS) {
      const fault = { name: effect.errorCode ?? 'ABSENT', message: effect.errorMessage ?? why };
      return lookUpLater(context, effect, UNSETTLED_LOOK_UP_MS, fault);
    }
    await askAboutUnknownEffect(context, effect, after(UNDECIDED_LOOK_UP_MS), { account, text, why });
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
    abortAgents(agentIds) {
      for (const { agentId, abort } of sending.values())
        if (agentIds.has(agentId)) abort.abort(new Error('the agent was stopped'));
    },
    close() {
      const reason = new Error('the executor is stopping');
      stopping.abort(reason);
      for (const { abort } of sending.values()) abort.abort(reason);
    },
  };
}
