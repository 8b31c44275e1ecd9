import { readFileSync } from 'node:fs';
import type { GraphQLNamedType } from 'graphql';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../../resolvers/index.ts';

const schema = createSchema();
const contract = buildSchema(readFileSync(new URL('./contract.graphql', import.meta.url), 'utf8'));

/** What a type promises, one line a promise. */
function promisesOf(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map((value) => `${type.name}.${value.name}`);
  if (isUnionType(type)) return type.getTypes().map((member) => `${type.name} includes ${member.name}`);
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map(
      (field) => `${type.name}.${field.name}: ${String(field.type)} = ${JSON.stringify(field.defaultValue)}`,
    );
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [`scalar ${type.name}`];
  return [
    ...type.getInterfaces().map((parent) => `${type.name} implements ${parent.name}`),
    ...Object.values(type.getFields()).flatMap((field) => [
      `${type.name}.${field.name}: ${String(field.type)}`,
      ...field.args.map(
        (argument) =>
          `${type.name}.${field.name}(${argument.name}: ${String(argument.type)} = ${JSON.stringify(argument.defaultValue)})`,
      ),
    ]),
  ];
}

describe('the schema', () => {
  it('keeps every promise of the contract', () => {
    const types = Object.values(contract.getTypeMap()).filter((type) => !type.name.startsWith('__'));
    const broken = types.flatMap((type) => {
      const ours = schema.getType(type.name);
      const kept = new Set(ours ? promisesOf(ours) : []);
      return promisesOf(type).filter((promise) => !kept.has(promise));
    });
    expect(broken).toEqual([]);
  });

  it('has every required argument in the contract: a client of the contract never lacks one', () => {
    for (const root of ['Query', 'Mutation', 'Subscription']) {
      const ours = schema.getType(root);
      const theirs = contract.getType(root);
      if (!isObjectType(ours) || !isObjectType(theirs)) throw new Error(`${root} is missing`);
      for (const field of Object.values(theirs.getFields())) {
        const required = ours
          .getFields()
          [field.name]?.args.filter((argument) => String(argument.type).endsWith('!'))
          .map((argument) => argument.name);
        expect(required, `${root}.${field.name}`).toEqual(
          field.args.filter((argument) => String(argument.type).endsWith('!')).map((argument) => argument.name),
        );
      }
    }
  });

  it('is the one that schema.graphql publishes: run `tsx scripts/print-schema.ts` after a change', () => {
    const published = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
    expect(published).toBe(`${printSchema(lexicographicSortSchema(schema))}\n`);
  });

  it('lets every member of a result union but its success implement Error', () => {
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isUnionType(type) || !type.name.endsWith('Result')) continue;
      for (const member of type.getTypes()) {
        const isError = member.getInterfaces().some((parent) => parent.name === 'Error');
        expect(isError, `${type.name}: ${member.name}`).toBe(member.name !== type.name.replace(/Result$/, 'Success'));
      }
    }
  });
});
