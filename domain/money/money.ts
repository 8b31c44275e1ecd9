/** Money is integer micro-USD (1 USD = 1,000,000) inside, a decimal string of USD at the API. */
export const MICRO_USD = 1_000_000;

/** No budget may be larger: 1,000,000 USD. */
export const MAX_BUDGET_MICRO_USD = 1_000_000 * MICRO_USD;

/** "12.345678" → 12345678. Throws RangeError when it is not a decimal number, has more than 6 decimals, or leaves ±2^53 micro-USD. */
export function decimalToMicroUsd(decimal: string): number {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,6}))?$/.exec(decimal.trim());
  if (!match) throw new RangeError(`"${decimal}" is not an amount in USD such as "25" or "0.125" (at most 6 decimals)`);
  const micro = Number(match[2]) * MICRO_USD + Number((match[3] ?? '').padEnd(6, '0'));
  if (!Number.isSafeInteger(micro)) throw new RangeError(`"${decimal}" is too large`);
  return match[1] ? -micro : micro;
}

/** 12345678 → "12.345678"; at least two decimals, no further trailing zeros. */
export function microUsdToDecimal(microUsd: bigint | number): string {
  const value = BigInt(microUsd);
  const absolute = value < 0n ? -value : value;
  const fraction = (absolute % 1_000_000n)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${value < 0n ? '-' : ''}${absolute / 1_000_000n}.${fraction}`;
}
