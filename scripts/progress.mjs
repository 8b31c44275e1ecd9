import { spawn } from 'node:child_process';

const SILENT_MS = 1_000;
const SPINNER_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 5_000;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SHOWN_OUTPUT_LINES = 30;

/** A command of the preparation failed; `message` is for the person at the terminal. */
export class StepError extends Error {}

/**
 * Runs a command and shows `label` with the seconds gone once it takes longer than a second. Its output is kept back
 * and becomes part of the StepError when it fails.
 */
export async function runStep(label, command, args, options = {}) {
  const startedAt = performance.now();
  const stopProgress = showProgress(label, startedAt);
  const { code, output } = await run(command, args, options);
  stopProgress();
  if (code !== 0) throw new StepError(`${label}: failed (${command} ${args.join(' ')})\n${shorten(output)}`);
  const seconds = (performance.now() - startedAt) / 1000;
  if (seconds * 1000 > SILENT_MS) console.error(`✓ ${label} (${seconds.toFixed(1)} s)`);
}

function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** The beginning and the end: npm says what is wrong first, others last. */
function shorten(output) {
  const lines = output.trim().split('\n');
  if (lines.length <= 2 * SHOWN_OUTPUT_LINES) return lines.join('\n');
  return [...lines.slice(0, SHOWN_OUTPUT_LINES), '…', ...lines.slice(-SHOWN_OUTPUT_LINES)].join('\n');
}

function showProgress(label, startedAt) {
  const elapsed = () => `${Math.round((performance.now() - startedAt) / 1000)} s`;
  return process.stderr.isTTY ? spin(label, elapsed) : printLines(label, elapsed);
}

function spin(label, elapsed) {
  let frame = 0;
  const draw = () => {
    frame = (frame + 1) % FRAMES.length;
    process.stderr.write(`\r\x1b[2K${FRAMES[frame]} ${label} (${elapsed()})`);
  };
  const timer = setInterval(draw, SPINNER_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    process.stderr.write('\r\x1b[2K');
  };
}

function printLines(label, elapsed) {
  const print = () => console.error(`… ${label} (${elapsed()})`);
  const first = setTimeout(print, SILENT_MS);
  const timer = setInterval(print, LINE_INTERVAL_MS);
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
}
