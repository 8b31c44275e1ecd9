import type { ZodType } from 'zod';
import type { DomainContext } from '../../domain/context.ts';
import { accountOf } from '../../domain/effect/effect-call.ts';
import type { SpendCategory } from '../../domain/money/reserve.ts';
import type { ClaimedTask } from '../../domain/task/claim-tasks.ts';
import type { ToolCallRecord } from '../../domain/task/report-results.ts';
import { McpToolError } from '../../mcp/host/mcp-tool-error.ts';
import type { AgentCache, AgentProfile } from '../agent-cache.ts';
import type { Prompt } from '../models/language-model.ts';
import { LanguageModelError } from '../models/language-model.ts';
import type { SwarmResources } from '../resources.ts';

/** What a task type's `perform` returns; the Worker adds cost, time and tool calls. */
export interface AttemptOutput {
  output: unknown;
  reasoning: string | null;
  /** 0..1 */
  modelProbability: number;
}

/** One attempt of one task: everything its `perform` may use. Nothing here has an effect outside beyond spending. */
export interface Attempt {
  task: ClaimedTask;
  agent: AgentProfile;
  agents: AgentCache;
  goals: string | null;
  context: DomainContext;
  resources: SwarmResources;
  signal: AbortSignal;
  generate<I, O>(prompt: Prompt<I, O>, input: I): Promise<O>;
  callTool<T>(server: string, tool: string, args: unknown, output: ZodType<T>): Promise<T>;
  spend(category: SpendCategory, microUsd: number, model: string): void;
}

/** What was used so far: kept also when the attempt fails. */
export interface AttemptRecord {
  toolCalls: ToolCallRecord[];
  model: string | null;
  tokens: number;
  spent: Map<SpendCategory, { microUsd: number; model: string }>;
}

export function startAttempt(parts: Omit<Attempt, 'generate' | 'callTool' | 'spend'>): {
  attempt: Attempt;
  record: AttemptRecord;
} {
  const { task, context, resources, signal, agent } = parts;
  const record: AttemptRecord = { toolCalls: [], model: null, tokens: 0, spent: new Map() };
  const spend: Attempt['spend'] = (category, microUsd, model) => {
    const before = record.spent.get(category)?.microUsd ?? 0;
    record.spent.set(category, { microUsd: before + microUsd, model });
  };
  const useModel = (model: string, tokens: number, microUsd: number): void => {
    record.model = model;
    record.tokens += tokens;
    spend('MODEL', microUsd, model);
  };
  return {
    record,
    attempt: {
      ...parts,
      spend,
      async generate(prompt, input) {
        try {
          const generation = await resources.model.generate(prompt, input, {
            signal,
            timeoutMs: task.timeoutSeconds * 1000,
            seed: `${task.id}/${task.attempt}`,
          });
          useModel(
            generation.model,
            generation.usage.inputTokens + generation.usage.outputTokens,
            generation.costMicroUsd,
          );
          return generation.output;
        } catch (error) {
          if (error instanceof LanguageModelError)
            useModel(
              resources.model.modelFor(prompt.tier),
              error.usage.inputTokens + error.usage.outputTokens,
              error.costMicroUsd,
            );
          throw error;
        }
      },
      async callTool(server, tool, args, output) {
        const startedAt = performance.now();
        const account = accountOf(agent.persona.name, agent.handles.TWITTER ?? null);
        const called = (error: string | null) =>
          record.toolCalls.push({
            server,
            tool,
            durationMs: Math.round(performance.now() - startedAt),
            ok: error === null,
            error,
          });
        try {
          const { value } = await resources.mcp.call(server, tool, args, output, {
            tenantId: context.tenantId,
            agentId: task.agentId,
            traceId: task.traceId,
            account,
            signal,
          });
          called(null);
          return value;
        } catch (error) {
          called(error instanceof McpToolError ? `${error.code}: ${error.message}` : String(error));
          throw error;
        }
      },
    },
  };
}
