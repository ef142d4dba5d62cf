/** What a command may touch of the process it runs in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes a line to standard output: what was asked for. */
  print(line: string): void
  /** Writes a line to standard error: what went wrong. */
  complain(line: string): void
  /** Where standard error is a screen that can be drawn on, not a file or a pipe. */
  readonly screen?: NodeJS.WriteStream | undefined
  /** Calls back on every SIGTERM and SIGINT. */
  onStop(listener: () => void): void
  /** Ends the process at once. */
  exitNow(code: number): void
}

/** Fits rows of cells under each other. */
export function layOut(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, column) => Math.max(cell.length, most[column] ?? 0)),
    [],
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
