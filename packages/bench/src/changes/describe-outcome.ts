import type { Outcome } from './compare.ts'

/** For the table: what ours says, as the server's own words. */
export function describeVerdict({ verdict, isRight }: Outcome): string {
  const decision = verdict?.decision
  if (!decision) return 'not observed'
  const { method, confidence, anonymitySet } = decision
  if (method === 'new') return 'somebody new'
  if (method === 'none') return `cannot tell (${anonymitySet} alike)`
  const kind = method === 'fingerprint_exact' ? 'exact' : 'similar'
  const link = verdict.isLinkable ? ', linked' : ''
  return `${isRight ? 'recognised' : 'MISTAKEN for another'} (${kind}, ${confidence.toFixed(1)}${link})`
}
