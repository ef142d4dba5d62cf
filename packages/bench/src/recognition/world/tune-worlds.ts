import type { DriftSettings, PopulationSettings, StorageSettings, WorldSettings } from './settings.ts'

// Worlds an engine's parameters may be fitted on. Other seeds, other people and other rates than in test-worlds.ts.

const population: PopulationSettings = {
  devices: { windows: 38, mac: 10, linux: 2, chromebook: 1, iphone: 20, ipad: 2, android: 27 },
  regions: {
    germany: 70,
    austria: 7,
    switzerland: 5,
    france: 5,
    netherlands: 4,
    poland: 4,
    britain: 3,
    usa: 2,
  },
  desktopBrowsers: { chrome: 66, edge: 17, firefox: 12, opera: 3, brave: 2 },
  safariOnMac: 0.5,
  inFleets: 0.2,
  fleetSize: [20, 120],
  fleetsBehindOnePrefix: 0.7,
  modelSkew: 0.8,
  buildsPerModel: 6,
  ownFonts: 0.11,
  ownFontBundles: 1.5,
  zoomed: 0.05,
  resisting: 0.02,
}

const drift: DriftSettings = {
  unevenness: 1,
  chromeDays: 14,
  firefoxDays: 28,
  updateLagDays: 4,
  neverUpdates: 0.03,
  renderingEpochMajors: 10,
  osReleasesPerYear: 7,
  driverReleasesPerYear: 3,
  fontInstallsPerYear: 0.5,
  docked: 0.2,
  dockedVisits: 0.45,
  hybridGraphics: 0.07,
  travellers: 0.12,
  tripsPerYear: 4,
  languageChangesPerYear: 0.05,
  preferenceChangesPerYear: 0.15,
  zoomChangesPerYear: 0.5,
  displayChangesPerYear: 0.2,
  hardwareChangesPerYear: 0.04,
  networkRenewalsPerYear: 8,
  visitsElsewhere: 0.25,
}

const storage: StorageSettings = {
  clearingsPerYear: 0.386,
  clearsAlways: 0.02,
  isCapped: true,
  privateVisitors: 0.08,
  privateVisits: 0.3,
  refusesKey: 0.02,
}

const ordinary = { startsAt: '2026-09-14T00:00:00.000Z', days: 140, stayers: 0.5, population, drift, storage }

const enthusiasts: PopulationSettings = {
  ...population,
  devices: { windows: 58, mac: 14, linux: 28 },
  regions: { france: 50, usa: 15, germany: 12, britain: 8, canada: 5, switzerland: 4, spain: 3, india: 3 },
  desktopBrowsers: { chrome: 52, firefox: 48 },
  safariOnMac: 0,
  inFleets: 0,
  modelSkew: 0,
  buildsPerModel: 8,
  ownFonts: 0.7,
  ownFontBundles: 2.8,
  zoomed: 0.2,
  resisting: 0.005,
}

const techies = {
  ...ordinary,
  browsers: 1600,
  days: 200,
  stayers: 0.3,
  population: enthusiasts,
  drift: {
    ...drift,
    unevenness: 1.2,
    updateLagDays: 5,
    fontInstallsPerYear: 1.5,
    docked: 0.4,
    hybridGraphics: 0.15,
    languageChangesPerYear: 0.2,
    zoomChangesPerYear: 1.2,
    displayChangesPerYear: 0.5,
  },
}

export const TUNE_WORLDS: readonly WorldSettings[] = [
  { ...ordinary, name: 'tune-mixed-7d', seed: 71_001, browsers: 12_000, rhythm: { everyDays: 7 } },
  { ...ordinary, name: 'tune-mixed-poisson', seed: 71_002, browsers: 12_000, rhythm: { meanGapDays: 9 } },
  {
    ...ordinary,
    name: 'tune-phones-7d',
    seed: 71_003,
    browsers: 8000,
    rhythm: { everyDays: 7 },
    population: { ...population, devices: { iphone: 45, ipad: 3, android: 52 } },
  },
  {
    ...ordinary,
    name: 'tune-fleets-3d',
    seed: 71_004,
    browsers: 5000,
    days: 90,
    rhythm: { everyDays: 3 },
    population: { ...population, devices: { windows: 92, mac: 8 }, inFleets: 0.75, fleetSize: [20, 150] },
  },
  {
    ...ordinary,
    name: 'tune-noise-10d',
    seed: 71_005,
    browsers: 6000,
    rhythm: { everyDays: 10 },
    population: {
      ...population,
      devices: { windows: 60, mac: 15, linux: 10, android: 15 },
      desktopBrowsers: { brave: 40, firefox: 40, chrome: 20 },
      resisting: 0.4,
    },
  },
  {
    ...ordinary,
    name: 'tune-restless-7d',
    seed: 71_006,
    browsers: 6000,
    rhythm: { everyDays: 7 },
    drift: {
      ...drift,
      unevenness: 1.3,
      docked: 0.5,
      travellers: 0.4,
      tripsPerYear: 8,
      fontInstallsPerYear: 1.5,
    },
    storage: { ...storage, clearingsPerYear: 1, clearsAlways: 0.05, privateVisitors: 0.25 },
  },
  { ...techies, name: 'tune-enthusiasts-7d', seed: 71_007, rhythm: { everyDays: 7 } },
  { ...techies, name: 'tune-enthusiasts-3d', seed: 71_008, browsers: 1200, rhythm: { everyDays: 3 } },
]
