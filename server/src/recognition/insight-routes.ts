import type { CandidateBits, Decision } from '@helloagain/recognition/linkage'
import type { z } from 'zod'
import { Problem } from '../platform/http/problem.ts'
import { type Route, route } from '../platform/http/route.ts'
import { isUuid } from '../platform/ids.ts'
import type { Sessions } from '../sessions/ports.ts'
import { EXPLAIN_REASONS, type Explain, type Explained } from './explain.ts'
import { explainQuery, explainResponse, qualityQuery, qualityResponse } from './insight-schema.ts'
import type { LearningStore, Model } from './learning-ports.ts'
import type { VisitorLink } from './ports.ts'
import { MIN_FOR_SHARE, measureQuality, type Quality, sharesSeenSince } from './quality.ts'

const DAY_MS = 86_400_000

export interface InsightRouteParts {
  readonly learningStore: Pick<LearningStore, 'findLive' | 'latestModel' | 'readResults'>
  readonly explain: Explain
  /** Probability from which a fingerprint links, 0–100. */
  readonly linkConfidence: number
  readonly sessions: Pick<Sessions, 'findBySessionId'>
}

const iso = (atMs: number) => new Date(atMs).toISOString()

/** How well recognition does on a site, and why it came out as it did for one visitor. */
export const insightRoutes = (parts: InsightRouteParts): Route[] => [qualityRoute(parts), explainRoute(parts)]

function remarksOn({ trials, links, returns }: Quality): string[] {
  const missing = (what: string, count: number) =>
    count < MIN_FOR_SHARE
      ? [`Too few ${what} to tell: ${count} of the ${MIN_FOR_SHARE} it takes. What hangs on them is null.`]
      : []
  return [
    ...missing('trials', trials),
    ...missing('returns', returns),
    ...missing('answers that are sure enough to link by', links),
  ]
}

const qualityView = (quality: Quality) => ({ ...quality, reliability: [...quality.reliability] })

const modelView = (live: Model | undefined, latest: Model | undefined) => ({
  version: live?.version ?? 0,
  learnedSince: live ? iso(live.createdAtMs) : null,
  lastTry: latest
    ? {
        version: latest.version,
        state: latest.state,
        at: iso(latest.createdAtMs),
        report: { ...latest.report },
      }
    : null,
})

function qualityRoute({
  learningStore,
  linkConfidence,
}: Omit<InsightRouteParts, 'explain' | 'sessions'>): Route {
  return route(
    {
      method: 'get',
      path: '/api/recognition/quality',
      summary:
        'How well recognition by fingerprint does on this site, measured blind on visits that cookie or key knew.',
      access: ['secret:visitors:read'],
      query: qualityQuery,
      response: qualityResponse,
      refusals: ['auth.token_required', 'keys.scope_missing', 'request.invalid'],
    },
    async ({ query: { days }, context: { site, nowMs } }) => {
      const fromMs = nowMs - days * DAY_MS
      const [trials, live, latest] = await Promise.all([
        learningStore.readResults(site.id, fromMs),
        learningStore.findLive(site.id),
        learningStore.latestModel(site.id),
      ])
      const options = { seenSince: sharesSeenSince(trials), linkConfidence }
      const all = measureQuality(trials, options)
      const families = [...Map.groupBy(trials, ({ browserFamily }) => browserFamily)]
        .map(([browserFamily, own]) => ({ browserFamily, ...qualityView(measureQuality(own, options)) }))
        .sort((one, other) => other.trials - one.trials)
      return {
        success: true as const,
        window: { days, from: iso(fromMs), to: iso(nowMs) },
        all: qualityView(all),
        families,
        model: modelView(live, latest),
        remarks: remarksOn(all),
      }
    },
  )
}

const rounded = (value: number, digits: number) => Number(value.toFixed(digits))

function candidateView(candidate: CandidateBits | undefined) {
  if (!candidate) return null
  const { device, display, locale, software, network } = candidate.groups
  return {
    visitorId: candidate.visitorId,
    probability: rounded(candidate.probability, 4),
    groups: {
      device: rounded(device, 2),
      display: rounded(display, 2),
      locale: rounded(locale, 2),
      software: rounded(software, 2),
      network: rounded(network, 2),
    },
    signals: [...candidate.signals],
  }
}

const decisionView = (
  { method, visitorId, confidence, anonymitySet, explanation }: Decision,
  observationConfidence: number | undefined,
) => ({
  ...{ method, confidence, anonymitySet },
  visitorId: visitorId ?? null,
  observationConfidence: observationConfidence ?? null,
  probabilityNew: rounded(explanation.probabilityNew, 4),
  candidates: explanation.candidates,
  best: candidateView(explanation.best),
  runnerUp: candidateView(explanation.runnerUp),
  remarks: [...explanation.remarks],
})

const linkView = ({ id, createdAtMs, undoneAtMs, evidence, ...link }: VisitorLink) => ({
  ...link,
  linkId: id,
  createdAt: iso(createdAtMs),
  undoneAt: undoneAtMs === null ? null : iso(undoneAtMs),
  evidence: evidence && {
    groups: { ...evidence.groups },
    ...(evidence.runnerUp && { runnerUp: evidence.runnerUp }),
  },
})

function explanationView(explained: Explained): z.input<typeof explainResponse> {
  const { visitor, profile, decision, observationConfidence, isLinkable, reasons, thresholds, links } =
    explained
  const bot = visitor.botReasons ?? []
  return {
    success: true,
    visitorId: visitor.id,
    isLinkable,
    reasons: reasons.map((code) => ({ code, text: EXPLAIN_REASONS[code] })),
    bot: { isBot: bot.length > 0, reasons: [...bot] },
    thresholds,
    profile: profile
      ? { ...profile, firstSeenAt: iso(profile.firstSeenAtMs), lastSeenAt: iso(profile.lastSeenAtMs) }
      : null,
    decision: decision ? decisionView(decision, observationConfidence) : null,
    links: links.map(linkView),
  }
}

function explainRoute({ explain, sessions }: Pick<InsightRouteParts, 'explain' | 'sessions'>): Route {
  async function visitorOf(
    siteId: string,
    query: z.output<typeof explainQuery>,
  ): Promise<string | undefined> {
    const id = (query.visitorId ?? query.sessionId ?? '').toLowerCase()
    if (!isUuid(id)) return undefined
    if (query.visitorId !== undefined) return id
    return (await sessions.findBySessionId(siteId, id))?.visitorId
  }

  return route(
    {
      method: 'get',
      path: '/api/recognition/explain',
      summary:
        'Why a visitor is, or is not, held to be a known one: bits by group, runner-up, thresholds. Never a value.',
      access: ['secret:visitors:read'],
      query: explainQuery,
      response: explainResponse,
      refusals: ['visitor.not_found', 'auth.token_required', 'keys.scope_missing', 'request.invalid'],
    },
    async ({ query, context: { site } }) => {
      const visitorId = await visitorOf(site.id, query)
      const explained = visitorId === undefined ? undefined : await explain(site.id, visitorId)
      if (!explained) throw new Problem('visitor.not_found')
      return explanationView(explained)
    },
  )
}
