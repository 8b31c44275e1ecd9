import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Asked } from './postgres-wire.ts';
import { createReadyCounter, createStatementReader, ROLLBACK, SERIALIZATION_FAILURE } from './postgres-wire.ts';

/** before: the server never hears of it. unanswered: it did it, and nobody is told. answered: the client knows. */
export type Moment = 'before' | 'unanswered' | 'answered';

/** pass: goes on. stop: nothing of it goes on, and the connection ends. conflict: a COMMIT becomes a serialization failure. */
export type Decision = 'pass' | 'stop' | 'conflict';

/** Is asked at each moment of everything that passes; has acted (killed, say) when it returns. */
export type Watcher = (asked: Asked, moment: Moment) => Decision;

export interface WireProxy {
  port: number;
  /** Asked with the others, in order, until somebody does not let pass. Returns what ends it. */
  watch(watcher: Watcher): () => void;
  /** Refuses connections and ends those there are. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Accepts and keeps connections, and carries nothing: a network that swallows packets. */
  stall(): void;
  flow(): void;
  /** Ends the connections there are; new ones are welcome. */
  drop(): void;
  close(): Promise<void>;
}

interface Protocol {
  /** Questions that these bytes of the client complete. */
  asked(chunk: Buffer): Asked[];
  /** How many questions these bytes of the server answer. */
  answered(chunk: Buffer): number;
}

function postgresProtocol(): Protocol {
  const statements = createStatementReader();
  const ready = createReadyCounter();
  return { asked: statements.read, answered: ready.read };
}

/** Redis and HTTP/1.1: a write is a question, the next bytes back are its answer. */
function chunkProtocol(): Protocol {
  return { asked: (chunk) => [{ text: chunk.toString('latin1', 0, 20_000), within: [] }], answered: () => 1 };
}

/** Stands between one role and one service, sees what is said, and can end it at a chosen word. */
export async function startWireProxy(targetPort: number, protocol: 'postgres' | 'chunks'): Promise<WireProxy> {
  const sockets = new Set<Socket>();
  const watchers = new Set<Watcher>();
  let stalled = false;

  function decide(asked: Asked, moment: Moment): Decision {
    for (const watcher of watchers) {
      const decision = watcher(asked, moment);
      if (decision !== 'pass') return decision;
    }
    return 'pass';
  }

  function join(client: Socket): void {
    const target = connect(targetPort, '127.0.0.1');
    const wire = protocol === 'postgres' ? postgresProtocol() : chunkProtocol();
    const waiting: Asked[] = [];
    let greeted = protocol === 'chunks';
    let conflict = false;
    const end = () => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
      if (stalled) socket.pause();
    }
    client.on('data', (chunk: Buffer) => {
      let passed = chunk;
      for (const asked of wire.asked(chunk)) {
        const decision = decide(asked, 'before');
        if (decision === 'stop') return end();
        if (decision === 'conflict') {
          conflict = true;
          passed = ROLLBACK;
        }
        waiting.push(asked);
      }
      target.write(passed);
    });
    target.on('data', (chunk: Buffer) => {
      let count = wire.answered(chunk);
      if (!greeted && count > 0) {
        greeted = true; // the first ReadyForQuery ends the greeting
        count -= 1;
      }
      const answered = waiting.splice(0, count);
      for (const asked of answered) if (decide(asked, 'unanswered') === 'stop') return end();
      client.write(conflict && answered.length > 0 ? SERIALIZATION_FAILURE : chunk);
      if (answered.length > 0) conflict = false;
      for (const asked of answered) if (decide(asked, 'answered') === 'stop') return end();
    });
  }

  const server = createServer(join);
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  const cut = (): Promise<void> =>
    new Promise((resolve) => {
      if (!server.listening) return resolve();
      server.close(() => resolve());
      drop();
    });
  const setStalled = (value: boolean) => () => {
    stalled = value;
    for (const socket of sockets) socket[value ? 'pause' : 'resume']();
  };
  return {
    port,
    watch(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    cut,
    restore: () => (server.listening ? Promise.resolve() : listen(port)),
    stall: setStalled(true),
    flow: setStalled(false),
    drop,
    close: cut,
  };
}
