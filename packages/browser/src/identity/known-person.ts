import type {
  ProfileAnswer,
  ProfileValue,
  ProgressAnswer,
  SessionUserAnswer,
  UserData,
} from '@helloagain/protocol'
import type { Call, FailedCall, Transport } from '../transport/transport.ts'

/** What the server knows of the person, and takes in. Asked each time, never kept in the browser. */
export interface KnownPerson {
  identify(fields: Record<string, ProfileValue>): Promise<ProfileAnswer | undefined>
  /** The session with what is known of its person; undefined where the server refuses. */
  look(): Promise<SessionUserAnswer | undefined>
  saveProgress(name: string, state: unknown): Promise<boolean>
  resume(name: string): Promise<unknown>
  profile(): Promise<UserData | null>
}

export interface KnownPersonOptions {
  transport: Transport
  sessionId(): string
  /** Resolves once the session is open. @returns whether calls may be made */
  mayCall(): Promise<boolean>
  /** Opens the session again, or one in place of it. */
  reopen(): Promise<unknown>
  /** Told of a call the server refused, by method and what is below the session. */
  onRefused(call: string, result: FailedCall): void
}

/** The session has expired, or its cookie was lost, and the device key may heal that. */
const REOPENED = [403, 410]

export function createKnownPerson(options: KnownPersonOptions): KnownPerson {
  async function ask<T>(method: Call['method'], below: string, body?: unknown): Promise<T | undefined> {
    if (!(await options.mayCall())) return undefined
    const call = () =>
      options.transport({ method, path: `/api/sessions/${options.sessionId()}/${below}`, body })
    let result = await call()
    if (!result.isOk && REOPENED.includes(result.status)) {
      await options.reopen()
      result = await call()
    }
    if (result.isOk) return result.body as T
    options.onRefused(`${method} ${below}`, result)
    return undefined
  }

  const look = (): Promise<SessionUserAnswer | undefined> => ask('GET', 'user')
  const progress = (name: string): string => `progress/${encodeURIComponent(name)}`

  return {
    identify: (fields) => ask<ProfileAnswer>('PATCH', 'profile', fields),
    look,
    profile: async () => (await look())?.session.userData ?? null,
    saveProgress: async (name, state) => (await ask('PUT', progress(name), { state })) !== undefined,
    resume: async (name) => (await ask<ProgressAnswer>('GET', progress(name)))?.progress?.state ?? null,
  }
}
