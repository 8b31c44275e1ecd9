import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Prompt, Tool } from '@modelcontextprotocol/sdk/types.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import type { ServerRule } from './allow-list.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const FIRST_RESTART_DELAY_MS = 50;
const MAX_RESTART_DELAY_MS = 30_000;

/** pino's shape, so that a pino logger fits. */
export interface McpLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
}

export interface ConnectionOptions {
  name: string;
  rule: ServerRule;
  /** Builds the server of an in-process transport; called once a connection. */
  inProcess?: () => McpServer;
  /** The whole environment of a stdio server, besides HOME, PATH and their like. */
  environment?: Record<string, string>;
  log: McpLog;
  onTools(tools: Tool[]): void;
}

export interface Connection {
  readonly connected: boolean;
  readonly resources: ReadonlySet<string>;
  readonly prompts: ReadonlyMap<string, Prompt>;
  /** Connects when needed; concurrent callers share one attempt. @throws what connecting or discovery throws. */
  client(): Promise<Client>;
  close(): Promise<void>;
}

/** One MCP server: connects on demand, discovers, and after a death reconnects by itself with growing delays. */
export function openConnection(options: ConnectionOptions): Connection {
  const { name, rule, log } = options;
  let current: Promise<Client> | null = null;
  let connected = false;
  let closing = false;
  let failures = 0;
  let restart: NodeJS.Timeout | undefined;
  let resources: ReadonlySet<string> = new Set();
  let prompts: ReadonlyMap<string, Prompt> = new Map();

  async function openTransport(): Promise<Transport> {
    if (rule.transport.kind === 'in-process') {
      if (!options.inProcess) throw new Error(`no factory for the in-process server ${name}`);
      const [ours, theirs] = InMemoryTransport.createLinkedPair();
      await options.inProcess().connect(theirs);
      return ours;
    }
    const { command, args } = rule.transport;
    const transport = new StdioClientTransport({ command, args, env: options.environment, stderr: 'pipe' });
    transport.stderr?.on('data', (chunk: Buffer) => log.info({ server: name }, chunk.toString().trimEnd()));
    return transport;
  }

  async function connect(): Promise<Client> {
    const client = new Client({ name: 'chimera', version: '1' }, { capabilities: {} });
    client.onclose = () => lost();
    client.onerror = (error) => log.warn({ server: name, error: error.message }, 'MCP protocol error');
    client.setNotificationHandler(ToolListChangedNotificationSchema, async () => {
      options.onTools(await listTools(client));
    });
    try {
      await client.connect(await openTransport(), { timeout: CONNECT_TIMEOUT_MS });
      const offers = client.getServerCapabilities() ?? {};
      const timeout = { timeout: CONNECT_TIMEOUT_MS };
      options.onTools(offers.tools ? await listTools(client) : []);
      resources = new Set(
        offers.resources ? (await client.listResources({}, timeout)).resources.map((r) => r.uri) : [],
      );
      prompts = new Map(
        offers.prompts ? (await client.listPrompts({}, timeout)).prompts.map((prompt) => [prompt.name, prompt]) : [],
      );
    } catch (error) {
      client.onclose = undefined;
      await client.close().catch(() => undefined);
      throw error;
    }
    connected = true;
    failures = 0;
    return client;
  }

  function lost(): void {
    connected = false;
    current = null;
    if (closing) return;
    clearTimeout(restart);
    const delay = Math.min(FIRST_RESTART_DELAY_MS * 2 ** failures, MAX_RESTART_DELAY_MS);
    failures += 1;
    log.warn({ server: name, delayMs: delay }, 'MCP server lost, restarting');
    restart = setTimeout(() => void obtain().catch(() => undefined), delay);
    restart.unref();
  }

  function obtain(): Promise<Client> {
    if (closing) return Promise.reject(new Error('host is closed'));
    clearTimeout(restart);
    current ??= connect().catch((error: unknown) => {
      lost();
      throw error;
    });
    return current;
  }

  return {
    get connected() {
      return connected;
    },
    get resources() {
      return resources;
    },
    get prompts() {
      return prompts;
    },
    client: obtain,
    async close() {
      closing = true;
      clearTimeout(restart);
      const client = await current?.catch(() => null);
      await client?.close();
    },
  };
}

async function listTools(client: Client): Promise<Tool[]> {
  const tools: Tool[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listTools({ cursor }, { timeout: CONNECT_TIMEOUT_MS });
    tools.push(...page.tools);
    cursor = page.nextCursor;
  } while (cursor);
  return tools;
}
