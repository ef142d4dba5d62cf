import { generateVisits } from './generate.ts'
import type { WorldSettings } from './settings.ts'
import { TEST_WORLDS } from './test-worlds.ts'
import { TUNE_WORLDS } from './tune-worlds.ts'
import type { Visit } from './visit.ts'

/** Worlds to fit an engine on, or worlds to tell its figures of. */
export const listWorlds = (purpose: 'test' | 'tune'): readonly WorldSettings[] =>
  purpose === 'tune' ? TUNE_WORLDS : TEST_WORLDS

export function findWorld(name: string): WorldSettings {
  const found = [...TUNE_WORLDS, ...TEST_WORLDS].find((world) => world.name === name)
  if (found !== undefined) return found
  const names = [...TUNE_WORLDS, ...TEST_WORLDS].map((world) => world.name)
  throw new Error(`No world is named ${name}. There are: ${names.join(', ')}.`)
}

/** The lines of a world in order of time. */
export const generateWorld = (name: string): Iterable<Visit> => generateVisits(findWorld(name))
