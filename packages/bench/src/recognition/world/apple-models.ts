import type { Display } from './catalogue.ts'

/** All units of a model show the same, but for the system's version and the person's locale. */
export interface AppleModel {
  readonly name: string
  readonly display: Display
  /** Against the others of its kind. */
  readonly weight: number
  /** Newest system it gets. */
  readonly newestOs: number
}

type Row = readonly [
  name: string,
  size: readonly [number, number],
  ratio: number,
  weight: number,
  newestOs: number,
]

const model = ([name, [width, height], ratio, weight, newestOs]: Row): AppleModel => ({
  name,
  display: { width, height, ratio, depth: 24 },
  weight,
  newestOs,
})

// Screen sizes are Apple's own points; weights follow the shares of sizes in fingerprint-generator's iPhones.
export const IPHONES: readonly AppleModel[] = (
  [
    ['iPhone 14 Pro, 15, 15 Pro, 16', [393, 852], 3, 19.5, 99],
    ['iPhone 16 Pro, 17, 17 Pro', [402, 874], 3, 18, 99],
    ['iPhone 16 Pro Max, 17 Pro Max', [440, 956], 3, 13.2, 99],
    ['iPhone 12, 13, 14', [390, 844], 3, 14, 99],
    ['iPhone 14 Pro Max, 15 Plus, 15 Pro Max', [430, 932], 3, 9.7, 99],
    ['iPhone 12 Pro Max, 13 Pro Max, 14 Plus', [428, 926], 3, 4.5, 99],
    ['iPhone Air', [420, 912], 3, 1.2, 99],
    ['iPhone 11, Xr', [414, 896], 2, 8, 26],
    ['iPhone 11 Pro Max, Xs Max', [414, 896], 3, 2.5, 26],
    ['iPhone 11 Pro, X, Xs', [375, 812], 3, 3.5, 26],
    ['iPhone 12 mini, 13 mini', [360, 780], 3, 2, 99],
    ['iPhone SE 2, SE 3, 8', [375, 667], 2, 4, 26],
    ['iPhone 8 Plus', [414, 736], 3, 0.8, 16],
    ['iPhone 7', [375, 667], 2.001, 0.5, 15],
  ] satisfies Row[]
).map(model)

export const IPADS: readonly AppleModel[] = (
  [
    ['iPad 10, A16, Air 4, Air 5, Air 11', [820, 1180], 2, 38, 99],
    ['iPad 7, 8, 9', [810, 1080], 2, 30, 26],
    ['iPad Pro 11', [834, 1194], 2, 12, 99],
    ['iPad Pro 12.9, Air 13', [1024, 1366], 2, 10, 99],
    ['iPad mini 6, 7', [744, 1133], 2, 6, 99],
    ['iPad 6', [768, 1024], 2, 4, 17],
  ] satisfies Row[]
).map(model)

interface MacBuild {
  readonly cores: number
  readonly displays: readonly (readonly [width: number, height: number, weight: number])[]
}

const AIR_13 = [1440, 900, 3] as const
const AIR_13_NEW = [1470, 956, 4] as const
const AIR_15 = [1710, 1107, 1.5] as const
const PRO_14 = [1512, 982, 4] as const
const PRO_16 = [1728, 1117, 3] as const
const IMAC = [2240, 1260, 1] as const

/** Builds by chip: what a chip was sold with, and in what machine. */
export const MAC_BUILDS: readonly (readonly [chip: RegExp, builds: readonly MacBuild[]])[] = [
  [
    /M1 (Ultra|Max|Pro)/,
    [
      { cores: 10, displays: [PRO_14, PRO_16] },
      { cores: 8, displays: [PRO_14] },
    ],
  ],
  [/M1/, [{ cores: 8, displays: [AIR_13, IMAC] }]],
  [
    /M2 (Ultra|Max|Pro)/,
    [
      { cores: 12, displays: [PRO_14, PRO_16] },
      { cores: 10, displays: [PRO_14] },
    ],
  ],
  [/M2/, [{ cores: 8, displays: [AIR_13_NEW, AIR_15, AIR_13] }]],
  [
    /M3 (Ultra|Max)/,
    [
      { cores: 16, displays: [PRO_16, PRO_14] },
      { cores: 14, displays: [PRO_14, PRO_16] },
    ],
  ],
  [
    /M3 Pro/,
    [
      { cores: 12, displays: [PRO_14, PRO_16] },
      { cores: 11, displays: [PRO_14] },
    ],
  ],
  [/M3/, [{ cores: 8, displays: [AIR_13_NEW, AIR_15, PRO_14, IMAC] }]],
  [
    /M[45] (Ultra|Max)/,
    [
      { cores: 16, displays: [PRO_16, PRO_14] },
      { cores: 14, displays: [PRO_14, PRO_16] },
    ],
  ],
  [
    /M[45] Pro/,
    [
      { cores: 12, displays: [PRO_14] },
      { cores: 14, displays: [PRO_14, PRO_16] },
    ],
  ],
  [
    /M[45]/,
    [
      { cores: 10, displays: [AIR_13_NEW, AIR_15, PRO_14, IMAC] },
      { cores: 8, displays: [AIR_13_NEW] },
    ],
  ],
  // Intel: the last machines before 2020.
  [
    /Pro|Iris|Plus/,
    [
      { cores: 8, displays: [AIR_13, [1680, 1050, 1]] },
      { cores: 4, displays: [AIR_13] },
    ],
  ],
  [
    /./,
    [
      {
        cores: 12,
        displays: [
          [1792, 1120, 2],
          [2560, 1440, 1],
        ],
      },
      { cores: 4, displays: [AIR_13] },
    ],
  ],
]
