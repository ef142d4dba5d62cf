import type { RecognitionOptions } from '../arguments.ts'
import { type Finding, median } from '../measure.ts'
import { runWorld } from './replay/run-world.ts'
import { describeScore } from './score/describe-score.ts'
import { judge } from './score/judge.ts'
import { meanGapDays, scoreLinker } from './score/score-linker.ts'
import { findWorld } from './world/worlds.ts'

/** Few enough for half a minute. */
const BROWSERS = 1200

/**
 * `--world NAME` or `--world NAME:BROWSERS`: one of the bench's own worlds, as small as asked for, scored at once. For
 * whoever changes the engine and wants to know what that did; figures are told of the whole part only.
 */
export async function tryWorld(asked: string, { isCold }: RecognitionOptions): Promise<Finding[]> {
  const [name = '', size] = asked.split(':')
  const world = findWorld(name)
  const browsers = Math.min(world.browsers, Number(size ?? BROWSERS))
  const outcomes = await runWorld({ ...world, browsers }, { isCold })
  const score = scoreLinker(outcomes, meanGapDays(outcomes))
  const judged = judge(outcomes)
  const counts = (isReturn: boolean) => {
    const methods = Map.groupBy(
      outcomes.filter((_, index) => judged[index]?.isReturn === isReturn),
      ({ method }) => method,
    )
    return [...methods].map(([method, visits]) => `${method} ${visits.length}`).join(', ')
  }
  const alike = outcomes.filter(({ method }) => method === 'none').map(({ anonymitySet }) => anonymitySet)
  return [
    ...describeScore(
      `${name}, ${browsers} browsers, ${score.visits} visits, ${score.returns} returns`,
      score,
    ),
    { what: '… answers to returns', value: counts(true), bar: '' },
    { what: '… answers to first visits', value: counts(false), bar: '' },
    { what: '… median anonymity set where it abstains', value: String(median(alike)), bar: '' },
    ...score.bins.map(({ count, claimed, found }) => ({
      what: `… ${count} answers that claim ${(100 * claimed).toFixed(1)} %`,
      value: `${(100 * found).toFixed(1)} % right`,
      bar: '',
    })),
  ]
}
