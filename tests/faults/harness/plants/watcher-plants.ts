import type { Watcher } from '../watcher.ts';
import type { Scene } from './look-at-planted.ts';
import type { Plants } from './plants.ts';

/** The first watcher of tasks was told something else than it was. */
const told = (alter: (seen: Watcher['seen'], all: readonly Watcher[]) => Watcher['seen']) => (scene: Scene) => {
  const [first, ...others] = scene.watchers as [Watcher, ...Watcher[]];
  scene.watchers = [{ ...first, seen: alter([...first.seen], scene.watchers) }, ...others];
};
const otherTenants = ([first, ...others]: readonly Watcher[]): Watcher | undefined =>
  others.find(({ tenant, field }) => tenant !== first?.tenant && field === first?.field);
const swapped = <T>(list: T[]): T[] => [...list.slice(0, 3), ...list.slice(3, 5).reverse(), ...list.slice(5)];

/** Every watcher saw each event exactly once, and of its own tenant only. */
export const watcherPlants: Plants = {
  'an event that was dropped': { says: 'missed', plant: told((seen) => seen.toSpliced(3, 1)) },
  'the first one dropped': { says: 'missed', plant: told((seen) => seen.slice(1)) },
  'the last one dropped': { says: 'missed', plant: told((seen) => seen.slice(0, -1)) },
  'all of them dropped': { says: 'missed', plant: told(() => []) },
  'an event seen twice': { says: 'saw 1 twice', plant: told((seen) => [...seen.slice(0, 4), ...seen.slice(3)]) },
  'an old one seen again': { says: 'saw 1 twice', plant: told((seen) => [...seen, ...seen.slice(0, 1)]) },
  'two the wrong way round': { says: 'out of order', plant: told(swapped) },
  'an event of another tenant': {
    says: 'not its own',
    plant: told((seen, all) => [...seen, ...(otherTenants(all)?.seen.slice(-1) ?? [])]),
  },
  'a row of another tenant': {
    says: 'another row',
    plant: told(([first, ...seen], all) => [
      { ...first, id: otherTenants(all)?.seen[0]?.id ?? null } as (typeof seen)[number],
      ...seen,
    ]),
  },
  'another row of its own': {
    says: 'another row',
    plant: told((seen) => seen.map(({ position }) => ({ position, id: seen[0]?.id ?? null }))),
  },
  'no row': { says: 'another row', plant: told((seen) => seen.map(({ position }) => ({ position, id: null }))) },
};
