import { Problem } from '../platform/http/problem.ts'
import { isUuid } from '../platform/ids.ts'

/**
 * The session id of a path, as it is stored.
 *
 * @throws Problem `session.id_invalid`
 */
export function readSessionId(text: string): string {
  if (!isUuid(text)) {
    throw new Problem('session.id_invalid', { issues: [{ path: 'sessionId', message: 'Not a UUID.' }] })
  }
  return text.toLowerCase()
}
