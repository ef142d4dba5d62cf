import type { DriftSettings, PopulationSettings, StorageSettings, WorldSettings } from './settings.ts'

// Worlds that figures are told of. Their hash is kept in worlds.sha256 since before any engine was tuned.

const population: PopulationSettings = {
  devices: { windows: 33, mac: 9, linux: 1.5, chromebook: 2, iphone: 24, ipad: 2.5, android: 28 },
  regions: {
    spain: 46,
    mexico: 14,
    usa: 10,
    britain: 8,
    italy: 6,
    france: 6,
    germany: 5,
    brazil: 3,
    sweden: 2,
  },
  desktopBrowsers: { chrome: 70, edge: 14, firefox: 9, opera: 4, brave: 3 },
  safariOnMac: 0.55,
  inFleets: 0.27,
  fleetSize: [20, 200],
  fleetsBehindOnePrefix: 0.8,
  modelSkew: 0.45,
  buildsPerModel: 7,
  ownFonts: 0.3,
  ownFontBundles: 1.3,
  zoomed: 0.12,
  resisting: 0.03,
}

const drift: DriftSettings = {
  unevenness: 1.1,
  chromeDays: 14,
  firefoxDays: 28,
  updateLagDays: 5,
  neverUpdates: 0.04,
  renderingEpochMajors: 8,
  osReleasesPerYear: 6,
  driverReleasesPerYear: 4,
  fontInstallsPerYear: 0.6,
  docked: 0.25,
  dockedVisits: 0.5,
  travellers: 0.15,
  tripsPerYear: 5,
  languageChangesPerYear: 0.07,
  preferenceChangesPerYear: 0.2,
  zoomChangesPerYear: 0.6,
  displayChangesPerYear: 0.25,
  hardwareChangesPerYear: 0.05,
  networkRenewalsPerYear: 12,
  visitsElsewhere: 0.3,
}

const storage: StorageSettings = {
  clearingsPerYear: 0.386,
  clearsAlways: 0.03,
  isCapped: true,
  privateVisitors: 0.1,
  privateVisits: 0.35,
  refusesKey: 0.03,
}

const ordinary = {
  startsAt: '2026-10-05T00:00:00.000Z',
  days: 150,
  stayers: 0.45,
  population,
  drift,
  storage,
}

// The paper's visitors: desktop Chrome and Firefox of people who install an extension against fingerprinting.
const enthusiasts: PopulationSettings = {
  ...population,
  devices: { windows: 62, mac: 13, linux: 25 },
  regions: {
    france: 42,
    usa: 18,
    germany: 10,
    britain: 9,
    italy: 6,
    canada: 5,
    netherlands: 4,
    japan: 3,
    poland: 3,
  },
  desktopBrowsers: { chrome: 56, firefox: 44 },
  safariOnMac: 0,
  inFleets: 0,
  modelSkew: 0,
  buildsPerModel: 24,
  ownFonts: 0.92,
  ownFontBundles: 4.5,
  zoomed: 0.25,
  resisting: 0.005,
}

const techies = {
  ...ordinary,
  browsers: 1905,
  days: 200,
  stayers: 0.35,
  population: enthusiasts,
  drift: { ...drift, unevenness: 1.3, fontInstallsPerYear: 1.5, docked: 0.25, zoomChangesPerYear: 1 },
}

/** Nothing but the browser's and the system's own updates. */
const calm: DriftSettings = {
  ...drift,
  fontInstallsPerYear: 0.1,
  docked: 0.03,
  travellers: 0.03,
  languageChangesPerYear: 0.01,
  preferenceChangesPerYear: 0.03,
  zoomChangesPerYear: 0.05,
  displayChangesPerYear: 0.03,
  hardwareChangesPerYear: 0.01,
  networkRenewalsPerYear: 3,
  visitsElsewhere: 0.1,
}
const desktops = { windows: 70, mac: 22, linux: 4, chromebook: 4 }

export const TEST_WORLDS: readonly WorldSettings[] = [
  { ...ordinary, name: 'test-mixed-7d', seed: 92_101, browsers: 15_000, rhythm: { everyDays: 7 } },
  { ...ordinary, name: 'test-mixed-poisson', seed: 92_102, browsers: 15_000, rhythm: { meanGapDays: 10 } },
  { ...techies, name: 'test-enthusiasts-1d', seed: 92_111, rhythm: { everyDays: 1 } },
  { ...techies, name: 'test-enthusiasts-3d', seed: 92_112, rhythm: { everyDays: 3 } },
  { ...techies, name: 'test-enthusiasts-7d', seed: 92_113, rhythm: { everyDays: 7 } },
  { ...techies, name: 'test-enthusiasts-10d', seed: 92_114, rhythm: { everyDays: 10 } },
  { ...techies, name: 'test-enthusiasts-20d', seed: 92_115, rhythm: { everyDays: 20 } },
  {
    ...ordinary,
    name: 'test-phones-7d',
    seed: 92_121,
    browsers: 10_000,
    rhythm: { everyDays: 7 },
    population: { ...population, devices: { iphone: 50, ipad: 4, android: 46 } },
  },
  {
    ...ordinary,
    name: 'test-fleets-7d',
    seed: 92_122,
    browsers: 8000,
    rhythm: { everyDays: 7 },
    population: { ...population, devices: { windows: 94, mac: 6 }, inFleets: 0.85, fleetSize: [20, 200] },
  },
  { ...ordinary, name: 'test-calm-7d', seed: 92_123, browsers: 8000, rhythm: { everyDays: 7 }, drift: calm },
  {
    ...ordinary,
    name: 'test-cadence-10d',
    seed: 92_124,
    browsers: 8000,
    rhythm: { everyDays: 10 },
    population: { ...population, devices: { ...desktops, android: 30 } },
    drift: { ...calm, updateLagDays: 3, neverUpdates: 0.01, renderingEpochMajors: 5, osReleasesPerYear: 10 },
  },
  {
    ...ordinary,
    name: 'test-docked-3d',
    seed: 92_125,
    browsers: 4000,
    rhythm: { everyDays: 3 },
    population: { ...population, devices: desktops },
    drift: { ...drift, docked: 0.8, displayChangesPerYear: 0.8, zoomChangesPerYear: 1.5 },
  },
  {
    ...ordinary,
    name: 'test-travellers-7d',
    seed: 92_126,
    browsers: 6000,
    rhythm: { everyDays: 7 },
    drift: {
      ...drift,
      travellers: 0.8,
      tripsPerYear: 10,
      languageChangesPerYear: 0.3,
      networkRenewalsPerYear: 25,
    },
  },
  {
    ...ordinary,
    name: 'test-noise-7d',
    seed: 92_127,
    browsers: 6000,
    rhythm: { everyDays: 7 },
    population: {
      ...population,
      devices: { windows: 55, mac: 20, linux: 12, android: 13 },
      desktopBrowsers: { brave: 50, firefox: 35, chrome: 15 },
      resisting: 0.5,
    },
  },
  {
    ...ordinary,
    name: 'test-cleared-7d',
    seed: 92_128,
    browsers: 8000,
    rhythm: { everyDays: 7 },
    storage: { ...storage, clearingsPerYear: 1.5, clearsAlways: 0.1 },
  },
  {
    ...ordinary,
    name: 'test-capped-10d',
    seed: 92_129,
    browsers: 8000,
    rhythm: { everyDays: 10 },
    population: { ...population, devices: { iphone: 50, ipad: 5, mac: 45 }, safariOnMac: 0.8 },
  },
  {
    ...ordinary,
    name: 'test-private-3d',
    seed: 92_130,
    browsers: 4000,
    rhythm: { everyDays: 3 },
    storage: { ...storage, privateVisitors: 0.6, privateVisits: 0.5, refusesKey: 0.08 },
  },
]
