import type { DeviceKeyJwk } from '@helloagain/protocol'
import type { RequestContext } from '../platform/http/context.ts'
import type { SessionParts } from './parts.ts'
import type { Session } from './ports.ts'
import type { Proofs } from './proofs.ts'

/** Binds the key a browser brings to the session it goes on with, where that may be; answers the session as it is then. */
export type BindKey = (
  context: RequestContext,
  session: Session,
  brought: DeviceKeyJwk | undefined,
) => Promise<Session>

/**
 * A key is bound with its own proof and the session's cookie together: the public half can be copied, and a key bound
 * by an id alone would lock its owner out. A new key takes the place of one that was lost; never one of another visitor.
 */
export function createBindKey(
  { store, devices, recognition }: Pick<SessionParts, 'devices' | 'recognition' | 'store'>,
  proofs: Proofs,
): BindKey {
  /** The key whose proof came along, if it is the one that was brought and it may be this session's. */
  function bindable(context: RequestContext, session: Session, brought: DeviceKeyJwk | undefined) {
    const { deviceKey } = context
    if (!brought || !deviceKey || !proofs.hasCookieOf(context, session)) return undefined
    const { keyId, publicJwk, visitorId = session.visitorId } = deviceKey
    const isSame = brought.x === publicJwk.x && brought.y === publicJwk.y
    return isSame && visitorId === session.visitorId && session.deviceKeyId !== keyId ? deviceKey : undefined
  }

  return async (context, session, brought) => {
    const key = bindable(context, session, brought)
    if (!key) return session
    // The proof of a key that somebody has was used up when it was read.
    if (key.visitorId === undefined && !(await devices.take(key, context.nowMs))) return session
    if (!(await store.bindKey(session, key, context.nowMs))) return session
    await recognition.keepApart(session.siteId, session.visitorId, context.nowMs)
    return { ...session, deviceKeyId: key.keyId }
  }
}
