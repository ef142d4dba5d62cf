/** Is told how far a long piece of work is. */
export interface Progress {
  /** @param total in whatever `advanceTo` counts */
  begin(what: string, total: number): void
  advanceTo(value: number): void
  end(): void
}
