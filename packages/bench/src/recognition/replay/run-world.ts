import type { TimedOutcome } from '../score/score-linker.ts'
import { generateVisits } from '../world/generate.ts'
import type { WorldSettings } from '../world/settings.ts'
import type { Visit as RawVisit } from '../world/visit.ts'
import { createVisitParser, type Visit } from './parse-visit.ts'
import { createReplay, type Decided } from './replay.ts'
import { openSite } from './site.ts'

/** A visit of a world with its line. */
export interface WorldVisit extends Visit {
  readonly raw: RawVisit
}

/** The visits of a world, through the same door as a recording's lines. */
export function* visitsOf(world: WorldSettings): Generator<WorldVisit> {
  const parse = createVisitParser()
  for (const raw of generateVisits(world)) yield { ...parse(raw), raw }
}

/** The visits of a world as the engine answered them, in time order. */
export async function runWorld(
  world: WorldSettings,
  { isCold }: { readonly isCold: boolean },
): Promise<(TimedOutcome & Decided)[]> {
  const site = await openSite()
  try {
    const replay = createReplay(site, { isCold })
    const outcomes: (TimedOutcome & Decided)[] = []
    for (const { seen, browser = '' } of visitsOf(world)) {
      outcomes.push({ ...(await replay(seen)), browser, atMs: seen.atMs })
    }
    return outcomes
  } finally {
    await site.close()
  }
}
