const LEAST = 1024;

/**
 * How often each feature of one text occurs. What a Map from hash to count and weight would be, in the same order (of
 * first sight), without an object for each of some hundred features: open addressing in arrays that serve again after
 * `clear`. Weights of a feature seen before are ignored.
 */
export class FeatureCounts {
  size = 0;
  hashes = new Int32Array(LEAST);
  counts = new Int32Array(LEAST);
  weights = new Float64Array(LEAST);
  /** The number of the feature that stands there, from 1; 0 is free. At most half of them are taken. */
  private slots = new Int32Array(2 * LEAST);
  private slotOf = new Int32Array(LEAST);

  /** Forgets the last text, and makes room for `most` features of the next: more must not be added. */
  clear(most: number): void {
    if (most > this.hashes.length) {
      const room = 2 ** Math.ceil(Math.log2(most));
      this.hashes = new Int32Array(room);
      this.counts = new Int32Array(room);
      this.weights = new Float64Array(room);
      this.slots = new Int32Array(2 * room);
      this.slotOf = new Int32Array(room);
    } else {
      for (let feature = 0; feature < this.size; feature++) this.slots[this.slotOf[feature] ?? 0] = 0;
    }
    this.size = 0;
  }

  add(hash: number, weight: number): void {
    const { slots, hashes, counts } = this;
    const last = slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & last;
    for (let taken = slots[slot] ?? 0; taken !== 0; taken = slots[slot] ?? 0) {
      if (hashes[taken - 1] === hash) {
        counts[taken - 1] = (counts[taken - 1] ?? 0) + 1;
        return;
      }
      slot = (slot + 1) & last;
    }
    const feature = this.size++;
    slots[slot] = this.size;
    this.slotOf[feature] = slot;
    hashes[feature] = hash;
    counts[feature] = 1;
    this.weights[feature] = weight;
  }
}
