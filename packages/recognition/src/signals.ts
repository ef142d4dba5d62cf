/** Signals that tell much the same thing share a group; a group's evidence is capped. */
export type SignalGroup = 'device' | 'display' | 'locale' | 'network' | 'software'

/** How often a value changes on one and the same browser. */
export type SignalDrift = 'rarely' | 'sometimes' | 'often'

/** How a raw value is brought into its one normal form. */
export type SignalKind =
  | 'count'
  | 'digest'
  | 'flag'
  | 'languages'
  | 'ratio'
  | 'screen'
  | 'set'
  | 'text'
  | 'userAgent'

/** What is known about one signal. */
export interface SignalDefinition {
  group: SignalGroup
  /**
   * What the signal adds to the others, in bits. Not its entropy alone: those sum to 70.2 bits where the
   * same 18 attributes tell 14.1 together.
   */
  bits: number
  /** Where the figure comes from. */
  source: string
  drift: SignalDrift
  /** Part of the exact fingerprint. Values that change in ordinary use are evidence only. */
  isHashed: boolean
  kind: SignalKind
  /** Other names under which raw data may carry the value; a dot reads into an object. */
  aliases: readonly string[]
}

// Li & Cao, IMC 2020, 300,000 browsers: Shapley values, the joint 14.14 bits shared out without counting twice.
const LI_CAO = 'Li & Cao 2020, N = 300,000, Shapley value'
// The same study's entropy alone × 14.14/70.2.
const LI_CAO_SCALED = 'Li & Cao 2020, N = 300,000, entropy × 14.14/70.2'
// Berke et al., PoPETs 2025, 8,400 browsers: entropy alone × 12.10/33.45, the study's joint to summed ratio.
const BERKE_SCALED = 'Berke et al. 2025, N = 8,400, entropy × 12.10/33.45'
const ASSUMED = 'assumed small: no published figure on a modern population'

type Numbers = [group: SignalGroup, bits: number, source: string]
type Habits = [drift: SignalDrift, hashing: 'hashed' | 'evidence', kind: SignalKind, ...aliases: string[]]

function signal(
  [group, bits, source]: Numbers,
  [drift, hashing, kind, ...aliases]: Habits,
): SignalDefinition {
  return { group, bits, source, drift, isHashed: hashing === 'hashed', kind, aliases }
}

/**
 * Every signal the product knows. The first names are ours and travel on the wire; `aliases` are what document
 * 000, FingerprintJS and request headers call the same thing.
 */
export const SIGNALS = {
  // Device class: decided by hardware, driver and operating system.
  gpuVendor: signal(
    ['device', 0.1, ASSUMED],
    [
      'rarely',
      'hashed',
      'text',
      'webglVendor',
      'webgl.vendorUnmasked',
      'webgl.vendor',
      'webGlBasics.vendorUnmasked',
    ],
  ),
  gpuRenderer: signal(
    ['device', 1.53, LI_CAO],
    [
      'rarely',
      'hashed',
      'text',
      'webglRenderer',
      'webgl.rendererUnmasked',
      'webgl.renderer',
      'webGlBasics.rendererUnmasked',
      'gpu',
    ],
  ),
  webgl: signal(['device', 1.76, LI_CAO], ['sometimes', 'hashed', 'digest', 'webglHash', 'webGlExtensions']),
  canvas: signal(
    ['device', 1.21, LI_CAO],
    ['sometimes', 'hashed', 'digest', 'canvasHash', 'canvasFingerprint'],
  ),
  canvasText: signal(['device', 0.41, LI_CAO], ['often', 'evidence', 'digest', 'canvasTextHash']),
  audio: signal(['device', 1.25, LI_CAO], ['rarely', 'hashed', 'digest', 'audioHash', 'audioFingerprint']),
  fonts: signal(['device', 1.89, LI_CAO], ['sometimes', 'hashed', 'set', 'jsFonts', 'installedFonts']),
  hardwareConcurrency: signal(['device', 0.43, LI_CAO], ['rarely', 'hashed', 'count', 'cores', 'cpuCores']),
  deviceMemory: signal(['device', 0.58, BERKE_SCALED], ['rarely', 'hashed', 'ratio', 'memory']),
  architecture: signal(['device', 0.1, ASSUMED], ['rarely', 'hashed', 'text', 'uaArchitecture']),
  model: signal(['device', 0.5, ASSUMED], ['rarely', 'hashed', 'text', 'uaModel', 'deviceModel']),

  // Display: changes with docks, projectors and zoom.
  screen: signal(
    ['display', 1.99, BERKE_SCALED],
    ['often', 'hashed', 'screen', 'screenResolution', 'resolution', 'screenSize'],
  ),
  devicePixelRatio: signal(['display', 0.62, LI_CAO], ['often', 'evidence', 'ratio', 'pixelRatio']),
  colorDepth: signal(['display', 0.19, LI_CAO_SCALED], ['rarely', 'hashed', 'count', 'screenColorDepth']),
  colorGamut: signal(['display', 0.1, ASSUMED], ['often', 'evidence', 'text']),
  hdr: signal(['display', 0.1, ASSUMED], ['often', 'evidence', 'flag']),
  touchPoints: signal(
    ['display', 0.53, BERKE_SCALED],
    ['sometimes', 'evidence', 'count', 'maxTouchPoints', 'touchSupport.maxTouchPoints', 'touchSupport'],
  ),

  // Locale: changes with travel and with the person's taste.
  languages: signal(
    ['locale', 1.19, LI_CAO],
    ['sometimes', 'hashed', 'languages', 'language', 'acceptLanguage', 'accept-language'],
  ),
  timezone: signal(['locale', 0.42, LI_CAO], ['sometimes', 'hashed', 'text', 'timeZone', 'tz']),
  timezoneOffset: signal(['locale', 0.1, ASSUMED], ['often', 'evidence', 'count']),

  // Software: moves with updates (Chrome's major every 14 days) and preferences.
  userAgent: signal(
    ['software', 1.45, LI_CAO],
    ['sometimes', 'hashed', 'userAgent', 'user_agent', 'user-agent', 'ua'],
  ),
  browserMajor: signal(['software', 0.4, LI_CAO], ['often', 'evidence', 'count']),
  platform: signal(['software', 0.51, LI_CAO_SCALED], ['rarely', 'hashed', 'text']),
  uaPlatform: signal(['software', 0.35, LI_CAO_SCALED], ['rarely', 'hashed', 'text', 'sec-ch-ua-platform']),
  uaPlatformVersion: signal(['software', 0.61, LI_CAO], ['often', 'evidence', 'text', 'platformVersion']),
  vendor: signal(['software', 0.1, ASSUMED], ['rarely', 'hashed', 'text']),
  plugins: signal(['software', 0.1, ASSUMED], ['sometimes', 'evidence', 'set']),
  acceptEncoding: signal(
    ['software', 0.26, LI_CAO_SCALED],
    ['rarely', 'hashed', 'text', 'accept-encoding', 'encoding'],
  ),
  doNotTrack: signal(['software', 0.41, LI_CAO], ['rarely', 'evidence', 'text', 'dnt']),
  cookiesEnabled: signal(['software', 0.04, ASSUMED], ['rarely', 'evidence', 'flag', 'cookieEnabled']),
  pdfViewer: signal(['software', 0.04, ASSUMED], ['rarely', 'evidence', 'flag', 'pdfViewerEnabled']),
  reducedMotion: signal(['software', 0.1, ASSUMED], ['often', 'evidence', 'flag']),
  reducedTransparency: signal(['software', 0.05, ASSUMED], ['often', 'evidence', 'flag']),
  contrast: signal(['software', 0.1, ASSUMED], ['often', 'evidence', 'text']),
  forcedColors: signal(['software', 0.05, ASSUMED], ['often', 'evidence', 'flag']),
  invertedColors: signal(['software', 0.05, ASSUMED], ['often', 'evidence', 'flag']),

  // Network: seen by the server only.
  networkPrefix: signal(['network', 1, ASSUMED], ['often', 'hashed', 'text', 'ipPrefix']),
} as const satisfies Record<string, SignalDefinition>

export type SignalName = keyof typeof SIGNALS

export const SIGNAL_NAMES = Object.keys(SIGNALS) as SignalName[]

/** The definition behind a name, with the wide type. */
export function getSignal(name: SignalName): SignalDefinition {
  return SIGNALS[name]
}

/** Bits all browser signals tell together (Li & Cao 2020); stands for a confidence of 100. */
export const JOINT_BITS = 14.14

/**
 * The most a group can add, in bits. The browser's four sum to {@link JOINT_BITS}: device class from the Shapley
 * values of fonts, WebGL, GPU, audio, canvas and cores; the rest in the proportion of their own signals.
 * Without device evidence the others reach 7.5 of 14.14 bits, so a link by fingerprint (60) always needs it.
 */
export const GROUP_BITS: Readonly<Record<SignalGroup, number>> = {
  device: 7.6,
  display: 2.2,
  locale: 1.6,
  software: 2.74,
  network: 1,
}
