/** A statement on its way to the server, with the statements of its transaction before it. */
export interface Asked {
  text: string;
  /** Earlier statements of the same transaction, oldest first; empty outside of one and for other protocols. */
  within: readonly string[];
}

const SSL_REQUEST = 80_877_103;
const READY_FOR_QUERY = 0x5a;

/**
 * Reads what one client says in PostgreSQL's protocol and gives each statement as it is asked to run. Prepared statements
 * send their text once, with Parse; every Bind names it again, so the names are kept for the connection.
 */
export function createStatementReader(): { read(chunk: Buffer): Asked[] } {
  const texts = new Map<string, string>();
  let buffered: Buffer = Buffer.alloc(0);
  let started = false;
  let within: string[] = [];

  function ran(text: string): Asked {
    if (/^(begin|start transaction)/i.test(text)) within = [];
    const asked = { text, within: [...within] };
    within = /^(commit|rollback)/i.test(text) ? [] : [...within, text];
    return asked;
  }

  /** One message off the front of what is buffered; null when it is not whole yet. */
  function take(): { type: string; body: Buffer } | null {
    const header = started ? 5 : 4;
    if (buffered.length < header) return null;
    const length = buffered.readInt32BE(header - 4) + header - 4;
    if (buffered.length < length) return null;
    const message = {
      type: started ? String.fromCharCode(buffered[0] ?? 0) : '',
      body: buffered.subarray(header, length),
    };
    buffered = buffered.subarray(length);
    return message;
  }

  return {
    read(chunk) {
      buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
      const asked: Asked[] = [];
      for (let message = take(); message; message = take()) {
        const { type, body } = message;
        if (type === '') started = body.readInt32BE(0) !== SSL_REQUEST;
        else if (type === 'P') {
          const [name = '', text = ''] = body.toString('utf8').split('\0');
          texts.set(name, text);
        } else if (type === 'B') asked.push(ran(texts.get(body.toString('utf8').split('\0')[1] ?? '') ?? ''));
        else if (type === 'Q') asked.push(ran(body.toString('utf8', 0, body.length - 1)));
      }
      return asked;
    },
  };
}

/** Counts the answers that a server completed (ReadyForQuery), whatever way its bytes are cut. */
export function createReadyCounter(): { read(chunk: Buffer): number } {
  let header: Buffer = Buffer.alloc(0);
  let skip = 0;
  return {
    read(chunk) {
      let ready = 0;
      for (let at = 0; at < chunk.length; ) {
        if (skip > 0) {
          const step = Math.min(skip, chunk.length - at);
          skip -= step;
          at += step;
          continue;
        }
        const step = Math.min(5 - header.length, chunk.length - at);
        header = Buffer.concat([header, chunk.subarray(at, at + step)]);
        at += step;
        if (header.length < 5) break;
        if (header[0] === READY_FOR_QUERY) ready += 1;
        skip = header.readInt32BE(1) - 4;
        header = Buffer.alloc(0);
      }
      return ready;
    },
  };
}

const message = (type: string, body: Buffer): Buffer => {
  const header = Buffer.alloc(5);
  header.write(type, 0, 'latin1');
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
};

/** What takes the place of a COMMIT that is to fail: the transaction is really rolled back. */
export const ROLLBACK = message('Q', Buffer.from('ROLLBACK\0'));

/** What takes the place of the answer to it: a serialization failure, outside of a transaction. */
export const SERIALIZATION_FAILURE = Buffer.concat([
  message('E', Buffer.from('SERROR\0VERROR\0C40001\0Mcould not serialize access due to concurrent update\0\0')),
  message('Z', Buffer.from('I')),
]);
