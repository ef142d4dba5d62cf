import { anonymousAuthRequestSchema } from '@helloagain/protocol/schemas'

/** As much of an Express request as is read of it. */
export interface AuthRequest {
  readonly body?: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface AuthEvidence {
  readonly raw: Record<string, unknown> | undefined
  readonly deviceId: string | undefined
  readonly hasOptOutSignal: boolean
}

/** What a request to the application's own anonymous log-in brings. A body of another shape brings nothing. */
export function readAuthRequest({ body, headers }: AuthRequest): AuthEvidence {
  const parsed = anonymousAuthRequestSchema.safeParse(body)
  return {
    raw: parsed.data?.raw_fingerprint_data,
    deviceId: parsed.data?.device_id,
    hasOptOutSignal: headers['sec-gpc'] === '1' || headers['dnt'] === '1',
  }
}
