import { GraphQLError } from 'graphql';
import { DomainError, ForbiddenError, ValidationError } from '../domain/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { UnauthenticatedError } from './unauthenticated.ts';
import { isUnavailable } from './unavailable.ts';

function extensionsOf(error: DomainError): Record<string, unknown> {
  const extensions: Record<string, unknown> = { code: error.code, retryable: error.retryable };
  if (error instanceof ForbiddenError) extensions.requires = error.requires;
  if (error instanceof ValidationError) extensions.fields = error.fields;
  return extensions;
}

/**
 * An error as the client may see it: what the API itself says stays, expected failures get their code, an unreachable
 * database is said to be one, everything else is masked and logged under the trace id.
 */
export function answerError(error: unknown, traceId: string, logger: Logger): GraphQLError {
  const located = error instanceof GraphQLError ? error : null;
  const original = located ? located.originalError : error;
  if (located && (!original || original instanceof GraphQLError)) return located;
  const place = located
    ? { nodes: located.nodes, source: located.source, positions: located.positions, path: located.path }
    : {};
  if (original instanceof DomainError)
    return new GraphQLError(original.message, { ...place, extensions: extensionsOf(original) });
  if (original instanceof UnauthenticatedError)
    return new GraphQLError(original.message, { ...place, extensions: { code: 'UNAUTHENTICATED', retryable: false } });
  if (isUnavailable(original)) {
    logger.warn({ err: original, traceId, path: located?.path }, 'a data store is unreachable');
    return new GraphQLError('The database cannot be reached at the moment. Try again.', {
      ...place,
      extensions: { code: 'DATABASE_UNAVAILABLE', retryable: true, traceId },
    });
  }
  logger.error({ err: original, traceId, path: located?.path }, 'unexpected error');
  return new GraphQLError('Something unexpected went wrong.', {
    ...place,
    extensions: { code: 'INTERNAL', retryable: false, traceId },
  });
}
