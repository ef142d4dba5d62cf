/** What one browser shows of itself on one visit, in the names and shapes of the replay format. */
export interface RawSignals {
  userAgent?: string
  /** Client hints; Chromium only. */
  uaData?: UaData
  platform?: string
  gpuVendor?: string
  gpuRenderer?: string
  canvas?: string
  webgl?: string
  audio?: string
  fonts?: readonly string[]
  /** CSS pixels. */
  screen?: readonly [width: number, height: number]
  devicePixelRatio?: number
  colorDepth?: number
  timezone?: string
  languages?: readonly string[]
  hardwareConcurrency?: number
  /** GiB as the browser rounds them; Chromium only. */
  deviceMemory?: number
  touchPoints?: number
}

export interface UaData {
  brands: readonly (readonly [brand: string, version: string])[]
  platform: string
  platformVersion: string
  model: string
}

/** Names a browser holds by; null where it holds none. */
export interface Evidence {
  deviceKey: string | null
  cookie: string | null
  deviceId: string | null
}

/** One line of a replay. */
export interface Visit {
  /** ISO 8601 with milliseconds. */
  readonly t: string
  /** The truth, for scoring only. */
  readonly browser: string
  readonly evidence: Evidence
  /** Address prefix. */
  readonly network: string
  readonly signals: RawSignals
  /**
   * Beyond the replay format, and left out when empty: signals that came out differently when a probe read them twice.
   * Noise that stays the same within a visit is not noticed, and not told.
   */
  readonly unstable?: readonly (keyof RawSignals)[]
}
