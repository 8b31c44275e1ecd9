import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const DECIMAL = /^-?\d{1,15}(\.\d{1,18})?$/;

function parseMoment(value: unknown, pattern: RegExp, expected: string): Date {
  const moment = typeof value === 'string' && pattern.test(value) ? new Date(value) : null;
  if (!moment || Number.isNaN(moment.getTime()))
    throw new GraphQLError(`${JSON.stringify(value)} is not ${expected}.`, { extensions: { code: 'VALIDATION' } });
  return moment;
}

builder.scalarType('DateTime', {
  description:
    'A moment as ISO 8601 with an offset, in answers always UTC with milliseconds: "2026-11-20T13:00:00.000Z".',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => parseMoment(value, ISO_8601, 'a moment such as "2026-11-20T13:00:00Z"'),
});

builder.scalarType('Date', {
  description: 'A calendar day in UTC: "2026-11-20".',
  serialize: (value) => value.toISOString().slice(0, 10),
  parseValue: (value) => parseMoment(value, ISO_DATE, 'a day such as "2026-11-20"'),
});

builder.scalarType('Decimal', {
  description:
    'An exact decimal number as a string, so that no money is lost in a float: "12.50". Amounts in USD have at most 6 decimals.',
  serialize: (value) => value,
  parseValue: (value) => {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || !DECIMAL.test(text))
      throw new GraphQLError(`${JSON.stringify(value)} is not a decimal such as "12.50".`, {
        extensions: { code: 'VALIDATION' },
      });
    return text;
  },
});

builder.scalarType('JSON', {
  description: 'Any JSON value; its shape depends on the task type.',
  serialize: (value) => value,
  parseValue: (value) => value,
});

builder.scalarType('URL', {
  description: 'An absolute URL, http or https.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'string' || !/^https?:\/\//i.test(value) || !URL.canParse(value))
      throw new GraphQLError(`${JSON.stringify(value)} is not an http(s) URL.`, { extensions: { code: 'VALIDATION' } });
    return value;
  },
});
