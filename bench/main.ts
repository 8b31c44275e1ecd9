import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { benchBudget } from './budget.ts';
import { benchDelivery } from './delivery.ts';
import { benchEmergencyStop } from './emergency-stop.ts';
import { benchFairness } from './fairness.ts';
import { benchIngestion } from './ingestion.ts';
import type { BenchOptions, Part } from './options.ts';
import { readOptions, USAGE } from './options.ts';
import { benchLatency } from './pipeline/latency.ts';
import { benchPipeline } from './pipeline/pipeline.ts';
import { benchProcesses } from './pipeline/processes.ts';
import { benchRecovery } from './recovery.ts';
import type { Section } from './report.ts';
import { renderSection } from './report.ts';
import type { BenchServices } from './services.ts';
import { startBenchServices } from './services.ts';
import { benchStart } from './start.ts';
import { renderStatements } from './statements.ts';

const BENCHES: Record<Part, (services: BenchServices, options: BenchOptions) => Promise<Section[]>> = {
  pipeline: benchPipeline,
  processes: benchProcesses,
  latency: benchLatency,
  recovery: benchRecovery,
  fairness: benchFairness,
  ingestion: benchIngestion,
  delivery: benchDelivery,
  start: benchStart,
  budget: benchBudget,
  'emergency-stop': benchEmergencyStop,
};

async function run(options: BenchOptions): Promise<void> {
  console.log(
    `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'CPU'}, Node ${process.version}; everything durable: fsync, synchronous_commit, AOF everysec`,
  );
  const services = await startBenchServices({ countStatements: options.statements });
  const sections: Section[] = [];
  try {
    for (const part of options.parts) {
      const measured = await BENCHES[part](services, options);
      for (const section of measured) console.log(renderSection(section));
      sections.push(...measured);
    }
    if (options.statements) console.log(`\n${await renderStatements(services.databaseUrl)}`);
  } finally {
    await services.stop();
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(sections, null, 2)}\n`);
}

const args = process.argv.slice(2);
if (args.includes('--help')) console.log(USAGE);
else await run(readOptions(args));
