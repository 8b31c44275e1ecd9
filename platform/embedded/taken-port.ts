import { ServiceStartError } from './service-process.ts';

const ATTEMPTS = 3;

/** Runs `start` again when somebody took the free port in between; a port the caller chose is tried once. */
export async function retryOnTakenPort<T>(chosenPort: number | undefined, start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      const taken = error instanceof ServiceStartError && /address already in use/i.test(error.log);
      if (!taken || chosenPort !== undefined || attempt === ATTEMPTS) throw error;
    }
  }
}
