/** What one round of retention did. */
export interface RetentionRun {
  readonly deleted: number
  /** Partitions that were dropped whole; PostgreSQL only. */
  readonly dropped: readonly string[]
  /** Partitions that are due, but somebody was reading: next time. */
  readonly postponed: readonly string[]
}

export interface RetentionRound {
  /** Events that happened before this go. */
  readonly cutoffMs: number
  readonly signal: AbortSignal
}

/** Deletes old events in small steps, between which ingest gets its turn; the horizon was moved before. */
export interface Retention {
  /** Undefined when another server is at it. A round that is cut short leaves the rest to the next one. */
  run(round: RetentionRound): Promise<RetentionRun | undefined>
}

/** Rows of one step: some 10 ms of work on SQLite, which nothing else can be done in. */
export const CHUNK_ROWS = 500
