import type { DomainError } from '../domain/errors.ts';
import {
  BudgetExceededError,
  ConflictError,
  ForbiddenError,
  InvalidStateError,
  NotFoundError,
  ValidationError,
} from '../domain/errors.ts';
import { microUsdToDecimal } from '../domain/money/money.ts';
import { builder } from './builder.ts';
import { ErrorCode } from './enums.ts';

const ErrorInterface = builder.interfaceRef<DomainError>('Error').implement({
  description: 'An expected failure. It is part of the answer; `errors` at the top level is for what nobody expected.',
  fields: (t) => ({
    code: t.field({ type: ErrorCode, resolve: (error) => error.code }),
    message: t.exposeString('message', { description: 'For people.' }),
    retryable: t.exposeBoolean('retryable', {
      description: 'The same request may succeed later, unchanged or with the state read anew.',
    }),
  }),
});
const interfaces = [ErrorInterface];

const FieldIssue = builder.objectRef<{ path: string[]; message: string }>('FieldIssue').implement({
  fields: (t) => ({
    path: t.exposeStringList('path', { description: 'Into the input: ["socialHandles", "0", "username"].' }),
    message: t.exposeString('message'),
  }),
});

builder.objectType(ValidationError, {
  name: 'ValidationError',
  interfaces,
  fields: (t) => ({
    fields: t.field({ type: [FieldIssue], description: 'Every problem at once.', resolve: (error) => error.fields }),
  }),
});
builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  interfaces,
  description: 'Also for what belongs to another tenant.',
});
builder.objectType(ForbiddenError, {
  name: 'ForbiddenError',
  interfaces,
  fields: (t) => ({ requires: t.exposeString('requires', { description: 'The permission that is missing.' }) }),
});
builder.objectType(ConflictError, {
  name: 'ConflictError',
  interfaces,
  description: 'Somebody was faster. Nothing was changed.',
  fields: (t) => ({ currentVersion: t.exposeInt('currentVersion', { description: 'The version to decide anew on.' }) }),
});
builder.objectType(InvalidStateError, {
  name: 'InvalidStateError',
  interfaces,
  fields: (t) => ({ state: t.exposeString('state', { description: 'The state that does not allow it.' }) }),
});
builder.objectType(BudgetExceededError, {
  name: 'BudgetExceededError',
  interfaces,
  fields: (t) => ({
    limitUsd: t.field({ type: 'Decimal', resolve: (error) => microUsdToDecimal(error.limitMicroUsd) }),
    spentUsd: t.field({
      type: 'Decimal',
      description: 'Outstanding reservations included.',
      resolve: (error) => microUsdToDecimal(error.spentMicroUsd),
    }),
    requestedUsd: t.field({ type: 'Decimal', resolve: (error) => microUsdToDecimal(error.requestedMicroUsd) }),
  }),
});
