import { observeVisit } from './observe-visit.ts'
import type { Visit } from './parse-visit.ts'
import type { Site } from './site.ts'

/** Tells the site whose each visit is: by the truth where it is recorded, else by key or cookie. Others are passed over. */
export function createTeacher(
  { recogniser, siteId, createVisitor, moveOn }: Site,
  { isCold }: { readonly isCold: boolean },
): (visit: Visit) => Promise<void> {
  const tokenise = recogniser.tokeniseFor(siteId)
  const visitors = new Map<string, string>()
  return async ({ browser, seen }) => {
    const { atMs, evidence } = seen
    const label = browser ?? evidence.deviceKey ?? evidence.cookie
    if (label === undefined) return
    const known = visitors.get(label)
    const visitorId = known ?? (await createVisitor(atMs))
    visitors.set(label, visitorId)
    const observed = observeVisit(seen, { tokenise, isCold })
    await recogniser.learn(siteId, visitorId, observed, { atMs, isReturn: known !== undefined })
    // Blind, as in a replay by signals alone: that somebody holds a cookie says nothing here.
    await recogniser.take(siteId, visitorId, observed, {
      atMs,
      isTrusted: true,
      holdsProof: false,
      isBot: false,
    })
    await moveOn(atMs)
  }
}
