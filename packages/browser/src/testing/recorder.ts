import type { EventInput, EventType } from '@helloagain/protocol'
import { type RecordedEvent, selectEvents } from './recorded-event.ts'

type Redact = (event: EventInput) => EventInput | null | undefined

export interface RecorderOptions {
  /** The site's own hook: what it leaves is recorded, and what it drops is not. @default none */
  redact?: Redact
}

/** Keeps what a client tracks, at the moment it does: before anything is sent, and whether or not it can be. */
export interface Recorder {
  /** Hand it to `createClient({ redact })`. */
  readonly redact: Redact
  /** What was tracked, in order: all, or the events of a type. */
  events<T extends EventType>(type?: T): RecordedEvent<T>[]
  clear(): void
}

/**
 * Records what a client tracks, by the last hook before its queue: what the page tracks, and what the SDK tracks by
 * itself (page views, forms, clicks, errors).
 *
 * @example
 * const recorder = createRecorder()
 * const client = createClient({ redact: recorder.redact })
 * client.track('QUIZ_STARTED', { quizType: 'plants' })
 * expect(recorder.events('QUIZ_STARTED')).toHaveLength(1)
 */
export function createRecorder({ redact = (event) => event }: RecorderOptions = {}): Recorder {
  const events: RecordedEvent[] = []
  return {
    redact(event) {
      const left = redact(event)
      // A copy, as it was at this moment; the client gives each event an id and a payload before it asks.
      if (left) events.push(structuredClone(left) as RecordedEvent)
      return left
    },
    events: (type) => selectEvents(events, type),
    clear() {
      events.length = 0
    },
  }
}
