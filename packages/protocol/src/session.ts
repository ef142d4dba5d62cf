import type { ConsentMode, ConsentReport } from './consent.ts'
import type { FingerprintReport } from './fingerprint.ts'
import type { Journey } from './journey.ts'
import type { UserData } from './profile.ts'
import type { RecognitionAnswer } from './recognition.ts'

/** What a page knows about itself. Stored as parsed families only; a claimed `ip` is ignored. */
export interface SessionMetadata {
  userAgent?: string
  referrer?: string
  page?: string
  utm?: Record<string, string>
  language?: string
  timezone?: string
  screen?: { width: number; height: number }
  ip?: string
  [key: string]: unknown
}

/** Public half of a device key; coordinates in base64url. Other members of a JWK are ignored. */
export interface DeviceKeyJwk {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
}

/** Body of `POST /api/sessions`. The session id travels in the header `X-Session-ID`. */
export interface SessionRequest {
  metadata?: SessionMetadata
  fingerprint?: FingerprintReport
  deviceId?: string
  /**
   * Public JWK of a device key to bind: P-256, no private member. Bound where the request also brings a `DPoP` proof by
   * that key and the cookie of the session; else it is ignored.
   */
  deviceKey?: DeviceKeyJwk
  /**
   * The browser may hold the device key of the session it names: where nothing else proves that, it is asked for a proof
   * (401 `session.use_dpop_nonce`) instead of becoming a new visitor.
   */
  mayProve?: boolean
  consent?: ConsentReport
  /**
   * Somebody else is at the browser now ("Not you?", log-out on a shared device): start a session of a new visitor under
   * the id of the header and put its cookie in place of the one that came along. Nothing of the old session is deleted.
   */
  fresh?: boolean
}

export interface SessionView {
  sessionId: string
  userId: string | null
  /** Null without proof of the session. */
  userData: UserData | null
  lastSeen: string | null
  metadata: Record<string, unknown>
}

export interface VisitorView {
  visitorId: string
  firstSeenAt: string
  lastSeenAt: string
  visits: number
}

/** Answer of `POST /api/sessions`. */
export interface SessionAnswer {
  success: true
  session: SessionView
  /** True where the session was not proven; personal fields are null or left out. */
  restricted: boolean
  /** Set when the id that was sent had expired and was proven. */
  previousSessionId?: string
  /** RFC 7638 thumbprint of the device key that is bound to the session; left out without proof, and without a key. */
  deviceKeyId?: string
  visitor?: VisitorView
  recognition: RecognitionAnswer
  journey?: Journey
  consent: { mode: ConsentMode }
  site: {
    /** Public salt of the fingerprint hash, so that no two sites see the same value. */
    fingerprintSalt: string
    unsetMode: Exclude<ConsentMode, 'off'>
    /** Seconds a session lives without activity. */
    sessionTtlSeconds: number
  }
}

/** Answer of `GET /api/sessions/:sessionId/user`. */
export interface SessionUserAnswer {
  success: true
  session: SessionView
  restricted: boolean
}
