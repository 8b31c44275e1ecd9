// What `npm start` understands, in one place: the bootstrap prints it before anything is installed, the CLI registers it.

/** For commander's `.option(flags, description)`. */
export const START_OPTIONS = [
  { flags: '--soul <file>', description: 'SOUL.md of the agent to run (needs --goals)' },
  { flags: '--goals <text>', description: 'goals of its campaign, in natural language' },
  { flags: '--feeds <list>', description: 'news feeds: files or URLs, separated by commas' },
  { flags: '--mentions <file>', description: 'mentions to answer, one text a line' },
  { flags: '--no-demo', description: 'start with the demo tenant and its users only' },
  { flags: '--quiet', description: 'only warnings and errors' },
];

/** The variables that matter for a first start; `.env.example` has them all. */
const ENVIRONMENT = [
  { name: 'HOST, PORT', description: 'where the gateway listens (127.0.0.1, 4000)' },
  { name: 'CHIMERA_HOME', description: 'data of the embedded services (.chimera)' },
  { name: 'DATABASE_URL', description: 'a PostgreSQL of your own instead of the embedded one' },
  { name: 'REDIS_URL', description: 'a Redis of your own instead of the embedded one' },
  { name: 'ANTHROPIC_API_KEY', description: 'Claude instead of the offline model' },
  { name: 'GOOGLE_API_KEY', description: 'Gemini instead of the offline model' },
  { name: 'LOG_LEVEL', description: 'trace, debug, info, warn, error or silent' },
];

export function startHelp() {
  const options = [...START_OPTIONS, { flags: '--help', description: 'this text' }];
  return [
    'Usage: npm start -- [options]',
    '',
    'Starts Chimera: the gateway and a swarm with every role. What is missing is installed first.',
    '',
    'Options',
    ...columns(options.map(({ flags, description }) => [flags, description])),
    '',
    'Environment (also read from .env)',
    ...columns(ENVIRONMENT.map(({ name, description }) => [name, description])),
  ].join('\n');
}

function columns(rows) {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
