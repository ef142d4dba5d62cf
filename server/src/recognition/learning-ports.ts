import type { Weights } from '@helloagain/recognition/linkage'

/** A blind answer on a visit that key or cookie had identified. */
export interface Trial {
  readonly id: string
  readonly siteId: string
  /** Whose visit it was. */
  readonly visitorId: string
  readonly atMs: number
  readonly browserFamily: string
  /** The visitor had been here before. */
  readonly isReturn: boolean
  readonly method: string
  /** 0–100. */
  readonly confidence: number
  /**
   * True: the best candidate was this visitor. False: it was another one, and both are known to be alive, each by its
   * own cookie or key. Null: there was none, or it is another visitor that may be the same browser, before it lost its
   * cookie or in a private window.
   */
  readonly isRight: boolean | null
  readonly input: TrialInputKept
}

export interface TrialInputKept {
  /** The best candidate's visitor; null where there was none. */
  readonly best: string | null
  /** What weights are tried on again: comparisons without tokens. Null where it was not kept. */
  readonly comparisons: unknown
}

/** A trial for reckoning with. */
export interface TrialResult extends Omit<Trial, 'id' | 'input' | 'siteId'> {
  /** The visitor of the trial came again after it. */
  readonly isSeenSince: boolean
}

/** One version of a site's weights. */
export interface Model {
  readonly id: string
  readonly siteId: string
  /** From 1 on. */
  readonly version: number
  readonly state: 'live' | 'refused' | 'retired'
  readonly weights: Weights
  /** On the hold-out: this one against the one that was live. */
  readonly report: Readonly<Record<string, number>>
  readonly createdAtMs: number
}

/** What learning needs of a database. */
export interface LearningStore {
  /** Sites with tallies or trials. */
  listSites(): Promise<string[]>
  /** A trial of a visitor that is gone meanwhile is not kept. */
  keepTrial(trial: Trial): Promise<void>
  /** Those of people whose comparisons were kept, newest first. */
  readTrials(siteId: string, most: number): Promise<(Trial & Pick<TrialResult, 'isSeenSince'>)[]>
  /** Of people, from that moment on, newest first. */
  readResults(siteId: string, sinceMs: number): Promise<TrialResult[]>
  /** Settles the trials whose best candidate has turned out to be another browser. Answers how many. */
  settle(siteId: string): Promise<number>
  /** Deletes trials from before the cut, and all but the newest so many. Answers how many went. */
  pruneTrials(siteId: string, bounds: { cutoffMs: number; most: number }): Promise<number>
  findLive(siteId: string): Promise<Model | undefined>
  latestModel(siteId: string): Promise<Model | undefined>
  /** Newest first. */
  listModels(siteId: string, limit: number): Promise<Model[]>
  /**
   * Enters a version; a live one retires the one before. False when another server entered that version first: then
   * nothing is changed.
   */
  enterModel(model: Model): Promise<boolean>
  /** Takes the live version out of use; the start weights apply again. */
  retireLive(siteId: string): Promise<void>
}
