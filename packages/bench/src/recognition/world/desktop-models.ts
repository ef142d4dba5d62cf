import { MAC_BUILDS } from './apple-models.ts'
import type { Catalogue, Display, Gpu, Shelf, Weighted } from './catalogue.ts'
import { createRandom, createTable, draw, mix, type Random, seedOf, type Table } from './random.ts'
import type { PopulationSettings } from './settings.ts'

export type DesktopOs = 'chromeos' | 'linux' | 'mac' | 'windows'

/** One way a model was sold. */
export interface Build {
  readonly cores: number
  /** GiB as Chromium rounds them. */
  readonly memory: number
  readonly display: Display
  readonly touchPoints: number
}

/** A machine by its graphics: few builds, the first commonest, so that twins are common. */
export interface DesktopModel {
  readonly os: DesktopOs
  readonly gpu: Gpu
  readonly isLaptop: boolean
  readonly builds: Table<Build>
}

type ModelSettings = Pick<PopulationSettings, 'buildsPerModel' | 'modelSkew'>

/** Mobile chips and integrated graphics sit in laptops; cards mostly in towers. */
const MOBILE_GPU =
  /Laptop|Mobile|Max-Q|Iris|U?HD Graphics|Radeon\(TM\) (Graphics|\d+M)|Arc\(TM\)? ?(Graphics|1\d0V)|Vega \d/i

/** Windows or Linux machines, one model for each GPU of the catalogue. */
export function createPcModels(
  os: 'linux' | 'windows',
  { shelf, settings, seed }: { shelf: Shelf; settings: ModelSettings; seed: number },
): Table<DesktopModel> {
  return createTable(
    shelf.gpus.map(([gpu, share], rank) => {
      const random = createRandom(mix(seed, seedOf(os)), seedOf(gpu.renderer))
      const isLaptop = MOBILE_GPU.test(gpu.renderer) ? random() < 0.85 : random() < 0.2
      const builds = zipf(settings.buildsPerModel, 2, () => pcBuild(shelf, { isLaptop, random }))
      return [{ os, gpu, isLaptop, builds }, share * (rank + 1) ** -settings.modelSkew]
    }),
  )
}

function pcBuild(shelf: Shelf, { isLaptop, random }: { isLaptop: boolean; random: Random }): Build {
  const fits = ({ width, height, ratio }: Display) =>
    isLaptop ? width * ratio < 3900 && width < 2100 && width > height : width >= 1280 && width > height
  return {
    cores: draw(among(shelf.cores, isEvenFrom(isLaptop ? 4 : 6)), random),
    memory: draw(
      among(shelf.memory, (gib) => gib >= 4),
      random,
    ),
    display: draw(among(shelf.displays, fits), random),
    touchPoints: isLaptop && random() < 0.22 ? 10 : 0,
  }
}

const isEvenFrom = (least: number) => (cores: number) => cores >= least && cores % 2 === 0 && cores <= 32

const among = <T>(values: Weighted<T>, fits: (value: T) => boolean): Table<T> =>
  createTable(values.filter(([value]) => fits(value)))

function zipf<T>(count: number, exponent: number, make: (rank: number) => T): Table<T> {
  return createTable(
    Array.from({ length: count }, (_, rank) => [make(rank), (rank + 1) ** -exponent] as const),
  )
}

/** Macs: a chip decides cores and machine. */
export function createMacModels(catalogue: Catalogue, seed: number): Table<DesktopModel> {
  const real = catalogue.mac.gpus.filter(([gpu]) => gpu.renderer.startsWith('ANGLE ('))
  return createTable(
    real.map(([gpu, share]) => {
      const random = createRandom(mix(seed, seedOf('mac')), seedOf(gpu.renderer))
      const [, chipBuilds] = MAC_BUILDS.find(([chip]) => chip.test(gpu.renderer)) ?? [undefined, []]
      const builds = chipBuilds.flatMap(({ cores, displays }, rank) =>
        displays.map(([width, height, weight]): [Build, number] => [
          {
            cores,
            memory: draw(
              among(catalogue.mac.memory, (gib) => gib >= 8),
              random,
            ),
            display: { width, height, ratio: 2, depth: 30 },
            touchPoints: 0,
          },
          weight / (rank + 1),
        ]),
      )
      return [{ os: 'mac', gpu, isLaptop: true, builds: createTable(builds) }, share]
    }),
  )
}

const CHROMEBOOK_GPUS: Weighted<string> = [
  ['ANGLE (Intel, Mesa Intel(R) UHD Graphics 600 (GLK 2), OpenGL ES 3.2)', 30],
  ['ANGLE (ARM, Mali-G72 MC3, OpenGL ES 3.2)', 22],
  ['ANGLE (Intel, Mesa Intel(R) UHD Graphics (JSL), OpenGL ES 3.2)', 20],
  ['ANGLE (ARM, Mali-G57 MC2, OpenGL ES 3.2)', 12],
  ['ANGLE (Intel, Mesa Intel(R) Graphics (ADL-N), OpenGL ES 3.2)', 10],
  ['ANGLE (Qualcomm, Adreno (TM) 618, OpenGL ES 3.2)', 6],
]

/** Chromebooks: schools buy them by the hundred, so there are few of a kind. */
export function createChromebookModels(): Table<DesktopModel> {
  const build = (width: number, ratio: number, memory: number): Build => ({
    cores: memory > 4 ? 8 : 4,
    memory,
    display: { width, height: width === 1366 ? 768 : Math.round((width * 9) / 16), ratio, depth: 24 },
    touchPoints: width === 1536 ? 10 : 0,
  })
  const builds = createTable([
    [build(1366, 1, 4), 5],
    [build(1536, 1.25, 4), 3],
    [build(1536, 1.25, 8), 2],
    [build(1920, 1, 8), 1],
  ])
  return createTable(
    CHROMEBOOK_GPUS.map(([renderer, weight]) => {
      const vendor = `Google Inc. (${/\((\w+),/.exec(renderer)?.[1] ?? ''})`
      return [{ os: 'chromeos', gpu: { vendor, renderer }, isLaptop: true, builds }, weight]
    }),
  )
}

/** Cards laptops are sold with beside the processor's own graphics. */
const SECOND_CARDS = createTable([
  ['RTX 3050 Laptop GPU', 5],
  ['RTX 4060 Laptop GPU', 4],
  ['RTX 3060 Laptop GPU', 3],
  ['GTX 1650', 3],
  ['MX350', 2],
  ['RTX 4050 Laptop GPU', 2],
])
const NEW_CARDS = createTable([
  ['RTX 3060', 3],
  ['RTX 4060', 3],
  ['RTX 4070', 2],
  ['RTX 5070', 2],
])

/** The card beside a laptop's own graphics; Macs and Chromebooks have none. */
export function drawSecondGpu(os: DesktopOs, random: Random): Gpu | undefined {
  const card = draw(SECOND_CARDS, random)
  return os === 'windows' || os === 'linux' ? nvidia(os, card) : undefined
}

/** The card somebody puts into a tower. */
export const drawNewGpu = (os: DesktopOs, random: Random): Gpu => nvidia(os, draw(NEW_CARDS, random))

const nvidia = (os: DesktopOs, card: string): Gpu =>
  os === 'windows'
    ? {
        vendor: 'Google Inc. (NVIDIA)',
        renderer: `ANGLE (NVIDIA, NVIDIA GeForce ${card} Direct3D11 vs_5_0 ps_5_0, D3D11)`,
      }
    : {
        vendor: 'Google Inc. (NVIDIA Corporation)',
        renderer: `ANGLE (NVIDIA Corporation, NVIDIA GeForce ${card}/PCIe/SSE2, OpenGL 4.5.0)`,
      }
