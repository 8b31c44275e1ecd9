import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { decodeEventCursor, encodeEventCursor } from '../../../gateway/event-cursor.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { DrillServices } from './services.ts';
import type { Tenant } from './tenant.ts';
import type { World } from './world.ts';

const RECONNECT_MS = 100;

/** A subscription field, the topics that it tells of, and what to select of it. */
export const WATCHED = {
  tasks: { topics: ['task'], selection: 'task { id status }' },
  campaigns: { topics: ['campaign'], selection: 'campaign { id status }' },
  agents: { topics: ['agent'], selection: 'agent { id status }' },
} as const;
export type WatchedField = keyof typeof WATCHED;

interface Seen {
  position: number;
  /** The subject's id, as the API shows it. */
  id: string | null;
}

/** A client that watches one subscription of one tenant behind its first event, over graphql-transport-ws. */
export interface Watcher {
  tenant: Tenant;
  field: WatchedField;
  /** The position behind which it began. */
  from: number;
  /** Everything that it was told, in order. */
  seen: Seen[];
  reconnects(): number;
  /** Why the subscription ended last. */
  lastError(): unknown;
  /** Drops the connection, as a network would; it reconnects by itself, behind the last cursor. */
  drop(): void;
  close(): void;
}

/**
 * Connects, and connects again whenever the connection or the subscription ends, each time behind the last cursor it got.
 * The tenant needs an event to begin behind: an agent, say.
 */
export async function startWatcher(
  { services, gatewayUrl }: Pick<World, 'services' | 'gatewayUrl'>,
  tenant: Tenant,
  field: WatchedField,
): Promise<Watcher> {
  const from = await waitFor(
    async () =>
      (
        await services.sql<{ position: number }>(
          'SELECT min(position)::int AS position FROM "Event" WHERE "tenantId" = $1',
          [tenant.id],
        )
      )[0]?.position,
    { message: 'a first event' },
  );
  const query = `subscription ($after: String) { ${field}(after: $after) { cursor ${WATCHED[field].selection} } }`;
  const seen: Seen[] = [];
  let after = encodeEventCursor(tenant.id, from);
  let lastError: unknown = null;
  let reconnects = 0;
  let closed = false;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    const client = createClient({
      url: `${gatewayUrl.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${tenant.token}` },
      retryAttempts: 0,
      on: {
        opened: (opened) => {
          socket = opened as WebSocket;
        },
      },
    });
    let over = false;
    const again = () => {
      if (over) return;
      over = true;
      void client.dispose();
      if (closed) return;
      reconnects += 1;
      timer = setTimeout(connect, RECONNECT_MS);
    };
    client.subscribe<Record<string, Record<string, { id: string } | string | null> & { cursor: string }>>(
      { query, variables: { after } },
      {
        next({ data, errors }) {
          const payload = data?.[field];
          if (errors || !payload) {
            lastError = errors;
            return;
          }
          after = payload.cursor;
          const row = payload[field.slice(0, -1)] as { id: string } | null;
          seen.push({ position: decodeEventCursor(tenant.id, after), id: row?.id ?? null });
        },
        error(reason) {
          lastError = reason;
          again();
        },
        complete: again,
      },
    );
  }
  connect();
  return {
    tenant,
    field,
    from,
    seen,
    lastError: () => lastError,
    reconnects: () => reconnects,
    drop: () => socket?.terminate(),
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.terminate();
    },
  };
}

/** Whether each watcher has got its newest event. */
export async function caughtUp(services: DrillServices, watchers: readonly Watcher[]): Promise<boolean> {
  for (const { tenant, field, seen, from } of watchers) {
    const [newest] = await services.sql<{ position: number }>(
      'SELECT coalesce(max(position), 0)::int AS position FROM "Event" WHERE "tenantId" = $1 AND topic = ANY($2)',
      [tenant.id, WATCHED[field].topics],
    );
    if ((seen.at(-1)?.position ?? from) < (newest?.position ?? 0)) return false;
  }
  return true;
}
