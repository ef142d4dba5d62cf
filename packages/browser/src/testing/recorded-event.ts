import type { EventInput, EventPayload, EventType } from '@helloagain/protocol'
import type { ErrorPayload } from '../errors/error-payload.ts'

/** What the events of a type tell, as far as the SDK makes them itself. */
type PayloadOf<T extends EventType> = T extends 'ERROR_OCCURRED' ? ErrorPayload : EventPayload

/** An event of a test, by its type. */
export interface RecordedEvent<T extends EventType = EventType> extends Omit<EventInput, 'payload'> {
  eventId: string
  eventType: T
  payload: PayloadOf<T>
}

/** The events of a type, or all. The type says what each tells. */
export function selectEvents<T extends EventType>(
  events: readonly RecordedEvent[],
  type: T | undefined,
): RecordedEvent<T>[] {
  const selected = type === undefined ? events : events.filter(({ eventType }) => eventType === type)
  // Their type is T by the filter; the compiler does not follow it through a generic.
  return [...selected] as RecordedEvent<T>[]
}
