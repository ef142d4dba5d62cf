import type { Uninstall } from '../interceptors/uninstall.ts'

/** Listens to events of one type until the undo is called. */
export function listen<E extends Event>(
  target: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>,
  type: string,
  listener: (event: E) => void,
): Uninstall {
  // The caller names the event of the type.
  const handler = listener as EventListener
  target.addEventListener(type, handler)
  return () => target.removeEventListener(type, handler)
}
