/** Figures side by side that no bar is held against: who did how, by the same measures. */
export interface FigureTable {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const lengthOf = (text: string) => [...text].length
const pad = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - lengthOf(text)))

/** Columns as wide as their widest cell, two blanks between them. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => lengthOf(row[column] ?? ''))),
  )
  return rows.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0)).join('  ')).join('\n')
}

/** For the terminal. */
export const renderFigures = ({ title, head, rows }: FigureTable): string =>
  `${title}\n${alignColumns([head, ...rows])}`

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

/** For a page: folded, as there may be many of them. */
export const foldFigures = ({ title, head, rows }: FigureTable): string =>
  [
    `<details><summary>${title}</summary>`,
    [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'),
    '</details>',
  ].join('\n\n')
