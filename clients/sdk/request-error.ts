export interface GraphqlFailure {
  message: string;
  path?: readonly (string | number)[];
  extensions?: { code?: string; retryable?: boolean; traceId?: string; cursor?: string } & Record<string, unknown>;
}

/**
 * A request that brought no complete answer: refused, masked, or never arrived. Expected failures (a lost race, invalid
 * input) are not this: they are members of the mutation's result union.
 */
export class ChimeraRequestError extends Error {
  override readonly name = 'ChimeraRequestError';
  /** As the API gave them; empty when it gave none. */
  readonly errors: readonly GraphqlFailure[];
  /** Of the first error; NETWORK when there was no answer. */
  readonly code: string;
  /** The same request may succeed later. */
  readonly retryable: boolean;
  /** What support finds the logs by. */
  readonly traceId: string | null;
  /** HTTP status, or WebSocket close code; null without an answer. */
  readonly status: number | null;

  constructor(
    message: string,
    options: { errors?: readonly GraphqlFailure[]; status?: number; retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    const [first] = options.errors ?? [];
    this.errors = options.errors ?? [];
    this.code = first?.extensions?.code ?? (options.status === undefined ? 'NETWORK' : `STATUS_${options.status}`);
    this.retryable = first?.extensions?.retryable ?? options.retryable ?? false;
    this.traceId = first?.extensions?.traceId ?? null;
    this.status = options.status ?? null;
  }
}
