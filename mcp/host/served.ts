import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from 'cockatiel';
import type { ToolFailure } from '../protocol.ts';
import { hashTool } from './allow-list.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { openConnection } from './connection.ts';
import { createLatencyWindow } from './latency-window.ts';
import type { McpCallContext, McpServerHealth } from './mcp-host-types.ts';
import { McpToolError } from './mcp-tool-error.ts';
import type { CallProgress } from './translate-failure.ts';
import { CallFailure, failureOfException } from './translate-failure.ts';

export interface BreakerOptions {
  /** Consecutive UNAVAILABLE or TIMEOUT failures that open it. */
  consecutiveFailures: number;
  halfOpenAfterMs: number;
}

export interface ServedOptions extends Omit<ConnectionOptions, 'onTools'> {
  breaker: BreakerOptions;
  recordPin?: (server: string, tool: string, hash: string) => void;
}

export interface Operation<T> {
  /** Tool name or resource URI. */
  subject: string;
  effectful: boolean;
  idempotent: boolean;
  timeoutMs: number;
  context: McpCallContext;
  /** Sends the request; calls `sending` right before. Throws a `CallFailure` for what was answered. */
  perform(client: Client, signal: AbortSignal, sending: () => void): Promise<T>;
}

/** One server as the host sees it: its connection, pins, breaker, latencies and last error. */
export interface Served {
  readonly connection: Connection;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly quarantined: ReadonlySet<string>;
  run<T>(operation: Operation<T>): Promise<T>;
  refuse(subject: string, code: McpToolError['code'], message: string): McpToolError;
  health(): McpServerHealth;
}

const isOutage = (failure: Pick<ToolFailure, 'code'> | null): boolean =>
  failure?.code === 'UNAVAILABLE' || failure?.code === 'TIMEOUT';

export function serve(options: ServedOptions): Served {
  const { name, rule, log } = options;
  const latencies = createLatencyWindow();
  const pins = new Map(Object.entries(rule.tools).map(([tool, { hash }]) => [tool, hash]));
  const tools = new Map<string, Tool>();
  const quarantined = new Set<string>();
  /** Of the last call; null when it succeeded. */
  let lastFailure: ToolFailure | null = null;
  let openedAt = 0;

  const breaker = circuitBreaker(
    handleWhen((error) => error instanceof McpToolError && isOutage(error)),
    {
      halfOpenAfter: options.breaker.halfOpenAfterMs,
      breaker: new ConsecutiveBreaker(options.breaker.consecutiveFailures),
    },
  );
  breaker.onBreak(() => {
    openedAt = Date.now();
    log.warn({ server: name }, 'MCP circuit breaker opened');
  });
  breaker.onReset(() => log.info({ server: name }, 'MCP circuit breaker closed'));

  function onTools(discovered: Tool[]): void {
    tools.clear();
    quarantined.clear();
    for (const tool of discovered) {
      if (!rule.tools[tool.name]) continue;
      const hash = hashTool(tool);
      const pin = pins.get(tool.name);
      if (!pin) {
        pins.set(tool.name, hash);
        options.recordPin?.(name, tool.name, hash);
      } else if (pin !== hash) {
        quarantined.add(tool.name);
        log.warn({ server: name, tool: tool.name, pin, hash }, 'MCP tool definition changed: quarantined');
      }
      tools.set(tool.name, tool);
    }
  }

  const connection = openConnection({ ...options, onTools });

  function fail(operation: Operation<unknown>, failure: ToolFailure, cause?: unknown): McpToolError {
    const { effectful, idempotent, subject } = operation;
    lastFailure = failure;
    return new McpToolError({
      ...failure,
      outcome: effectful ? failure.outcome : 'NOT_APPLIED',
      idempotent,
      server: name,
      tool: subject,
      cause,
    });
  }

  async function attempt<T>(operation: Operation<T>): Promise<T> {
    const started = performance.now();
    const { signal } = operation.context;
    const progress: CallProgress = { sent: false, aborted: false };
    try {
      signal?.throwIfAborted();
      const limit = timeout(operation.timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
      const value = await limit.execute(async (_context, limited) => {
        const client = await connection.client();
        limited.throwIfAborted();
        return operation.perform(client, limited, () => {
          progress.sent = true;
        });
      }, signal);
      latencies.add(performance.now() - started);
      lastFailure = null;
      return value;
    } catch (error) {
      if (error instanceof CallFailure) {
        latencies.add(performance.now() - started);
        throw fail(operation, error.failure);
      }
      progress.aborted = signal?.aborted === true;
      if (error instanceof TaskCancelledError && !progress.aborted) {
        const outcome = progress.sent ? 'UNKNOWN' : 'NOT_APPLIED';
        throw fail(
          operation,
          { code: 'TIMEOUT', message: `no answer within ${operation.timeoutMs} ms`, outcome },
          error,
        );
      }
      throw fail(operation, failureOfException(error, progress), error);
    }
  }

  function refuseWhileOpen(subject: string): McpToolError {
    return new McpToolError({
      code: 'CIRCUIT_OPEN',
      message: `circuit breaker is open${lastFailure ? ` (${lastFailure.message})` : ''}`,
      server: name,
      tool: subject,
      outcome: 'NOT_APPLIED',
      retryAfterMs: Math.max(0, openedAt + options.breaker.halfOpenAfterMs - Date.now()),
    });
  }

  function health(): McpServerHealth {
    const broken = breaker.state === CircuitState.Open;
    const missing = Object.keys(rule.tools).some((tool) => !tools.has(tool));
    const impaired =
      breaker.state === CircuitState.HalfOpen || isOutage(lastFailure) || quarantined.size > 0 || missing;
    return {
      name,
      status: !connection.connected || broken ? 'DOWN' : impaired ? 'DEGRADED' : 'UP',
      tools: [...tools.keys()].filter((tool) => !quarantined.has(tool)),
      latencyP95Ms: latencies.p95(),
      lastError: lastFailure?.message ?? null,
    };
  }

  return {
    connection,
    tools,
    quarantined,
    async run(operation) {
      // While the one trial call of a half-open breaker runs, cockatiel would queue the others behind it.
      if (breaker.state === CircuitState.HalfOpen) throw refuseWhileOpen(operation.subject);
      return breaker
        .execute(() => attempt(operation))
        .catch((error: unknown) => {
          throw error instanceof BrokenCircuitError ? refuseWhileOpen(operation.subject) : error;
        });
    },
    refuse(subject, code, message) {
      return new McpToolError({ code, message, server: name, tool: subject, outcome: 'NOT_APPLIED' });
    },
    health,
  };
}
