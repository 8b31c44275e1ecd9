import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { digestOf } from '../../platform/canonical-json.ts';

const timeoutMs = z.number().int().min(1).max(600_000);

const toolRuleSchema = z.strictObject({
  /** Changes something outside or spends money: never handed to a model, and its outcome can be unknown. */
  effectful: z.boolean().default(false),
  /** Takes an idempotency key that the outside honours: may be repeated when the outcome is unknown. */
  idempotent: z.boolean().default(false),
  timeoutMs: timeoutMs.optional(),
  /** Pin of the definition, see `hashTool`; recorded at first sight where absent. */
  hash: z.string().optional(),
});

const serverRuleSchema = z.strictObject({
  transport: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('in-process') }),
    z.strictObject({ kind: z.literal('stdio'), command: z.string().min(1), args: z.array(z.string()).default([]) }),
  ]),
  timeoutMs: timeoutMs.default(15_000),
  tools: z.record(z.string(), toolRuleSchema).default({}),
  resources: z.array(z.string()).default([]),
  prompts: z.array(z.string()).default([]),
});

export const allowListSchema = z.strictObject({ servers: z.record(z.string(), serverRuleSchema) });
export type AllowList = z.infer<typeof allowListSchema>;
export type ServerRule = z.infer<typeof serverRuleSchema>;
export type ToolRule = z.infer<typeof toolRuleSchema>;

/** What a model would be told about a tool. A change of it is a change of what the tool is approved for. */
export function hashTool(tool: Pick<Tool, 'name' | 'description' | 'inputSchema'>): string {
  const { name, description = '', inputSchema } = tool;
  return digestOf({ name, description, inputSchema });
}

/** @throws when the file is missing, is not JSON or has an unknown or wrong field: all problems in one message. */
export function readAllowList(path: string): AllowList {
  const parsed = allowListSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/**
 * Writes the pin of a tool seen for the first time into the file; a pin that is there stays. To approve a changed
 * definition, delete its hash. Replaces the file in one step: dying here leaves the old file.
 */
export function recordPin(path: string, server: string, tool: string, hash: string): void {
  const file = JSON.parse(readFileSync(path, 'utf8')) as {
    servers: Record<string, { tools: Record<string, ToolRule> }>;
  };
  const rule = file.servers[server]?.tools[tool];
  if (!rule || rule.hash) return;
  rule.hash = hash;
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(file, null, 2)}\n`);
  renameSync(temporary, path);
}
