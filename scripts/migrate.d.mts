/** See migrate.mjs. Resolves to the names of the migrations it applied, in order. */
export function migrate(url: string, dir?: string): Promise<string[]>;
