import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { GraphQLError, parse } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { newTraceId } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import type { GraphContext } from '../schema/graph-context.ts';
import { answerError } from './answer-error.ts';
import type { OperationCost } from './operation-limits.ts';
import { measureOperation, OPERATION_LIMITS } from './operation-limits.ts';

/** Around every operation, whichever transport brought it: the limits before it, its cost and its errors after it. */
export function operationPlugin(logger: Logger): Plugin<GraphContext> {
  const traceOf = (args: { contextValue?: unknown }): string =>
    (args.contextValue as Partial<GraphContext> | undefined)?.traceId ?? newTraceId();

  const measure = (
    args: Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>,
  ): OperationCost | GraphQLError => {
    try {
      return measureOperation(args.schema, args.document, args.operationName, { ...args.variableValues });
    } catch (error) {
      if (error instanceof GraphQLError) return error;
      throw error;
    }
  };
  const answer = (result: ExecutionResult, traceId: string, cost?: OperationCost): ExecutionResult => ({
    ...result,
    ...(result.errors ? { errors: result.errors.map((error) => answerError(error, traceId, logger)) } : {}),
    ...(cost ? { extensions: { ...result.extensions, cost } } : {}),
  });

  return {
    onParse: ({ setParseFn }) => {
      setParseFn((source: string, options: object) =>
        parse(source, { ...options, maxTokens: OPERATION_LIMITS.tokens }),
      );
    },
    onExecute({ args, setResultAndStopExecution }) {
      const cost = measure(args);
      if (cost instanceof GraphQLError) {
        setResultAndStopExecution({ errors: [cost] });
        return undefined;
      }
      return {
        onExecuteDone({ result, setResult }) {
          if (!isStream(result)) setResult(answer(result, traceOf(args), cost));
        },
      };
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const cost = measure(args);
      if (cost instanceof GraphQLError) {
        setResultAndStopExecution({ errors: [cost] });
        return undefined;
      }
      return {
        onSubscribeResult({ result, setResult }) {
          if (!isStream(result)) {
            setResult(answer(result, traceOf(args)));
            return undefined;
          }
          return { onNext: ({ result: next, setResult: setNext }) => setNext(answer(next, traceOf(args))) };
        },
      };
    },
  };
}

const isStream = (result: unknown): result is AsyncIterable<unknown> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
