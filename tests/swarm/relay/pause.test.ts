import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { pause } from '../../../swarm/relay/leader.ts';

describe('pause', () => {
  it('leaves no listener behind, however it ends', async () => {
    const stopping = new AbortController();
    await pause(1, stopping.signal);
    for (let wake = 0; wake < 20; wake += 1) await pause(60_000, stopping.signal, (end) => end());
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([]);
    const waiting = pause(60_000, stopping.signal);
    stopping.abort();
    await waiting;
    await pause(60_000, stopping.signal);
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([]);
  });
});
