import type { Catalogue, Display, Gpu } from './catalogue.ts'
import { createRandom, createTable, draw, mix, type Table, whole } from './random.ts'

/** One phone or tablet model: all its units have one screen and one GPU, and one or two sizes of memory. */
export interface AndroidModel {
  /** As client hints tell it. */
  readonly name: string
  readonly isSamsung: boolean
  readonly gpu: Gpu
  readonly display: Display
  readonly cores: number
  readonly memory: readonly number[]
  /** Newest Android it gets. */
  readonly newestOs: number
}

// How makers name their models; the digits are drawn.
const MAKERS: Table<string> = createTable([
  ['SM-A##5B', 22],
  ['SM-S##1B', 8],
  ['SM-M##5F', 4],
  ['2###RN##G', 10],
  ['2###PC##G', 6],
  ['M2###J##G', 4],
  ['CPH2##5', 9],
  ['V2###', 8],
  ['moto g(##)', 7],
  ['RMX3###', 8],
  ['Pixel #a', 3],
  ['ELE-L##', 3],
  ['X6##B', 3],
  ['TECNO KI#', 3],
  ['Nokia X##', 2],
])
/** Sold widely enough to be met; beyond these a model is a rarity. */
const MODELS = 1400

/** Models by popularity (rank^-1); a world's seed decides which ones there are. */
export function createAndroidModels(catalogue: Catalogue, seed: number): Table<AndroidModel> {
  const random = createRandom(seed, mix(seed, 0xa17d))
  const gpus = createTable(catalogue.android.gpus.map(([gpu, share]) => [gpu, Math.sqrt(share)]))
  const displays = createTable(
    catalogue.android.displays.map(([display, share]) => [display, Math.sqrt(share)] as const),
  )
  const entries: [AndroidModel, number][] = []
  const names = new Set<string>()
  while (entries.length < MODELS) {
    const name = draw(MAKERS, random).replaceAll('#', () => String(whole(0, 9, random)))
    const gpu = draw(gpus, random)
    const display = draw(displays, random)
    const memory = whole(0, 9, random) < 3 ? [4, 8] : [whole(0, 9, random) < 4 ? 4 : 8]
    const cores = whole(0, 19, random) === 0 ? 4 : 8
    const newestOs = whole(11, 18, random)
    if (names.has(name)) continue
    names.add(name)
    const model = { name, isSamsung: name.startsWith('SM-'), gpu, display, cores, memory, newestOs }
    entries.push([model, (entries.length + 1) ** -1])
  }
  return createTable(entries)
}
