import { UAParser } from 'my-ua-parser'
import type { RequestContext } from '../platform/http/context.ts'

// The parser's regular expressions are linear, but nobody's user agent is longer.
const MAX_USER_AGENT_LENGTH = 512

/** Families only, no versions: enough for a person to recognise a device of theirs. */
export interface DeviceFamilies {
  readonly browser: string | null
  readonly os: string | null
}

export function readDevice({ request }: RequestContext): DeviceFamilies {
  const parser = new UAParser((request.headers['user-agent'] ?? '').slice(0, MAX_USER_AGENT_LENGTH))
  return { browser: parser.getBrowser().name ?? null, os: parser.getOS().name ?? null }
}
