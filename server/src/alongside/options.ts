import type { Request, RequestHandler, Router } from 'express'
import type { LimitName, LimitRule } from '../gateway/limits.ts'
import type { Log } from '../platform/log.ts'
import type { SessionService } from '../services.ts'
import type { HostJourneyService } from './host-journey.ts'
import type { Awaitable, HostUser, UsersAdapter } from './ports.ts'

/** What an application can have served. Log-in and sign-up stay its own. */
const ROOM_NAMES = ['sessions', 'events', 'journey', 'visitors'] as const
export type RoomName = (typeof ROOM_NAMES)[number]

export interface HelloAgainOptions<User extends HostUser> {
  /** Your users; see {@link usersTable} for users in one SQL table. */
  users: UsersAdapter<User>
  /** Key of cookies and signatures, at least 32 characters. Journeys signed with another one count as none. */
  secret: string
  /** Hello Again's own database: `postgres://…` or `file:…`. @default a SQLite file in `dataFolder` */
  database?: string
  /** @default './data' */
  dataFolder?: string
  /** What `router` serves. @default ['sessions', 'events', 'journey'] */
  rooms?: readonly RoomName[]
  /** Origins of your pages, as `https://shop.example`. Loopback needs none. */
  allowedOrigins?: readonly string[]
  /** Who is logged in, by your own token or cookie; opens `/api/ums/*` to them. */
  authenticate?: (request: Request) => Awaitable<User | null | undefined>
  /** Where browsers reach your application; https makes cookies secure. */
  publicUrl?: string
  /** CIDR ranges of your proxies. @default [] */
  trustedProxies?: readonly string[]
  /** Overrides of the rate limits of our own routes. */
  limits?: Partial<Readonly<Record<LimitName, LimitRule>>>
  /** A pino-like log. @default warnings, on stdout */
  log?: Log
  /** Milliseconds since the Unix epoch. @default Date.now */
  nowMs?: () => number
}

export interface HelloAgain<User extends HostUser> {
  /** Sets `request.helloAgain`: fingerprint, its source, session. Never throws, writes no header. */
  middleware(): RequestHandler
  /** The calls of the rooms asked for, for the browser SDK. Every other path passes through untouched. */
  readonly router: Router
  readonly services: {
    readonly journey: HostJourneyService<User>
    /** Users are those of the application. */
    readonly sessions: SessionService
    /**
     * Deletes what Hello Again holds of a user: sessions, events and profile of ours, `ums_journey` in your
     * preferences. The fingerprint in your own column is yours to clear.
     */
    forgetUser(user: User): Promise<void>
  }
  /** Closes Hello Again's own database. */
  close(): Promise<void>
}

const MIN_SECRET_LENGTH = 32

/** @throws TypeError for options that cannot be meant */
export function checkOptions({ secret, rooms }: Pick<HelloAgainOptions<HostUser>, 'rooms' | 'secret'>): void {
  if (typeof secret !== 'string' || secret.length < MIN_SECRET_LENGTH) {
    throw new TypeError('secret: at least 32 characters; make one with: openssl rand -base64 32')
  }
  const unknown = rooms?.find((name) => !ROOM_NAMES.includes(name))
  if (unknown !== undefined) throw new TypeError(`rooms: "${unknown}" is none of ${ROOM_NAMES.join(', ')}.`)
}
