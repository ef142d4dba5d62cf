import type { TellingCore } from './debug-core.ts'
import type { Fact } from './facts.ts'

/** Tells the overlay, which is loaded where the page asked for `debug` and nowhere else. */
export function createTeller(core: TellingCore): (fact: Fact) => void {
  const { settings, world, guard, undos } = core
  if (!settings.debug) return () => undefined
  const load = guard.wrap(async () => {
    const { openOverlay } = await world.parts.debug()
    // Whoever is closed has nothing left to undo, and nothing left to show.
    return undos.length > 0 ? guard.wrap(openOverlay(core)) : undefined
  })
  const overlay = load()
  return (fact) => void overlay.then((tell) => tell?.(fact))
}
