import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { ZodType } from 'zod';
import { z } from 'zod';
import type { ToolFailure } from '../protocol.ts';
import { META_KEYS } from '../protocol.ts';
import type { AllowList, ServerRule } from './allow-list.ts';
import type { McpLog } from './connection.ts';
import type { McpCallContext, McpHost } from './mcp-host-types.ts';
import { McpToolError } from './mcp-tool-error.ts';
import type { BreakerOptions, Served } from './served.ts';
import { serve } from './served.ts';
import { CallFailure, failureOfResult } from './translate-failure.ts';

export type * from './mcp-host-types.ts';
export { McpToolError } from './mcp-tool-error.ts';

export interface McpHostOptions {
  /** See `readAllowList`. */
  allowList: AllowList;
  /** Factories of the in-process servers, by name. */
  inProcess?: Record<string, () => McpServer>;
  /** Environment of each stdio server, by name: they inherit nothing else but HOME, PATH and their like. */
  environments?: Record<string, Record<string, string>>;
  /** Default: opens after 5 consecutive failures, tries again after 30 s. */
  breaker?: Partial<BreakerOptions>;
  /** Called for a tool without a pin; `recordPin` of allow-list.ts keeps it in the file. */
  recordPin?: (server: string, tool: string, hash: string) => void;
  log?: McpLog;
}

const SILENT: McpLog = { info: () => undefined, warn: () => undefined };
/** The SDK's own timeout is only a net below ours, which also covers connecting. */
const SDK_TIMEOUT_SLACK_MS = 5_000;

/**
 * Connects to every allowed server. One that cannot be reached is DOWN in `health()` and tried again; the host starts.
 * @throws only for a mistake in the configuration: an in-process server without a factory.
 */
export async function createMcpHost(options: McpHostOptions): Promise<McpHost> {
  const { allowList, inProcess = {}, environments = {}, recordPin, log = SILENT } = options;
  const breaker = { consecutiveFailures: 5, halfOpenAfterMs: 30_000, ...options.breaker };
  const servers = new Map<string, { rule: ServerRule; served: Served }>();
  for (const [name, rule] of Object.entries(allowList.servers)) {
    if (rule.transport.kind === 'in-process' && !inProcess[name]) throw new Error(`MCP server ${name} has no factory`);
    const environment = environments[name];
    servers.set(name, {
      rule,
      served: serve({ name, rule, inProcess: inProcess[name], environment, breaker, recordPin, log }),
    });
  }
  await Promise.all(
    [...servers].map(([name, { served }]) =>
      served.connection
        .client()
        .catch((error: unknown) => log.warn({ server: name, error: String(error) }, 'MCP server is down')),
    ),
  );

  function find(server: string, subject: string): { rule: ServerRule; served: Served } {
    const found = servers.get(server);
    if (found) return found;
    const message = 'server is not in the allow-list';
    throw new McpToolError({ code: 'NOT_ALLOWED', message, server, tool: subject, outcome: 'NOT_APPLIED' });
  }

  return {
    async call(server, tool, args, output, context) {
      const { rule, served } = find(server, tool);
      const toolRule = Object.hasOwn(rule.tools, tool) ? rule.tools[tool] : undefined;
      if (!toolRule) throw served.refuse(tool, 'NOT_ALLOWED', 'tool is not in the allow-list');
      const parsedArgs = z.record(z.string(), z.unknown()).safeParse(args);
      if (!parsedArgs.success) throw served.refuse(tool, 'INVALID_INPUT', 'arguments are not an object');
      const started = performance.now();
      const timeoutMs = context.timeoutMs ?? toolRule.timeoutMs ?? rule.timeoutMs;
      const { effectful, idempotent } = toolRule;
      const value = await served.run({
        subject: tool,
        effectful,
        idempotent,
        timeoutMs,
        context,
        async perform(client, signal, sending) {
          if (!served.tools.has(tool)) throw refusal('NOT_FOUND', 'the server does not offer this tool');
          if (served.quarantined.has(tool))
            throw refusal('QUARANTINED', 'the definition differs from the approved one');
          const request = { name: tool, arguments: parsedArgs.data, _meta: metaOf(context) };
          sending();
          const wait = { signal, timeout: timeoutMs + SDK_TIMEOUT_SLACK_MS };
          const result = (await client.callTool(request, undefined, wait)) as CallToolResult;
          if (result.isError) throw new CallFailure(failureOfResult(result));
          return parseOutput(result.structuredContent ?? parseJson(firstText(result)), output);
        },
      });
      return { value, durationMs: performance.now() - started };
    },

    async readResource(server, uri, output, context) {
      const { rule, served } = find(server, uri);
      if (!rule.resources.includes(uri)) throw served.refuse(uri, 'NOT_ALLOWED', 'resource is not in the allow-list');
      const timeoutMs = context.timeoutMs ?? rule.timeoutMs;
      return served.run({
        subject: uri,
        effectful: false,
        idempotent: true,
        timeoutMs,
        context,
        async perform(client, signal, sending) {
          sending();
          const wait = { signal, timeout: timeoutMs + SDK_TIMEOUT_SLACK_MS };
          const { contents } = await client.readResource({ uri, _meta: metaOf(context) }, wait);
          const first = contents[0];
          return parseOutput(parseJson(first && 'text' in first ? first.text : ''), output);
        },
      });
    },

    tools({ readOnly } = {}) {
      return [...servers].flatMap(([server, { rule, served }]) =>
        [...served.tools.values()]
          .filter((tool) => !served.quarantined.has(tool.name))
          .map((tool) => ({
            server,
            tool: tool.name,
            description: tool.description ?? '',
            inputSchema: tool.inputSchema as Record<string, unknown>,
            readOnly: rule.tools[tool.name]?.effectful === false,
          }))
          .filter((tool) => readOnly === undefined || tool.readOnly === readOnly),
      );
    },

    prompts() {
      return [...servers].flatMap(([server, { rule, served }]) =>
        [...served.connection.prompts.values()]
          .filter((prompt) => rule.prompts.includes(prompt.name))
          .map((prompt) => ({ server, prompt: prompt.name, description: prompt.description ?? '' })),
      );
    },

    health: () => [...servers.values()].map(({ served }) => served.health()),

    async close() {
      await Promise.all([...servers.values()].map(({ served }) => served.connection.close()));
    },
  };
}

function metaOf(context: McpCallContext): Record<string, unknown> {
  return {
    [META_KEYS.tenantId]: context.tenantId,
    [META_KEYS.agentId]: context.agentId,
    [META_KEYS.traceId]: context.traceId,
    ...(context.account && { [META_KEYS.account]: context.account }),
  };
}

function refusal(code: ToolFailure['code'], message: string): CallFailure {
  return new CallFailure({ code, message, outcome: 'NOT_APPLIED' });
}

/** The call was answered, so an effectful tool has probably acted: the outcome is unknown to us. */
function parseOutput<T>(value: unknown, output: ZodType<T>): T {
  const parsed = output.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CallFailure({ code: 'INVALID_OUTPUT', message: z.prettifyError(parsed.error), outcome: 'UNKNOWN' });
}

function firstText(result: CallToolResult): string {
  const part = result.content.find((content) => content.type === 'text');
  return part?.text ?? '';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
