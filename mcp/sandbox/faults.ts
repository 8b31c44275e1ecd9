import { z } from 'zod';

export const faultSchema = z.strictObject({
  match: z
    .strictObject({
      /** Prefix of the path; without it the fault strikes the simulated platforms (`/2/`, `/ideogram/`) only. */
      path: z.string().startsWith('/').optional(),
      account: z.string().optional(),
    })
    .default({}),
  kind: z.enum([
    'rate-limit',
    'unauthorized',
    'duplicate',
    'server-error',
    /** Refuses the prompt or text as such. */
    'invalid-prompt',
    /** Refuses the content for its safety rules. */
    'nsfw',
    /** Takes the request for an attack. */
    'security',
    /** Waits `delayMs`, then serves as usual, whether the caller is still there or not. */
    'slow',
    /** Does it, then closes the connection without an answer. */
    'accepted-but-connection-lost',
    /** Closes the connection before doing anything. */
    'down',
  ]),
  times: z.number().int().min(1).max(1_000_000).default(1),
  retryAfterSeconds: z.number().int().min(0).default(60),
  delayMs: z.number().int().min(0).max(600_000).default(5_000),
});
export type Fault = z.infer<typeof faultSchema>;

export interface Faults {
  add(fault: Fault): void;
  list(): Fault[];
  clear(): void;
  /** The first fault that strikes this request, its `times` counted down. */
  take(path: string, account: string | null): Fault | undefined;
}

/** Faults live in memory only: a restarted sandbox is a healthy one. */
export function createFaults(): Faults {
  let faults: Fault[] = [];
  return {
    add: (fault) => faults.push({ ...fault }),
    list: () => faults,
    clear: () => {
      faults = [];
    },
    take(path, account) {
      const struck = faults.find(
        ({ match }) =>
          (match.path ? path.startsWith(match.path) : path.startsWith('/2/') || path.startsWith('/ideogram/')) &&
          (!match.account || match.account.replace(/^@/, '').toLowerCase() === account),
      );
      if (struck) struck.times -= 1;
      faults = faults.filter((fault) => fault.times > 0);
      return struck;
    },
  };
}
