import pc from 'picocolors';

/** One measured figure beside the bound that was measured in the same run. */
export interface Figure {
  name: string;
  unit: string;
  ours: number;
  /** Null where nothing bare does the same. */
  bound: number | null;
  /** What is compared with what, or the goal. */
  note?: string;
}

export interface Section {
  title: string;
  figures: Figure[];
}

function shown(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The section as a table: figure, ours, bound, ours/bound. */
export function renderSection({ title, figures }: Section): string {
  const rows = [
    ['', 'ours', 'bound', 'ratio', ''],
    ...figures.map(({ name, unit, ours, bound, note }) => [
      `${name}, ${unit}`,
      shown(ours),
      shown(bound),
      bound ? shown(ours / bound) : '',
      note ?? '',
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : column < 4 ? cell.padStart(width) : pc.dim(cell);
      })
      .join('  ')
      .trimEnd(),
  );
  return `\n${pc.bold(title)}\n${lines.join('\n')}`;
}
