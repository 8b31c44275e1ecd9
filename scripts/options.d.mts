export const START_OPTIONS: { flags: string; description: string }[];
export function startHelp(): string;
