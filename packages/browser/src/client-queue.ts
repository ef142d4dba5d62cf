import type { EventBatch, EventInput } from '@helloagain/protocol'
import type { ClientParts } from './client-parts.ts'
import type { Settings } from './options.ts'
import { createMemoryBuffer } from './queue/event-buffer.ts'
import { createQueue, type Queue } from './queue/queue.ts'
import { sendBeacon } from './transport/beacon-transport.ts'
import type { World } from './world.ts'

// A visitor who stays offline all day must not fill the page's memory.
const BUFFER_LIMITS = { maxEvents: 1000, maxBytes: 1_000_000 }
const MAX_BATCH_BYTES = 500_000

/** The queue over the page's memory, timers and network. */
export function createClientQueue(settings: Settings, parts: ClientParts, world: World): Queue {
  const { consent, identity, transport, hasCookies } = parts
  const { scope, nowMs } = world
  const { siteKey, flushIntervalMs, onDrop } = settings
  const batchOf = (events: EventInput[]): EventBatch => ({
    sentAt: new Date(nowMs()).toISOString(),
    consent: consent.report(),
    events,
  })
  return createQueue({
    buffer: createMemoryBuffer(BUFFER_LIMITS),
    maySend: () => consent.mode() !== 'off',
    send: (events) => transport({ method: 'POST', path: '/api/events', body: batchOf(events) }),
    sendLeaving: (events) =>
      sendBeacon(
        JSON.stringify({ ...(siteKey && { siteKey }), sessionId: identity.sessionId(), ...batchOf(events) }),
        {
          ...{ fetch: parts.fetch, navigator: scope.navigator },
          url: `${settings.endpoint}/api/events`,
          hasCookies: hasCookies(),
        },
      ),
    openSender: (outbox) => world.parts.session().then(({ createSender }) => createSender(outbox, world)),
    flushIntervalMs,
    batch: { maxEvents: settings.batchSize, maxBytes: MAX_BATCH_BYTES },
    onDrop: (reason, events, detail) => onDrop?.(reason, events, detail),
    schedule(work, delayMs) {
      const timer = scope.setTimeout(work, delayMs)
      return () => scope.clearTimeout(timer)
    },
  })
}
