import { type Observed, observe, type Tokenise } from '../../../../recognition/src/linkage.ts'
import { normalizeVisit } from '../replay/normal-visit.ts'
import { drawSignals } from '../world/describe-population.ts'
import { homePrefix } from '../world/network.ts'
import type { WorldSettings } from '../world/settings.ts'

/** Browsers drawn one by one; a crowd of more is put together of these. */
const DRAWN = 40_000
// Prime to DRAWN, so that a browser's habits come from another one each time round.
const STRIDE = 15_013

/**
 * Observations of as many browsers as are asked for. Drawing a million takes many minutes, so from {@link DRAWN} on
 * each has the machine of one drawn browser and languages, timezone and network of another. Machines repeat more often
 * than among a million drawn ones: there are more candidates to a decision, not fewer.
 */
export function* observeCrowd(
  world: WorldSettings,
  tokenise: Tokenise,
  browsers: number,
): Generator<Observed> {
  const drawn: Observed[] = []
  for (const [browser, raw] of drawSignals(world, Math.min(DRAWN, browsers))) {
    const { signals } = normalizeVisit({ signals: { ...raw }, unstable: [] })
    const observed = observe(signals, {
      tokenise,
      unstable: [],
      networkPrefix: homePrefix(browser, 0, { browsers }),
    })
    drawn.push(observed)
    yield observed
  }
  for (let made = drawn.length; made < browsers; made += 1) {
    const machine = drawn[made % drawn.length]
    const habits = drawn[(made * STRIDE + Math.floor(made / drawn.length)) % drawn.length]
    if (!machine || !habits) throw new Error('Nobody was drawn.')
    const { languages, timezone, networkPrefix } = habits.tokens
    const others = {
      ...(languages && { languages }),
      ...(timezone && { timezone }),
      ...(networkPrefix && { networkPrefix }),
    }
    yield { ...machine, tokens: { ...machine.tokens, ...others } }
  }
}
