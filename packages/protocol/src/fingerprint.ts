/** A value of one normalised signal. Images and audio are hashed in the browser. */
export type SignalValue = boolean | number | string | null | readonly (number | string)[]

/** Normalised signals by name; names are those of `@helloagain/recognition`. */
export type Signals = Record<string, SignalValue>

/** What the browser observed about itself. */
export interface FingerprintReport {
  /** 32 lower-case hex digits over the normalised signals, salted per site. */
  hash: string
  /** What the hash was made of; the server reads a confidence from it and stores no raw value. */
  signals?: Signals
  /** Names of signals that changed when read twice (noise added by the browser). */
  unstable?: string[]
}

/** Where the fingerprint of a request came from, best first. */
export type FingerprintSource = 'client_header' | 'cookie' | 'request_cache' | 'server_generated'
