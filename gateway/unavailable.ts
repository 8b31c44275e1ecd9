/** Codes of pg (SQLSTATE, Node) and Prisma for a database that cannot be reached, is starting, or is shutting down. */
const UNREACHABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '53300',
  '57P01',
  '57P02',
  '57P03',
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
]);
const UNREACHABLE_KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);
const UNREACHABLE_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Connection is closed|Command timed out|max retries per request|Client has encountered a connection error/i;

/** PostgreSQL or Redis could not be reached: the same request will succeed when they are back. */
export function isUnavailable(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 5) return false;
  const { code, kind, cause } = error as Error & { code?: unknown; kind?: unknown; cause?: unknown };
  if (typeof code === 'string' && UNREACHABLE_CODES.has(code)) return true;
  if (typeof kind === 'string' && UNREACHABLE_KINDS.has(kind)) return true;
  if (UNREACHABLE_MESSAGE.test(error.message)) return true;
  if (error instanceof AggregateError) return error.errors.some((inner) => isUnavailable(inner, depth + 1));
  if (cause && typeof cause === 'object' && UNREACHABLE_KINDS.has(String((cause as { kind?: unknown }).kind)))
    return true;
  return isUnavailable(cause, depth + 1);
}
