/** Kinds of device people come with. */
export type DeviceKind = 'android' | 'chromebook' | 'ipad' | 'iphone' | 'linux' | 'mac' | 'windows'

export type RegionName =
  | 'austria'
  | 'brazil'
  | 'britain'
  | 'canada'
  | 'france'
  | 'germany'
  | 'india'
  | 'italy'
  | 'japan'
  | 'mexico'
  | 'netherlands'
  | 'poland'
  | 'spain'
  | 'sweden'
  | 'switzerland'
  | 'usa'

export type DesktopBrowser = 'brave' | 'chrome' | 'edge' | 'firefox' | 'opera'

/** Shares are 0–1; weights only matter against each other; rates are for one browser. */
export interface PopulationSettings {
  /** Weights. */
  readonly devices: Readonly<Partial<Record<DeviceKind, number>>>
  /** Weights: where a site's visitors live. */
  readonly regions: Readonly<Partial<Record<RegionName, number>>>
  /** Weights on Windows and Linux, and on Macs without Safari. */
  readonly desktopBrowsers: Readonly<Partial<Record<DesktopBrowser, number>>>
  /** Share of Macs that come with Safari. */
  readonly safariOnMac: number
  /** Share of Windows machines that stand in a fleet of identical ones. */
  readonly inFleets: number
  /** Fewest and most machines of a fleet. */
  readonly fleetSize: readonly [number, number]
  /** Share of fleets that come from one network prefix. */
  readonly fleetsBehindOnePrefix: number
  /** Device models are drawn by rank^-skew times their share in the catalogue: larger means fewer models. */
  readonly modelSkew: number
  /** Builds of one desktop model (cores, memory, display), the first of them commonest. */
  readonly buildsPerModel: number
  /** Share of desktops with fonts of their own, and how many bundles those have on average. */
  readonly ownFonts: number
  readonly ownFontBundles: number
  /** Share of desktops that zoom this site or scale their display by hand. */
  readonly zoomed: number
  /** Share of Firefox that resists fingerprinting (RFP). */
  readonly resisting: number
}

export interface DriftSettings {
  /** Spread (sigma of a lognormal) of how much one person's rates differ from the mean: change is heavy-tailed. */
  readonly unevenness: number
  /** Days between majors of Chrome and all built on it, and of Firefox. */
  readonly chromeDays: number
  readonly firefoxDays: number
  /** Mean days until an update is taken, and the share of browsers that never take one. */
  readonly updateLagDays: number
  readonly neverUpdates: number
  /** Majors after which canvas and WebGL of an engine come out differently. */
  readonly renderingEpochMajors: number
  /** Releases a year of operating systems and of GPU drivers. */
  readonly osReleasesPerYear: number
  readonly driverReleasesPerYear: number
  readonly fontInstallsPerYear: number
  /** Share of laptops with a dock, and how many of their visits come from it. */
  readonly docked: number
  readonly dockedVisits: number
  /** Share of Windows and Linux laptops with two GPUs, of which now one and now the other draws. */
  readonly hybridGraphics: number
  /** Share of people who travel, and how often they do; a trip takes 2 to 16 days. */
  readonly travellers: number
  readonly tripsPerYear: number
  readonly languageChangesPerYear: number
  /** HDR switched, a touch screen attached or taken off. */
  readonly preferenceChangesPerYear: number
  readonly zoomChangesPerYear: number
  /** Another monitor, another scale of the system. */
  readonly displayChangesPerYear: number
  /** Another graphics card, more memory. */
  readonly hardwareChangesPerYear: number
  /** Changes of the home's network prefix. */
  readonly networkRenewalsPerYear: number
  /** Share of visits from elsewhere: a phone's carrier, another place of a laptop. */
  readonly visitsElsewhere: number
}

export interface StorageSettings {
  /** Clearing of cookie, key and device id together: .386 a year is 32 % of people in a year. */
  readonly clearingsPerYear: number
  /** Share of people whose browser clears all whenever it closes. */
  readonly clearsAlways: number
  /** Safari deletes what scripts stored after seven days without a visit; the server's cookie stays. */
  readonly isCapped: boolean
  /** Share of people who come in private windows, and in how many of their visits. */
  readonly privateVisitors: number
  readonly privateVisits: number
  /** Share of browsers that refuse to store a key. */
  readonly refusesKey: number
}

/** `everyDays`: a visit every so many days exactly, as FP-Stalker replays. `meanGapDays`: Poisson, the mean differing by person. */
export type Rhythm = { readonly everyDays: number } | { readonly meanGapDays: number }

/** All there is to say about a world; with the generator's sources it decides every line. */
export interface WorldSettings {
  readonly name: string
  readonly seed: number
  /** Browser instances that appear in it. */
  readonly browsers: number
  /** ISO 8601. */
  readonly startsAt: string
  readonly days: number
  readonly rhythm: Rhythm
  /** Share of browsers seen over the whole time; the others come and go within it. */
  readonly stayers: number
  readonly population: PopulationSettings
  readonly drift: DriftSettings
  readonly storage: StorageSettings
}
