import { appendFileSync, closeSync, existsSync, openSync, readFileSync, truncateSync } from 'node:fs';

/**
 * An append-only file of JSON lines. `append` returns when the line is with the operating system: it survives the
 * death of this process, not the loss of the machine. A line torn by a death in the middle is cut off at the next open.
 */
export function openJournal<T>(path: string): { records: T[]; append(record: T): void; close(): void } {
  const content = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const end = content.lastIndexOf('\n') + 1;
  if (end < content.length) truncateSync(path, end);
  const lines = content.subarray(0, end).toString('utf8').split('\n');
  const records = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
  const file = openSync(path, 'a');
  return {
    records,
    append: (record) => appendFileSync(file, `${JSON.stringify(record)}\n`),
    close: () => closeSync(file),
  };
}
