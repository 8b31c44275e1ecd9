import type { CodegenConfig } from '@graphql-codegen/cli';

// schema.graphql → typed documents of the SDK: `npx graphql-codegen`. Integrators can point the same preset at the file.
const config: CodegenConfig = {
  schema: './schema.graphql',
  documents: ['clients/sdk/documents/*.graphql.ts'],
  generates: {
    './clients/sdk/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        useTypeImports: true,
        enumsAsTypes: true,
        onlyOperationTypes: true,
        importExtension: '.ts',
        emitLegacyCommonJSImports: false,
        scalars: { DateTime: 'string', Date: 'string', Decimal: 'string', JSON: 'unknown', URL: 'string' },
      },
    },
  },
};
export default config;
